//! Access requests as each role meets them.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::Value;
use time::Duration;

use crate::{
    access::{Permission, Role},
    server::testing::{Actor, Answer, TestApp},
};

async fn ask(actor: &Actor, permission: &str) -> Answer {
    actor.call("/api/requests/create", &[("form[permission]", permission), ("form[reason]", "For the nightly import")]).await
}

/// The newest request that waits.
async fn waiting(app: &TestApp) -> String {
    let id: uuid::Uuid =
        sqlx::query_scalar("SELECT request_id FROM access_requests WHERE status = 'pending' ORDER BY created_at DESC LIMIT 1")
            .fetch_one(app.db())
            .await
            .unwrap();
    id.to_string()
}

async fn answer(actor: &Actor, verb: &str, request: &str) -> Answer {
    actor.call(&format!("/api/requests/{verb}"), &[("form[request]", request)]).await
}

async fn role_of(app: &TestApp, email: &str) -> String {
    sqlx::query_scalar("SELECT role FROM memberships m JOIN users u USING (user_id) WHERE u.email = $1")
        .bind(email)
        .fetch_one(app.db())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_asks_and_one_click_makes_them_a_developer() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let refused = member.get("/keys").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let text = refused.text();
    assert!(text.contains("Owner of Acme (Owner), Admin of Acme (Admin), Developer of Acme (Developer)."), "{text}");
    assert!(text.contains("Send request"));
    assert_eq!(ask(&member, "manage_keys").await.status, StatusCode::OK);
    app.run_worker().await;
    let mut told: Vec<String> = app.sent_mails().into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, ["admin@acme.example", "owner@acme.example"]);
    assert!(app.sent_mails()[0].text.contains("> For the nightly import"));

    let admin = app.admin().await;
    let page = admin.get("/team").await.text();
    assert!(page.contains("Grant: make them Developer") && page.contains("For the nightly import"), "{page}");
    assert_eq!(answer(&admin, "grant", &waiting(&app).await).await.status, StatusCode::OK);
    assert_eq!(role_of(&app, "member@acme.example").await, "developer");
    assert_eq!(member.get("/keys").await.status, StatusCode::OK);
    assert_eq!(app.audit_kinds(app.customer()).await, ["access.requested", "access.granted"]);
    let details: Value =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind = 'access.granted'").fetch_one(app.db()).await.unwrap();
    assert_eq!(details, serde_json::json!({ "permission": "manage_keys", "role": { "before": "member", "after": "developer" } }));
    app.run_worker().await;
    let mail = app.sent_mails().pop().unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("member@acme.example", "Your access request was granted"));
    assert!(member.get("/team").await.text().contains("Your access requests"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn raise_takes_nothing_away_unless_another_role_is_chosen() {
    let app = TestApp::start().await;
    let (developer, owner) = (app.developer().await, app.owner().await);
    ask(&developer, "view_billing").await;
    let id = waiting(&app).await;
    assert!(owner.get("/team").await.text().contains("Grant: make them Admin"));
    let chosen = async |role| owner.call("/api/requests/grant", &[("form[request]", &id), ("form[role]", role)]).await;
    assert_eq!(chosen("member").await.status, StatusCode::UNPROCESSABLE_ENTITY, "does not include it");
    assert_eq!(chosen("root").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(chosen("billing").await.status, StatusCode::OK);
    assert_eq!(role_of(&app, "developer@acme.example").await, "billing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn declined_request_changes_nothing_and_the_person_is_told() {
    let app = TestApp::start().await;
    let member = app.member().await;
    ask(&member, "view_billing").await;
    assert_eq!(answer(&app.owner().await, "decline", &waiting(&app).await).await.status, StatusCode::OK);
    app.run_worker().await;
    assert_eq!(role_of(&app, "member@acme.example").await, "member");
    assert!(app.sent_mails().iter().any(|mail| mail.subject == "Your access request was declined"));
    let page = member.get("/requests/view_billing").await.text();
    assert!(page.contains("Declined") && page.contains("by Owner of Acme") && page.contains("Send request"));
    assert_eq!(app.audit_kinds(app.customer()).await, ["access.requested", "access.declined"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_answers_at_once_one_wins() {
    let app = TestApp::start().await;
    ask(&app.member().await, "manage_keys").await;
    let (owner, admin, id) = (app.owner().await, app.admin().await, waiting(&app).await);
    let answers = join_all((0..50).map(|n| {
        let (actor, verb) = if n % 2 == 0 { (&owner, "grant") } else { (&admin, "decline") };
        answer(actor, verb, &id)
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count(), 49);
    assert_eq!(app.audit_kinds(app.customer()).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_grants_at_once_one_wins() {
    let app = TestApp::start().await;
    ask(&app.member().await, "manage_keys").await;
    let (owner, id) = (app.owner().await, waiting(&app).await);
    let answers = join_all((0..50).map(|_| answer(&owner, "grant", &id))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert_eq!(app.audit_kinds(app.customer()).await, ["access.requested", "access.granted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_request_waits_per_person_and_right() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let answers = join_all((0..5).map(|_| ask(&member, "manage_keys"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert_eq!(ask(&member, "manage_keys").await.status, StatusCode::CONFLICT);
    assert_eq!(answer(&member, "withdraw", &waiting(&app).await).await.status, StatusCode::OK);
    assert_eq!(ask(&member, "manage_keys").await.status, StatusCode::OK, "a withdrawn one makes room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixth_request_of_a_day_waits_for_tomorrow() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for permission in ["view_billing", "manage_billing", "view_keys", "manage_keys", "manage_team"] {
        assert_eq!(ask(&member, permission).await.status, StatusCode::OK, "{permission}");
    }
    let refused = ask(&member, "manage_account").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(ask(&app.developer().await, "manage_team").await.status, StatusCode::OK, "others are not held up");
    app.advance(Duration::hours(25));
    assert_eq!(ask(&app.member().await, "manage_account").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_an_owner_makes_an_owner_and_nobody_raises_themselves() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    ask(&admin, "manage_data").await;
    let own = waiting(&app).await;
    assert!(answer(&admin, "grant", &own).await.status.is_client_error());
    assert_eq!(answer(&admin, "decline", &own).await.status, StatusCode::CONFLICT);
    app.run_worker().await;
    assert_eq!(app.sent_mails().into_iter().map(|mail| mail.to).collect::<Vec<_>>(), ["owner@acme.example"], "whoever can grant it");

    let user = app.insert_person("ada@acme.example", "Ada").await;
    app.insert_membership(app.customer(), user, Role::Member).await;
    ask(&app.sign_in("ada@acme.example", Some(app.customer())).await, "manage_owners").await;
    let of_ada: uuid::Uuid =
        sqlx::query_scalar("SELECT request_id FROM access_requests WHERE user_id = $1").bind(user).fetch_one(app.db()).await.unwrap();
    let of_ada = of_ada.to_string();
    let refused = answer(&admin, "grant", &of_ada).await;
    assert_eq!((refused.status, refused.json()), (StatusCode::FORBIDDEN, serde_json::json!({ "Forbidden": "manage_owners" })));
    assert!(admin.get("/team").await.text().contains("Only an owner can grant this"));
    let chosen = admin.call("/api/requests/grant", &[("form[request]", &of_ada), ("form[role]", "owner")]).await;
    assert_eq!(chosen.status, StatusCode::FORBIDDEN);
    assert_eq!(role_of(&app, "ada@acme.example").await, "member");
    assert_eq!(answer(&owner, "grant", &of_ada).await.status, StatusCode::OK);
    assert_eq!(role_of(&app, "ada@acme.example").await, "owner");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_of_removed_people_vanish() {
    let app = TestApp::start().await;
    let member = app.member().await;
    ask(&member, "manage_keys").await;
    let id = waiting(&app).await;
    let owner = app.owner().await;
    owner.call("/api/team/remove", &[("form[user]", &member.user_id.unwrap().to_string())]).await;
    assert_eq!(answer(&owner, "grant", &id).await.status, StatusCode::NOT_FOUND);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM access_requests").fetch_one(app.db()).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_and_colleagues_touch_no_request_of_others() {
    let app = TestApp::start().await;
    ask(&app.member().await, "manage_keys").await;
    let id = waiting(&app).await;
    let stranger = app.stranger().await;
    let missing = answer(&stranger, "grant", "33333333-3333-7333-8333-333333333333").await;
    for verb in ["grant", "decline", "withdraw"] {
        let answer = answer(&stranger, verb, &id).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, missing.text()), "{verb}");
    }
    assert_eq!(answer(&app.developer().await, "withdraw", &id).await.status, StatusCode::NOT_FOUND, "not theirs");
    for role in [Role::Billing, Role::Developer, Role::Member] {
        let person = app.person(role).await;
        assert_eq!(answer(&person, "grant", &id).await.status, StatusCode::FORBIDDEN, "{role}");
        assert!(!person.get("/team").await.text().contains("Access requests"), "{role}");
    }
    assert!(!stranger.get("/requests/manage_keys").await.text().to_lowercase().contains("acme"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_has_the_right_is_named_and_the_rest_counted() {
    let app = TestApp::start().await;
    for n in 0..12 {
        let user = app.insert_person(&format!("a{n}@acme.example"), &format!("Ann {n:02}")).await;
        app.insert_membership(app.customer(), user, Role::Admin).await;
    }
    let found = app.member().await.query("/api/requests/find?permission=manage_team").await.json();
    assert_eq!(found["holders"].as_array().unwrap().len(), 3);
    assert_eq!(found["others"], 11);
    for permission in Permission::ALL {
        for role in Role::ALL {
            let found = app.person(role).await.query(&format!("/api/requests/find?permission={}", permission.as_str())).await.json();
            assert_eq!(found["has_it"], role.can(permission), "{role} {permission:?}");
        }
    }
    assert_eq!(app.member().await.query("/api/requests/find?permission=root").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&app.owner().await, "manage_keys").await.status, StatusCode::CONFLICT, "whoever has it need not ask");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_form_asks_and_comes_back() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let form = [("form[permission]", "manage_keys"), ("form[reason]", "")];
    let answer = member.submit("/api/requests/create", &form, "/keys").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/requests/manage_keys?done=access-requested"));
    let page = member.follow(&answer).await.text();
    assert!(page.contains("Waits for an answer") && page.contains("Withdraw"));
    let long = [("form[permission]", "view_billing"), ("form[reason]", &*"x".repeat(301))];
    let answer = member.submit("/api/requests/create", &long, "/requests/view_billing").await;
    assert!(member.follow(&answer).await.text().contains("Shorten it to 300."));
}
