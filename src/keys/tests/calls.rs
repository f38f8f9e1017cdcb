//! What the page of a key says about its calls.

use axum::http::StatusCode;
use time::Duration;

use super::{create, detail, record, rotate};
use crate::server::testing::TestApp;

/// Calls of one outcome in the last minute, each from an address of its own.
async fn record_many(app: &TestApp, id: &str, code: &str, addresses: i32) {
    sqlx::query(
        "INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at)
         SELECT $1, $2, date_trunc('hour', $5, 'UTC'), $3, '10.1.' || n / 256 || '.' || n % 256, 2, $5 FROM generate_series(1, $4) n",
    )
    .bind(app.customer())
    .bind(id)
    .bind(code)
    .bind(addresses)
    .bind(app.now() - Duration::minutes(1))
    .execute(app.db())
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_of_a_nightly_job_is_not_safe_to_revoke() {
    let app = TestApp::start().await;
    // The last 24 hours begin within an hour, and not with one.
    app.advance(Duration::minutes(15));
    let owner = app.owner().await;
    for (minutes_ago, idle) in [(23 * 60 + 30, false), (24 * 60 + 1, true)] {
        let (id, _) = create(&owner, "Nightly").await;
        assert_eq!(rotate(&owner, &id, "7d").await, StatusCode::OK);
        record(&app, &id, "valid", "203.0.113.7", 3, minutes_ago).await;
        let key = detail(&owner, &id).await;
        let old = &key["old_use"];
        assert_eq!((&old["idle"], old["verdict"].as_str().unwrap().starts_with("Safe to revoke")), (&idle.into(), idle), "{old}");
        assert_eq!(old["from"].as_array().unwrap().len(), usize::from(!idle), "{old}");
        assert!(idle || key["use_now"].as_str().unwrap().starts_with("Last used 23 hours ago; no calls since"), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_without_calls_says_so_instead_of_drawing_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "Shop").await;
    let page = owner.get(&format!("/keys/{id}")).await;
    assert!(page.text().contains("No calls yet.") && page.texts(".chart").is_empty());
    record(&app, &id, "forbidden", "203.0.113.7", 4, 60).await;
    let refused = owner.get(&format!("/keys/{id}")).await;
    assert!(refused.text().contains("No accepted calls in the last 24 hours.") && !refused.text().contains("No calls yet."));
    record(&app, &id, "valid", "203.0.113.7", 3, 60).await;
    assert_eq!(owner.get(&format!("/keys/{id}")).await.texts(".chart").len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_in_words_are_those_of_the_chart() {
    let app = TestApp::start().await;
    // The last 24 hours begin within an hour that the chart does not show.
    app.advance(Duration::minutes(15));
    let owner = app.owner().await;
    let (id, _) = create(&owner, "Shop").await;
    record(&app, &id, "valid", "203.0.113.7", 2, 23 * 60 + 50).await;
    record(&app, &id, "valid", "203.0.113.7", 3, 60).await;
    let key = detail(&owner, &id).await;
    let hours = key["hours"].as_array().unwrap();
    assert_eq!(hours.iter().map(|hour| hour[1].as_i64().unwrap()).sum::<i64>(), 3);
    let first = hours[0][0].as_str().unwrap();
    let said = key["use_now"].as_str().unwrap();
    assert!(said.contains("; 3 calls since ") && said.ends_with(&format!(", {first} UTC.")), "{said} {first}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_whose_calls_are_all_refused_is_not_safe_to_revoke() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for code in ["rate_limited", "over_limit", "wrong_scope", "wrong_address"] {
        for (minutes_ago, idle) in [(23 * 60, false), (25 * 60, true)] {
            let (id, _) = create(&owner, code).await;
            assert_eq!(rotate(&owner, &id, "7d").await, StatusCode::OK);
            record(&app, &id, code, "203.0.113.7", 40, minutes_ago).await;
            let key = detail(&owner, &id).await;
            let old = &key["old_use"];
            let addresses: Vec<_> = old["from"].as_array().unwrap().iter().map(|from| from["ip"].as_str().unwrap()).collect();
            let wanted: &[&str] = if idle { &[] } else { &["203.0.113.7"] };
            assert_eq!((&old["idle"], addresses.as_slice()), (&idle.into(), wanted), "{code}: {old}");
            assert!(!old["verdict"].as_str().unwrap().contains("ever used"), "{code}: {old}");
            let refused = "No call with it was ever let in. Refused in the last 24 hours: 40 calls.";
            assert!(idle || key["use_now"] == refused, "{code}: {key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_of_calls_let_in_and_refused_is_listed_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    rotate(&owner, &id, "7d").await;
    record(&app, &id, "valid", "203.0.113.7", 3, 10).await;
    record(&app, &id, "rate_limited", "203.0.113.7", 4, 5).await;
    let key = detail(&owner, &id).await;
    let from = key["old_use"]["from"].as_array().unwrap();
    assert_eq!((from.len(), &from[0]["count"]), (1, &"7 calls".into()), "{key}");
    let used = key["use_now"].as_str().unwrap();
    assert!(used.contains("3 calls since ") && used.ends_with(" Refused in the last 24 hours: 4 calls."), "{used}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn last_use_counts_where_no_call_is_recorded() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    rotate(&owner, &id, "7d").await;
    sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE key_id = $1")
        .bind(&id)
        .bind(app.now() - Duration::HOUR)
        .execute(app.db())
        .await
        .unwrap();
    assert_eq!(detail(&owner, &id).await["old_use"]["idle"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refusal_is_not_hidden_by_accepted_calls_from_many_addresses() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "Busy").await;
    rotate(&owner, &id, "7d").await;
    record(&app, &id, "wrong_scope", "198.51.100.4", 3, 600).await;
    record_many(&app, &id, "valid", 600).await;
    let key = detail(&owner, &id).await;
    assert_eq!((&key["refused"][0]["title"], &key["refused"][0]["count"]), (&"Scope missing".into(), &"3 calls".into()), "{key}");
    let old = &key["old_use"];
    assert_eq!((old["from"].as_array().unwrap().len(), &old["more"]), (10, &"and 591 more addresses".into()));
    assert!(owner.get(&format!("/keys/{id}")).await.text().contains("and 591 more addresses"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reason_is_not_hidden_by_another_with_many_addresses() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "Busy").await;
    record(&app, &id, "disabled", "198.51.100.4", 1, 600).await;
    record_many(&app, &id, "rate_limited", 600).await;
    let refused = detail(&owner, &id).await["refused"].clone();
    let seen = |index: usize| (refused[index]["title"].clone(), refused[index]["count"].clone(), refused[index]["more"].clone());
    assert_eq!(seen(0), ("Too many calls".into(), "1,200 calls".into(), "and 595 more addresses".into()));
    assert_eq!(seen(1), ("Disabled".into(), "1 call".into(), "".into()));
    assert!(owner.get(&format!("/keys/{id}")).await.text().contains("and 595 more addresses"));
}
