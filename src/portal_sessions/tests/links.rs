//! Asking for a link, following it, and going back.

use axum::http::{StatusCode, header};
use serde_json::json;
use time::Duration;

use super::{PATH, inside, link, start, swap};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn back_end_opens_the_portal_for_a_member() {
    let (app, token) = start().await;
    let fields = json!({ "user": "Billing@Acme.Example", "scopes": ["billing:read"], "return_url": "https://app.saas.example/settings" });
    let path = link(&app, &token, fields).await;
    let visitor = app.visitor();
    for _ in 0..2 {
        let page = visitor.get(&path).await;
        assert_eq!((page.status, page.texts("h1")), (StatusCode::OK, vec!["Continue to the portal".to_owned()]), "a GET uses nothing up");
        assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
        let text = page.text().to_lowercase();
        assert!(!text.contains("acme") && !text.contains("saas.example"), "nothing is said before the swap");
    }
    let code = path.trim_start_matches("/session/");
    let answer = visitor.submit("/api/portal_sessions/open", &[("form[code]", code)], "/").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/billing"));
    let page = visitor.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Billing"]);
    assert_eq!(page.texts("a.back-to"), ["Back to app.saas.example"]);
    assert!(page.text().contains("href=\"https://app.saas.example/settings\""));
    assert_eq!(app.audit_kinds(app.customer()).await, ["portal_session.created", "portal_session.opened"]);
    let actors: Vec<(String, String)> =
        sqlx::query_as("SELECT actor_kind, actor_name FROM audit_events ORDER BY chain_number").fetch_all(app.db()).await.unwrap();
    assert_eq!(actors, [("key".into(), "Billing backend".into()), ("person".into(), "Billing of Acme".into())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forged_truncated_used_and_old_codes_get_one_answer() {
    let (app, token) = start().await;
    let fields = || json!({ "scopes": ["billing:read"] });
    let used = link(&app, &token, fields()).await;
    assert_eq!(swap(&app.visitor(), &used).await.status, StatusCode::OK);
    let old = link(&app, &token, fields()).await;
    app.advance(Duration::minutes(15));
    let good = link(&app, &token, fields()).await;
    let first = swap(&app.visitor(), &format!("/session/{}", "0".repeat(64))).await;
    assert_eq!(first.status, StatusCode::NOT_FOUND);
    let page = app.visitor().get(&format!("/session/{}", "0".repeat(64))).await.texts("main");
    for path in [&used, &old, &good[..good.len() - 1], &good.to_uppercase().replace("/SESSION/", "/session/"), "/session/x"] {
        let answer = swap(&app.visitor(), path).await;
        assert_eq!((answer.status, answer.text()), (first.status, first.text()), "{path}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        let looked = app.visitor().get(path).await;
        assert_eq!((looked.status, looked.texts("main")), (StatusCode::NOT_FOUND, page.clone()), "{path}");
    }
    assert_eq!(swap(&app.visitor(), &good).await.status, StatusCode::OK);
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM portal_sessions p WHERE p::text LIKE '%' || $1 || '%'")
        .bind(good.trim_start_matches("/session/"))
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!(stored, 0, "only the hash is stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_swaps_of_one_code_exactly_one_wins() {
    let (app, token) = start().await;
    let path = link(&app, &token, json!({ "user": "owner@acme.example" })).await;
    let visitors: Vec<_> = (0..50).map(|_| app.visitor()).collect();
    let answers = futures::future::join_all(visitors.iter().map(|visitor| swap(visitor, &path))).await;
    let won = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    let lost = answers.iter().filter(|answer| answer.status == StatusCode::NOT_FOUND).count();
    assert_eq!((won, lost), (1, 49));
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoked_token_voids_its_links_and_ends_its_sessions() {
    let (app, _) = start().await;
    let (id, token) = app.service_token(&["portal_sessions:create", "portal:billing:read"]).await;
    let fields = || json!({ "scopes": ["billing:read"] });
    let unused = link(&app, &token, fields()).await;
    let guest = inside(&app, &token, fields()).await;
    assert_eq!(guest.get("/billing").await.status, StatusCode::OK);
    app.revoke_service_token(id).await;
    assert!(guest.get("/billing").await.location().starts_with("/signin"));
    assert_eq!(swap(&app.visitor(), &unused).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn foreign_and_unknown_customers_and_users_answer_alike() {
    let (app, token) = start().await;
    let ask = async |fields: serde_json::Value| {
        let answer = app.visitor().post_json(PATH, &token, fields.to_string()).await;
        (answer.status, answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let no_customer = (StatusCode::NOT_FOUND, "customer_not_found".to_owned());
    for customer in ["x", "33333333-3333-7333-8333-333333333333", "' OR 1=1 --"] {
        assert_eq!(ask(json!({ "customer": customer, "scopes": ["billing:read"] })).await, no_customer, "{customer}");
    }
    let stranger = app.stranger().await.user_id.unwrap().to_string();
    let no_user = (StatusCode::NOT_FOUND, "user_not_found".to_owned());
    for user in ["owner@stranger.example", &stranger, "nobody@acme.example", "33333333-3333-7333-8333-333333333333", "x", ""] {
        assert_eq!(ask(json!({ "customer": app.customer(), "user": user })).await, no_user, "{user}");
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn return_url_outside_of_the_list_is_refused() {
    let (app, token) = start().await;
    for url in [
        "https://evil.example",
        "//app.saas.example",
        "https://app.saas.example@evil.example",
        "https://app.saas.example%2eevil.example",
        "javascript:alert(1)",
        "",
    ] {
        let body = json!({ "customer": app.customer(), "scopes": ["billing:read"], "return_url": url });
        let answer = app.visitor().post_json(PATH, &token, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ended_session_leads_back_and_says_why() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "scopes": ["billing:read"], "return_url": "https://app.saas.example/settings?tab=1" })).await;
    app.advance(Duration::hours(24));
    let answer = guest.get("/billing").await;
    assert!(answer.location().starts_with("/signin?next="));
    let answer = guest.follow(&answer).await;
    assert_eq!(answer.location(), "/flow/ended");
    let page = guest.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Your session has ended"]);
    assert!(page.text().contains("url=https://app.saas.example/settings?tab=1&amp;reason=expired"), "{}", page.text());
    assert_eq!(guest.get("/signin").await.texts("h1"), ["Sign in"], "whoever wants to sign in can");
    assert_eq!(app.visitor().get("/signin?next=%2Fbilling").await.texts("h1"), ["Sign in"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn swap_ends_the_session_that_the_browser_had() {
    let (app, token) = start().await;
    let owner = app.owner().await;
    let before = owner.cookie("foyer");
    let path = link(&app, &token, json!({ "scopes": ["billing:read"] })).await;
    assert_eq!(swap(&owner, &path).await.status, StatusCode::OK);
    assert_ne!(owner.cookie("foyer"), before);
    let old = app.visitor();
    old.set_cookie("foyer", &before);
    assert!(old.get("/billing").await.location().starts_with("/signin"));
    let refused = owner.post_with("/api/portal_sessions/open", &[("form[code]", "x")], &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "no other site presses the button");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_sees_which_of_their_sessions_the_product_opened() {
    let (app, token) = start().await;
    let owner = app.owner().await;
    inside(&app, &token, json!({ "user": "owner@acme.example" })).await;
    let page = owner.get("/account/sessions").await;
    assert_eq!(page.texts("tbody th"), ["Unknown browser This browser", "Unknown browser Opened from the product"]);
    let sessions = owner.query("/api/signin/sessions").await.json();
    let opened: Vec<&serde_json::Value> = sessions.as_array().unwrap().iter().map(|session| &session["opened_by_product"]).collect();
    assert_eq!(opened, [&json!(false), &json!(true)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_of_who_was_here_before_goes_when_the_saas_lets_somebody_in() {
    let (app, token) = start().await;
    let owner = app.owner().await;
    let answer = owner.submit("/api/keys/create", &[("form[name]", "CI")], "/keys").await;
    assert_eq!(answer.location(), "/keys");
    assert!(!owner.cookie("foyer-once").is_empty());
    let path = link(&app, &token, json!({ "scopes": ["keys:read"] })).await;
    assert_eq!(swap(&owner, &path).await.status, StatusCode::OK);
    assert_eq!(owner.cookie("foyer-once"), "");
}
