//! Passkeys as their people use them, and as those try who should not.

use axum::http::StatusCode;
use serde_json::Value;
use time::Duration;

use crate::server::{
    mailer::Mail,
    testing::{Actor, Answer, TestApp},
};

mod authenticator;
mod managing;
mod proving;

use authenticator::Authenticator;

/// A portal at an address at which browsers have passkeys.
async fn portal() -> TestApp {
    TestApp::start_with(|config| config.app_url = "http://localhost:3000".parse().unwrap()).await
}

/// What the browser of the person is to ask an authenticator for.
async fn start(actor: &Actor, what: &str) -> Value {
    let answer = actor.call(&format!("/api/passkeys/start_{what}"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Sends what the authenticator answered.
async fn finish(actor: &Actor, what: &str, answer: &str) -> Answer {
    actor.call(&format!("/api/passkeys/{what}"), &[("form[name]", "Laptop"), ("form[answer]", answer)]).await
}

async fn add(actor: &Actor, authenticator: &mut Authenticator) -> Answer {
    let options = start(actor, "adding").await;
    finish(actor, "add", &authenticator.create(&options)).await
}

async fn sign_in(visitor: &Actor, authenticator: &mut Authenticator) -> Answer {
    let options = start(visitor, "signin").await;
    finish(visitor, "signin", &authenticator.get(&options)).await
}

/// A portal whose member has a passkey.
async fn portal_with_passkey() -> (TestApp, Authenticator) {
    let (app, mut authenticator) = (portal().await, Authenticator::new(1));
    assert_eq!(add(&app.member().await, &mut authenticator).await.status, StatusCode::OK);
    (app, authenticator)
}

/// The passkeys that a person sees.
async fn list(actor: &Actor) -> Vec<Value> {
    actor.query("/api/passkeys/list").await.json()["passkeys"].as_array().unwrap().clone()
}

/// The mail with this subject, once the worker has sent what is due.
async fn mail(app: &TestApp, subject: &str) -> Mail {
    app.run_worker().await;
    let mails = app.sent_mails();
    mails.iter().find(|mail| mail.subject == subject).unwrap_or_else(|| panic!("no mail “{subject}”: {mails:?}")).clone()
}

async fn is_signed_in(actor: &Actor) -> bool {
    actor.query("/api/passkeys/list").await.status == StatusCode::OK
}
