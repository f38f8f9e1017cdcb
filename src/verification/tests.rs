//! Verification from outside, as the SaaS's back end and as a secret scanner.

mod changes;
mod leaks;
mod life;
mod outages;
mod records;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    ids::{CustomerId, KeyId},
    secret,
    server::{
        entropy::sha256,
        testing::{Actor, Answer, TestApp, until},
    },
};

const PATH: &str = "/v1/keys/verify";

/// Within this time a change is known of which nobody tells, also if PostgreSQL does not answer in time once. Less than the ceiling,
/// after which everything is asked for again.
const POLLED: std::time::Duration = std::time::Duration::from_secs(4);

/// A portal, and the SaaS's back end with its token.
struct Saas {
    app: TestApp,
    backend: Actor,
    token: String,
}

impl Saas {
    async fn of(app: TestApp) -> Self {
        let (_, token) = app.service_token(&["keys:verify"]).await;
        Self { backend: app.visitor(), app, token }
    }

    async fn start() -> Self {
        Self::of(TestApp::start().await).await
    }

    async fn ask(&self, question: Value) -> Answer {
        self.backend.post_json(PATH, &self.token, question.to_string()).await
    }

    /// The answer to a question, which always has one.
    async fn verdict(&self, question: Value) -> Value {
        let answer = self.ask(question).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }

    async fn code(&self, question: Value) -> String {
        let verdict = self.verdict(question).await;
        assert_eq!(verdict["valid"], json!(verdict["code"] == "valid"));
        verdict["code"].as_str().unwrap().to_owned()
    }

    /// Waits until a key gets this verdict; how long it took.
    async fn until(&self, key: &str, code: &str) -> std::time::Duration {
        self.until_asked(&json!({ "key": key }), code).await
    }

    /// The same, whatever is asked.
    async fn until_asked(&self, question: &Value, code: &str) -> std::time::Duration {
        until(code, std::time::Duration::from_secs(8), async || self.code(question.clone()).await == code).await
    }

    /// Waits until calls with this token and key get this status.
    async fn until_status(&self, token: &str, key: &str, status: StatusCode) {
        let question = json!({ "key": key }).to_string();
        let answered = async || self.backend.post_json(PATH, token, question.as_str()).await.status == status;
        until(status.as_str(), POLLED, answered).await;
    }

    /// Lets the portal begin to listen: what it remembered before, it forgets.
    async fn warm_up(&self) {
        self.code(json!({ "key": "" })).await;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        self.code(json!({ "key": "" })).await;
    }

    /// Changes the database behind the portal's back.
    async fn sql(&self, statement: &'static str, key: &KeyId) {
        sqlx::query(statement).bind(key).execute(self.app.db()).await.unwrap();
    }
}

/// Stores a key of a customer and gives its id.
async fn insert(app: &TestApp, customer: CustomerId, key: &str) -> KeyId {
    let id = app.state().entropy.key_id();
    sqlx::query(
        "INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_at)
         VALUES ($1, $2, 'CI', 'abababab', $3, 'active', $4)",
    )
    .bind(&id)
    .bind(customer)
    .bind(sha256(key.as_bytes()).as_slice())
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
    id
}

