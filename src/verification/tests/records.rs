//! Records, while somebody else holds what they belong to.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Postgres, Transaction};

use super::{Saas, insert, key};
use crate::{
    ids::KeyId,
    verification::{rates::minute_name, records},
};

/// Begins to hold rows, until the transaction ends.
async fn hold(saas: &Saas, statement: &'static str) -> Transaction<'static, Postgres> {
    let mut holder = saas.app.db().begin().await.unwrap();
    sqlx::query(statement).bind(key(1)).execute(&mut *holder).await.unwrap();
    holder
}

/// Holds the row of the first key.
async fn hold_key(saas: &Saas) -> Transaction<'static, Postgres> {
    hold(saas, "SELECT 1 FROM api_keys WHERE lookup_hash = sha256($1::text::bytea) FOR UPDATE").await
}

impl Saas {
    /// How many calls of a key are recorded, and whether its last use is.
    async fn recorded(&self, id: &KeyId) -> (i64, bool) {
        sqlx::query_as(
            "SELECT (SELECT COALESCE(sum(calls), 0)::bigint FROM key_calls WHERE key_id = $1), last_used_at IS NOT NULL
               FROM api_keys WHERE key_id = $1",
        )
        .bind(id)
        .fetch_one(self.app.db())
        .await
        .unwrap()
    }

    async fn until_recorded(&self, id: &KeyId, expected: i64) {
        let began = Instant::now();
        while self.recorded(id).await != (expected, true) {
            assert!(began.elapsed() < 5 * records::INTERVAL, "{:?}", self.recorded(id).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until Redis was told of so many calls in this minute.
    async fn until_told(&self, id: &KeyId, expected: i64) {
        let (began, redis) = (Instant::now(), &self.app.state().redis);
        let name = redis.key(&minute_name(id, self.app.now().unix_timestamp() / 60));
        while ::redis::cmd("HVALS").arg(&name).query_async::<Vec<i64>>(&mut redis.connection()).await.unwrap() != [expected] {
            assert!(began.elapsed() < 5 * records::INTERVAL, "calls of a minute are not exchanged");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_somebody_holds_keeps_no_other_waiting_and_is_recorded_afterwards() {
    let saas = Saas::start().await;
    let (held, other) = (insert(&saas.app, saas.app.customer(), &key(1)).await, insert(&saas.app, saas.app.customer(), &key(2)).await);
    saas.sql("UPDATE api_keys SET calls_per_minute = 100 WHERE key_id = $1", &other).await;
    let holder = hold_key(&saas).await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    // What waits for the row waits by now.
    tokio::time::sleep(2 * records::INTERVAL).await;
    for _ in 0..2 {
        assert_eq!(saas.code(json!({ "key": key(2) })).await, "valid");
    }
    saas.until_recorded(&other, 2).await;
    saas.until_told(&other, 2).await;
    assert_eq!(saas.recorded(&held).await, (0, false));
    holder.rollback().await.unwrap();
    saas.until_recorded(&held, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_of_a_plan_keeps_no_records_waiting() {
    let saas = Saas::start().await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    let holder = hold(&saas, "SELECT 1 FROM customers WHERE $1 <> '' FOR UPDATE").await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    saas.until_recorded(&id, 1).await;
    holder.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn process_that_stops_writes_what_it_can_and_waits_for_nobody_for_ever() {
    let saas = Saas::start().await;
    let (held, other) = (insert(&saas.app, saas.app.customer(), &key(1)).await, insert(&saas.app, saas.app.customer(), &key(2)).await);
    let _holder = hold_key(&saas).await;
    for number in [1, 2] {
        assert_eq!(saas.code(json!({ "key": key(number) })).await, "valid");
    }
    let stopped = tokio::time::timeout(2 * records::LAST_WRITE, saas.app.state().background.finish()).await;
    assert!(stopped.is_ok(), "it still waits");
    assert_eq!((saas.recorded(&held).await, saas.recorded(&other).await), ((0, false), (1, true)));
}
