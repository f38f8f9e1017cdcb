//! What is changed anywhere is true everywhere within a second.

use axum::http::StatusCode;
use serde_json::json;
use time::Duration;

use super::{POLLED, Saas, insert, key};
use crate::{
    server::{database::Scope, testing::TestApp},
    verification::records,
};

/// Within this time a change is to be known with Redis up.
const AT_ONCE: std::time::Duration = std::time::Duration::from_secs(1);

/// How long something takes: the first of three attempts within the limit, or the last. What else runs on the machine may hold up
/// one of them.
async fn within(limit: std::time::Duration, attempt: impl AsyncFn(u8) -> std::time::Duration) -> std::time::Duration {
    let mut took = std::time::Duration::MAX;
    for number in 1..=3 {
        took = attempt(number).await;
        if took < limit {
            break;
        }
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_somebody_revokes_in_the_portal_is_refused_at_once() {
    let saas = Saas::start().await;
    let developer = saas.app.developer().await;
    // Until the portal listens for announcements a change takes up to a second.
    saas.warm_up().await;
    let attempt = async |number: u8| {
        let text = developer.call("/api/keys/create", &[("form[name]", "CI")]).await.json()["secret"].as_str().unwrap().to_owned();
        // A key of which nobody tells becomes known when the portal asks by itself. Until it does so again, nearly a second passes.
        assert_eq!(saas.code(json!({ "key": key(number) })).await, "not_found");
        insert(&saas.app, saas.app.customer(), &key(number)).await;
        saas.until(&key(number), "valid").await;
        // Only now, because then it also forgot what it knew of a key that was new.
        let id = saas.verdict(json!({ "key": text })).await["key_id"].as_str().unwrap().to_owned();
        developer.call("/api/keys/revoke", &[("form[id]", &id), ("form[reason]", "Leaked")]).await;
        saas.until(&text, "revoked").await
    };
    let took = within(AT_ONCE / 2, attempt).await;
    assert!(took < AT_ONCE / 2, "{took:?}: the announcement was not heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_that_hold_every_connection_delay_no_revocation_and_no_new_key() {
    let saas = Saas::of(TestApp::start().await.with_connections(2)).await;
    saas.warm_up().await;
    let database = &saas.app.state().database;
    let _pages = futures::future::try_join(database.begin(Scope::Nobody), database.begin(Scope::Nobody)).await.unwrap();
    let attempt = async |number: u8| {
        let id = insert(&saas.app, saas.app.customer(), &key(number)).await;
        assert_eq!(saas.code(json!({ "key": key(number) })).await, "valid", "keys are looked up");
        saas.sql("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", &id).await;
        saas.app.state().redis.announce_change();
        saas.until(&key(number), "revoked").await
    };
    let took = within(AT_ONCE, attempt).await;
    assert!(took < AT_ONCE, "{took:?}");
    let (_, token) = saas.app.service_token(&["keys:verify"]).await;
    let answer = saas.backend.post_json("/v1/keys/verify", &token, json!({ "key": key(1) }).to_string()).await;
    assert_eq!(answer.status, 200, "service tokens, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn table_that_somebody_locks_keeps_no_process_from_hearing_of_changes() {
    let saas = Saas::start().await;
    let (id, token) = saas.app.service_token(&["keys:verify"]).await;
    saas.warm_up().await;
    let mut holder = saas.app.db().begin().await.unwrap();
    sqlx::query("LOCK TABLE api_keys IN ACCESS EXCLUSIVE MODE").execute(&mut *holder).await.unwrap();
    // More look-ups than there are connections, each of which waits for the table.
    for _ in 0..6 {
        assert_eq!(saas.ask(json!({ "key": key(1) })).await.status, 503, "it cannot be looked up");
    }
    assert_eq!(saas.backend.post_json("/v1/keys/verify", &token, json!({ "key": "" }).to_string()).await.status, 200);
    saas.app.revoke_service_token(id).await;
    saas.until_status(&token, "", StatusCode::UNAUTHORIZED).await;
    holder.rollback().await.unwrap();
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_did_not_exist_verifies_as_soon_as_it_is_made() {
    let saas = Saas::start().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "not_found");
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "not_found", "remembered");
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    assert!(saas.until(&key(1), "valid").await < POLLED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_changed_past_the_portal_is_known_within_the_ceiling() {
    let saas = Saas::start().await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    saas.sql("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", &id).await;
    assert!(saas.until(&key(1), "revoked").await < POLLED, "nobody announced it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_in_a_transaction_that_takes_long_to_commit_is_not_missed() {
    let saas = Saas::start().await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    let mut transaction = saas.app.db().begin().await.unwrap();
    sqlx::query("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1")
        .bind(&id)
        .execute(&mut *transaction)
        .await
        .unwrap();
    // Others commit meanwhile, and are asked for.
    for number in 2..5 {
        insert(&saas.app, saas.app.customer(), &key(number)).await;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    }
    transaction.commit().await.unwrap();
    assert!(saas.until(&key(1), "revoked").await < POLLED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn end_of_a_key_needs_no_announcement() {
    let saas = Saas::start().await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.sql("UPDATE api_keys SET expires_at = '2026-11-23 09:01' WHERE key_id = $1", &id).await;
    let verdict = saas.verdict(json!({ "key": key(1) })).await;
    assert_eq!((&verdict["code"], &verdict["expires_at"]), (&json!("valid"), &json!("2026-11-23T09:01:00Z")));
    saas.app.advance(Duration::MINUTE);
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_plan_and_the_end_of_an_account_reach_its_keys() {
    let saas = Saas::start().await;
    let stranger = saas.app.stranger_customer();
    let id = insert(&saas.app, stranger, &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 20_000 })).await, "over_limit");
    sqlx::query("UPDATE customers SET plan = 'pro' WHERE customer_id = $1").bind(stranger).execute(saas.app.db()).await.unwrap();
    assert!(saas.until_asked(&json!({ "key": key(1), "cost": 20_000 }), "valid").await < POLLED);
    sqlx::query("UPDATE customers SET status = 'closed' WHERE customer_id = $1").bind(stranger).execute(saas.app.db()).await.unwrap();
    assert!(saas.until(&key(1), "revoked").await < POLLED);
    // What was recorded of the key has been written by then, and goes with it.
    tokio::time::sleep(2 * records::INTERVAL).await;
    saas.sql("WITH calls AS (DELETE FROM key_calls WHERE key_id = $1) DELETE FROM api_keys WHERE key_id = $1", &id).await;
    assert!(saas.until(&key(1), "not_found").await < POLLED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn service_token_that_is_revoked_elsewhere_is_refused() {
    let saas = Saas::start().await;
    let (id, token) = saas.app.service_token(&["keys:verify"]).await;
    saas.warm_up().await;
    assert_eq!(saas.backend.post_json("/v1/keys/verify", &token, json!({ "key": key(1) }).to_string()).await.status, 200);
    saas.app.revoke_service_token(id).await;
    saas.until_status(&token, &key(1), StatusCode::UNAUTHORIZED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn process_that_is_cut_off_from_postgresql_hears_that_a_service_token_was_revoked() {
    let saas = Saas::start().await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    let (id, token) = saas.app.service_token(&["keys:verify"]).await;
    let status = || async { saas.backend.post_json("/v1/keys/verify", &token, json!({ "key": key(1) }).to_string()).await.status };
    saas.warm_up().await;
    assert_eq!(status().await, 200);
    saas.app.state().disconnect().await;
    tokio::time::sleep(std::time::Duration::from_millis(6_000)).await;
    assert_eq!(status().await, 200, "as long as nothing is announced");
    saas.app.revoke_service_token(id).await;
    saas.until_status(&token, &key(1), StatusCode::SERVICE_UNAVAILABLE).await;
}
