//! Another password, by whoever knows the one they have.

use super::*;
use crate::server::testing::{Actor, Answer};

const NEW: &str = "violet otter sings";

async fn change(person: &Actor, current: &str, new: &str) -> Answer {
    person.call("/api/signin/change_password", &[("form[current]", current), ("form[password]", new)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_knows_the_password_changes_it_and_goes_on_alone() {
    let app = TestApp::start().await;
    let (owner, elsewhere) = (app.owner().await, app.owner().await);
    let before = owner.copy();
    assert_eq!(change(&owner, PASSWORD, NEW).await.status, StatusCode::OK);
    assert_eq!(owner.query("/api/home/find").await.status, StatusCode::OK);
    for ended in [before, elsewhere] {
        assert_eq!(ended.query("/api/home/find").await.status, StatusCode::UNAUTHORIZED);
    }
    let old = app.visitor().call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = app.visitor().call("/api/signin/in", &form("owner@acme.example", NEW, "")).await;
    assert_eq!(new.status, StatusCode::OK);
    assert_eq!(app.audit_kinds(app.customer()).await, ["password.changed", "session.started"]);
    app.run_worker().await;
    let mail = app.sent_mails().pop().unwrap();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("owner@acme.example", "Your password was changed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_empty_and_common_passwords_change_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (current, new, field) in [
        ("", NEW, "current"),
        ("not the password", NEW, "current"),
        (PASSWORD, "short", "password"),
        (PASSWORD, "password1234", "password"),
    ] {
        let answer = change(&owner, current, new).await;
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], field, "{current} {new}: {}", answer.text());
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
    assert_eq!(app.visitor().call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn open_browser_is_no_way_to_guess_the_password() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for _ in 0..5 {
        assert_eq!(change(&owner, "not the password", NEW).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(change(&owner, PASSWORD, NEW).await.status, StatusCode::TOO_MANY_REQUESTS);
}
