//! PostgreSQL or Redis away.

use axum::http::{StatusCode, header};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::server::{config::SecretText, testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_notices_a_restart_of_the_database() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    // Several connections, all of which then die.
    futures::future::join_all((0..8).map(|_| owner.get("/keys"))).await;
    app.wire().cut();
    // The sockets close in the background.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    for _ in 0..10 {
        assert_eq!(owner.get("/keys").await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_its_database_the_portal_says_so_and_when_to_come_back() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.state().database.close().await;
    let page = owner.get("/keys").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("The portal cannot reach its data right now. Nothing was changed."));
    assert_eq!(page.headers[header::RETRY_AFTER], "30");
    let answer = owner.call("/api/keys/create", &[("form[name]", "CI")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers[header::RETRY_AFTER], "30");
    assert_eq!(owner.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(owner.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn database_that_lets_nobody_in_counts_as_away() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let close: String = sqlx::query_scalar("SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS false', current_database())")
        .fetch_one(app.db())
        .await
        .unwrap();
    // Nobody closes the database that they are in.
    let elsewhere = (*app.db().connect_options()).clone().database("postgres");
    PgConnection::connect_with(&elsewhere).await.unwrap().execute(AssertSqlSafe(close)).await.unwrap();
    let page = owner.get("/keys").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("The portal cannot reach its data right now. Nothing was changed."));
    let answer = owner.call("/api/keys/create", &[("form[name]", "CI")]).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::SERVICE_UNAVAILABLE, "Unavailable".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_waits_once_for_a_database_that_does_not_answer() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.wire().fall_silent();
    // It asks for the session, the page's data and the frame's.
    let page = owner.get("/keys").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("The portal cannot reach its data right now. Nothing was changed."));
    assert_eq!(app.wire().attempts(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_people_sign_in_and_make_keys() {
    let app = TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await;
    let visitor = app.visitor();
    let form = [("form[email]", "owner@acme.example"), ("form[password]", crate::server::testing::PASSWORD)];
    assert_eq!(visitor.call("/api/signin/in", &form).await.status, StatusCode::OK);
    assert_eq!(visitor.call("/api/keys/create", &[("form[name]", "CI")]).await.status, StatusCode::OK);
    let ready = visitor.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK, "Redis away only degrades");
    assert!(ready.text().contains("\"redis\":\"away\""));
}
