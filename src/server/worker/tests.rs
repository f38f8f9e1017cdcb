//! The worker, over real PostgreSQL and Redis: what happens when either of them, or a worker, goes away.

mod mails;

use redis::AsyncCommands;
use serde_json::json;

use super::*;
use crate::server::{
    config::SecretText,
    outbox::{Notification, REQUEUE_AFTER},
    redis::Redis,
    testing::{TestApp, until},
};

fn reset(email: &str) -> Value {
    json!({ "email": email, "name": "Olivia", "resetUrl": "http://127.0.0.1:3000/reset/5ec2e7" })
}

/// Puts a notification into the outbox as a commit does.
async fn notify(app: &TestApp, payload: Value) -> Uuid {
    let id = app.state().entropy.uuid(app.now());
    let mut connection = app.db().acquire().await.unwrap();
    outbox::insert(&mut connection, None, &Notification::new("password_reset", payload), app.now(), id).await.unwrap();
    id
}

struct Stored {
    sent: bool,
    failed: bool,
    attempts: i32,
    payload: Value,
}

async fn stored(app: &TestApp, id: Uuid) -> Stored {
    let (sent, failed, attempts, payload) =
        sqlx::query_as("SELECT sent_at IS NOT NULL, failed_at IS NOT NULL, attempts, payload FROM outbox WHERE outbox_id = $1")
            .bind(id)
            .fetch_one(app.db())
            .await
            .unwrap();
    Stored { sent, failed, attempts, payload }
}

async fn push(app: &TestApp, entry: &str) {
    let redis = &app.state().redis;
    redis.connection().rpush::<_, _, ()>(redis.key(Queue::NAME), entry).await.unwrap();
}

async fn queue_length(app: &TestApp) -> usize {
    let redis = &app.state().redis;
    redis.connection().llen(redis.key(Queue::NAME)).await.unwrap()
}

fn recipients(app: &TestApp) -> Vec<String> {
    let mut recipients: Vec<String> = app.sent_mails().into_iter().map(|mail| mail.to).collect();
    recipients.sort();
    recipients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notification_is_sent_once_and_its_secret_forgotten() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    app.run_worker().await;
    app.run_worker().await;
    assert_eq!(recipients(&app), ["olivia@northwind.example"]);
    let row = stored(&app, id).await;
    assert!(row.sent && row.payload == json!({}));
    assert_eq!(queue_length(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn entry_of_another_system_is_sent_once() {
    let app = TestApp::start().await;
    let entry = r#"{"type":"team_invite","email":"carla@northwind.example","inviteUrl":"http://127.0.0.1:3000/invite/0123"}"#;
    push(&app, entry).await;
    push(&app, entry).await;
    app.run_worker().await;
    assert_eq!(recipients(&app), ["carla@northwind.example"]);
    assert!(app.sent_mails()[0].text.contains("http://127.0.0.1:3000/invite/0123"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn entries_that_are_no_notification_stop_nothing() {
    let app = TestApp::start().await;
    let unknown = r#"{"type":"carrier_pigeon","email":"a@b.example"}"#;
    for entry in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"type":1}"#,
        r#"{"type":"password_reset"}"#,
        unknown,
        r#"{"id":"00000000-0000-0000-0000-000000000000"}"#,
    ] {
        push(&app, entry).await;
    }
    notify(&app, reset("olivia@northwind.example")).await;
    app.run_worker().await;
    assert_eq!(recipients(&app), ["olivia@northwind.example"]);
    assert_eq!(queue_length(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_when_redis_is_emptied() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    assert_eq!(Worker::new(app.state()).relay().await.unwrap(), 1);
    let redis = &app.state().redis;
    redis.connection().del::<_, ()>(redis.key(Queue::NAME)).await.unwrap();
    app.run_worker().await;
    assert!(!stored(&app, id).await.sent, "not yet: the queue may only be slow");
    app.advance(REQUEUE_AFTER);
    app.run_worker().await;
    assert!(stored(&app, id).await.sent);
    assert_eq!(recipients(&app).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notifications_wait_while_redis_is_away() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let mut away = app.state().clone();
    away.redis = Redis::connect(&SecretText::new("redis://127.0.0.1:1/"), "").unwrap();
    assert!(matches!(run_once(&away).await, Err(WorkerError::Redis(_))));
    assert!(!stored(&app, id).await.sent);
    app.run_worker().await;
    assert!(stored(&app, id).await.sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_side_by_side_send_each_notification_once() {
    let app = TestApp::start().await;
    let mut expected: Vec<String> = (0..60).map(|number| format!("person{number}@northwind.example")).collect();
    expected.sort();
    for email in &expected {
        notify(&app, reset(email)).await;
    }
    for outcome in join_all((0..2).map(|_| run_once(app.state()))).await {
        outcome.unwrap();
    }
    assert_eq!(recipients(&app), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn worker_stopped_between_push_and_commit_causes_no_second_mail() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    push(&app, &json!({ "type": "password_reset", "id": id }).to_string()).await;
    app.run_worker().await;
    assert_eq!(recipients(&app).len(), 1);
    assert_eq!(queue_length(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_dead_worker_had_in_hand_is_found_again() {
    let app = TestApp::start().await;
    let mut entry = reset("olivia@northwind.example");
    entry["type"] = json!("password_reset");
    push(&app, &entry.to_string()).await;
    let dead = Worker::new(app.state());
    dead.queue.beat().await.unwrap();
    assert!(dead.queue.take().await.unwrap().is_some());
    app.run_worker().await;
    assert!(recipients(&app).is_empty(), "it may still be alive");
    dead.queue.forget_heartbeat().await.unwrap();
    app.run_worker().await;
    assert_eq!(recipients(&app), ["olivia@northwind.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn running_worker_stops_when_it_is_told() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(run(app.state().clone(), stop.clone()));
    until("sent", Duration::from_secs(10), async || stored(&app, id).await.sent).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ended_sessions_and_old_notifications_are_cleared_away() {
    let app = TestApp::start().await;
    app.owner().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    app.run_worker().await;
    app.advance(time::Duration::days(3));
    app.run_worker().await;
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 0);
    assert!(stored(&app, id).await.sent, "kept for 30 days");
    app.advance(time::Duration::days(28));
    app.run_worker().await;
    let notifications: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(app.db()).await.unwrap();
    assert_eq!(notifications, 0);
}