/// A key of ours; the number makes it one of its own.
fn key(number: u8) -> String {
    secret::seal("sk_live_", &hex::encode([number; 32]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn backend_learns_whose_key_it_is_and_what_it_may_do() {
    let saas = Saas::start().await;
    let developer = saas.app.developer().await;
    let made = developer.call("/api/keys/create", &[("form[name]", "CI")]).await.json();
    let verdict = saas.verdict(json!({ "key": made["secret"] })).await;
    let id = verdict["key_id"].as_str().unwrap().to_owned();
    assert!(id.parse::<KeyId>().is_ok());
    let expected = json!({
        "valid": true, "code": "valid", "key_id": id, "customer_id": saas.app.customer(), "environment": "live", "scopes": null,
        "expires_at": null, "limits": null,
    });
    assert_eq!(verdict, expected);
    let nobody = json!({
        "valid": false, "code": "not_found", "key_id": null, "customer_id": null, "environment": null, "scopes": null,
        "expires_at": null, "limits": null,
    });
    assert_eq!(saas.verdict(json!({ "key": key(1) })).await, nobody);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_reason_has_its_code() {
    let saas = Saas::start().await;
    let (text, id) = (key(1), insert(&saas.app, saas.app.customer(), &key(1)).await);
    let ask = json!({ "key": text, "scope": "read", "ip": "203.0.113.9" });
    let cases = [
        ("UPDATE api_keys SET scopes = '{read,write}' WHERE key_id = $1", "valid"),
        ("UPDATE api_keys SET scopes = '{write}' WHERE key_id = $1", "wrong_scope"),
        ("UPDATE api_keys SET allowed_networks = '{10.0.0.0/8}' WHERE key_id = $1", "wrong_address"),
        ("UPDATE api_keys SET disabled_at = '2026-11-20' WHERE key_id = $1", "disabled"),
        ("UPDATE api_keys SET expires_at = '2026-11-22' WHERE key_id = $1", "expired"),
        ("UPDATE api_keys SET status = 'revoked', revoked_at = '2026-11-21' WHERE key_id = $1", "revoked"),
    ];
    for (change, code) in cases {
        saas.sql(change, &id).await;
        saas.assert_anew(&ask, code).await;
    }
    for malformed in [text.replacen("01", "02", 1), "sk_live_".to_owned(), String::new(), "x".repeat(300)] {
        assert_eq!(saas.code(json!({ "key": malformed })).await, "malformed");
    }
}

impl Saas {
    async fn assert_anew(&self, question: &Value, code: &str) {
        let headers = [("authorization", format!("Bearer {}", self.token)), ("content-type", "application/json".to_owned())];
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).chain([("cache-control", "no-cache")]).collect();
        let answer = self.backend.send(Method::POST, PATH, Some(question.to_string()), &headers).await;
        assert_eq!(answer.json()["code"], code, "asked anew, the answer is that of the database");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_without_a_checksum_and_key_of_another_form_verify_once_they_were_imported() {
    let saas = Saas::start().await;
    let bare = format!("sk_live_{}", "ab".repeat(32));
    for imported in [bare.as_str(), "acme-4f6c2b1e9d703a58"] {
        assert_eq!(saas.code(json!({ "key": imported })).await, "not_found", "a key of another installation");
        insert(&saas.app, saas.app.customer(), imported).await;
        saas.until(imported, "valid").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn malformed_key_costs_no_question_to_anybody() {
    let saas = Saas::start().await;
    saas.warm_up().await;
    saas.code(json!({ "key": key(1) })).await;
    // The loops ask on their own, each second, so they end first; what they had in hand is rolled back a little later. So a
    // call that is heard with nothing beside it is waited for. One that asks never is: each key is malformed in its own way.
    saas.app.state().background.finish().await;
    let mut heard = vec![];
    for number in 16..36 {
        saas.app.wire().clear();
        assert_eq!(saas.code(json!({ "key": key(number).replacen(&hex::encode([number]), "ff", 1) })).await, "malformed");
        heard = saas.app.wire().round_trips();
        if heard.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(heard.is_empty(), "{heard:?}");
    assert_eq!(saas.code(json!({ "key": key(1) })).await, "not_found");
    assert!(saas.app.wire().round_trips().is_empty(), "remembered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_a_service_token_with_the_scope_is_let_in() {
    let saas = Saas::start().await;
    let (_, foreign) = saas.app.service_token(&["portal_sessions:create", "portal:billing:read"]).await;
    let question = json!({ "key": key(1) }).to_string();
    let missing = saas.backend.send(Method::POST, PATH, Some(question.clone()), &[("content-type", "application/json")]).await;
    assert_eq!((missing.status, missing.json()["error"]["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("missing_token")));
    assert_eq!(missing.headers["www-authenticate"], "Bearer");
    for (token, status, code) in [
        (secret::seal("foyer_svc_", &"ab".repeat(32)).as_str(), StatusCode::UNAUTHORIZED, "invalid_token"),
        ("nonsense", StatusCode::UNAUTHORIZED, "invalid_token"),
        (&foreign, StatusCode::FORBIDDEN, "missing_scope"),
    ] {
        let answer = saas.backend.post_json(PATH, token, question.clone()).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{token}");
    }
    let owner = saas.app.owner().await;
    let answer = owner.send(Method::POST, PATH, Some(question), &[("content-type", "application/json")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "a person's session counts for nothing here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_no_question_is_refused_and_every_answer_carries_the_headers() {
    let saas = Saas::start().await;
    let key = key(1);
    let large = format!("{{\"key\":\"{}\"}}", "x".repeat(1_000_000));
    for (body, status, code) in [
        ("", 400, "invalid_json"),
        ("{", 400, "invalid_json"),
        ("[]", 422, "invalid_request"),
        ("{}", 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","extra":1}}"#), 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","ip":"nowhere"}}"#), 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","cost":-1}}"#), 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","cost":1.5}}"#), 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","cost":1000001}}"#), 422, "invalid_request"),
        (&format!(r#"{{"key":"{key}","scope":7}}"#), 422, "invalid_request"),
        (&large, 413, "too_large"),
    ] {
        let answer = saas.backend.post_json(PATH, &saas.token, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"]["code"].as_str()), (status, Some(code)), "{:.80}", body);
        assert!(!answer.text().contains(&key), "no answer repeats the key");
        check_headers(&answer);
    }
    let bearer = format!("Bearer {}", saas.token);
    let form = [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = saas.backend.send(Method::POST, PATH, Some(format!("key={key}")), &form).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer = saas.backend.get(PATH).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed")));
    assert_eq!(answer.headers["allow"], "POST");
    check_headers(&answer);
    check_headers(&saas.ask(json!({ "key": key })).await);
}

fn check_headers(answer: &Answer) {
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.headers[name], value);
    }
    assert!(answer.headers["x-request-id"].len() > 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn call_with_a_cost_counts_against_the_plan_and_one_beyond_it_is_refused() {
    let saas = Saas::start().await;
    // Stranger Ltd: free, 10,000 calls a month.
    let (text, id) = (key(1), insert(&saas.app, saas.app.stranger_customer(), &key(1)).await);
    let counted = || async {
        let redis = &saas.app.state().redis;
        let names = [format!("usage:{}:api_calls:2026-11", saas.app.stranger_customer())];
        redis.get_many(&names).await.unwrap()[0].clone()
    };
    let limits = |remaining: i64| json!({ "remaining": remaining, "reset_at": "2026-12-01T00:00:00Z" });
    assert_eq!(saas.verdict(json!({ "key": text })).await["limits"], Value::Null, "without a cost nothing is counted");
    assert_eq!(saas.verdict(json!({ "key": text, "cost": 0 })).await["limits"], limits(10_000), "only asked");
    assert_eq!(counted().await.as_deref(), Some("0"));
    assert_eq!(saas.verdict(json!({ "key": text, "cost": 9_998 })).await["limits"], limits(2));
    let refused = saas.verdict(json!({ "key": text, "cost": 3 })).await;
    assert_eq!((&refused["code"], &refused["limits"]), (&json!("over_limit"), &limits(2)), "and counts nothing");
    assert_eq!(saas.verdict(json!({ "key": text, "cost": 2 })).await["limits"], limits(0));
    assert_eq!(saas.code(json!({ "key": text, "cost": 1 })).await, "over_limit");
    assert_eq!(counted().await.as_deref(), Some("10000"));
    saas.app.advance(Duration::days(10));
    assert_eq!(saas.code(json!({ "key": text, "cost": 1 })).await, "valid", "a new month");
    saas.sql("UPDATE api_keys SET environment = 'test' WHERE key_id = $1", &id).await;
    saas.assert_anew(&json!({ "key": text, "cost": 100_000 }), "valid").await;
    assert_eq!(counted().await.as_deref(), Some("10000"), "a test key counts nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_calls_count_exactly() {
    let saas = Saas::start().await;
    let text = key(1);
    insert(&saas.app, saas.app.stranger_customer(), &text).await;
    let calls = (0..100).map(|_| saas.code(json!({ "key": text, "cost": 200 })));
    let codes = futures::future::join_all(calls).await;
    assert_eq!(codes.iter().filter(|code| *code == "valid").count(), 50, "10,000 calls are 50 of 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_with_a_limit_of_its_own_is_refused_until_the_minute_is_over() {
    let saas = Saas::start().await;
    let (text, id) = (key(1), insert(&saas.app, saas.app.customer(), &key(1)).await);
    saas.sql("UPDATE api_keys SET calls_per_minute = 3 WHERE key_id = $1", &id).await;
    for remaining in [2, 1, 0] {
        let verdict = saas.verdict(json!({ "key": text })).await;
        assert_eq!(verdict["limits"], json!({ "remaining": remaining, "reset_at": "2026-11-23T09:01:00Z" }));
    }
    let refused = saas.verdict(json!({ "key": text, "cost": 1 })).await;
    assert_eq!((&refused["code"], &refused["limits"]["remaining"]), (&json!("rate_limited"), &json!(0)));
    saas.app.advance(Duration::MINUTE);
    assert_eq!(saas.code(json!({ "key": text })).await, "valid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_and_last_use_are_recorded_by_outcome_and_address() {
    let saas = Saas::start().await;
    let (text, id) = (key(1), insert(&saas.app, saas.app.customer(), &key(1)).await);
    for ip in ["203.0.113.9", "203.0.113.9", "::ffff:203.0.113.10"] {
        saas.code(json!({ "key": text, "ip": ip })).await;
    }
    saas.code(json!({ "key": text })).await;
    saas.app.advance(Duration::SECOND);
    saas.sql("UPDATE api_keys SET disabled_at = '2026-11-20' WHERE key_id = $1", &id).await;
    saas.assert_anew(&json!({ "key": text, "ip": "203.0.113.99" }), "disabled").await;
    // A process that stops writes what it has.
    saas.app.state().background.finish().await;
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT code, ip, calls FROM key_calls WHERE key_id = $1 AND hour = '2026-11-23 09:00' ORDER BY code, ip")
            .bind(&id)
            .fetch_all(saas.app.db())
            .await
            .unwrap();
    let row = |code: &str, ip: &str, calls| (code.to_owned(), ip.to_owned(), calls);
    let expected =
        [row("disabled", "203.0.113.99", 1), row("valid", "", 1), row("valid", "203.0.113.10", 1), row("valid", "203.0.113.9", 2)];
    assert_eq!(rows, expected);
    let (at, ip): (time::OffsetDateTime, Option<String>) =
        sqlx::query_as("SELECT last_used_at, last_used_ip FROM api_keys WHERE key_id = $1")
            .bind(&id)
            .fetch_one(saas.app.db())
            .await
            .unwrap();
    assert_eq!((at, ip), (saas.app.now() - Duration::SECOND, None), "of those that were let in, the last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_are_kept_for_thirty_days() {
    let saas = Saas::start().await;
    insert(&saas.app, saas.app.customer(), &key(1)).await;
    saas.code(json!({ "key": key(1) })).await;
    saas.app.state().background.finish().await;
    let count = || async { sqlx::query_scalar::<_, i64>("SELECT count(*) FROM key_calls").fetch_one(saas.app.db()).await.unwrap() };
    saas.app.advance(Duration::days(29));
    saas.app.run_worker().await;
    assert_eq!(count().await, 1);
    saas.app.advance(Duration::days(2));
    saas.app.run_worker().await;
    assert_eq!(count().await, 0);
}
