//! Service tokens, from outside.

use axum::http::{Method, StatusCode};
use time::Duration;

use super::{TokenCommand, model::ServiceSecret, run};
use crate::server::testing::{TestApp, until};

const PATH: &str = "/v1/portal_sessions";
const SCOPES: [&str; 2] = ["portal_sessions:create", "portal:billing:read"];

fn body(app: &TestApp) -> String {
    format!(r#"{{"customer":"{}","scopes":["billing:read"]}}"#, app.customer())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_token_that_is_not_accepted_gets_the_same_answer() {
    let app = TestApp::start().await;
    let (id, revoked) = app.service_token(&SCOPES).await;
    app.revoke_service_token(id).await;
    let expiring = TokenCommand::Create {
        name: "Short".to_owned(),
        scopes: SCOPES.iter().map(|scope| scope.parse().unwrap()).collect(),
        expires: Some(Duration::HOUR),
    };
    let expired =
        run(&mut app.db().acquire().await.unwrap(), &app.state().redis, &app.state().entropy, app.now(), expiring).await.unwrap().answer;
    assert_eq!(app.visitor().post_json(PATH, &expired, body(&app)).await.status, StatusCode::CREATED, "its hour is not over");
    app.advance(Duration::HOUR);
    let (_, good) = app.service_token(&SCOPES).await;
    let unknown = ServiceSecret::of_random(&"00".repeat(32)).reveal().to_owned();
    let key = crate::secret::seal("sk_live_", &"00".repeat(32));
    let first = app.visitor().post_json(PATH, &unknown, body(&app)).await;
    assert_eq!(first.status, StatusCode::UNAUTHORIZED);
    assert_eq!(first.headers["www-authenticate"], "Bearer");
    assert_eq!(first.json()["error"]["code"], "invalid_token");
    let wrong = ["", "x", &good[..good.len() - 1], &format!("{good}0"), &good.replacen('0', "1", 1), &revoked, &expired, &key, "Bearer"];
    for (number, token) in wrong.into_iter().enumerate() {
        let answer = app.visitor().at(&format!("203.0.113.{number}")).post_json(PATH, token, body(&app)).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::UNAUTHORIZED, first.text()), "{token}");
    }
    assert_eq!(app.visitor().post_json(PATH, &good, body(&app)).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn call_without_a_token_is_told_to_send_one_and_a_session_is_none() {
    let app = TestApp::start().await;
    let headers = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    for actor in [app.visitor(), app.owner().await] {
        let answer = actor.send(Method::POST, PATH, Some(body(&app)), &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"]["code"], "missing_token");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoked_token_is_refused_at_once_and_listed_for_ever() {
    let app = TestApp::start().await;
    let (id, token) = app.service_token(&SCOPES).await;
    assert_eq!(app.visitor().post_json(PATH, &token, body(&app)).await.status, StatusCode::CREATED);
    app.revoke_service_token(id.clone()).await;
    assert_eq!(app.visitor().post_json(PATH, &token, body(&app)).await.status, StatusCode::UNAUTHORIZED);
    let mut connection = app.db().acquire().await.unwrap();
    let again = run(&mut connection, &app.state().redis, &app.state().entropy, app.now(), TokenCommand::Revoke { id: id.clone() }).await;
    assert!(again.is_err(), "the first time stays on record");
    let list = run(&mut connection, &app.state().redis, &app.state().entropy, app.now(), TokenCommand::List).await.unwrap().answer;
    assert!(list.starts_with(&format!("{id}\trevoked\tBilling backend")), "{list}");
    assert!(!list.contains(&token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn token_without_the_scope_is_forbidden() {
    let app = TestApp::start().await;
    let (_, token) = app.service_token(&["keys:verify"]).await;
    let answer = app.visitor().post_json(PATH, &token, body(&app)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["error"]["code"], "missing_scope");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_the_hash_is_stored_and_the_last_use_noted() {
    let app = TestApp::start().await;
    let (_, token) = app.service_token(&SCOPES).await;
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM service_tokens t WHERE t::text LIKE '%' || $1 || '%'")
        .bind(&token[20..])
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!(found, 0);
    app.visitor().post_json(PATH, &token, body(&app)).await;
    let noted =
        async || sqlx::query_scalar::<_, bool>("SELECT last_used_at IS NOT NULL FROM service_tokens").fetch_one(app.db()).await.unwrap();
    until("noted", std::time::Duration::from_secs(10), noted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn portal_itself_cannot_make_or_change_a_token() {
    let app = TestApp::start().await;
    app.service_token(&SCOPES).await;
    for statement in [
        "UPDATE service_tokens SET revoked_at = NULL",
        "UPDATE service_tokens SET scopes = ARRAY['keys:verify']",
        "DELETE FROM service_tokens",
        "INSERT INTO service_tokens SELECT * FROM service_tokens",
    ] {
        let mut transaction = app.state().database.begin(crate::server::database::Scope::Nobody).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *transaction).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_error_of_the_api_has_one_form() {
    let app = TestApp::start().await;
    let (_, token) = app.service_token(&SCOPES).await;
    let visitor = app.visitor();
    let bearer = format!("Bearer {token}");
    let large = format!(r#"{{"customer":"{}"}}"#, "x".repeat(1_000_000));
    let medium = format!(r#"{{"customer":"{}"}}"#, "x".repeat(100_000));
    let cases = [
        ("{", StatusCode::BAD_REQUEST, "invalid_json"),
        ("", StatusCode::BAD_REQUEST, "invalid_json"),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
        (r#"{"customer":1}"#, StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
        (r#"{"customer":"x","role":"owner"}"#, StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
        (&medium, StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        (&large, StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    ];
    for (body, status, code) in cases {
        let length = body.len().to_string();
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("content-length", &length)];
        let answer = visitor.send(Method::POST, PATH, Some(body.to_owned()), &headers).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{}", &body[..body.len().min(60)]);
        assert!(answer.json()["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert!(answer.headers.contains_key("x-request-id"));
    }
    let form = [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = visitor.send(Method::POST, PATH, Some("customer=x".to_owned()), &form).await;
    assert_eq!(
        (answer.status, answer.json()["error"]["code"].as_str()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("unsupported_media_type"))
    );
    let answer = visitor.get(PATH).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed")));
    let answer = visitor.post_json("/v1/nothing-here", &token, "{}").await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::NOT_FOUND, Some("not_found")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn token_that_calls_too_fast_is_told_when_to_call_again() {
    let app = TestApp::start_with(|config| config.api_calls_per_second = 500).await;
    let ((_, token), (_, other)) = (app.service_token(&SCOPES).await, app.service_token(&SCOPES).await);
    for number in 0..5 {
        assert_eq!(app.visitor().post_json(PATH, &token, body(&app)).await.status, StatusCode::CREATED, "{number}");
    }
    let answer = app.visitor().post_json(PATH, &token, body(&app)).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("too_many_requests")));
    assert_eq!(answer.headers["retry-after"], "1");
    let opened: i64 = sqlx::query_scalar("SELECT count(*) FROM portal_sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(opened, 5);
    assert_eq!(app.visitor().post_json(PATH, &other, body(&app)).await.status, StatusCode::CREATED, "each token for itself");
    app.advance(Duration::seconds(1));
    assert_eq!(app.visitor().post_json(PATH, &token, body(&app)).await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_that_tries_tokens_is_answered_more_and_more_slowly() {
    let app = TestApp::start().await;
    let ((id, token), (_, unused)) = (app.service_token(&SCOPES).await, app.service_token(&SCOPES).await);
    let (attacker, neighbour) = (app.visitor().at("203.0.113.7"), app.visitor().at("203.0.113.8"));
    assert_eq!(attacker.post_json(PATH, &token, body(&app)).await.status, StatusCode::CREATED);
    let foreign = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for number in 0..10 {
        assert_eq!(attacker.post_json(PATH, &foreign, body(&app)).await.status, StatusCode::UNAUTHORIZED, "{number}");
    }
    let answer = attacker.post_json(PATH, &foreign, body(&app)).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "6"));
    assert_eq!(attacker.post_json(PATH, &unused, body(&app)).await.status, StatusCode::TOO_MANY_REQUESTS, "nothing is looked up");
    assert_eq!(attacker.post_json(PATH, &token, body(&app)).await.status, StatusCode::CREATED, "what was in use goes on");
    assert_eq!(neighbour.post_json(PATH, &unused, body(&app)).await.status, StatusCode::CREATED);
    app.revoke_service_token(id).await;
    assert_eq!(attacker.post_json(PATH, &token, body(&app)).await.status, StatusCode::TOO_MANY_REQUESTS, "no longer");
    app.advance(Duration::seconds(6));
    assert_eq!(attacker.post_json(PATH, &foreign, body(&app)).await.status, StatusCode::UNAUTHORIZED);
}
