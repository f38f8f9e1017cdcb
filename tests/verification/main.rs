//! Verification over whole processes: two `foyer serve` over one PostgreSQL and one Redis, which are stopped, emptied and killed
//! on the way. The test starts a PostgreSQL and a Redis of its own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

#[path = "../../examples/demo_service/gate.rs"]
mod gate;
#[path = "../../examples/demo_service/portal.rs"]
mod portal;
mod product;
#[path = "../../examples/demo_service/service.rs"]
mod service;
mod world;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use world::{Node, World};

/// What the announcement of a change is allowed to take.
const ANNOUNCED: Duration = Duration::from_secs(1);

/// The ceiling, whatever is away.
const CEILING: Duration = Duration::from_secs(5);

/// Revokes a key on one node; how long the other goes on accepting it.
async fn time_until_refused(world: &World, here: &Node, there: &Node) -> Duration {
    let (id, key) = world.create_key(here).await;
    wait_for(there, &key, "valid", CEILING).await;
    world.revoke_key(here, &id).await;
    let began = Instant::now();
    wait_for(there, &key, "revoked", CEILING + ANNOUNCED).await;
    let took = began.elapsed();
    // From here on it stays refused, everywhere.
    assert_eq!(here.code(&key).await, "revoked");
    took
}

/// Of several keys that were revoked one after the other: what else the machine does may hold up one of them, to the ceiling at most.
fn assert_announced(took: &[Duration], when: &str) {
    let late = took.iter().filter(|took| **took >= ANNOUNCED).count();
    assert!(late <= 1 && took.iter().all(|took| *took < CEILING), "{took:?} {when}");
}

async fn wait_for(node: &Node, key: &str, code: &str, longest: Duration) {
    let began = Instant::now();
    loop {
        let now = node.code(key).await;
        if now == code {
            return;
        }
        assert!(began.elapsed() < longest, "{now} and not {code} after {longest:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_revoked_on_one_node_is_refused_on_the_other_whatever_happens_to_redis() {
    let mut world = World::start().await;
    let (one, two) = (world.serve().await, world.serve().await);
    for node in [&one, &two] {
        node.code("sk_live_").await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut took = vec![];
    for _ in 0..5 {
        took.push(time_until_refused(&world, &one, &two).await);
    }
    assert_announced(&took, "with Redis up");
    world.stop_redis();
    for _ in 0..2 {
        let took = time_until_refused(&world, &one, &two).await;
        assert!(took < CEILING, "{took:?} with Redis away");
    }
    // It comes back empty.
    world.start_redis().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    took.clear();
    for _ in 0..3 {
        took.push(time_until_refused(&world, &two, &one).await);
    }
    assert_announced(&took, "after Redis came back");
    took.clear();
    for _ in 0..3 {
        world.empty_redis().await;
        took.push(time_until_refused(&world, &one, &two).await);
    }
    assert_announced(&took, "after Redis was emptied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_disabled_on_one_node_is_refused_on_the_other_until_it_is_enabled() {
    let mut world = World::start().await;
    let (one, two) = (world.serve().await, world.serve().await);
    let (id, key) = world.create_key(&one).await;
    wait_for(&two, &key, "valid", CEILING).await;
    let mut took = vec![];
    for _ in 0..3 {
        for (here, there, to, code) in [(&one, &two, "disable", "disabled"), (&two, &one, "enable", "valid")] {
            world.switch_key(here, to, &id).await;
            let began = Instant::now();
            wait_for(there, &key, code, CEILING + ANNOUNCED).await;
            took.push(began.elapsed());
        }
    }
    assert_announced(&took, "for a key that is disabled and enabled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_both_nodes_count_against_one_plan_and_one_minute() {
    let mut world = World::start().await;
    let (one, two) = (world.serve().await, world.serve().await);
    let (_, key) = world.create_key(&one).await;
    // Free: 10,000 calls.
    let mut codes = vec![];
    for number in 0..12 {
        let node = if number % 2 == 0 { &one } else { &two };
        codes.push(node.verify(json!({ "key": key, "cost": 1_000 })).await.1["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(codes.iter().filter(|code| *code == "valid").count(), 10, "{codes:?}");
    let (id, key) = world.create_key(&one).await;
    world.sql("UPDATE api_keys SET calls_per_minute = 20 WHERE key_id = $1", &id).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    wait_for_a_minute_with_at_least(Duration::from_secs(35)).await;
    // Each lets through what is left until it has heard of the other, so the second knows of the key before the first uses it up.
    let first = valid_of(&two, &key, 1).await;
    let here = valid_of(&one, &key, 100).await;
    assert!(first == 1 && (19..=20).contains(&here), "{first} and then {here} of 100 calls");
    // Each question counts, too. With so few of them it does not reach the limit by itself.
    let mut asked = 1;
    while asked < 10 && valid_of(&two, &key, 1).await > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        asked += 1;
    }
    assert_eq!(valid_of(&two, &key, 100).await, 0, "the other has heard of them");
}

/// How many of these calls are let in.
async fn valid_of(node: &Node, key: &str, calls: usize) -> usize {
    let mut valid = 0;
    for _ in 0..calls {
        valid += usize::from(node.code(key).await == "valid");
    }
    valid
}

/// Waits until so much of the clock's minute is left.
#[expect(clippy::disallowed_methods, reason = "the processes go by the machine's clock")]
async fn wait_for_a_minute_with_at_least(left: Duration) {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() % 60;
    if passed + left.as_secs() > 60 {
        tokio::time::sleep(Duration::from_secs(61 - passed)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_keys_verify_while_postgresql_is_stopped_and_all_others_after_it() {
    let mut world = World::start().await;
    let node = world.serve().await;
    let (_, known) = world.create_key(&node).await;
    let (_, unused) = world.create_key(&node).await;
    node.code("sk_live_").await;
    // What was remembered before the process began to listen is forgotten.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(node.code(&known).await, "valid");
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.stop_postgresql();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(9) {
        let (status, verdict) = node.verify(json!({ "key": known, "cost": 1 })).await;
        assert_eq!((status, verdict["code"].as_str()), (200, Some("valid")), "after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(node.verify(json!({ "key": unused })).await.0, 503, "never seen here");
    world.start_postgresql();
    wait_for_answer(&node, &unused).await;
    assert_eq!(node.code(&unused).await, "valid");
    assert_eq!(node.code(&known).await, "valid");
}

async fn wait_for_answer(node: &Node, key: &str) {
    for _ in 0..100 {
        if node.verify(json!({ "key": key })).await.0 == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no answer after 10 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_is_killed_loses_the_records_of_three_seconds_at_most_and_one_that_stops_none() {
    let mut world = World::start().await;
    let mut node = world.serve().await;
    let (id, key) = world.create_key(&node).await;
    for _ in 0..30 {
        assert_eq!(node.code(&key).await, "valid");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    for _ in 0..7 {
        node.verify(json!({ "key": key, "cost": 1 })).await;
    }
    node.kill();
    let recorded = world.recorded_calls(&id).await;
    assert!((30..=37).contains(&recorded), "{recorded} of 37 calls");
    assert_eq!(world.counted_calls().await, 7, "what counts against the plan is not kept back");
    let node = world.serve().await;
    for _ in 0..5 {
        assert_eq!(node.code(&key).await, "valid");
    }
    node.stop();
    assert_eq!(world.recorded_calls(&id).await, recorded + 5);
}
