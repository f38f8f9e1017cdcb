//! What such sessions may do in their first five minutes only.

use axum::http::StatusCode;
use serde_json::{Value, json};
use time::Duration;

use super::{inside, start};
use crate::server::testing::{Actor, TestApp};

/// What is as sensitive as the most sensitive changes of somebody who signed in.
const SENSITIVE: [(&str, &[(&str, &str)]); 2] =
    [("/api/keys/create", &[("form[name]", "CI")]), ("/api/billing/change_plan", &[("form[plan]", "enterprise"), ("form[from]", "pro")])];

async fn with_both_scopes(app: &TestApp, token: &str, user: Option<&str>) -> Actor {
    let mut fields = json!({ "scopes": ["keys:write", "billing:write"], "return_url": "https://app.saas.example/settings" });
    if let Some(user) = user {
        fields["user"] = json!(user);
    }
    inside(app, token, fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn for_five_minutes_no_password_is_asked_for() {
    for user in [None, Some("owner@acme.example")] {
        let (app, token) = start().await;
        let person = with_both_scopes(&app, &token, user).await;
        app.advance(Duration::minutes(5));
        for (path, form) in SENSITIVE {
            let answer = person.call(path, form).await;
            assert_eq!(answer.status, StatusCode::OK, "{path} {user:?}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn later_the_answer_leads_back_to_the_product_and_not_to_a_password() {
    for user in [None, Some("owner@acme.example")] {
        let (app, token) = start().await;
        let person = with_both_scopes(&app, &token, user).await;
        app.advance(Duration::minutes(5) + Duration::SECOND);
        let before = app.audit_kinds(app.customer()).await;
        for (path, form) in SENSITIVE {
            let answer = person.call(path, form).await;
            let sentence = "You came here more than five minutes ago. Go back to app.saas.example and open this again.";
            assert_eq!((answer.status, answer.json()), (StatusCode::FORBIDDEN, json!({ "NotInSession": sentence })), "{path} {user:?}");
        }
        let answer = person.submit("/api/keys/create", &[("form[name]", "CI")], "/keys").await;
        assert!(answer.location().contains("/keys?__path="), "without JavaScript back to the form: {}", answer.location());
        assert!(person.follow(&answer).await.text().contains("Go back to app.saas.example and open this again."));
        assert_eq!(app.audit_kinds(app.customer()).await, before, "nothing was changed");
        assert_eq!(person.get("/keys").await.status, StatusCode::OK, "reading goes on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_ends_after_an_hour_without_use() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "scopes": ["billing:read"], "return_url": "https://app.saas.example/settings" })).await;
    app.advance(Duration::HOUR);
    let answer = guest.get("/billing").await;
    assert_eq!(guest.follow(&answer).await.location(), "/flow/ended", "and leads back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_the_persons_own_stays_closed() {
    let (app, token) = start().await;
    let scopes: Vec<Value> = crate::rights::Scope::ALL.iter().map(|scope| json!(scope.as_str())).collect();
    let owner = inside(&app, &token, json!({ "user": "owner@acme.example", "scopes": scopes })).await;
    let admin = app.admin().await.user_id.unwrap().to_string();
    for (path, form) in [
        ("/api/profile/rename", vec![("form[name]", "Somebody else")]),
        ("/api/profile/change_email", vec![("form[email]", "a@b.example")]),
        ("/api/requests/create", vec![("form[permission]", "manage_data")]),
        ("/api/signin/end_other_sessions", vec![]),
        ("/api/signin/confirm", vec![("form[password]", "correct horse battery")]),
        ("/api/team/leave", vec![]),
        ("/api/team/role", vec![("form[user]", admin.as_str()), ("form[role]", "owner")]),
        ("/api/team/invite", vec![("form[email]", "a@b.example"), ("form[role]", "owner")]),
        ("/api/data/request_closure", vec![("form[company]", "Acme")]),
        ("/api/data/export", vec![]),
        ("/activity/export", vec![("format", "csv")]),
    ] {
        let answer = owner.call(path, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    for page in ["/account/profile", "/account/password", "/account/sessions", "/account/data", "/activity"] {
        let answer = owner.get(page).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
    }
    let account = owner.get("/account").await.text();
    assert!(!account.contains("/account/sessions") && !account.contains("/account/profile"), "what would be refused is not offered");
    let role = owner.call("/api/team/role", &[("form[user]", &admin), ("form[role]", "billing")]).await;
    assert_eq!(role.status, StatusCode::OK, "the rest of the team is within team:write: {}", role.text());
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds, ["portal_session.created", "portal_session.opened", "member.role_changed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn end_of_a_session_stands_in_the_trail() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "scopes": ["billing:read"] })).await;
    guest.submit("/api/signin/out", &[], "/billing").await;
    let actor: (String, String) =
        sqlx::query_as("SELECT actor_kind, actor_name FROM audit_events WHERE kind = 'session.ended'").fetch_one(app.db()).await.unwrap();
    assert_eq!(actor, ("key".into(), "Billing backend".into()));
}
