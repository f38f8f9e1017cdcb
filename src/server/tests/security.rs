//! The browser's doors.

use axum::http::{StatusCode, header};
use leptos::server_fn::error::ServerFnUrlError;

use crate::{error::AppError, server::testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_sent_by_another_site_is_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let foreign =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "none"), ("origin", "https://evil.example")];
    for header in foreign {
        let answer = owner.post_with("/api/keys/create", &[("form[name]", "x")], &[header]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{header:?}");
    }
    let answer = owner.post_with("/api/keys/create", &[("form[name]", "x")], &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "neither Sec-Fetch-Site nor Origin");
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn own_origin_counts_where_the_browser_sends_no_fetch_metadata() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.post_with("/api/keys/create", &[("form[name]", "CI")], &[("origin", "http://127.0.0.1:3000")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_names_what_it_may_load() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/signin").await;
    assert_eq!(answer.status, StatusCode::OK);
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(answer.text().contains(&format!("nonce=\"{nonce}\"")), "the page's scripts carry the nonce of the header");
    assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "private, no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn trailing_slash_opens_no_side_door() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/keys/").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.location().starts_with("/signin"), "{}", answer.location());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn error_in_a_forged_address_is_not_shown() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let error = AppError::Conflict("Call +1 555 0100 and read out your password.".to_owned());
    let forged = ServerFnUrlError::new("/api/keys/create", error).to_url("http://127.0.0.1:3000/keys?page=1").unwrap();
    let forged = format!("{}?{}", forged.path(), forged.query().unwrap());
    let answer = owner.get(&forged).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/keys?page=1"));
    // Nor does a real error of this browser open the door for another one.
    owner.submit("/api/keys/create", &[("form[name]", "")], "/keys").await;
    assert_eq!(owner.get(&forged).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn token_pages_send_no_referrer() {
    let app = TestApp::start().await;
    let answer = app.visitor().get("/reset/0123").await;
    assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn liveness_needs_no_store_and_readiness_names_them() {
    let app = TestApp::start().await;
    assert_eq!(app.visitor().get("/livez").await.text(), "ok");
    let ready = app.visitor().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert!(ready.text().contains("\"postgresql\":\"up\""));
}
