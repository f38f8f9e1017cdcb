//! Another password, by whoever knows the one they have.

use super::*;
use crate::{
    access::Role,
    server::testing::{Actor, Answer},
};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reset_password_stands_in_the_trail_of_every_company() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Member).await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    let visitor = app.visitor().at("203.0.113.7");
    let reset = async |password: &str| visitor.call("/api/signin/reset", &[("form[token]", &token), ("form[password]", password)]).await;
    assert_eq!(reset("short").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reset(NEW).await.status, StatusCode::OK);
    assert_eq!(reset("another otter sings").await.status, StatusCode::CONFLICT);
    for customer in [app.customer(), app.stranger_customer()] {
        let rows: Vec<(String, String, String, String)> =
            sqlx::query_as("SELECT kind, subject, actor_name, ip FROM audit_events WHERE customer_id = $1")
                .bind(customer)
                .fetch_all(app.db())
                .await
                .unwrap();
        let expected = ("password.reset", "owner@acme.example", "Owner of Acme", "203.0.113.7");
        assert_eq!(rows, [(expected.0.to_owned(), expected.1.to_owned(), expected.2.to_owned(), expected.3.to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_belongs_to_no_company_resets_their_password_all_the_same() {
    let app = TestApp::start().await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "mia@foyer.example")]).await;
    let token = reset_token(&app).await;
    let chosen = [("form[token]", token.as_str()), ("form[password]", NEW)];
    assert_eq!(app.visitor().call("/api/signin/reset", &chosen).await.status, StatusCode::OK);
    assert_eq!(app.visitor().call("/api/signin/in", &form("mia@foyer.example", NEW, "")).await.status, StatusCode::OK);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_events").fetch_one(app.db()).await.unwrap();
    assert_eq!(rows, 0, "only the log tells");
}
