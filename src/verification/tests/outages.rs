//! PostgreSQL or Redis away.

use serde_json::json;

use super::{Saas, insert, key};
use crate::server::{config::SecretText, testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_keys_verify_are_counted_and_end_in_time() {
    let saas = Saas::of(TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await).await;
    let id = insert(&saas.app, saas.app.stranger_customer(), &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 10_000 })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 1 })).await, "over_limit", "by what this process counted");
    saas.sql("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", &id).await;
    let took = saas.until(&key(1), "revoked").await;
    assert!(took < 5_000, "{took} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_postgresql_known_keys_verify_and_others_are_not_guessed_at() {
    let saas = Saas::start().await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.warm_up().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(2) })).await, "not_found");
    saas.app.state().database.close().await;
    tokio::time::sleep(std::time::Duration::from_millis(6_000)).await;
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 1 })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(2) })).await, "not_found", "nobody made one meanwhile");
    let answer = saas.ask(json!({ "key": key(3) })).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (503, Some("unavailable")), "never seen here");
    assert_eq!(answer.headers["retry-after"], "1");
    // Somebody elsewhere changed something that this process cannot read: from here on it does not know.
    saas.app.state().redis.announce_change();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(saas.ask(json!({ "key": key(1) })).await.status, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_both_a_process_says_that_it_does_not_know() {
    let saas = Saas::of(TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await).await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.warm_up().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    saas.app.state().database.close().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid", "confirmed a moment ago");
    tokio::time::sleep(std::time::Duration::from_millis(6_000)).await;
    assert_eq!(saas.ask(json!({ "key": key(1) })).await.status, 503);
}
