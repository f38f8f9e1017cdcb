//! The browser's doors.

use axum::http::{Method, StatusCode, header};
use leptos::server_fn::error::ServerFnUrlError;

use super::endpoints::{Allowed, FUNCTIONS, Ids, PAGES};
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
async fn every_change_passes_the_same_check_of_its_origin() {
    let app = TestApp::start().await;
    let (owner, ids) = (app.owner().await, Ids::missing());
    for function in FUNCTIONS.iter().filter(|function| function.method == Method::POST) {
        for site in ["cross-site", "same-site"] {
            let headers = [("sec-fetch-site", site), ("accept", "text/html"), ("origin", "http://127.0.0.1:3000")];
            let answer = owner.post_with(&ids.fill(function.path), function.form, &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} from {site}", function.path);
        }
    }
    assert_eq!(owner.query("/api/keys/list").await.status, StatusCode::OK, "nobody was signed out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_is_never_made_by_a_link() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for function in FUNCTIONS.iter().filter(|function| function.method == Method::POST) {
        let answer = owner.get(&format!("{}?form[name]=x&id=x", function.path)).await;
        assert!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), "{}: {}", function.path, answer.status);
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn headers_are_exactly_these() {
    let app = TestApp::start_with(|config| config.app_url = "https://portal.example".parse().unwrap()).await;
    let answer = app.visitor().get("/signin").await;
    let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let policy = header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert_eq!(
        policy.replace(&nonce, "N"),
        "default-src 'none'; script-src 'self' 'nonce-N' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    );
    for (name, value) in [
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(header(name), value, "{name}");
    }
    let again = app.visitor().get("/signin").await;
    assert!(!again.text().contains(&nonce), "each answer has a nonce of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_page_styles_or_scripts_itself() {
    let app = TestApp::start().await;
    let ids = Ids::of_acme(&app).await;
    let (visitor, owner, mia) = (app.visitor(), app.owner().await, app.staff().await);
    for (route, page) in PAGES {
        let actor = match page.allowed {
            Allowed::Everyone | Allowed::Service => &visitor,
            Allowed::Staff => &mia,
            Allowed::SignedIn | Allowed::With(_) => &owner,
        };
        let answer = page.send(actor, &ids).await;
        let html = answer.html();
        for element in html.tree.values().filter_map(|node| node.as_element()) {
            for (name, _) in element.attrs() {
                assert!(name != "style" && !name.starts_with("on"), "{route}: <{} {name}>", element.name());
            }
            assert!(element.name() != "style", "{route}");
            assert!(element.name() != "script" || element.attr("nonce").is_some(), "{route}: a script without the nonce");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn trailing_slash_opens_no_side_door() {
    let app = TestApp::start().await;
    for path in
        ["/keys/", "/keys//", "/staff/tickets/", "/account/sessions/", "/account/passkeys/", "/team/33333333-3333-7333-8333-333333333333/"]
    {
        let answer = app.visitor().get(path).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{path}");
        assert!(answer.location().starts_with("/signin?next="), "{path}: {}", answer.location());
    }
    assert_eq!(app.member().await.get("/staff/tickets/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_form_leads_out_of_the_portal() {
    let app = TestApp::start().await;
    let outside = [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        " //evil.example",
        "http:evil.example",
    ];
    for next in outside {
        let owner = app.owner().await;
        let form = [("form[email]", "owner@acme.example"), ("form[password]", crate::server::testing::PASSWORD), ("form[next]", next)];
        let places = [
            owner.submit("/api/signin/in", &form, "/signin").await,
            owner.submit("/api/signin/confirm", &form, "/signin/confirm").await,
            owner.submit("/api/signin/out", &[("next", next)], "/keys").await,
        ];
        for answer in places {
            assert_eq!(answer.status, StatusCode::FOUND, "{next:?}");
            assert!(
                ["/", "/signin/confirm?done=confirmed", "/signin?done=signed-out"].contains(&answer.location()),
                "{next:?}: {}",
                answer.location()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_that_is_decoded_twice_still_leads_nowhere_outside() {
    let app = TestApp::start().await;
    // The framework decodes the query once more than a browser encoded it, so what counts is what comes out at the end.
    for encoded in
        ["%2F%2Fevil.example", "%252F%252Fevil.example", "%2F%255Cevil.example", "%25252F%25252Fevil.example", "/%2509/evil.example"]
    {
        let visitor = app.visitor();
        let page = visitor.get(&format!("/signin?next={encoded}")).await;
        let html = page.html();
        let field = scraper::Selector::parse("input[name='form[next]']").unwrap();
        let next = html.select(&field).next().unwrap().attr("value").unwrap_or_default().to_owned();
        let form = [("form[email]", "owner@acme.example"), ("form[password]", crate::server::testing::PASSWORD), ("form[next]", &next)];
        let location = visitor.submit("/api/signin/in", &form, "/signin").await.location().to_owned();
        let portal: url::Url = "http://127.0.0.1:3000/".parse().unwrap();
        assert_eq!(portal.join(&location).unwrap().origin(), portal.origin(), "{encoded} became {next}, which leads to {location}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn foreign_referer_is_no_way_out_either() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for referer in ["https://evil.example/keys", "http://127.0.0.1:3000.evil.example/", "http://127.0.0.1:3000@evil.example/", "nonsense"] {
        let headers = [("accept", "text/html"), ("sec-fetch-site", "same-origin"), ("referer", referer)];
        let answer = owner.post_with("/api/keys/create", &[("form[name]", "")], &headers).await;
        assert_eq!(answer.status, StatusCode::FOUND);
        assert!(!answer.location().contains("evil"), "{referer}: {}", answer.location());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_have_a_limit() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let long = "x".repeat(300 * 1024);
    let browser = [("accept", "application/json"), ("sec-fetch-site", "same-origin")];
    for path in ["/api/keys/create", "/api/support/create", "/api/signin/in", "/signin"] {
        let length = [browser[0], browser[1], ("content-length", "307200")];
        let announced = owner.post_with(path, &[("form[name]", &long)], &length).await;
        assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(announced.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "refusals of the outer layers carry the headers, too");
        let cut_off = owner.post_with(path, &[("form[name]", &long)], &browser).await;
        assert!(cut_off.status.is_client_error(), "{path}: {}", cut_off.status);
    }
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn host_of_the_request_stands_in_no_link() {
    let app = TestApp::start().await;
    let headers = [("accept", "application/json"), ("sec-fetch-site", "same-origin"), ("x-forwarded-host", "evil.example")];
    app.visitor().post_with("/api/signin/forgot", &[("form[email]", "owner@acme.example")], &headers).await;
    app.run_worker().await;
    let mail = app.sent_mails().pop().unwrap();
    assert!(mail.text.contains("http://127.0.0.1:3000/reset/") && !mail.text.contains("evil"));
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
    for path in ["/reset/0123", "/invite/0123", "/signin/code/enter?code=ABC234"] {
        let answer = app.visitor().get(path).await;
        assert_eq!(answer.headers[header::REFERRER_POLICY], "no-referrer", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn liveness_needs_no_store_and_readiness_names_them() {
    let app = TestApp::start().await;
    assert_eq!(app.visitor().get("/livez").await.text(), "ok");
    let ready = app.visitor().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert!(ready.text().contains("\"postgresql\":\"up\""));
}

#[test]
fn document_names_tests_that_exist() {
    let (document, sources) = (include_str!("../../../docs/security.md"), super::dependencies::sources());
    let is_test = |word: &&str| word.matches('_').count() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let named: Vec<&str> = document.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(named.len() > 80, "{}", named.len());
    for test in named {
        assert!(sources.iter().any(|(_, text)| text.contains(&format!("fn {test}("))), "docs/security.md names {test}, which is gone");
    }
}
