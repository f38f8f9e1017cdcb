//! One connection serves one customer after the other, and nothing of the one is left for the next: also when a request
//! ends in the middle of its transaction, while a statement waits for a lock.

use std::time::Duration;

use axum::http::StatusCode;
use futures::FutureExt;
use sqlx::{Postgres, Transaction};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::server::{
    database::Scope,
    testing::{Actor, TestApp},
};

/// A portal with one connection, in which Acme has a trail.
async fn start() -> (TestApp, Actor) {
    let app = TestApp::start().await.with_connections(1);
    let owner = app.owner().await;
    assert_eq!(owner.call("/api/profile/rename", &[("form[name]", "Olivia")]).await.status, StatusCode::OK);
    (app, owner)
}

/// Lets every change of Acme wait at its last statement, the one that writes the trail, until this transaction ends.
async fn hold_up(app: &TestApp) -> Transaction<'static, Postgres> {
    let mut transaction = app.db().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM audit_heads WHERE customer_id = $1 FOR UPDATE")
        .bind(app.customer())
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    transaction
}

/// How many connections the portal has to its database, how many of them are in a transaction, and how many wait for a
/// lock. Every transaction holds a lock on its own number; locks are shown to every role.
async fn connections(app: &TestApp) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT count(DISTINCT a.pid), count(DISTINCT a.pid) FILTER (WHERE l.locktype = 'virtualxid'), count(DISTINCT a.pid) FILTER (WHERE NOT l.granted)
           FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid
          WHERE a.datname = current_database() AND a.usename = 'foyer_app'",
    )
    .fetch_one(app.db())
    .await
    .unwrap()
}

/// Waits until the connections are as expected.
async fn until(app: &TestApp, expected: (i64, i64, i64)) {
    for _ in 0..500 {
        if connections(app).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(connections(app).await, expected, "connections, in a transaction, waiting for a lock");
}

async fn until_one_waits(app: &TestApp) {
    until(app, (1, 1, 1)).await;
}

/// What the next user of the connection finds: nobody's settings, and a transaction of its own that may write.
async fn assert_clean(app: &TestApp) {
    let mut transaction = app.state().database.begin(Scope::Nobody).await.unwrap();
    let (customer, scope, read_only, keys): (String, String, String, i64) = sqlx::query_as(
        "SELECT COALESCE(current_setting('app.customer_id', true), ''), COALESCE(current_setting('app.scope', true), ''),
                current_setting('transaction_read_only'), (SELECT count(*) FROM api_keys)",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert_eq!((customer.as_str(), scope.as_str(), read_only.as_str(), keys), ("", "", "off", 0));
    transaction.rollback().await.unwrap();
    // What was given up before it began may begin and end only now.
    until(app, (1, 0, 0)).await;
}

/// Nothing of the request that was given up is stored, and the stranger on the same connection meets nothing of Acme.
async fn assert_nothing_happened(app: &TestApp) {
    assert_clean(app).await;
    let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys").fetch_one(app.db()).await.unwrap();
    assert_eq!(keys, 0);
    assert_eq!(app.audit_kinds(app.customer()).await, ["profile.renamed"]);
    let mails: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(app.db()).await.unwrap();
    assert_eq!(mails, 0);
    let stranger = app.stranger().await;
    let list = stranger.query("/api/keys/list").await;
    assert_eq!((list.status, &list.json()["keys"]["total"]), (StatusCode::OK, &0.into()));
    assert!(stranger.get("/").await.text().contains("Stranger Ltd"));
    assert_clean(app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn request_given_up_while_its_transaction_begins_leaves_nothing_on_its_connection() {
    let (app, _) = start().await;
    for _ in 0..20 {
        // Asked once and dropped: nearly always before the database has answered.
        drop(app.state().database.begin(Scope::Customer(app.customer())).now_or_never());
        assert_clean(&app).await;
        drop(app.state().database.begin_session(&[0; 32], app.now(), true).now_or_never());
        assert_clean(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn request_given_up_in_mid_transaction_leaves_nothing_on_its_connection() {
    let (app, owner) = start().await;
    let held = hold_up(&app).await;
    let request = tokio::spawn(async move { owner.call("/api/keys/create", &[("form[name]", "CI")]).await });
    until_one_waits(&app).await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    held.rollback().await.unwrap();
    assert_nothing_happened(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn browser_that_goes_away_in_mid_transaction_leaves_nothing_on_its_connection() {
    let (app, owner) = start().await;
    let address = app.listen().await;
    let held = hold_up(&app).await;
    let mut browser = TcpStream::connect(address).await.unwrap();
    let body = "form[name]=CI";
    let request = format!(
        "POST /api/keys/create HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nSec-Fetch-Site: same-origin\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nCookie: foyer={}\r\n\r\n{body}",
        body.len(),
        owner.cookie("foyer"),
    );
    browser.write_all(request.as_bytes()).await.unwrap();
    until_one_waits(&app).await;
    drop(browser);
    // From outside nobody sees when the server has noticed: the connection to the database goes on waiting for its lock.
    tokio::time::sleep(Duration::from_secs(2)).await;
    held.rollback().await.unwrap();
    assert_nothing_happened(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn customers_staff_and_errors_follow_one_another_on_one_connection() {
    let (app, owner) = start().await;
    let (stranger, mia) = (app.stranger().await, app.staff().await);
    for _ in 0..3 {
        assert!(owner.get("/").await.text().contains("Acme"));
        assert_clean(&app).await;
        assert!(!stranger.get("/").await.text().contains("Acme"));
        assert_eq!(mia.get("/staff/tickets").await.status, StatusCode::OK);
        assert_clean(&app).await;
        let mut failed = app.state().database.begin(Scope::Customer(app.customer())).await.unwrap();
        assert!(sqlx::query("SELECT 1 / 0").execute(&mut *failed).await.is_err());
        drop(failed);
        assert_clean(&app).await;
        drop(app.state().database.begin(Scope::Worker).await.unwrap());
        drop(app.state().database.begin(Scope::Snapshot(app.customer())).await.unwrap());
        assert_clean(&app).await;
    }
}
