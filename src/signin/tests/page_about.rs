//! Pages that stay open while somebody goes on to another company in another window, or somebody else signs in there.

use axum::http::StatusCode;

use crate::{
    access::Role,
    server::testing::{Actor, PASSWORD, TestApp},
};

type Fields = &'static [(&'static str, &'static str)];

/// An owner who is one at Stranger Ltd, too, and has opened pages of Acme before going on to it.
async fn owner_of_two(app: &TestApp) -> Actor {
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Owner).await;
    owner
}

async fn go_on(app: &TestApp, owner: &Actor) {
    let id = app.stranger_customer().to_string();
    assert_eq!(owner.call("/api/signin/switch", &[("customer_id", &id)]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_of_a_page_that_was_left_behind_changes_nothing() {
    let app = TestApp::start().await;
    let owner = owner_of_two(&app).await;
    let forms: [(&str, &str, Fields); 4] = [
        ("/account", "/api/account/update", &[("form[name]", "Acme Labs"), ("form[email]", "office@acme.example")]),
        ("/team", "/api/team/invite", &[("form[email]", "new@acme.example"), ("form[role]", "member")]),
        ("/keys", "/api/keys/create", &[("form[name]", "Production")]),
        ("/support/new", "/api/support/create", &[("form[subject]", "A question"), ("form[message]", "Of Acme.")]),
    ];
    let mut actions = vec![];
    for (page, endpoint, _) in forms {
        actions.push(owner.action(page, endpoint).await);
    }
    go_on(&app, &owner).await;
    let before = app.audit_kinds(app.stranger_customer()).await;
    for (action, (page, _, fields)) in actions.iter().zip(forms) {
        let answer = owner.call(action, fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{action}");
        assert!(answer.text().contains("You have gone on to Stranger Ltd"), "{}", answer.text());
        let back = owner.follow(&owner.submit(action, fields, page).await).await;
        assert!(back.text().contains("You have gone on to Stranger Ltd"), "{page} without JavaScript");
    }
    assert_eq!(app.audit_kinds(app.stranger_customer()).await, before);
    // Opened anew, the page is about the other one, and its forms work.
    let fresh = owner.action("/keys", "/api/keys/create").await;
    assert_eq!(owner.call(&fresh, &[("form[name]", "Production")]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_that_was_left_behind_is_not_filled_with_another_company() {
    let app = TestApp::start().await;
    let owner = owner_of_two(&app).await;
    let here = format!("company={}", app.customer());
    go_on(&app, &owner).await;
    for read in ["/api/signin/shell", "/api/home/find", "/api/usage/meters", "/api/keys/list"] {
        assert_eq!(owner.query(&format!("{read}?{here}")).await.status, StatusCode::CONFLICT, "{read}");
        let there = format!("{read}?company={}", app.stranger_customer());
        assert_eq!(owner.query(&there).await.status, StatusCode::OK, "{read}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn open_page_of_a_removed_person_does_not_lead_its_forms_elsewhere() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    app.insert_membership(app.stranger_customer(), developer.user_id.unwrap(), Role::Developer).await;
    let create = developer.action("/keys", "/api/keys/create").await;
    app.delete_membership(developer.user_id.unwrap()).await;
    let poll = format!("/api/usage/meters?company={}", app.customer());
    assert_eq!(developer.query(&poll).await.status, StatusCode::CONFLICT);
    // What follows an answer would have followed by now.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let at: uuid::Uuid = sqlx::query_scalar("SELECT active_customer_id FROM sessions WHERE user_id = $1")
        .bind(developer.user_id)
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!(at, app.customer().as_uuid(), "the poll of an old page does not move the session");
    assert_ne!(developer.call(&create, &[("form[name]", "meant for Acme")]).await.status, StatusCode::OK);
    assert_eq!(developer.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_somebody_else_who_has_signed_out_changes_nothing() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let create = owner.action("/keys", "/api/keys/create").await;
    let read = create.replace("/api/keys/create", "/api/keys/list");
    assert_eq!(owner.query(&read).await.status, StatusCode::OK);
    // The same browser, in which somebody else of the same company has signed in.
    let before = app.audit_kinds(app.customer()).await;
    for answer in [admin.call(&create, &[("form[name]", "Production")]).await, admin.query(&read).await] {
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text().contains("has signed in since this page was opened"), "{}", answer.text());
    }
    assert_eq!(app.audit_kinds(app.customer()).await, before);
    let fresh = admin.action("/keys", "/api/keys/create").await;
    assert_eq!(admin.call(&fresh, &[("form[name]", "Production")]).await.status, StatusCode::OK);
}

/// What an open page of a person's own sends, of forms and of what has none: all with whom the page was made for.
async fn own(person: &Actor) -> Vec<(String, Fields)> {
    let start = person.action("/account/second-factor", "/api/second_factor/start").await;
    let of = |path: &str| start.replace("/api/second_factor/start", path);
    vec![
        (of("/api/passkeys/start_adding"), &[]),
        (of("/api/passkeys/add"), &[]),
        (of("/api/signin/end_other_sessions"), &[]),
        (of("/api/signin/change_password"), &[]),
        (of("/api/signin/confirm"), &[("form[password]", PASSWORD)]),
        (start, &[]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_somebody_else_changes_nothing_of_a_persons_own() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let sent = own(&owner).await;
    let kept = app.admin().await;
    let before = app.audit_kinds(app.customer()).await;
    for (action, fields) in &sent {
        let answer = admin.call(action, fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{action}: {}", answer.text());
        assert!(answer.text().contains("has signed in since this page was opened"), "{action}: {}", answer.text());
    }
    assert_eq!(kept.get("/account/sessions").await.status, StatusCode::OK, "no session ended");
    assert_eq!(app.audit_kinds(app.customer()).await, before);
    let (start, fields) = sent.last().unwrap();
    assert_eq!(owner.call(start, fields).await.status, StatusCode::OK, "the one whose page it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_of_people_without_a_company_name_the_person() {
    let app = TestApp::start().await;
    let (mia, admin) = (app.staff().await, app.admin().await);
    let (start, fields) = own(&mia).await.pop().unwrap();
    assert_eq!(admin.call(&start, fields).await.status, StatusCode::CONFLICT);
    assert_eq!(mia.call(&start, fields).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn persons_own_goes_on_after_they_went_on_to_another_company() {
    let app = TestApp::start().await;
    let owner = owner_of_two(&app).await;
    let start = owner.action("/account/second-factor", "/api/second_factor/start").await;
    let switch = start.replace("/api/second_factor/start", "/api/signin/switch");
    go_on(&app, &owner).await;
    assert_eq!(owner.call(&start, &[]).await.status, StatusCode::OK);
    let back = app.customer().to_string();
    assert_eq!(owner.call(&switch, &[("customer_id", &back)]).await.status, StatusCode::OK, "also back, from the page left behind");
    assert_eq!(owner.query("/api/signin/shell").await.json()["customer_name"], "Acme");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_somebody_else_signs_out_and_in() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let start = owner.action("/account/second-factor", "/api/second_factor/start").await;
    let of = |path: &str| start.replace("/api/second_factor/start", path);
    let form = [("form[email]", "member@acme.example"), ("form[password]", PASSWORD), ("form[next]", "/")];
    assert_eq!(admin.call(&of("/api/signin/in"), &form).await.status, StatusCode::OK, "in a browser that somebody else uses");
    assert_eq!(admin.query("/api/signin/shell").await.json()["person_email"], "member@acme.example");
    assert_eq!(admin.call(&of("/api/signin/out"), &[]).await.status, StatusCode::OK);
    assert!(admin.get("/").await.location().starts_with("/signin"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn activity_of_somebody_else_is_shown_on_ones_own_page() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let page = format!("/activity?person={}", admin.user_id.unwrap());
    assert_eq!(owner.get(&page).await.status, StatusCode::OK);
}
