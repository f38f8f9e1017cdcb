//! What asks for the password once more.

use super::*;
use crate::server::testing::Actor;

/// Acme's owner, ten minutes after the sign-in.
async fn stale_owner(app: &TestApp) -> Actor {
    let owner = app.owner().await;
    app.advance(Duration::minutes(10));
    owner
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_minutes_after_the_sign_in_sensitive_changes_ask_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.advance(Duration::minutes(5));
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.status, StatusCode::OK, "five minutes are fresh");
    let member = app.member().await.user_id.unwrap().to_string();
    app.advance(Duration::SECOND);
    let sensitive: [(&str, &[(&str, &str)]); 9] = [
        ("/api/keys/create", &[("form[name]", "x")]),
        ("/api/keys/rotate", &[("form[id]", "key-000000000000"), ("form[overlap]", "now")]),
        ("/api/keys/revoke", &[("form[id]", "key-000000000000")]),
        ("/api/billing/change_plan", &[("form[plan]", "enterprise")]),
        ("/api/profile/change_email", &[("form[email]", "new@acme.example")]),
        ("/api/data/request_closure", &[("form[name]", "Acme")]),
        ("/api/data/export", &[]),
        ("/api/team/role", &[("form[user]", &member), ("form[role]", "owner")]),
        ("/api/team/invite", &[("form[email]", "new@acme.example"), ("form[role]", "owner")]),
    ];
    for (path, form) in sensitive {
        let answer = owner.call(path, form).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::UNAUTHORIZED, "\"FreshSignIn\""), "{path}");
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created"], "nothing was changed");
    let other = owner.call("/api/team/role", &[("form[user]", &member), ("form[role]", "billing")]).await;
    assert_eq!(other.status, StatusCode::OK, "other roles ask for nothing more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_are_made_and_unmade_by_a_fresh_sign_in_only() {
    let app = TestApp::start().await;
    let otto = app.insert_person("otto@acme.example", "Otto").await;
    app.insert_membership(app.customer(), otto, Role::Owner).await;
    let owner = stale_owner(&app).await;
    let otto = otto.to_string();
    for (path, form) in [
        ("/api/team/role", vec![("form[user]", otto.as_str()), ("form[role]", "admin")]),
        ("/api/team/remove", vec![("form[user]", otto.as_str())]),
        ("/api/team/leave", vec![]),
    ] {
        assert_eq!(owner.call(path, &form).await.json(), "FreshSignIn", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invitation_becomes_an_owners_by_a_fresh_sign_in_only() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call("/api/team/invite", &[("form[email]", "new@acme.example"), ("form[role]", "member")]).await;
    let invitation: sqlx::types::Uuid = sqlx::query_scalar("SELECT invitation_id FROM invitations").fetch_one(app.db()).await.unwrap();
    let invitation = invitation.to_string();
    app.advance(Duration::minutes(10));
    let change = async |role: &str| {
        let form = [("form[invitation]", invitation.as_str()), ("form[role]", role)];
        owner.call("/api/team/invited_role", &form).await
    };
    assert_eq!(change("owner").await.json(), "FreshSignIn");
    assert_eq!(change("billing").await.status, StatusCode::OK, "other roles ask for nothing more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn password_makes_the_session_fresh_and_gives_it_a_new_token() {
    let app = TestApp::start().await;
    let owner = stale_owner(&app).await;
    let stolen = owner.copy();
    let wrong = owner.call("/api/signin/confirm", &[("form[password]", "not the password")]).await;
    assert_eq!(wrong.json()["Invalid"]["errors"][0]["field"], "password");
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.json(), "FreshSignIn");
    let right = owner.call("/api/signin/confirm", &[("form[password]", PASSWORD)]).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.text());
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.status, StatusCode::OK);
    assert_eq!(stolen.query("/api/keys/list").await.status, StatusCode::UNAUTHORIZED, "the old token is dead");
    assert_eq!(owner.query("/api/signin/sessions").await.json().as_array().unwrap().len(), 1, "it is the same session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_way_leads_over_the_password_and_back() {
    let app = TestApp::start().await;
    let owner = stale_owner(&app).await;
    let answer = owner.submit("/api/keys/disable", &[("id", "key-000000000000")], "/keys?state=inactive&done=saved").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/signin/confirm?next=%2Fkeys%3Fstate%3Dinactive"));
    let page = owner.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Confirm that it is you"]);
    let text = page.text();
    assert!(text.contains("owner@acme.example") && text.contains("please fill in its form again"), "nobody loses typed text silently");
    assert_eq!(page.texts("main a[href='/keys?state=inactive']"), ["Cancel"]);
    let answer =
        owner.submit("/api/signin/confirm", &[("form[password]", ""), ("form[next]", "/keys")], "/signin/confirm?next=%2Fkeys").await;
    assert!(owner.follow(&answer).await.text().contains("Enter your password."));
    let answer = owner
        .submit("/api/signin/confirm", &[("form[password]", PASSWORD), ("form[next]", "/keys?state=inactive")], "/signin/confirm")
        .await;
    assert_eq!(answer.location(), "/keys?state=inactive");
    let answer = owner.submit("/api/keys/create", &[("form[name]", "CI")], "/keys").await;
    assert_eq!(answer.location(), "/keys");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_typed_text_waits_for_the_password_beside_it() {
    let app = TestApp::start().await;
    let owner = stale_owner(&app).await;
    let form = [("form[name]", "Nightly export"), ("form[environment]", "test"), ("form[networks]", "203.0.113.7")];
    let page = owner.follow(&owner.submit("/api/keys/create", &form, "/keys?state=inactive").await).await;
    assert!(page.text().contains("What you filled in stays here"), "{}", page.text());
    assert_eq!(page.texts("a[href='/signin/confirm'][target='_blank']"), ["Confirm in a new tab"]);
    let name = "input[name='form[name]'][value='Nightly export']";
    assert_eq!(page.html().select(&scraper::Selector::parse(name).unwrap()).count(), 1);
    assert_eq!(page.texts("#new-environment option[selected]"), ["Test: calls are not counted"]);
    assert_eq!(page.texts("textarea[name='form[networks]']"), ["203.0.113.7"]);
    owner.submit("/api/signin/confirm", &[("form[password]", PASSWORD), ("form[next]", "")], "/signin/confirm").await;
    let answer = owner.submit("/api/keys/create", &form, "/keys").await;
    assert_eq!(answer.location(), "/keys");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn confirmation_in_its_own_tab_says_that_it_is_done() {
    let app = TestApp::start().await;
    let owner = stale_owner(&app).await;
    let answer = owner.submit("/api/signin/confirm", &[("form[password]", PASSWORD), ("form[next]", "")], "/signin/confirm").await;
    assert_eq!(answer.location(), "/signin/confirm?done=confirmed");
    assert!(owner.follow(&answer).await.text().contains("Close this tab"));
    for outside in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let answer = owner.submit("/api/signin/confirm", &[("form[password]", PASSWORD), ("form[next]", outside)], "/signin/confirm").await;
        assert_eq!(answer.location(), "/signin/confirm?done=confirmed", "{outside}");
    }
    let stale = stale_owner(&app).await;
    for outside in ["https://evil.example", "//evil.example", "javascript:alert(1)", ""] {
        let page = stale.get(&format!("/signin/confirm?next={outside}")).await;
        assert_eq!(page.texts("main a[href='/']"), ["Cancel"], "{outside}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invitation_accepted_in_a_session_gives_it_a_new_token() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call("/api/team/invite", &[("form[email]", "owner@stranger.example"), ("form[role]", "billing")]).await;
    app.run_worker().await;
    let mail = app.sent_mails().pop().unwrap();
    let token = mail.text.split("/invite/").nth(1).unwrap()[..32].to_owned();
    let stranger = app.stranger().await;
    let before = stranger.copy();
    assert_eq!(stranger.call("/api/team/accept", &[("form[token]", &token)]).await.status, StatusCode::OK);
    assert_eq!(stranger.query("/api/billing/find").await.status, StatusCode::OK);
    assert_eq!(before.query("/api/billing/find").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_that_asks_for_the_password_says_nothing_untrue_to_who_has_just_signed_in() {
    let app = TestApp::start().await;
    for owner in [app.owner().await, stale_owner(&app).await] {
        let page = owner.get("/signin/confirm").await.text();
        assert!(page.contains("This needs a sign-in of the last five minutes"), "{page}");
        assert!(!page.contains("more than five minutes ago"), "{page}");
    }
}
