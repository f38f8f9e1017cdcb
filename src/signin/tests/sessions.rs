//! How long sessions last, and what ends them.

use super::*;
use crate::{
    access::{Permission, Role},
    ids::CustomerId,
    server::testing::Actor,
};

async fn sign_in(app: &TestApp, email: &str, keep: bool) -> Actor {
    let visitor = app.visitor();
    let keep = if keep { "true" } else { "false" };
    let answer = visitor.call("/api/signin/in", &[("form[email]", email), ("form[password]", PASSWORD), ("form[keep]", keep)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    visitor
}

async fn is_in(actor: &Actor) -> bool {
    actor.query("/api/signin/sessions").await.status == StatusCode::OK
}

/// Uses the portal, and waits until that is noted: it happens beside the request.
async fn use_portal(app: &TestApp, actor: &Actor) {
    assert!(is_in(actor).await);
    for _ in 0..100 {
        let noted: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sessions WHERE last_seen_at = $1)")
            .bind(app.now())
            .fetch_one(app.db())
            .await
            .unwrap();
        if noted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use of the session was not noted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unused_session_ends_after_an_hour() {
    let app = TestApp::start().await;
    let owner = sign_in(&app, "owner@acme.example", false).await;
    app.advance(Duration::minutes(59));
    use_portal(&app, &owner).await;
    app.advance(Duration::minutes(59));
    assert!(is_in(&owner).await, "each use begins the hour anew");
    app.advance(Duration::minutes(61));
    assert!(!is_in(&owner).await);
    assert_eq!(owner.get("/keys").await.location(), "/signin?next=%2Fkeys");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_that_asks_by_itself_keeps_no_session_alive() {
    let app = TestApp::start().await;
    let owner = sign_in(&app, "owner@acme.example", false).await;
    let began = app.now();
    for _ in 0..5 {
        app.advance(Duration::minutes(10));
        assert_eq!(owner.query("/api/usage/meters").await.status, StatusCode::OK);
    }
    // Uses are noted beside the request; had there been one, this one would be noted after it.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let seen: Vec<OffsetDateTime> = sqlx::query_scalar("SELECT last_seen_at FROM sessions").fetch_all(app.db()).await.unwrap();
    assert_eq!(seen, [began]);
    app.advance(Duration::minutes(10));
    assert_eq!(owner.query("/api/usage/meters").await.status, StatusCode::UNAUTHORIZED, "an hour after the person's last act");
    let owner = sign_in(&app, "owner@acme.example", false).await;
    app.advance(Duration::minutes(50));
    assert_eq!(owner.get("/usage").await.status, StatusCode::OK);
    use_portal(&app, &owner).await;
    app.advance(Duration::minutes(50));
    assert_eq!(owner.query("/api/usage/meters").await.status, StatusCode::OK, "opening the page is an act");
}

/// Waits until the owner counts as active now at these customers and no others: it is noted beside the request.
async fn owner_is_active_at(app: &TestApp, expected: &[CustomerId]) {
    let mut active: Vec<CustomerId> = vec![];
    for _ in 0..100 {
        active = sqlx::query_scalar(
            "SELECT customer_id FROM memberships JOIN users USING (user_id)
              WHERE email = 'owner@acme.example' AND last_active_at = $1 ORDER BY customer_id",
        )
        .bind(app.now())
        .fetch_all(app.db())
        .await
        .unwrap();
        if active == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(active, expected);
}

async fn switch(person: &Actor, to: CustomerId) {
    assert_eq!(person.call("/api/signin/switch", &[("customer_id", &to.to_string())]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_counts_as_active_at_once_after_signing_in_and_changing_the_customer() {
    let app = TestApp::start().await;
    let other = app.stranger_customer();
    app.insert_membership(other, app.owner().await.user_id.unwrap(), Role::Member).await;
    app.advance(Duration::days(3));
    let owner = sign_in(&app, "owner@acme.example", false).await;
    owner_is_active_at(&app, &[]).await;
    assert_eq!(owner.get("/").await.status, StatusCode::OK);
    owner_is_active_at(&app, &[app.customer()]).await;
    switch(&owner, other).await;
    let mut both = [app.customer(), other];
    both.sort();
    owner_is_active_at(&app, &both).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_whom_the_customer_does_not_let_in_does_not_count_as_active() {
    let app = TestApp::start().await;
    app.advance(Duration::days(3));
    sqlx::query("UPDATE customers SET second_factor_required = true").execute(app.db()).await.unwrap();
    let owner = sign_in(&app, "owner@acme.example", false).await;
    assert_eq!(owner.query("/api/keys/list").await.status, StatusCode::FORBIDDEN);
    // A use is noted beside the request; had there been one, it would be there by now.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    owner_is_active_at(&app, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_who_signs_in_is_where_they_were_last() {
    let app = TestApp::start().await;
    let other = app.stranger_customer();
    app.insert_membership(other, app.owner().await.user_id.unwrap(), Role::Member).await;
    let owner = sign_in(&app, "owner@acme.example", false).await;
    for customer in [other, app.customer(), other] {
        app.advance(Duration::seconds(5));
        switch(&owner, customer).await;
        owner_is_active_at(&app, &[customer]).await;
    }
    let again = sign_in(&app, "owner@acme.example", false).await;
    assert_eq!(again.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_in_use_ends_after_a_day() {
    let app = TestApp::start().await;
    let owner = sign_in(&app, "owner@acme.example", false).await;
    for _ in 0..28 {
        app.advance(Duration::minutes(50));
        use_portal(&app, &owner).await;
    }
    app.advance(Duration::minutes(41));
    assert!(!is_in(&owner).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kept_session_lasts_thirty_days_and_seven_without_use() {
    let app = TestApp::start().await;
    let owner = sign_in(&app, "owner@acme.example", true).await;
    for _ in 0..4 {
        app.advance(Duration::days(6));
        use_portal(&app, &owner).await;
    }
    app.advance(Duration::days(6) - Duration::SECOND);
    assert!(is_in(&owner).await);
    app.advance(Duration::SECOND);
    assert!(!is_in(&owner).await, "thirty days at most");
    let owner = sign_in(&app, "owner@acme.example", true).await;
    app.advance(Duration::days(7));
    assert!(!is_in(&owner).await, "seven days without use");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cookie_goes_with_the_browser_unless_it_is_to_be_kept() {
    let app = TestApp::start().await;
    for (keep, expected) in [("false", ""), ("true", "; Max-Age=2592000")] {
        let form = [("form[email]", "owner@acme.example"), ("form[password]", PASSWORD), ("form[keep]", keep)];
        let answer = app.visitor().call("/api/signin/in", &form).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with(&format!("; Path=/; HttpOnly; SameSite=Lax{expected}")), "{cookie}");
    }
    let app = TestApp::start_with(|config| config.app_url = "https://portal.example".parse().unwrap()).await;
    let answer = app.visitor().call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-foyer=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_in_makes_a_new_token_and_the_one_before_is_dead() {
    let app = TestApp::start().await;
    let victim = app.visitor();
    victim.call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await;
    let planted = victim.copy();
    victim.call("/api/signin/in", &form("developer@acme.example", PASSWORD, "")).await;
    assert!(is_in(&victim).await);
    assert!(!is_in(&planted).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removal_role_change_and_new_password_count_with_the_next_request() {
    let app = TestApp::start().await;
    let (owner, developer) = (app.owner().await, app.developer().await);
    let id = developer.user_id.unwrap().to_string();
    assert_eq!(developer.query("/api/keys/list").await.status, StatusCode::OK);
    owner.call("/api/team/role", &[("form[user]", &id), ("form[role]", "billing")]).await;
    assert!(!Role::Billing.can(Permission::ViewKeys));
    assert_eq!(developer.query("/api/keys/list").await.status, StatusCode::FORBIDDEN, "sessions hold no rights: they are read each time");
    owner.call("/api/team/remove", &[("form[user]", &id)]).await;
    assert_eq!(developer.query("/api/usage/find").await.json(), "NoCompany");
    app.visitor().call("/api/signin/forgot", &[("form[email]", "developer@acme.example")]).await;
    let token = reset_token(&app).await;
    app.visitor().call("/api/signin/reset", &[("form[token]", &token), ("form[password]", "violet otter sings")]).await;
    assert!(!is_in(&developer).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_sees_where_they_are_signed_in_and_ends_the_rest() {
    let app = TestApp::start().await;
    let here = app.visitor().at("203.0.113.7");
    here.call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await;
    let firefox = [
        ("accept", "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    ];
    let others: Vec<Actor> = (0..3).map(|_| app.visitor().at("198.51.100.9")).collect();
    for other in &others {
        other.post_with("/api/signin/in", &form("owner@acme.example", PASSWORD, ""), &firefox).await;
    }
    let page = here.get("/account/sessions").await;
    assert_eq!(page.texts("h1"), ["Where you are signed in"]);
    assert_eq!(page.texts("tbody th").len(), 4);
    assert_eq!(page.texts("tbody th")[..2], ["Unknown browser This browser", "Firefox on Linux"], "this browser stands first");
    let places = ["The network that you are in now 203.0.113.7", "Another network 198.51.100.9"];
    assert_eq!(page.texts("td[data-label=Place]")[..2], places);

    let sessions = here.query("/api/signin/sessions").await.json();
    let own = sessions[0]["id"].as_str().unwrap();
    assert_eq!(here.call("/api/signin/end_session", &[("id", own)]).await.status, StatusCode::CONFLICT, "that is what signing out is for");
    let other = sessions[1]["id"].as_str().unwrap();
    let answer = here.submit("/api/signin/end_session", &[("id", other)], "/account/sessions").await;
    assert_eq!(answer.location(), "/account/sessions?done=session-ended");
    assert_eq!(here.call("/api/signin/end_session", &[("id", other)]).await.status, StatusCode::NOT_FOUND);
    let mut left = 0;
    for other in &others {
        left += usize::from(is_in(other).await);
    }
    assert_eq!(left, 2);
    let answer = here.submit("/api/signin/end_other_sessions", &[], "/account/sessions").await;
    assert_eq!(answer.location(), "/account/sessions?done=other-sessions-ended");
    for other in &others {
        assert!(!is_in(other).await);
    }
    assert!(here.get("/account/sessions").await.text().contains("You are signed in nowhere else."));
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds[4..], ["session.ended", "session.others_ended"]);
    assert!(kinds[..4].iter().all(|kind| kind == "session.started"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_ends_the_session_of_somebody_else() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let id = owner.query("/api/signin/sessions").await.json()[0]["id"].as_str().unwrap().to_owned();
    for id in [id.as_str(), "nonsense", ""] {
        assert_eq!(admin.call("/api/signin/end_session", &[("id", id)]).await.status, StatusCode::NOT_FOUND, "{id}");
    }
    admin.call("/api/signin/end_other_sessions", &[]).await;
    assert!(is_in(&owner).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn staff_and_people_without_a_company_see_their_sessions_too() {
    let app = TestApp::start().await;
    let mia = app.staff().await;
    assert_eq!(mia.get("/account/sessions").await.texts("tbody th").len(), 1);
    assert_eq!(mia.call("/api/signin/end_other_sessions", &[]).await.status, StatusCode::OK);
    app.insert_person("nobody@nowhere.example", "Nobody").await;
    let nobody = app.sign_in("nobody@nowhere.example", None).await;
    assert_eq!(nobody.get("/account/sessions").await.texts("tbody th").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signing_out_is_noted() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call("/api/signin/out", &[]).await;
    assert_eq!(app.audit_kinds(app.customer()).await, ["session.ended"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn password_that_was_changed_while_it_was_checked_lets_nobody_in() {
    let app = TestApp::start().await;
    let turns = app.state().hashing.clone().acquire_many_owned(2).await.unwrap();
    let thief = app.visitor();
    let signing_in = tokio::spawn(async move { thief.call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    sqlx::query("UPDATE users SET password_hash = 'another' WHERE email = 'owner@acme.example'").execute(app.db()).await.unwrap();
    drop(turns);
    assert_eq!(signing_in.await.unwrap().status, StatusCode::UNPROCESSABLE_ENTITY);
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 0);
}
