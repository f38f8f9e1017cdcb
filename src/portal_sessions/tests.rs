//! Sessions that the SaaS opens, from outside.

mod fresh;
mod limits;
mod links;
mod page_about;
mod twice;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    rights::Scope,
    server::{
        return_url::ReturnUrls,
        testing::{Actor, TestApp},
    },
};

const PATH: &str = "/v1/portal_sessions";

/// A portal whose SaaS lives at `app.saas.example`, and a token of it that may pass everything on.
async fn start() -> (TestApp, String) {
    let app = TestApp::start_with(|config| config.return_urls = ReturnUrls::parse("https://app.saas.example").unwrap()).await;
    let scopes: Vec<String> = Scope::ALL.iter().map(|scope| format!("portal:{}", scope.as_str())).collect();
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).chain(["portal_sessions:create"]).collect();
    let (_, token) = app.service_token(&scopes).await;
    (app, token)
}

/// Asks for a session of Acme with these fields and gives the path of its link.
async fn link(app: &TestApp, token: &str, mut fields: Value) -> String {
    fields["customer"] = json!(app.customer());
    let answer = app.visitor().post_json(PATH, token, fields.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    answer.json()["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:3000").unwrap().to_owned()
}

/// Somebody who followed the link of such a session and pressed its button.
async fn inside(app: &TestApp, token: &str, fields: Value) -> Actor {
    let path = link(app, token, fields).await;
    let visitor = app.visitor();
    let answer = swap(&visitor, &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    visitor
}

/// Presses the button behind a link.
async fn swap(actor: &Actor, path: &str) -> crate::server::testing::Answer {
    actor.call("/api/portal_sessions/open", &[("form[code]", path.trim_start_matches("/session/"))]).await
}
