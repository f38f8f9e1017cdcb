use time::macros::datetime;

use super::*;
use crate::{server::testing::TestApp, usage::store_counters};

fn counter(number: u128) -> Counter {
    Counter::of(CustomerId::from(uuid::Uuid::from_u128(number)), datetime!(2026-11-25 09:00 UTC))
}

/// What Redis holds of the month of Stranger Ltd: free, 10,000 calls.
async fn counted(app: &TestApp) -> Option<String> {
    let name = Counter::of(app.stranger_customer(), app.now()).name();
    app.state().redis.get_many(&[name]).await.unwrap().remove(0)
}

/// Loses that counter, as an emptied Redis does.
async fn empty(app: &TestApp) {
    let (redis, name) = (&app.state().redis, Counter::of(app.stranger_customer(), app.now()).name());
    ::redis::cmd("DEL").arg(redis.key(&name)).exec_async(&mut redis.connection()).await.unwrap();
}

async fn take(meter: &Meter, app: &TestApp, cost: u32) -> i64 {
    let taken = meter.take(app.state(), app.stranger_customer(), Plan::Free, cost, app.now()).await;
    taken.unwrap_or_else(|left| panic!("{left:?}")).remaining
}

#[test]
fn months_begin_at_midnight_utc() {
    assert_eq!(first_of_next_month(datetime!(2026-11-25 09:00 UTC)), datetime!(2026-12-01 00:00 UTC));
    assert_eq!(first_of_next_month(datetime!(2026-12-31 23:59 UTC)), datetime!(2027-01-01 00:00 UTC));
}

