//! Mails before the end of a key.

use axum::http::StatusCode;
use time::Duration;

use super::post;
use crate::{keys::announce_ends, server::testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_and_developers_are_told_before_the_end_once_for_each_notice() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (name, expiry) in [("CI", "30d"), ("Short", "1d")] {
        assert_eq!(owner.call("/api/keys/create", &[("form[name]", name), ("form[expiry]", expiry)]).await.status, StatusCode::OK);
    }
    let told = |app: &TestApp| app.sent_mails().iter().filter(|mail| mail.subject.contains("expires")).count();
    app.run_worker().await;
    assert_eq!(told(&app), 0, "whoever makes a key for a day knows");
    for (days, mails) in [(16, 2), (0, 2), (7, 4), (6, 6), (0, 6), (1, 6)] {
        app.advance(Duration::days(days));
        futures::future::join_all((0..4).map(|_| announce_ends(app.state()))).await.into_iter().for_each(Result::unwrap);
        app.run_worker().await;
        assert_eq!(told(&app), mails, "after {days} more days");
    }
    assert!(app.sent_mails().iter().any(|mail| mail.text.contains("No call with it was ever accepted")));
    assert_eq!(app.audit_kinds(app.customer()).await.iter().filter(|kind| *kind == "key.end_announced").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotated_key_is_not_announced() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI"), ("form[expiry]", "30d")]).await.status, StatusCode::OK);
    app.advance(Duration::days(29) + Duration::hours(1));
    let owner = app.owner().await;
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    let form = [("form[id]", id.as_str()), ("form[overlap]", "7d"), ("form[expiry]", "never")];
    assert_eq!(owner.call("/api/keys/rotate", &form).await.status, StatusCode::OK);
    app.run_worker().await;
    assert!(!app.sent_mails().iter().any(|mail| mail.subject.contains("expires")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn end_of_a_disabled_key_is_announced_as_such() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI"), ("form[expiry]", "30d")]).await.status, StatusCode::OK);
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&owner, "disable", &id).await, StatusCode::OK);
    app.advance(Duration::days(24));
    announce_ends(app.state()).await.unwrap();
    app.run_worker().await;
    let mails = app.sent_mails();
    let mail = mails.iter().find(|mail| mail.subject == "API key expires within 7 days: CI").unwrap();
    assert!(mail.text.contains("It is disabled"), "{}", mail.text);
}
