//! PostgreSQL or Redis away.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use serde_json::json;

use super::{Saas, insert, key};
use crate::{
    server::{config::SecretText, entropy::sha256, testing::TestApp},
    verification::{
        freshness::{CEILING, LONGEST},
        model::{Code, Question},
        verifier::Verifier,
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_keys_verify_are_counted_and_end_in_time() {
    let saas = Saas::of(TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await).await;
    let id = insert(&saas.app, saas.app.stranger_customer(), &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 10_000 })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 1 })).await, "over_limit", "by what this process counted");
    saas.sql("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", &id).await;
    let took = saas.until(&key(1), "revoked").await;
    assert!(took < CEILING, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_postgresql_known_keys_verify_and_others_are_not_guessed_at() {
    let saas = Saas::start().await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.warm_up().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(2) })).await, "not_found");
    saas.app.state().disconnect().await;
    tokio::time::sleep(Duration::from_millis(6_000)).await;
    assert_eq!(saas.code(json!({ "key": key(1), "cost": 1 })).await, "valid");
    assert_eq!(saas.code(json!({ "key": key(2) })).await, "not_found", "nobody made one meanwhile");
    let answer = saas.ask(json!({ "key": key(3) })).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (503, Some("unavailable")), "never seen here");
    assert_eq!(answer.headers["retry-after"], "1");
    // Somebody elsewhere changed something that this process cannot read: from here on it does not know.
    saas.app.state().redis.announce_change();
    saas.until_status(&saas.token, &key(1), StatusCode::SERVICE_UNAVAILABLE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_both_a_process_says_that_it_does_not_know() {
    let saas = Saas::of(TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await).await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.warm_up().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    saas.app.state().disconnect().await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid", "confirmed a moment ago");
    tokio::time::sleep(Duration::from_millis(6_000)).await;
    assert_eq!(saas.ask(json!({ "key": key(1) })).await.status, 503);
}

/// A verifier whose time the test can let pass, and that listens already.
async fn start_verifier(app: &TestApp) -> Arc<Verifier> {
    let verifier = Verifier::new(app.state());
    verifier.start();
    tokio::time::sleep(Duration::from_millis(700)).await;
    verifier
}

async fn judge(verifier: &Verifier, key: String) -> Code {
    verifier.judge(&Question { key, scope: None, ip: None, cost: None }, false).await.unwrap().code
}

/// Lets more than [`LONGEST`] pass, in steps in which changes are asked for, so that what is remembered stays confirmed.
async fn pass_longest(app: &TestApp, verifier: &Verifier) {
    let step = Duration::from_secs(540);
    for _ in 0..=LONGEST.as_secs() / step.as_secs() {
        verifier.freshness.pass(step);
        let now = verifier.freshness.moment();
        app.state().redis.announce_change();
        while verifier.freshness.confirmed() < now {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    // Whatever was announced last is asked for by then.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_was_read_more_than_an_hour_ago_survives_the_loss_of_postgresql() {
    let app = TestApp::start().await;
    insert(&app, app.customer(), &key(1)).await;
    let verifier = start_verifier(&app).await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid);
    pass_longest(&app, &verifier).await;
    app.state().disconnect().await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid, "asked for again, without an answer");
    tokio::time::sleep(Duration::from_millis(6_000)).await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid, "not asked for: it is known that nobody answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_that_was_never_noted_is_known_after_an_hour() {
    let app = TestApp::start().await;
    insert(&app, app.customer(), &key(1)).await;
    let verifier = start_verifier(&app).await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid);
    for statement in [
        "ALTER TABLE api_keys DISABLE TRIGGER note_change",
        "UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21'",
        "ALTER TABLE api_keys ENABLE TRIGGER note_change",
    ] {
        sqlx::query(statement).execute(app.db()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid, "nothing said that it changed");
    pass_longest(&app, &verifier).await;
    assert_eq!(judge(&verifier, key(1)).await, Code::Revoked);
}

/// A verifier that knows a key and a service token so long that it asks for them again; and the hash of the token.
async fn start_verifier_that_asks_again(app: &TestApp) -> (Arc<Verifier>, [u8; 32]) {
    insert(app, app.customer(), &key(1)).await;
    let (_, token) = app.service_token(&["keys:verify"]).await;
    let (verifier, token) = (start_verifier(app).await, sha256(token.as_bytes()));
    assert_eq!(judge(&verifier, key(1)).await, Code::Valid);
    assert!(verifier.token(token).await.is_ok_and(|token| token.is_some()));
    pass_longest(app, &verifier).await;
    (verifier, token)
}

/// Whether a verifier still lets in the key and the token of [`start_verifier_that_asks_again`].
async fn lets_in(verifier: &Verifier, token: [u8; 32]) -> (bool, bool) {
    let question = Question { key: key(1), scope: None, ip: None, cost: None };
    let (key, token) = tokio::join!(verifier.judge(&question, false), verifier.token(token));
    (key.is_ok(), token.is_ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_became_too_old_while_nobody_answered_is_not_used() {
    let app = TestApp::start().await;
    let (verifier, token) = start_verifier_that_asks_again(&app).await;
    app.wire().delay(Duration::from_secs(4));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        verifier.freshness.announce();
        verifier.freshness.pass(CEILING + Duration::from_secs(1));
    };
    let (lets_in, ()) = tokio::join!(lets_in(&verifier, token), meanwhile);
    assert_eq!(lets_in, (false, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_changed_while_nobody_answered_is_not_used() {
    let app = TestApp::start().await;
    let (verifier, token) = start_verifier_that_asks_again(&app).await;
    let mut holder = app.db().begin().await.unwrap();
    sqlx::query("LOCK TABLE api_keys, service_tokens IN ACCESS EXCLUSIVE MODE").execute(&mut *holder).await.unwrap();
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // As the triggers do.
        sqlx::query("INSERT INTO credential_changes (credential_hash) VALUES ($1), ($2)")
            .bind(sha256(key(1).as_bytes()).as_slice())
            .bind(token.as_slice())
            .execute(app.db())
            .await
            .unwrap();
        app.state().redis.announce_change();
    };
    let (lets_in, ()) = tokio::join!(lets_in(&verifier, token), meanwhile);
    assert_eq!(lets_in, (false, false));
    holder.rollback().await.unwrap();
}
