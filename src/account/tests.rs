use axum::http::StatusCode;

use crate::{access::Role, server::testing::TestApp};

const UPDATE: &str = "/api/account/update";
const UPDATE_BILLING: &str = "/api/account/update_billing_email";

async fn stored(app: &TestApp) -> (String, String, Option<String>) {
    sqlx::query_as("SELECT name, email, billing_email FROM customers WHERE customer_id = $1")
        .bind(app.customer())
        .fetch_one(app.db())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_changes_name_and_contact_address() {
    let app = TestApp::start().await;
    let answer = app.owner().await.call(UPDATE, &[("form[name]", " Acme Corp "), ("form[email]", "Hello@Acme.Example")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(stored(&app).await, ("Acme Corp".into(), "hello@acme.example".into(), None));
    assert_eq!(app.audit_kinds(app.customer()).await, ["account.updated"]);
    let details: serde_json::Value = sqlx::query_scalar("SELECT details FROM audit_events").fetch_one(app.db()).await.unwrap();
    assert_eq!(details["name"], serde_json::json!({ "before": "Acme", "after": "Acme Corp" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn billing_person_sets_and_clears_the_billing_address() {
    let app = TestApp::start().await;
    let billing = app.billing().await;
    assert_eq!(billing.call(UPDATE_BILLING, &[("form[billing_email]", "ap@acme.example")]).await.status, StatusCode::OK);
    assert_eq!(stored(&app).await.2.as_deref(), Some("ap@acme.example"));
    let answer = billing.call(UPDATE_BILLING, &[("form[billing_email]", "")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(stored(&app).await.2, None);
    assert!(billing.get("/account").await.text().contains("office@acme.example"), "invoices go to the contact address");
    assert_eq!(app.audit_kinds(app.customer()).await, ["account.updated", "account.updated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replaced_addresses_are_told() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call(UPDATE_BILLING, &[("form[billing_email]", "ap@acme.example")]).await;
    owner.call(UPDATE_BILLING, &[("form[billing_email]", "finance@acme.example")]).await;
    owner.call(UPDATE, &[("form[name]", "Acme"), ("form[email]", "hello@acme.example")]).await;
    app.run_worker().await;
    let mut told: Vec<String> = app.sent_mails().into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, ["ap@acme.example", "office@acme.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_flooded_with_notices_of_replaced_addresses() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let change = async |name: &str, email: &str| owner.call(UPDATE, &[("form[name]", name), ("form[email]", email)]).await.status;
    for n in 0..5 {
        assert_eq!(change("Acme", &format!("hello{n}@acme.example")).await, StatusCode::OK);
    }
    assert_eq!(change("Acme", "hello@acme.example").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(stored(&app).await.1, "hello4@acme.example", "nothing was changed");
    assert_eq!(change("Acme Corp", "hello4@acme.example").await, StatusCode::OK, "what sends no mail does not wait");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn roles_change_what_is_theirs() {
    for role in Role::ALL {
        let app = TestApp::start().await;
        let person = app.person(role).await;
        let expected = |may: bool| if may { StatusCode::OK } else { StatusCode::FORBIDDEN };
        let manages = matches!(role, Role::Owner | Role::Admin);
        let bills = manages || role == Role::Billing;
        assert_eq!(
            person.call(UPDATE, &[("form[name]", "New"), ("form[email]", "new@acme.example")]).await.status,
            expected(manages),
            "{role}"
        );
        assert_eq!(person.call(UPDATE_BILLING, &[("form[billing_email]", "new@acme.example")]).await.status, expected(bills), "{role}");
        let page = person.get("/account").await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.text().contains("Owners and admins of your team can change this."), !manages, "{role}");
        assert_eq!(page.text().contains("Owners, admins and billing people of your team can change this."), !bills, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_input_is_refused_beside_its_field_and_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let long_name = "x".repeat(121);
    let long_address = format!("{}@example.com", "a".repeat(250));
    for (name, email, field) in [
        ("", "a@acme.example", "name"),
        (long_name.as_str(), "a@acme.example", "name"),
        ("a\nb", "a@acme.example", "name"),
        ("Acme", "", "email"),
        ("Acme", "not an address", "email"),
        ("Acme", "a@acme.example\r\nBcc: b@example.com", "email"),
        ("Acme", long_address.as_str(), "email"),
    ] {
        let answer = owner.call(UPDATE, &[("form[name]", name), ("form[email]", email)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {email:?}");
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], field);
    }
    for email in ["not an address", long_address.as_str()] {
        assert_eq!(owner.call(UPDATE_BILLING, &[("form[billing_email]", email)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(owner.call(UPDATE, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(stored(&app).await, ("Acme".into(), "office@acme.example".into(), None));
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn saving_the_same_again_leaves_no_trace() {
    let app = TestApp::start().await;
    let answer = app.owner().await.call(UPDATE, &[("form[name]", "Acme"), ("form[email]", "office@acme.example")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_form_saves_and_comes_back() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.submit(UPDATE_BILLING, &[("form[billing_email]", "ap@acme.example")], "/account").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/account?done=saved"));
    assert!(owner.follow(&answer).await.text().contains("ap@acme.example"));
    let answer = owner.submit(UPDATE_BILLING, &[("form[billing_email]", "ap@")], "/account").await;
    let page = owner.follow(&answer).await.text();
    assert!(page.contains("Enter an address like name@company.com."), "the message stands beside the field");
    assert!(page.contains("value=\"ap@\""), "what was typed is still there");
    assert_eq!(stored(&app).await.2.as_deref(), Some("ap@acme.example"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dashboard_link_leads_into_the_billing_field() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert!(owner.get("/").await.text().contains("/account?edit=billing-email"));
    let page = owner.get("/account?edit=billing-email").await;
    let field = page.html();
    let field = field.select(&scraper::Selector::parse("#billing-email").unwrap()).next().unwrap();
    assert!(field.attr("autofocus").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visitors_are_sent_to_sign_in() {
    let app = TestApp::start().await;
    assert_eq!(app.visitor().query("/api/account/find").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.visitor().call(UPDATE, &[("form[name]", "x")]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn personal_pages_are_one_link_away_and_not_part_of_the_company() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let account = member.get("/account").await;
    assert_eq!(account.texts(".page-header-actions a[href='/account/profile']"), ["Your own settings"]);
    assert_eq!(account.texts(".page-header-actions a").len(), 1);
    let current = async |path: &str| member.get(path).await.texts("header nav[aria-label=Main] a[aria-current]");
    for path in ["/account/profile", "/account/password", "/account/sessions", "/account/second-factor", "/account/passkeys"] {
        assert_eq!(current(path).await, Vec::<String>::new(), "{path}");
    }
    assert_eq!(current("/account").await, ["Account"]);
    assert_eq!(current("/team/roles").await, ["Team"]);
}
