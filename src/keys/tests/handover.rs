//! The secret of a new key on its way to the next page, where there is no JavaScript.

use axum::http::StatusCode;
use serde_json::Value;
use time::Duration;

use crate::{
    access::Role,
    server::testing::{Actor, PASSWORD, TestApp},
};

const COOKIE: &str = "foyer-once";

/// Makes a key by a plain form, and leaves the page that follows unopened.
async fn make(person: &Actor, name: &str) {
    let answer = person.submit("/api/keys/create", &[("form[name]", name)], "/keys").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/keys"));
    assert!(!person.cookie(COOKIE).is_empty());
}

/// What the page of keys hands over.
async fn created(person: &Actor) -> Value {
    person.query("/api/keys/list").await.json()["created"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_of_a_key_is_shown_to_nobody_else() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    make(&owner, "CI").await;
    let once = owner.cookie(COOKIE);
    assert!(!once.contains("sk_live_"), "{once}");
    for other in [app.stranger().await, app.admin().await, app.owner().await] {
        other.set_cookie(COOKIE, &once);
        assert_eq!(created(&other).await, Value::Null, "{}", other.email);
    }
    assert_eq!(created(&owner).await["name"], "CI");
    assert_eq!(created(&owner).await, Value::Null, "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_of_a_key_is_not_shown_at_another_company() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Owner).await;
    make(&owner, "CI").await;
    let once = owner.cookie(COOKIE);
    let there = app.stranger_customer().to_string();
    assert_eq!(owner.call("/api/signin/switch", &[("customer_id", &there)]).await.status, StatusCode::OK);
    assert_eq!(owner.cookie(COOKIE), "", "it goes with the switch");
    owner.set_cookie(COOKIE, &once);
    assert_eq!(created(&owner).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_of_a_key_goes_when_somebody_signs_in_or_out() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    make(&owner, "First").await;
    assert_eq!(owner.submit("/api/signin/out", &[], "/keys").await.status, StatusCode::FOUND);
    assert_eq!(owner.cookie(COOKIE), "", "out");
    let owner = app.owner().await;
    make(&owner, "Second").await;
    let form = [("form[email]", "owner@stranger.example"), ("form[password]", PASSWORD), ("form[next]", "/keys")];
    assert_eq!(owner.call("/api/signin/in", &form).await.status, StatusCode::OK);
    assert_eq!(owner.cookie(COOKIE), "", "in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_is_shown_with_the_name_of_its_key() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    make(&owner, "Made here").await;
    app.advance(Duration::seconds(1));
    let later = admin.call("/api/keys/create", &[("form[name]", "Made elsewhere")]).await;
    assert_eq!(later.status, StatusCode::OK, "{}", later.text());
    let list = owner.query("/api/keys/list").await.json();
    assert_eq!((&list["keys"]["rows"][0]["name"], &list["created"]["name"]), (&"Made elsewhere".into(), &"Made here".into()));
}
