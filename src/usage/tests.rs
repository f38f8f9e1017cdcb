use axum::http::StatusCode;
use time::Duration;

use super::model::Metric;
use crate::{
    access::Role,
    server::{config::SecretText, testing::TestApp},
};

/// Sets a counter of Acme for the running month.
async fn count(app: &TestApp, metric: Metric, value: &str) {
    let redis = &app.state().redis;
    let name = metric.counter_name(app.customer(), app.now().date());
    let mut connection = redis.connection();
    redis::cmd("SET").arg(redis.key(&name)).arg(value).exec_async(&mut connection).await.unwrap();
}

/// Stores a day of API calls of Acme.
async fn store_day(app: &TestApp, days_ago: i64, calls: i64) {
    store_day_of(app, Metric::ApiCalls, days_ago, calls).await;
}

async fn store_day_of(app: &TestApp, metric: Metric, days_ago: i64, quantity: i64) {
    sqlx::query("INSERT INTO usage_daily (customer_id, metric, day, quantity) VALUES ($1, $2, $3, $4)")
        .bind(app.customer())
        .bind(metric.as_str())
        .bind((app.now() - Duration::days(days_ago)).date())
        .bind(quantity)
        .execute(app.db())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn meters_show_the_counters_of_the_month() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "450000").await;
    count(&app, Metric::StorageMb, "31400").await;
    let page = app.owner().await.get("/usage").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "450K / 500K (90%)",
        "31.4 GB / 50 GB (62%)",
        "5 / 50 (10%)",
        "Upgrade to Enterprise",
        "At this pace you reach the limit about 25 Nov. Starts again on 1 Dec.",
        "Refreshes by itself.",
    ] {
        assert!(page.text().contains(text), "{text} is missing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_below_the_calls_says_where_the_month_ends_and_when_the_next_begins() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (calls, line) in [
        ("0", "Starts again on 1 Dec."),
        ("360000", "At this pace about 482,000 by 30 Nov. Starts again on 1 Dec."),
        ("500000", "Starts again on 1 Dec."),
        ("520000", "Starts again on 1 Dec."),
    ] {
        count(&app, Metric::ApiCalls, calls).await;
        for page in ["/", "/usage"] {
            let page = owner.get(page).await;
            assert_eq!(page.texts(".usage-meters .meter:first-child .meter-foot .muted"), [line], "{calls}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_who_is_invited_takes_a_seat_on_every_page_until_the_invitation_ends() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert!(!owner.get("/usage").await.text().contains("of them invited"));
    let invitation = [("form[email]", "nora@acme.example"), ("form[role]", "member")];
    assert_eq!(owner.call("/api/team/invite", &invitation).await.status, StatusCode::OK);
    for (path, texts) in [
        ("/", ["6 / 50 (12%)", "1 of them invited"]),
        ("/usage", ["6 / 50 (12%)", "1 of them invited"]),
        ("/billing", ["6 of 50 people", ", 1 of them invited"]),
        ("/team", ["6 / 50 (12%)", "5 people and 1 open invitation."]),
    ] {
        let page = owner.get(path).await;
        assert!(texts.iter().all(|text| page.text().contains(text)), "{path}");
    }
    app.advance(time::Duration::days(31));
    let owner = app.owner().await;
    assert!(owner.get("/usage").await.text().contains("5 / 50 (10%)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn missing_counters_are_zero() {
    let app = TestApp::start().await;
    let meters = app.member().await.query("/api/usage/meters").await;
    assert_eq!(meters.status, StatusCode::OK);
    assert_eq!(meters.json()["used"], serde_json::json!({ "api_calls": 0, "storage_mb": 0, "members": 5, "invited": 0 }));
    assert!(meters.json()["stored"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_that_redis_has_lost_go_on_from_what_was_stored() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "450000").await;
    count(&app, Metric::StorageMb, "31400").await;
    super::store_counters(app.state()).await.unwrap();
    let mut connection = app.state().redis.connection();
    for metric in Metric::ALL {
        let name = app.state().redis.key(&metric.counter_name(app.customer(), app.now().date()));
        redis::cmd("DEL").arg(name).exec_async(&mut connection).await.unwrap();
    }
    let owner = app.owner().await;
    let meters = owner.query("/api/usage/meters").await.json();
    assert_eq!((&meters["used"]["api_calls"], &meters["used"]["storage_mb"]), (&450_000.into(), &31_400.into()));
    assert!(meters["stored"].is_null(), "verification goes on from there, too");
    assert!(owner.get("/").await.text().contains("450K / 500K (90%)"));
    app.advance(Duration::days(8));
    let meters = app.owner().await.query("/api/usage/meters").await.json();
    assert_eq!(meters["used"]["api_calls"], 0, "what is stored of a month is not that of the next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn next_month_starts_at_zero() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "450000").await;
    app.advance(Duration::days(8));
    let meters = app.owner().await.query("/api/usage/meters").await;
    assert_eq!(meters.json()["used"]["api_calls"], 0);
}

/// A portal that cannot reach Redis.
async fn without_redis() -> TestApp {
    TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_the_stored_values_are_shown_with_their_age() {
    let app = without_redis().await;
    sqlx::query(
        "INSERT INTO usage_snapshots (customer_id, metric, period, quantity, seen_at) VALUES ($1, 'api_calls', '2026-11', 123456, $2)",
    )
    .bind(app.customer())
    .bind(app.now() - Duration::minutes(20))
    .execute(app.db())
    .await
    .unwrap();
    let owner = app.owner().await;
    for path in ["/usage", "/"] {
        let page = owner.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text().contains("123.4K / 500K (24%)"), "{path}");
        assert!(page.text().contains("Live usage cannot be read right now. These are the values of 20 minutes ago"), "{path}");
        assert!(!page.text().contains("At this pace"), "{path}: how many there are by now is not known");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_and_stored_values_the_page_says_so() {
    let app = without_redis().await;
    let page = app.owner().await.get("/usage").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("no earlier value is stored"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_stored_values_are_left_alone() {
    let app = without_redis().await;
    super::store_counters(app.state()).await.unwrap();
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM usage_snapshots").fetch_one(app.db()).await.unwrap();
    assert_eq!(stored, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_are_stored_again_without_doubling() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "10").await;
    super::store_counters(app.state()).await.unwrap();
    count(&app, Metric::ApiCalls, "11").await;
    super::store_counters(app.state()).await.unwrap();
    let stored: Vec<(String, i64)> = sqlx::query_as("SELECT metric, quantity FROM usage_snapshots").fetch_all(app.db()).await.unwrap();
    assert_eq!(stored, [("api_calls".to_owned(), 11)], "a counter that does not exist is not stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stored_calls_of_a_month_never_become_fewer_and_stored_megabytes_do() {
    let app = TestApp::start().await;
    for (calls, megabytes) in [("450000", "31400"), ("7", "640")] {
        count(&app, Metric::ApiCalls, calls).await;
        count(&app, Metric::StorageMb, megabytes).await;
        super::store_counters(app.state()).await.unwrap();
    }
    let stored: Vec<(String, i64)> =
        sqlx::query_as("SELECT metric, quantity FROM usage_snapshots ORDER BY metric").fetch_all(app.db()).await.unwrap();
    assert_eq!(stored, [("api_calls".to_owned(), 450_000), ("storage_mb".to_owned(), 640)]);
    let months = [(app.stranger_customer(), app.now().date()), (app.customer(), app.now().date())];
    assert_eq!(super::stored_calls(app.state(), &months).await.unwrap(), [0, 450_000]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_adds_up_months_of_days() {
    let app = TestApp::start().await;
    for (days_ago, calls) in [(0, 100), (1, 1_000), (30, 20_000), (40, 300_000), (380, 4_000_000), (500, 7)] {
        store_day(&app, days_ago, calls).await;
    }
    let usage = app.owner().await.query("/api/usage/find").await.json();
    assert_eq!((&usage["this_month"]["api_calls"], usage["this_month"]["days"].as_array().unwrap().len()), (&1_100.into(), 23));
    assert_eq!((&usage["last_month"]["api_calls"], usage["last_month"]["days"].as_array().unwrap().len()), (&320_000.into(), 31));
    let months = usage["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[0]["label"], &months[0]["api_calls"]), (13, &"Nov 2025".into(), &4_000_000.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn storage_of_a_month_is_read_as_in_its_meter() {
    let app = TestApp::start().await;
    count(&app, Metric::StorageMb, "31400").await;
    store_day_of(&app, Metric::StorageMb, 0, 31_400).await;
    store_day_of(&app, Metric::StorageMb, 30, 640).await;
    let page = app.owner().await.get("/usage").await;
    assert!(page.text().contains("31.4 GB / 50 GB (62%)"));
    let stored = page.texts("td[data-label='Storage at the end']");
    assert_eq!(stored[..3], ["31.4 GB", "640 MB", "0 MB"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_sees_usage_and_only_billing_roles_the_upgrade() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "499999").await;
    for role in Role::ALL {
        let page = app.person(role).await.get("/usage").await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        let may = matches!(role, Role::Owner | Role::Admin | Role::Billing);
        assert_eq!(page.texts(".usage-advice a[href='/billing/plan?to=enterprise']").len(), usize::from(may), "{role}");
    }
    assert_eq!(app.visitor().query("/api/usage/meters").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.visitor().query("/api/usage/find").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_usage_is_not_ours() {
    let app = TestApp::start().await;
    count(&app, Metric::ApiCalls, "450000").await;
    store_day(&app, 0, 77).await;
    let usage = app.stranger().await.query("/api/usage/find").await.json();
    assert_eq!((&usage["meters"]["used"]["api_calls"], &usage["this_month"]["api_calls"]), (&0.into(), &0.into()));
}