#[test]
fn without_redis_the_last_known_sum_decides() {
    let (meter, unknown, known) = (Meter::new(), counter(1), counter(2));
    assert_eq!(meter.keep(unknown, 1_000_000, 10_000), Err(0), "more than the plan has is refused in any case");
    assert_eq!(meter.keep(unknown, 10_000, 10_000), Ok(10_000));
    assert_eq!(meter.keep(unknown, 1, 10_000), Err(10_000));
    meter.sums.insert(known, 9_999);
    assert_eq!(meter.keep(known, 1, 10_000), Ok(10_000));
    assert_eq!(meter.keep(known, 1, 10_000), Err(10_000));
    assert_eq!(meter.kept(), 10_001);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn process_that_starts_beside_an_emptied_redis_goes_on_from_what_was_stored() {
    let app = TestApp::start().await;
    assert_eq!(take(&Meter::new(), &app, 100).await, 9_900);
    store_counters(app.state()).await.unwrap();
    empty(&app).await;
    let (one, another) = (Meter::new(), Meter::new());
    assert_eq!(take(&one, &app, 0).await, 9_900, "asking counts nothing, and tells the truth");
    assert_eq!(take(&one, &app, 1).await, 9_899);
    assert_eq!(take(&another, &app, 1).await, 9_898, "it begins once");
    assert_eq!(counted(&app).await.as_deref(), Some("102"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn process_goes_on_from_what_it_saw_if_that_is_more_than_what_was_stored() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    take(&meter, &app, 100).await;
    store_counters(app.state()).await.unwrap();
    take(&meter, &app, 50).await;
    empty(&app).await;
    assert_eq!(take(&meter, &app, 1).await, 9_849);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_at_once_begin_a_counter_once_and_count_exactly() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    take(&meter, &app, 4_000).await;
    store_counters(app.state()).await.unwrap();
    empty(&app).await;
    let meter = Meter::new();
    let calls = (0..100).map(|_| meter.take(app.state(), app.stranger_customer(), Plan::Free, 200, app.now()));
    let taken = futures::future::join_all(calls).await;
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 30, "6,000 calls are 30 of 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counter_is_not_begun_by_guessing_while_postgresql_is_away() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    app.state().database.close().await;
    assert_eq!(take(&meter, &app, 7).await, 9_993);
    assert_eq!((meter.kept(), counted(&app).await), (7, None));
    assert_eq!(meter.settle(app.state()).await, Err(Away));
    assert_eq!((meter.kept(), counted(&app).await), (7, None), "kept until it is known what it is added to");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_kept_is_added_to_what_was_stored() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    take(&meter, &app, 100).await;
    store_counters(app.state()).await.unwrap();
    empty(&app).await;
    let meter = Meter::new();
    assert_eq!(meter.keep(Counter::of(app.stranger_customer(), app.now()), 5, 10_000), Ok(5));
    assert_eq!(meter.settle(app.state()).await, Ok(()));
    assert_eq!((meter.kept(), counted(&app).await.as_deref()), (0, Some("105")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn settlement_whose_answer_got_lost_counts_once() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    let stranger = Counter::of(app.stranger_customer(), app.now());
    assert_eq!(meter.keep(stranger, 5, 10_000), Ok(5));
    let batch = meter.next_batch(app.state()).unwrap();
    meter.send(app.state(), &batch).await.unwrap();
    // That answer was lost; meanwhile calls go on.
    assert_eq!(meter.keep(stranger, 2, 10_000), Ok(7), "what is under way is not forgotten");
    assert_eq!(meter.kept(), 7);
    assert_eq!(meter.settle(app.state()).await, Ok(()));
    assert_eq!((meter.kept(), counted(&app).await.as_deref()), (0, Some("7")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plan_that_was_used_up_without_redis_stays_so_when_redis_goes_away_again() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    let stranger = Counter::of(app.stranger_customer(), app.now());
    take(&meter, &app, 9_000).await;
    // Redis is away; it comes back, and nobody calls before it goes away again.
    assert_eq!(meter.keep(stranger, 1_000, 10_000), Ok(10_000));
    assert_eq!(meter.settle(app.state()).await, Ok(()));
    assert_eq!((meter.kept(), counted(&app).await.as_deref()), (0, Some("10000")));
    assert_eq!(meter.keep(stranger, 1, 10_000), Err(10_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn settlement_tells_what_others_counted_meanwhile() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    let stranger = Counter::of(app.stranger_customer(), app.now());
    assert_eq!(meter.keep(stranger, 5, 10_000), Ok(5));
    take(&Meter::new(), &app, 9_995).await;
    let batch = meter.next_batch(app.state()).unwrap();
    assert_eq!(meter.send(app.state(), &batch).await.unwrap()[&stranger], 10_000);
    // Sent again, it adds nothing, and tells the same.
    assert_eq!(meter.settle(app.state()).await, Ok(()));
    assert_eq!(meter.keep(stranger, 1, 10_000), Err(10_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn call_waits_a_second_for_its_turn_to_begin_a_counter_and_is_kept_then() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    let _turns = meter.beginning.acquire_many(BEGUN_AT_ONCE as u32).await.unwrap();
    let taken = tokio::time::timeout(2 * lookup::TIME_LIMIT, take(&meter, &app, 7)).await;
    assert_eq!((taken, meter.kept()), (Ok(9_993), 7));
}

/// Makes the counter of Stranger Ltd something that is no number.
async fn spoil(app: &TestApp, command: &str) {
    empty(app).await;
    let (redis, name) = (&app.state().redis, Counter::of(app.stranger_customer(), app.now()).name());
    ::redis::cmd(command).arg(redis.key(&name)).arg("many").exec_async(&mut redis.connection()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counter_that_holds_no_number_costs_nobody_else_the_exact_count() {
    let app = TestApp::start().await;
    for spoiling in ["SET", "RPUSH"] {
        let (meter, acme) = (Meter::new(), Counter::of(app.customer(), app.now()).name());
        spoil(&app, spoiling).await;
        assert_eq!(take(&meter, &app, 7).await, 9_993, "it goes on, by what is known here");
        let before = app.state().redis.get_many(std::slice::from_ref(&acme)).await.unwrap().remove(0);
        let before: i64 = before.map_or(0, |calls| calls.parse().unwrap());
        meter.take(app.state(), app.customer(), Plan::Pro, 5, app.now()).await.unwrap();
        let after = app.state().redis.get_many(&[acme]).await.unwrap().remove(0).unwrap();
        assert_eq!((meter.kept(), after.parse()), (7, Ok(before + 5)), "{spoiling}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plan_ends_although_its_counter_holds_no_number() {
    let (app, meter) = (TestApp::start().await, Meter::new());
    take(&meter, &app, 4_000).await;
    spoil(&app, "SET").await;
    for remaining in [3_000, 0] {
        assert_eq!(take(&meter, &app, 3_000).await, remaining);
        assert_eq!(meter.settle(app.state()).await, Ok(()));
    }
    let refused = meter.take(app.state(), app.stranger_customer(), Plan::Free, 1, app.now()).await;
    assert_eq!(refused.map_err(|left| left.remaining), Err(0));
    assert_eq!(counted(&app).await.as_deref(), Some("many"), "what is there is left to whoever put it there");
}
