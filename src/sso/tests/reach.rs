//! What a session reaches that the provider of a customer began.

use axum::http::StatusCode;
use time::Duration;

use super::{Acme, failed};
use crate::{access::Role, sso::tests::provider::Says};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_from_a_providers_customer_reaches_only_that_customer() {
    let acme = Acme::start().await;
    let app = &acme.app;
    let member = app.member().await.user_id.unwrap();
    app.insert_membership(app.stranger_customer(), member, Role::Owner).await;
    let inside = acme.inside("s-1", "member@acme.example").await;
    let shell = inside.query("/api/signin/shell").await.json();
    assert_eq!((&shell["customer_name"], shell["customers"].as_array().unwrap().len()), (&"Acme".into(), 1), "{shell}");
    let switched = inside.call("/api/signin/switch", &[("customer_id", &app.stranger_customer().to_string())]).await;
    assert_eq!(switched.status, StatusCode::FORBIDDEN, "{}", switched.text());
    for path in ["/", "/account", "/team", "/activity", "/billing"] {
        assert!(!inside.get(path).await.text().contains("Stranger"), "{path}");
    }
    // A person who is removed from the one does not fall over to the other.
    assert_eq!(app.owner().await.call("/api/team/remove", &[("form[user]", &member.to_string())]).await.status, StatusCode::OK);
    assert_eq!(inside.query("/api/signin/shell").await.status, StatusCode::FORBIDDEN);
    assert!(!inside.get("/").await.text().contains("Stranger"));
    let bound: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions WHERE provider_customer_id = $1 AND active_customer_id = $1")
        .bind(app.customer())
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!(bound, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_from_a_provider_changes_nothing_that_is_the_persons_own() {
    let acme = Acme::start().await;
    let at_home = acme.app.member().await;
    let inside = acme.inside("s-1", "member@acme.example").await;
    let sessions = inside.query("/api/signin/sessions").await.json();
    assert_eq!(sessions.as_array().unwrap().len(), 1, "only those of this provider are seen: {sessions}");
    let other: uuid::Uuid =
        sqlx::query_scalar("SELECT session_id FROM sessions WHERE user_id = $1 AND provider_customer_id IS NULL LIMIT 1")
            .bind(at_home.user_id)
            .fetch_one(acme.app.db())
            .await
            .unwrap();
    let refused = [
        ("/api/profile/change_email", vec![("form[email]", "evil@evil.example")], StatusCode::FORBIDDEN),
        ("/api/profile/cancel_email", vec![], StatusCode::FORBIDDEN),
        ("/api/profile/rename", vec![("form[name]", "Evil")], StatusCode::FORBIDDEN),
        ("/api/signin/confirm", vec![("form[password]", crate::server::testing::PASSWORD)], StatusCode::FORBIDDEN),
        ("/api/signin/end_session", vec![("id", &*other.to_string().leak())], StatusCode::NOT_FOUND),
    ];
    for (path, form, status) in refused {
        let answer = inside.call(path, &form).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert_eq!(inside.call("/api/signin/end_other_sessions", &[]).await.status, StatusCode::OK);
    assert_eq!(at_home.query("/api/signin/shell").await.status, StatusCode::OK, "the person's own sessions go on");
    assert_eq!(inside.call("/api/signin/out", &[]).await.status, StatusCode::OK);
    assert_eq!(inside.query("/api/signin/shell").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn staff_that_comes_by_a_customers_provider_is_no_staff() {
    let acme = Acme::start().await;
    let owner = acme.app.owner().await;
    acme.verify(&owner, "foyer.example").await;
    let mia = acme.inside("s-mia", "mia@foyer.example").await;
    assert_eq!(mia.query("/api/signin/shell").await.json()["is_staff"], false);
    assert_eq!(mia.query("/api/staff/queue").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn provider_is_believed_about_its_customers_domains_only() {
    let acme = Acme::start().await;
    let before = acme.count("memberships").await;
    for email in
        ["owner@stranger.example", "mia@foyer.example", "a@sub.acme.example", "acme.example@evil.example", "nonsense", "a@gmail.com"]
    {
        let browser = acme.app.visitor();
        let answer = acme.come(&browser, Says::that("s-evil", email)).await;
        assert_eq!(failed(&answer), "address", "{email}");
        assert_eq!(browser.query("/api/signin/shell").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!((acme.count("memberships").await, acme.count("sso_identities").await), (before, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_in_is_fresh_when_the_provider_has_just_asked() {
    let acme = Acme::start().await;
    let key = [("form[name]", "CI")];
    let long_ago = (acme.app.now() - Duration::HOUR).unix_timestamp();
    for claim in [long_ago.into(), serde_json::Value::Null] {
        let browser = acme.app.visitor();
        acme.come(&browser, Says::that("s-dev", "developer@acme.example").with("auth_time", claim)).await;
        let answer = browser.call("/api/keys/create", &key).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
        let page = browser.get("/signin/confirm?next=/keys").await;
        assert!(page.text().contains("Continue to your provider"), "the provider is asked, not a password");
        let form = [("form[email]", "developer@acme.example"), ("form[next]", "/keys"), ("form[fresh]", "true")];
        let asked = browser.call("/api/sso/start", &form).await;
        assert!(asked.location().contains("prompt=login") && asked.location().contains("max_age=0"), "{}", asked.location());
        let back = acme.provider.sign_in(asked.location(), acme.app.now(), Says::that("s-dev", "developer@acme.example"));
        assert_eq!(browser.get(&back).await.location(), "/keys");
        assert_eq!(browser.call("/api/keys/create", &key).await.status, StatusCode::OK);
    }
}
