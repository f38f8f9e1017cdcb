//! A button that is pressed twice where there is no JavaScript to hold the second press back.

use axum::http::StatusCode;
use time::Duration;

use super::{create, detail, record};
use crate::{
    keys::model::{Brand, Secret},
    server::{
        entropy::sha256,
        testing::{Actor, Answer, TestApp},
    },
};

async fn submit(actor: &Actor, name: &str) -> Answer {
    actor.submit("/api/keys/create", &[("form[name]", name)], "/keys").await
}

async fn submit_rotation(actor: &Actor, id: &str, overlap: &str) -> Answer {
    actor.submit("/api/keys/rotate", &[("form[id]", id), ("form[overlap]", overlap)], &format!("/keys/{id}")).await
}

/// The hashes of the keys that are not revoked, the latest last.
async fn live(app: &TestApp) -> Vec<Vec<u8>> {
    sqlx::query_scalar("SELECT lookup_hash FROM api_keys WHERE status = 'active' ORDER BY created_at, rotated_to NULLS LAST")
        .fetch_all(app.db())
        .await
        .unwrap()
}

/// The hash of the secret in the page to which an answer leads.
async fn shown(actor: &Actor, answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text());
    let page = actor.follow(answer).await.text();
    let whole = |rest: &str| Some(format!("sk_live_{}", rest.get(..72)?)).filter(|text| Secret::parse(&Brand::default(), text).is_some());
    let secret = page.split("sk_live_").skip(1).find_map(whole).unwrap();
    sha256(secret.as_bytes()).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn button_pressed_twice_leaves_the_one_key_that_is_shown() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    submit(&owner, "CI").await;
    app.advance(Duration::seconds(1));
    let second = submit(&owner, "CI").await;
    assert_eq!(live(&app).await, [shown(&owner, &second).await]);
    let reason: String =
        sqlx::query_scalar("SELECT revoked_reason FROM api_keys WHERE status = 'revoked'").fetch_one(app.db()).await.unwrap();
    assert_eq!(reason, "The form was sent twice");
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created", "key.revoked", "key.created"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_presses_at_once_one_key_remains() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    futures::future::join_all((0..20).map(|_| submit(&owner, "CI"))).await;
    assert_eq!(live(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_the_same_form_sent_at_once_is_taken_for_the_second_press() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    submit(&owner, "CI").await;
    submit(&owner, "Other").await;
    submit(&admin, "CI").await;
    owner.submit("/api/keys/create", &[("form[name]", "CI"), ("form[environment]", "test")], "/keys").await;
    owner.submit("/api/keys/create", &[("form[name]", "CI"), ("form[calls_per_minute]", "5")], "/keys").await;
    owner.submit("/api/keys/create", &[("form[name]", "Other"), ("form[expiry]", "7d")], "/keys").await;
    assert_eq!(live(&app).await.len(), 6);
    app.advance(Duration::seconds(10));
    submit(&admin, "CI").await;
    assert_eq!(live(&app).await.len(), 7, "too late for a second press");
    // With JavaScript the button itself sends nothing twice.
    create(&owner, "Script").await;
    create(&owner, "Script").await;
    assert_eq!(live(&app).await.len(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_a_program_uses_is_not_taken_back() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    submit(&owner, "CI").await;
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    record(&app, &id, "valid", "203.0.113.7", 1, 0).await;
    submit(&owner, "CI").await;
    assert_eq!(live(&app).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn successor_is_not_taken_back_by_a_new_key_of_its_name() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    app.advance(Duration::minutes(1));
    submit_rotation(&owner, &id, "24h").await;
    submit(&owner, "CI").await;
    assert_eq!(live(&app).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_pressed_twice_leaves_the_one_successor_that_is_shown() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for overlap in ["24h", "now"] {
        app.advance(Duration::minutes(1));
        let (id, secret) = create(&owner, overlap).await;
        app.advance(Duration::minutes(1));
        submit_rotation(&owner, &id, overlap).await;
        let before = detail(&owner, &id).await;
        app.advance(Duration::seconds(1));
        let second = submit_rotation(&owner, &id, overlap).await;
        assert_eq!(second.location(), format!("/keys/{id}?done=key-rotated"));
        let shown = shown(&owner, &second).await;
        let old = detail(&owner, &id).await;
        assert_eq!(old["key"]["ends"]["iso"], before["key"]["ends"]["iso"], "the old key does not go on for longer");
        let both = [shown.clone(), sha256(secret.as_bytes()).to_vec()];
        let left = if overlap == "now" { &both[..1] } else { &both[..] };
        let live: Vec<Vec<u8>> = live(&app).await.into_iter().rev().take(left.len()).collect();
        assert_eq!(live, left);
        let successor: Vec<u8> = sqlx::query_scalar("SELECT lookup_hash FROM api_keys WHERE key_id = $1")
            .bind(old["key"]["successor"]["id"].as_str())
            .fetch_one(app.db())
            .await
            .unwrap();
        assert_eq!(successor, shown);
    }
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds[..4], ["key.created", "key.rotated", "key.revoked", "key.rotated"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_rotations_pressed_at_once_one_successor_remains() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    futures::future::join_all((0..20).map(|_| submit_rotation(&owner, &id, "24h"))).await;
    assert_eq!(live(&app).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_that_somebody_wants_otherwise_is_refused_as_before() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    submit_rotation(&owner, &id, "24h").await;
    for (overlap, seconds) in [("1h", 1), ("24h", 10)] {
        app.advance(Duration::seconds(seconds));
        let answer = submit_rotation(&owner, &id, overlap).await;
        assert!(owner.follow(&answer).await.text().contains("This key was rotated already."), "{overlap}");
    }
    assert_eq!(live(&app).await.len(), 2);
}
