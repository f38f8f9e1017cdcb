//! What a page costs.
//!
//! The rollback that ends the transaction of a page does not count, because nobody waits for it: a dropped transaction only
//! notes it, and a task of the pool sends it when the connection is given back, beside the answer (`server/scope.rs`
//! `CloseAtEnd`). `dashboard_asks_both_stores_side_by_side` would take one round trip longer otherwise.

use std::time::{Duration, Instant};

use crate::server::testing::{Actor, RedisWire, TestApp};

/// Opens a page before it is measured: that prepares the statements, on the one connection that there is.
async fn warm_up(person: &Actor, path: &str) {
    for _ in 0..2 {
        person.get(path).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What the portal asked PostgreSQL until the answer was there, on whatever connection. Each round trip takes a while, so that
/// what follows the rollback on its connection is not sent before the answer was looked at.
async fn waited_for(app: &TestApp, person: &Actor, path: &str) -> Vec<String> {
    // What an earlier request has left to be done comes first.
    app.wire().delay(Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(200)).await;
    app.wire().clear();
    app.wire().delay(Duration::from_millis(100));
    person.get(path).await;
    app.wire().round_trips().into_iter().filter(|text| text != "ROLLBACK").collect()
}

/// Measures up to three times, until it is as expected. A rollback that comes late lets the pool open another connection, on which
/// statements have to be prepared first.
async fn assert_measured(measure: impl AsyncFn() -> Vec<String>, expected: &[&str]) {
    for _ in 0..2 {
        if measure().await == expected {
            return;
        }
    }
    assert_eq!(measure().await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_keys_waits_for_three_round_trips() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    warm_up(&owner, "/keys").await;
    // Where there is none, whether there ever was one.
    let page = async || waited_for(&app, &owner, "/keys").await;
    assert_measured(page, &["BEGIN READ ONLY", "statement", "statement", "statement"]).await;
    owner.call("/api/keys/create", &[("form[name]", "CI")]).await;
    assert_measured(page, &["BEGIN READ ONLY", "statement", "statement"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dashboard_waits_for_three_round_trips_to_postgresql_and_one_to_redis() {
    let redis = RedisWire::listen().await;
    let app = TestApp::start_with(|config| config.redis_url = redis.url()).await;
    let owner = app.owner().await;
    warm_up(&owner, "/").await;
    let page = async || {
        redis.clear();
        [waited_for(&app, &owner, "/").await, redis.round_trips()].concat()
    };
    assert_measured(page, &["BEGIN READ ONLY", "statement", "statement", "MGET"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dashboard_asks_both_stores_side_by_side() {
    const DELAY: Duration = Duration::from_millis(400);
    const LIMIT: Duration = Duration::from_millis(1_500);
    let redis = RedisWire::listen().await;
    let app = TestApp::start_with(|config| config.redis_url = redis.url()).await;
    let owner = app.owner().await;
    warm_up(&owner, "/").await;
    redis.delay(DELAY);
    app.wire().delay(DELAY);
    // The fastest of several, because the machine does other things as well.
    let mut fastest = Duration::MAX;
    for _ in 0..6 {
        let started = Instant::now();
        let page = owner.get("/").await;
        fastest = fastest.min(started.elapsed());
        assert!(page.text().contains("API calls"));
        if fastest < LIMIT {
            break;
        }
        // The rollback and what follows it.
        tokio::time::sleep(3 * DELAY).await;
    }
    assert!(fastest >= 3 * DELAY, "{fastest:?}: the delays count");
    assert!(fastest < LIMIT, "{fastest:?}: three round trips to PostgreSQL, and Redis meanwhile");
}
