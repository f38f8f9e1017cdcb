//! The most keys that work at once, and the last one that does.

use axum::http::StatusCode;
use time::Duration;

use super::{create, detail, post, revoke, rotate};
use crate::{
    ids::KeyId,
    keys::store,
    server::testing::{Answer, TestApp},
};

/// So many keys that work.
async fn fill(app: &TestApp, keys: i32) -> Vec<KeyId> {
    sqlx::query_scalar(
        "INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_at)
         SELECT 'key-' || lpad(to_hex(n), 12, '0'), $1, 'CI', '00000000', sha256(n::text::bytea), 'active', $2
           FROM generate_series(1, $3) n
         RETURNING key_id",
    )
    .bind(app.customer())
    .bind(app.now())
    .bind(keys)
    .fetch_all(app.db())
    .await
    .unwrap()
}

async fn working(app: &TestApp) -> i64 {
    let mut read = app.db().acquire().await.unwrap();
    store::count_accepted(&mut read, app.customer(), app.now()).await.unwrap()
}

fn succeeded(answers: &[Answer]) -> usize {
    assert!(answers.iter().all(|answer| matches!(answer.status, StatusCode::OK | StatusCode::CONFLICT)));
    answers.iter().filter(|answer| answer.status == StatusCode::OK).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_keys_at_once_one_is_the_two_hundredth() {
    let app = TestApp::start().await;
    fill(&app, 199).await;
    let owner = app.owner().await;
    let answers = futures::future::join_all((0..50).map(|_| owner.call("/api/keys/create", &[("form[name]", "CI")]))).await;
    assert_eq!((succeeded(&answers), working(&app).await), (1, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_keys_rotated_at_once_one_is_the_two_hundredth() {
    let app = TestApp::start().await;
    let keys = fill(&app, 199).await;
    let owner = app.owner().await;
    let rotations = keys.iter().take(50).map(|id| {
        let (owner, id) = (&owner, id.as_str());
        async move { owner.call("/api/keys/rotate", &[("form[id]", id), ("form[overlap]", "24h")]).await }
    });
    let answers = futures::future::join_all(rotations).await;
    assert_eq!((succeeded(&answers), working(&app).await), (1, 200));
    let refused = answers.iter().find(|answer| answer.status == StatusCode::CONFLICT).unwrap();
    assert!(refused.text().contains("Stop it now, or revoke a key"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chain_of_rotations_does_not_pass_the_limit() {
    let app = TestApp::start().await;
    fill(&app, 199).await;
    let owner = app.owner().await;
    let mut last = "key-0000000000c7".to_owned();
    assert_eq!(rotate(&owner, &last, "7d").await, StatusCode::OK);
    last = detail(&owner, &last).await["key"]["successor"]["id"].as_str().unwrap().to_owned();
    assert_eq!(rotate(&owner, &last, "1h").await, StatusCode::CONFLICT, "200 keys work");
    // Nothing was changed by the refusal, and a rotation that stops the old key replaces it.
    assert_eq!(detail(&owner, &last).await["key"]["state"], "Active");
    assert_eq!(rotate(&owner, &last, "now").await, StatusCode::OK);
    assert_eq!(working(&app).await, 200);
    // What has ended makes room; what is only switched off does not, because it can be switched on.
    last = detail(&owner, &last).await["key"]["successor"]["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&owner, "disable", "key-000000000001").await, StatusCode::OK);
    assert_eq!(rotate(&owner, &last, "1h").await, StatusCode::CONFLICT);
    app.advance(Duration::days(7));
    let owner = app.owner().await;
    assert_eq!((working(&app).await, rotate(&owner, &last, "1h").await), (199, StatusCode::OK));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_takes_the_last_live_key_away_is_told_before() {
    const WARNING: &str = "This is the last key that works in live";
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (first, _) = create(&owner, "First").await;
    let test = [("form[name]", "Test"), ("form[environment]", "test")];
    assert_eq!(owner.call("/api/keys/create", &test).await.status, StatusCode::OK);
    let page = owner.get(&format!("/keys/{first}")).await.text();
    assert_eq!(page.matches(WARNING).count(), 2, "before it is revoked, and before it is disabled: {page}");
    let test = owner.query("/api/keys/list?environment=test").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(detail(&owner, &test).await["is_last"], false, "no live call needs it");

    let (second, _) = create(&owner, "Second").await;
    assert!(!owner.get(&format!("/keys/{first}")).await.text().contains(WARNING));
    for stopped in ["disabled", "revoked"] {
        if stopped == "disabled" {
            post(&owner, "disable", &second).await
        } else {
            revoke(&owner, &second).await
        };
        assert_eq!(detail(&owner, &first).await["is_last"], true, "the other is {stopped}");
        assert_eq!(detail(&owner, &second).await["is_last"], false, "it stopped already");
    }
    assert_eq!(revoke(&owner, &first).await, StatusCode::OK, "a key that leaked has to go, the last one too");
}
