//! What such sessions may do.

use axum::http::StatusCode;
use serde_json::json;

use super::{PATH, inside, start};
use crate::{access::Role, server::testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn scopes_beyond_the_token_or_the_role_fail_the_whole_request() {
    let (app, everything) = start().await;
    let (_, narrow) = app.service_token(&["portal_sessions:create", "portal:billing:read"]).await;
    let cases = [
        (&narrow, json!({ "scopes": ["billing:read", "keys:write"] }), StatusCode::FORBIDDEN),
        (&narrow, json!({ "flow": "create_key" }), StatusCode::FORBIDDEN),
        (&everything, json!({ "scopes": ["billing:read", "keys:write"], "user": "billing@acme.example" }), StatusCode::FORBIDDEN),
        (&everything, json!({ "flow": "upgrade_plan", "user": "member@acme.example" }), StatusCode::FORBIDDEN),
        (&everything, json!({ "scopes": ["everything"] }), StatusCode::UNPROCESSABLE_ENTITY),
        (&everything, json!({ "scopes": [] }), StatusCode::UNPROCESSABLE_ENTITY),
        (&everything, json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (&everything, json!({ "scopes": ["team:write"] }), StatusCode::UNPROCESSABLE_ENTITY),
        (&everything, json!({ "flow": "delete_everything" }), StatusCode::UNPROCESSABLE_ENTITY),
        (&everything, json!({ "flow": "create_key", "scopes": ["billing:read"] }), StatusCode::UNPROCESSABLE_ENTITY),
    ];
    for (token, mut fields, status) in cases {
        fields["customer"] = json!(app.customer());
        let answer = app.visitor().post_json(PATH, token, fields.to_string()).await;
        assert_eq!(answer.status, status, "{fields}: {}", answer.text());
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_in_a_limited_session_does_only_what_its_scopes_say() {
    let (app, token) = start().await;
    let owner = inside(&app, &token, json!({ "user": "owner@acme.example", "scopes": ["keys:read", "overview:read"] })).await;
    let page = owner.get("/keys").await;
    assert_eq!(page.texts("h1"), ["API keys"]);
    assert!(!page.text().contains("Create an API key"), "what would be refused is not offered");
    assert!(!page.text().contains("Create the first one above") && page.text().contains("You can see keys here, but not create them."));
    let menu = page.texts("nav.sidebar-nav a");
    assert!(menu.contains(&"API keys".to_owned()) && !menu.contains(&"Billing".to_owned()), "{menu:?}");
    assert_eq!(owner.get("/billing").await.status, StatusCode::FORBIDDEN);
    for (path, form) in [
        ("/api/keys/create", vec![("form[name]", "CI")]),
        ("/api/billing/change_plan", vec![("form[plan]", "enterprise"), ("form[from]", "pro")]),
        ("/api/account/update", vec![("form[name]", "Acme"), ("form[email]", "a@b.example")]),
        ("/api/team/invite", vec![("form[email]", "a@b.example"), ("form[role]", "owner")]),
        ("/api/team/leave", vec![]),
        ("/api/signin/switch", vec![("customer_id", "33333333-3333-7333-8333-333333333333")]),
    ] {
        assert_eq!(owner.call(path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["portal_session.created", "portal_session.opened"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guest_has_exactly_its_scopes_and_acts_under_the_tokens_name() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "scopes": ["keys:write"] })).await;
    let answer = guest.call("/api/keys/create", &[("form[name]", "Made by the SaaS")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    for page in ["/", "/billing", "/team", "/account", "/support"] {
        assert_eq!(guest.get(page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    assert!(guest.get("/keys").await.text().contains("Guest"));
    let made: (String, String, bool) = sqlx::query_as(
        "SELECT actor_kind, actor_name, actor_user_id IS NULL AND session_id IS NOT NULL FROM audit_events WHERE kind = 'key.created'",
    )
    .fetch_one(app.db())
    .await
    .unwrap();
    assert_eq!(made, ("key".into(), "Billing backend".into(), true));
    let answer = guest.submit("/api/signin/out", &[], "/keys").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(guest.get("/keys").await.location().starts_with("/signin"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_of_role_and_removal_count_from_the_next_click() {
    let (app, token) = start().await;
    let admin = inside(&app, &token, json!({ "user": "admin@acme.example", "scopes": ["keys:read", "billing:read"] })).await;
    assert_eq!(admin.get("/keys").await.status, StatusCode::OK);
    let id = app.admin().await.user_id;
    sqlx::query("UPDATE memberships SET role = 'billing' WHERE user_id = $1").bind(id).execute(app.db()).await.unwrap();
    assert_eq!(admin.get("/keys").await.status, StatusCode::FORBIDDEN);
    assert_eq!(admin.get("/billing").await.status, StatusCode::OK);
    sqlx::query("DELETE FROM memberships WHERE user_id = $1").bind(id).execute(app.db()).await.unwrap();
    assert_eq!(admin.get("/billing").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_stays_at_its_customer_and_carries_no_staff_rights() {
    let (app, token) = start().await;
    let mia = sqlx::query_scalar("SELECT user_id FROM users WHERE is_staff").fetch_one(app.db()).await.unwrap();
    app.insert_membership(app.customer(), mia, Role::Admin).await;
    app.insert_membership(app.stranger_customer(), mia, Role::Owner).await;
    let limited = inside(&app, &token, json!({ "user": "mia@foyer.example", "scopes": ["overview:read"] })).await;
    assert_eq!(limited.get("/staff/tickets").await.status, StatusCode::NOT_FOUND);
    assert!(!limited.get("/").await.text().contains("Stranger"));
    let other = app.stranger_customer().to_string();
    assert_eq!(limited.call("/api/signin/switch", &[("customer_id", &other)]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(limited.get("/").await.texts("h1"), ["Acme"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guest_of_one_customer_sees_nothing_of_another() {
    let (app, token) = start().await;
    let strangers = app.stranger().await;
    let answer = strangers.call("/api/keys/create", &[("form[name]", "Stranger key")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let guest = inside(&app, &token, json!({ "scopes": ["keys:write", "overview:read", "billing:read"] })).await;
    for page in ["/", "/keys", "/billing", "/team"] {
        assert!(!guest.get(page).await.text().contains("Stranger"), "{page}");
    }
}

/// Opens the page of a task without JavaScript and gives its heading.
async fn task(app: &TestApp, token: &str, flow: &str) -> (crate::server::testing::Actor, Vec<String>) {
    let fields = json!({ "flow": flow, "return_url": "https://app.saas.example/done" });
    let guest = inside(app, token, fields).await;
    let page = guest.get(&format!("/flow/{flow}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.texts("nav.sidebar-nav").is_empty(), "a task has no navigation");
    assert_eq!(page.texts("a.back-to"), ["Back to app.saas.example"]);
    (guest, page.texts("h1"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_task_is_done_without_navigation_and_leads_back() {
    let (app, token) = start().await;
    let (guest, heading) = task(&app, &token, "update_billing_email").await;
    assert_eq!(heading, ["Change the billing e-mail"]);
    let form = [("form[billing_email]", "ap@acme.example")];
    let answer = guest.submit("/api/account/update_billing_email", &form, "/flow/update_billing_email").await;
    assert_eq!(answer.location(), "/flow/done");
    let done = guest.follow(&answer).await;
    assert!(done.text().contains("0;url=https://app.saas.example/done"), "{}", done.text());

    let (guest, heading) = task(&app, &token, "create_key").await;
    assert_eq!(heading, ["Create an API key"]);
    let answer = guest.submit("/api/keys/create", &[("form[name]", "CI")], "/flow/create_key").await;
    assert_eq!(answer.location(), "/flow/create_key");
    let page = guest.follow(&answer).await;
    assert!(page.text().contains("sk_live_") && page.text().contains("I have copied the key"));
    assert_eq!(page.texts("form[action='/flow/done'] input[type=checkbox][required]").len(), 1, "the way on asks for the tick");

    let (guest, heading) = task(&app, &token, "upgrade_plan").await;
    assert_eq!(heading, ["Change plan"]);
    assert!(guest.get("/flow/upgrade_plan?to=enterprise").await.text().contains("Upgrade to Enterprise"));
    let refused = guest.get("/flow/upgrade_plan?to=free").await;
    assert!(
        refused.text().contains("on the Team page") && refused.texts("main a[href='/team']").is_empty(),
        "a task has no page of the team"
    );
    let form = [("form[plan]", "enterprise"), ("form[from]", "pro")];
    assert_eq!(guest.submit("/api/billing/change_plan", &form, "/flow/upgrade_plan").await.location(), "/flow/done");

    let (guest, heading) = task(&app, &token, "download_invoice").await;
    assert_eq!(heading, ["Download an invoice"]);
    assert_eq!(guest.get("/keys").await.status, StatusCode::FORBIDDEN);
    let kinds = app.audit_kinds(app.customer()).await;
    for kind in ["account.updated", "key.created", "plan.changed"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_the_saas_sends_is_asked_for_no_second_factor() {
    let (app, token) = start().await;
    sqlx::query("UPDATE customers SET second_factor_required = true").execute(app.db()).await.unwrap();
    let sent = inside(&app, &token, json!({ "user": "billing@acme.example", "scopes": ["billing:read"] })).await;
    assert_eq!(sent.query("/api/billing/find").await.status, StatusCode::OK);
    assert_eq!(app.billing().await.query("/api/billing/find").await.json(), "SecondFactor", "the same person by a password");
}
