//! Reports of secret scanners.

use axum::http::Method;
use serde_json::json;

use super::{POLLED, Saas, insert, key};
use crate::{
    ids::KeyId,
    server::{
        config::LeakPolicy,
        signatures::tests::{scanner, sign},
        testing::{Answer, TestApp},
    },
};

const PATH: &str = "/v1/keys/leaked";

async fn start(policy: LeakPolicy) -> Saas {
    let keys = scanner().1.parse().unwrap();
    Saas::of(
        TestApp::start_with(|config| {
            config.leak_public_keys = keys;
            config.leak_policy = policy;
        })
        .await,
    )
    .await
}

/// Sends a body as the scanner whose key is configured.
async fn report(saas: &Saas, body: &str) -> Answer {
    let (key, configured) = scanner();
    let signature = sign(&key, body.as_bytes());
    let identifier = configured.split_once('=').unwrap().0;
    let headers = [
        ("content-type", "application/json"),
        ("github-public-key-identifier", identifier),
        ("github-public-key-signature", signature.as_str()),
    ];
    saas.backend.send(Method::POST, PATH, Some(body.to_owned()), &headers).await
}

fn found(key: &str) -> String {
    json!([{ "token": key, "type": "foyer_key", "url": "https://github.com/acme/app/blob/main/.env", "source": "content" }]).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn report_with_characters_that_no_column_takes_revokes_all_the_same() {
    let saas = start(LeakPolicy::Revoke).await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    let body = json!([{ "token": key(1), "type": "k\0", "url": "https://github.com/a\0b", "source": "con\0tent\u{1b}[31m" }]);
    assert_eq!(report(&saas, &body.to_string()).await.status, 200);
    let (url, source): (String, String) = sqlx::query_as(
        "SELECT leaked_url, details ->> 'source' FROM api_keys JOIN audit_events ON details ->> 'key_id' = key_id::text
          WHERE key_id = $1 AND kind = 'key.leaked' AND status = 'revoked'",
    )
    .bind(&id)
    .fetch_one(saas.app.db())
    .await
    .unwrap();
    assert_eq!((url.as_str(), source.as_str()), ("https://github.com/ab", "content[31m"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_found_in_public_is_revoked_and_its_people_are_told_once() {
    let saas = start(LeakPolicy::Revoke).await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    let body = json!([
        { "token": key(1), "type": "foyer_key", "url": "https://github.com/acme/app/blob/main/.env", "source": "content" },
        { "token": key(2), "type": "foyer_key", "url": "" },
        { "token": "nonsense", "type": "foyer_key", "url": "", "of_the_future": 1 },
    ]);
    let answer = report(&saas, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let labels: Vec<String> = answer.json().as_array().unwrap().iter().map(|label| label["label"].as_str().unwrap().to_owned()).collect();
    assert_eq!(labels, ["true_positive", "false_positive", "false_positive"]);
    assert!(!answer.text().contains(&key(1)) && answer.json()[0]["token_hash"].as_str().unwrap().len() == 44);
    assert!(saas.until(&key(1), "revoked").await < POLLED);
    // Reported again, alone and at once, nothing more happens.
    let again = futures::future::join_all((0..4).map(|_| async { report(&saas, &found(&key(1))).await.json()[0]["label"].clone() })).await;
    assert_eq!(again, vec![json!("true_positive"); 4]);
    let kinds = saas.app.audit_kinds(saas.app.customer()).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "key.leaked").count(), 1);
    let (reason, url): (String, String) = sqlx::query_as("SELECT revoked_reason, leaked_url FROM api_keys WHERE key_id = $1")
        .bind(&id)
        .fetch_one(saas.app.db())
        .await
        .unwrap();
    assert_eq!((reason.as_str(), url.as_str()), ("Found in public by a secret scanner", "https://github.com/acme/app/blob/main/.env"));
    let told: Vec<(String, serde_json::Value)> =
        sqlx::query_as("SELECT payload ->> 'email', payload FROM outbox WHERE kind = 'key_leaked' ORDER BY 1")
            .fetch_all(saas.app.db())
            .await
            .unwrap();
    assert_eq!(told.iter().map(|(email, _)| email.as_str()).collect::<Vec<_>>(), ["developer@acme.example", "owner@acme.example"]);
    saas.app.run_worker().await;
    let mails: Vec<String> = saas.app.sent_mails().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(mails, vec!["API key leaked and revoked: CI"; 2]);
    assert_eq!((&told[0].1["action"], &told[0].1["customer"]), (&json!("revoked"), &json!("Acme")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn by_policy_the_key_goes_on_and_is_marked() {
    let saas = start(LeakPolicy::Flag).await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    assert_eq!(report(&saas, &found(&key(1))).await.json()[0]["label"], "true_positive");
    let (status, marked): (String, bool) = sqlx::query_as("SELECT status, leaked_at IS NOT NULL FROM api_keys WHERE key_id = $1")
        .bind(&id)
        .fetch_one(saas.app.db())
        .await
        .unwrap();
    assert_eq!((status.as_str(), marked), ("active", true));
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn report_says_what_the_key_can_still_do() {
    let saas = start(LeakPolicy::Flag).await;
    let cases = [
        ("", "flagged", "It still works, for everybody who has seen it. Rotate it now"),
        ("UPDATE api_keys SET disabled_at = '2026-11-20' WHERE key_id = $1", "flagged", "Revoke it, and take it out"),
        ("UPDATE api_keys SET expires_at = '2026-11-22' WHERE key_id = $1", "none", "It has expired, so nobody can use it."),
        ("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", "none", "It is revoked already"),
    ];
    for (number, (change, action, words)) in (1..).zip(cases) {
        let id = insert(&saas.app, saas.app.customer(), &key(number)).await;
        if !change.is_empty() {
            saas.sql(change, &id).await;
        }
        let mails = saas.app.sent_mails().len();
        assert_eq!(report(&saas, &found(&key(number))).await.json()[0]["label"], "true_positive");
        saas.app.run_worker().await;
        let mail = saas.app.sent_mails()[mails].text.clone();
        assert!(mail.contains(words) && mail.contains("still works") == change.is_empty(), "{change}: {mail}");
        assert!(mail.contains(&format!("/keys/{}", id.as_str())), "{mail}");
        assert_eq!(actions(&saas, &id).await, [action], "{change}");
    }
}

/// What the trail says was done about the reports of a key.
async fn actions(saas: &Saas, id: &KeyId) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT details ->> 'action' FROM audit_events WHERE kind = 'key.leaked' AND details ->> 'key_id' = $1 ORDER BY chain_number",
    )
    .bind(id.as_str())
    .fetch_all(saas.app.db())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_was_flagged_is_revoked_once_the_policy_says_so() {
    let saas = start(LeakPolicy::Revoke).await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.sql("UPDATE api_keys SET leaked_at = '2026-11-20', leaked_url = 'https://first.example' WHERE key_id = $1", &id).await;
    for _ in 0..2 {
        report(&saas, &found(&key(1))).await;
    }
    assert_eq!(actions(&saas, &id).await, ["revoked"]);
    let (status, url): (String, String) =
        sqlx::query_as("SELECT status, leaked_url FROM api_keys WHERE key_id = $1").bind(&id).fetch_one(saas.app.db()).await.unwrap();
    assert_eq!((status.as_str(), url.as_str()), ("revoked", "https://first.example"));
    assert!(saas.until(&key(1), "revoked").await < POLLED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_that_has_ended_is_not_revoked_by_a_report() {
    let saas = start(LeakPolicy::Revoke).await;
    let id = insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.sql("UPDATE api_keys SET expires_at = '2026-11-22' WHERE key_id = $1", &id).await;
    for _ in 0..2 {
        report(&saas, &found(&key(1))).await;
    }
    assert_eq!(actions(&saas, &id).await, ["none"]);
    saas.app.run_worker().await;
    assert!(saas.app.sent_mails().iter().all(|mail| mail.subject == "API key leaked: CI"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_else_may_report() {
    let saas = start(LeakPolicy::Revoke).await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    let (scanner, configured) = scanner();
    let (identifier, body) = (configured.split_once('=').unwrap().0, found(&key(1)));
    let signature = sign(&scanner, body.as_bytes());
    let other = sign(&scanner, b"[]");
    let bearer = format!("Bearer {}", saas.token);
    for headers in [
        vec![],
        vec![("authorization", bearer.as_str())],
        vec![("github-public-key-identifier", identifier)],
        vec![("github-public-key-identifier", identifier), ("github-public-key-signature", other.as_str())],
        vec![("github-public-key-identifier", "unknown"), ("github-public-key-signature", signature.as_str())],
    ] {
        let answer = saas.backend.send(Method::POST, PATH, Some(body.clone()), &headers).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (401, Some("invalid_signature")), "{headers:?}");
    }
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "valid");
    // Nobody is configured: nobody is believed.
    let closed = Saas::start().await;
    assert_eq!(report(&closed, &body).await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_no_report_is_refused() {
    let saas = start(LeakPolicy::Revoke).await;
    let many = json!(vec![json!({ "token": "x" }); 201]).to_string();
    for (body, status) in [("", 422), ("{}", 422), ("[1]", 422), (&many, 422), (&" ".repeat(1_000_000), 413)] {
        assert_eq!(report(&saas, body).await.status.as_u16(), status, "{body:.40}");
    }
    assert_eq!(report(&saas, "[]").await.json(), json!([]));
}
