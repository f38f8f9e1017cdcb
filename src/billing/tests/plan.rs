//! Changing the plan.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    access::Role,
    ids::CustomerId,
    plan::Plan,
    server::testing::{Actor, Answer, TestApp},
};

const CHANGE: &str = "/api/billing/change_plan";

async fn change(actor: &Actor, from: &str, to: &str) -> Answer {
    actor.call(CHANGE, &[("form[plan]", to), ("form[from]", from)]).await
}

/// The customer's plan and its running subscriptions: plan, amount and next billing day.
async fn subscription(app: &TestApp, customer: CustomerId) -> (String, Vec<(String, i64, Option<time::Date>)>) {
    let plan = sqlx::query_scalar("SELECT plan FROM customers WHERE customer_id = $1").bind(customer).fetch_one(app.db()).await.unwrap();
    let running = sqlx::query_as("SELECT plan, amount, next_billing_on FROM subscriptions WHERE customer_id = $1 AND status <> 'ended'")
        .bind(customer)
        .fetch_all(app.db())
        .await
        .unwrap();
    (plan, running)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn upgrade_applies_limits_and_price_at_once_and_is_in_the_trail() {
    let app = TestApp::start().await;
    let answer = change(&app.owner().await, "pro", "enterprise").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let december = time::macros::date!(2026 - 12 - 01);
    let expected = ("enterprise".to_owned(), vec![("enterprise".to_owned(), 99_000, Some(december))]);
    assert_eq!(subscription(&app, app.customer()).await, expected);
    assert_eq!(app.audit_kinds(app.customer()).await, ["plan.changed"]);
    let details: serde_json::Value = sqlx::query_scalar("SELECT details FROM audit_events").fetch_one(app.db()).await.unwrap();
    let expected = json!({
        "plan": { "before": "pro", "after": "enterprise" },
        "price": { "before": "$99.00 USD", "after": "$990.00 USD" },
    });
    assert_eq!(details, expected);
    let page = app.owner().await.get("/billing").await.text();
    assert!(page.contains("5,000,000 a month") && page.contains("$990.00 USD plus VAT on 1 Dec 2026"));
    assert_eq!(subscription(&app, app.stranger_customer()).await.0, "free", "nobody else is touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sending_the_form_twice_changes_the_plan_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for _ in 0..2 {
        assert_eq!(change(&owner, "pro", "enterprise").await.status, StatusCode::OK);
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["plan.changed"]);
    let (owner, admin) = (app.owner().await, app.admin().await);
    let (first, second) = tokio::join!(change(&owner, "enterprise", "pro"), change(&admin, "enterprise", "pro"));
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(app.audit_kinds(app.customer()).await, ["plan.changed", "plan.changed"]);
    assert_eq!(subscription(&app, app.customer()).await.1.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_pays_a_price_that_they_did_not_see() {
    let app = TestApp::start().await;
    change(&app.owner().await, "pro", "enterprise").await;
    let answer = change(&app.admin().await, "free", "pro").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("somebody of your team has meanwhile changed the plan to Enterprise"), "{}", answer.text());
    assert_eq!(change(&app.admin().await, "enterprise", "enterprise").await.status, StatusCode::CONFLICT);
    assert_eq!(subscription(&app, app.customer()).await.0, "enterprise");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn downgrade_is_refused_while_the_team_is_too_large() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = change(&owner, "pro", "free").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Free has room for 3 people and your team has 5"), "{}", answer.text());
    assert_eq!(subscription(&app, app.customer()).await.0, "pro");
    let page = owner.get("/billing/plan?to=free").await;
    assert!(page.text().contains("Remove people or revoke invitations on the Team page"));
    assert_eq!(page.texts(".billing-plan a[href='/team']"), ["Go to the team"]);
    assert!(page.texts(&format!("form[action='{CHANGE}']")).is_empty(), "no button without effect");
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pending_invitations_count_until_they_expire() {
    let app = TestApp::start().await;
    sqlx::query("DELETE FROM memberships WHERE customer_id = $1 AND role NOT IN ('owner', 'admin', 'billing')")
        .bind(app.customer())
        .execute(app.db())
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO invitations (invitation_id, customer_id, email, role, token_hash, created_at, sent_at, expires_at)
         VALUES ($1, $2, 'new@acme.example', 'member', sha256('x'), $3, $3, $4)",
    )
    .bind(app.state().entropy.uuid(app.now()))
    .bind(app.customer())
    .bind(app.now())
    .bind(app.now() + time::Duration::hours(1))
    .execute(app.db())
    .await
    .unwrap();
    assert!(change(&app.owner().await, "pro", "free").await.text().contains("your team has 4"));
    app.advance(time::Duration::hours(2));
    assert_eq!(change(&app.owner().await, "pro", "free").await.status, StatusCode::OK);
    assert_eq!(subscription(&app, app.customer()).await, ("free".to_owned(), vec![("free".to_owned(), 0, None)]));
    assert!(app.owner().await.get("/billing").await.text().contains("Nothing will be charged"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn words_that_are_no_plan_are_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (from, to) in [("pro", "gold"), ("pro", ""), ("", "pro"), ("pro", "Enterprise")] {
        assert_eq!(change(&owner, from, to).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{from} {to}");
    }
    assert_eq!(owner.call(CHANGE, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for nonsense in ["gold", "", "pro", "%00"] {
        let page = owner.get(&format!("/billing/plan?to={nonsense}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.texts(&format!("form[action='{CHANGE}']")).is_empty(), "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_confirmation_names_the_charge_and_the_form_works() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let plans = owner.get("/billing/plan").await;
    assert_eq!(plans.texts(".billing-plan h2"), ["Free", "Pro Current", "Enterprise"]);
    let link = plans.html().select(&scraper::Selector::parse("a[href^='/billing/plan?to=enterprise']").unwrap()).count();
    assert_eq!(link, 1);
    let page = owner.get("/billing/plan?to=enterprise").await;
    assert_eq!(page.texts("main .button-primary"), ["Upgrade to Enterprise for $990.00 USD a month"]);
    assert_eq!(page.texts(".billing-plan-is-wanted .billing-plan-action"), ["Confirm above."]);
    let text = page.texts("main").join(" ");
    let charge = "$990.00 USD a month plus VAT instead of $99.00 USD, charged for the first time on 1 Dec 2026. Nothing is charged today.";
    assert!(text.contains("Upgrade from Pro to Enterprise?") && text.contains(charge), "{text}");
    let form = [("form[plan]", "enterprise"), ("form[from]", "pro")];
    let answer = owner.submit(CHANGE, &form, "/billing/plan?to=enterprise").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/billing?done=plan-changed"));
    assert!(owner.follow(&answer).await.text().contains("Plan changed. The new limits apply now."));
    let refused = owner.submit(CHANGE, &[("form[plan]", "free"), ("form[from]", "enterprise")], "/billing/plan?to=free").await;
    assert!(owner.follow(&refused).await.text().contains("Free has room for 3 people and your team has 5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_owner_admin_and_billing_change_the_plan() {
    let app = TestApp::start().await;
    for role in [Role::Developer, Role::Member] {
        assert_eq!(change(&app.person(role).await, "pro", "enterprise").await.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert_eq!(change(&app.visitor(), "pro", "enterprise").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(subscription(&app, app.customer()).await.0, Plan::Pro.as_str());
    assert_eq!(change(&app.billing().await, "pro", "enterprise").await.status, StatusCode::OK);
}
