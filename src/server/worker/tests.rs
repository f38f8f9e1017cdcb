//! The worker, over real PostgreSQL and Redis: what happens when either of them, or a worker, goes away.

use redis::AsyncCommands;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;
use crate::server::{
    config::{MailConfig, SecretText, SmtpConfig},
    mailer::Mailer,
    outbox::{BACKOFF, Notification, REQUEUE_AFTER},
    redis::Redis,
    testing::TestApp,
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
    let (sent, failed, attempts, payload) = sqlx::query_as(
        "SELECT sent_at IS NOT NULL, failed_at IS NOT NULL, attempts, payload FROM outbox WHERE outbox_id = $1",
    )
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

#[tokio::test]
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

#[tokio::test]
async fn entry_of_another_system_is_sent_once() {
    let app = TestApp::start().await;
    let mut entry = reset("olivia@northwind.example");
    entry["type"] = json!("password_reset");
    push(&app, &entry.to_string()).await;
    push(&app, &entry.to_string()).await;
    app.run_worker().await;
    assert_eq!(recipients(&app), ["olivia@northwind.example"]);
}

#[tokio::test]
async fn entries_that_are_no_notification_stop_nothing() {
    let app = TestApp::start().await;
    let unknown = r#"{"type":"carrier_pigeon","email":"a@b.example"}"#;
    for entry in ["", "{", "[]", "null", "{}", r#"{"type":1}"#, r#"{"type":"password_reset"}"#, unknown, r#"{"id":"00000000-0000-0000-0000-000000000000"}"#] {
        push(&app, entry).await;
    }
    notify(&app, reset("olivia@northwind.example")).await;
    app.run_worker().await;
    assert_eq!(recipients(&app), ["olivia@northwind.example"]);
    assert_eq!(queue_length(&app).await, 0);
}

#[tokio::test]
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

#[tokio::test]
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

#[tokio::test]
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

#[tokio::test]
async fn worker_stopped_between_push_and_commit_causes_no_second_mail() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    push(&app, &json!({ "type": "password_reset", "id": id }).to_string()).await;
    app.run_worker().await;
    assert_eq!(recipients(&app).len(), 1);
    assert_eq!(queue_length(&app).await, 0);
}

#[tokio::test]
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

#[tokio::test]
async fn running_worker_stops_when_it_is_told() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(run(app.state().clone(), stop.clone()));
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if stored(&app, id).await.sent {
            break;
        }
    }
    stop.cancel();
    running.await.unwrap();
    assert!(stored(&app, id).await.sent);
}

/// A worker whose mails go to the mail server at this port.
fn with_mail_server(app: &TestApp, port: u16) -> AppState {
    let config = MailConfig::Smtp(SmtpConfig { url: SecretText::new(format!("smtp://127.0.0.1:{port}")), from: "Foyer <portal@foyer.example>".to_owned() });
    let mut state = app.state().clone();
    state.mailer = Mailer::new(&config, &state.database).unwrap();
    state
}

#[tokio::test]
async fn failed_mail_is_tried_again_ever_later_and_given_up() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let state = with_mail_server(&app, 1);
    for (failures, wait) in (1..).zip(BACKOFF) {
        run_once(&state).await.unwrap();
        run_once(&state).await.unwrap();
        let row = stored(&app, id).await;
        assert_eq!((row.attempts, row.failed), (failures, false));
        app.advance(wait);
    }
    run_once(&state).await.unwrap();
    let row = stored(&app, id).await;
    assert!(row.failed && row.attempts == 8 && row.payload == json!({}));
    app.run_worker().await;
    assert!(recipients(&app).is_empty());
}

/// A mail server for one conversation: answers RCPT as told and hands over what it was sent.
async fn mail_server(answer_to_rcpt: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let conversation = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.split();
        let mut lines = BufReader::new(reader).lines();
        let (mut heard, mut in_data) = (String::new(), false);
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.as_str() {
                "." => {
                    in_data = false;
                    "250 kept\r\n"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                line if line.starts_with("RCPT") => answer_to_rcpt,
                "QUIT" => break,
                _ => "250 fine\r\n",
            };
            writer.write_all(answer.as_bytes()).await.unwrap();
            if answer.starts_with("250 kept") || answer.starts_with("550") {
                break;
            }
        }
        heard
    });
    (port, conversation)
}

#[tokio::test]
async fn mail_server_is_handed_the_mail_with_its_lasting_id() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let (port, conversation) = mail_server("250 fine\r\n").await;
    run_once(&with_mail_server(&app, port)).await.unwrap();
    let heard = conversation.await.unwrap();
    assert!(heard.contains("RCPT TO:<olivia@northwind.example>"), "{heard}");
    assert!(heard.contains(&format!("Message-ID: <{id}@foyer.example>")), "{heard}");
    assert!(stored(&app, id).await.sent);
}

#[tokio::test]
async fn mail_to_an_unknown_mailbox_is_not_tried_again() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("nobody@northwind.example")).await;
    let (port, conversation) = mail_server("550 no such mailbox\r\n").await;
    run_once(&with_mail_server(&app, port)).await.unwrap();
    conversation.await.unwrap();
    let row = stored(&app, id).await;
    assert!(row.failed && !row.sent && row.payload == json!({}));
}

#[tokio::test]
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

#[tokio::test]
async fn development_inbox_shows_mails_as_they_were_sent() {
    let app = TestApp::start().await;
    let mut state = app.state().clone();
    state.mailer = Mailer::new(&MailConfig::DevelopmentInbox, &state.database).unwrap();
    let mut payload = reset("olivia@northwind.example");
    payload["name"] = json!("<script>alert(1)</script>");
    let id = notify(&app, payload).await;
    run_once(&state).await.unwrap();
    let visitor = app.visitor();
    let list = visitor.get("/dev/mail").await.text();
    assert!(list.contains("olivia@northwind.example") && list.contains(&id.to_string()), "{list}");
    for path in [format!("/dev/mail/{id}"), format!("/dev/mail/{id}/html")] {
        let answer = visitor.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
        assert!(answer.text().contains("href=\"http://127.0.0.1:3000/reset/5ec2e7\""), "{}", answer.text());
    }
    let html = visitor.get(&format!("/dev/mail/{id}/html")).await;
    assert!(html.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    assert_eq!(visitor.get("/dev/mail/00000000-0000-0000-0000-000000000000").await.status, 404);
    assert_eq!(visitor.get("/dev/mail/x").await.status, 404);
}

#[tokio::test]
async fn development_inbox_does_not_exist_in_real_use() {
    let smtp = SmtpConfig { url: SecretText::new("smtp://127.0.0.1:1"), from: "Foyer <portal@foyer.example>".to_owned() };
    let app = TestApp::start_with(|config| config.mail = MailConfig::Smtp(smtp)).await;
    assert_eq!(app.visitor().get("/dev/mail").await.status, 404);
}
