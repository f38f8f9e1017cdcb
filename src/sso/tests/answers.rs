//! Providers that misbehave, and browsers that do.

use axum::http::StatusCode;
use serde_json::{Value, json};
use time::Duration;

use super::{Acme, failed};
use crate::sso::tests::provider::{Says, Signed};

fn ada() -> Says {
    Says::that("s-1", "member@acme.example")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn token_that_is_not_as_it_should_be_lets_nobody_in() {
    let acme = Acme::start().await;
    let now = acme.app.now().unix_timestamp();
    let cases = [
        ("wrong nonce", ada().with("nonce", json!("00"))),
        ("no nonce", ada().with("nonce", Value::Null)),
        ("wrong issuer", ada().with("iss", json!("https://id.evil.example"))),
        ("wrong audience", ada().with("aud", json!("another-client"))),
        ("a further audience", ada().with("aud", json!(["foyer-client", "another-client"]))),
        ("made for another party", ada().with("azp", json!("another-client"))),
        ("expired", ada().with("exp", json!(now - 1))),
        ("made too long ago", ada().with("iat", json!(now - 3_600))),
        ("made in the future", ada().with("iat", json!(now + 3_600))),
        ("another access token", ada().with("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))),
        ("no subject", ada().with("sub", json!(""))),
        ("a subject too long", ada().with("sub", json!("x".repeat(300)))),
        ("signed by another key", Says { signed: Signed::ByOther, ..ada() }),
        ("signed by nobody", Says { signed: Signed::ByNobody, ..ada() }),
        ("signed with the client's secret", Says { signed: Signed::BySecret, ..ada() }),
    ];
    for (what, says) in cases {
        let browser = acme.app.visitor();
        let answer = acme.come(&browser, says).await;
        assert_eq!(failed(&answer), "refused", "{what}");
        assert_eq!(browser.query("/api/signin/shell").await.status, StatusCode::UNAUTHORIZED, "{what}");
        let page = browser.follow(&answer).await;
        assert!(page.text().contains("could not be accepted"), "the page says what happened");
    }
    assert_eq!(acme.count("sso_identities").await, 0);
    acme.inside("s-1", "member@acme.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_that_the_provider_has_not_checked_counts_for_nothing() {
    let acme = Acme::start().await;
    for claim in [json!(false), Value::Null] {
        let answer = acme.come(&acme.app.visitor(), ada().with("email_verified", claim.clone())).await;
        assert_eq!(failed(&answer), "address", "{claim}");
    }
    let unknown = Says { in_userinfo: true, ..ada().with("email", Value::Null) };
    assert_eq!(failed(&acme.come(&acme.app.visitor(), unknown).await), "address");
    let unchecked = Says { in_userinfo: true, ..ada().with("email_verified", json!(false)) };
    assert_eq!(failed(&acme.come(&acme.app.visitor(), unchecked).await), "address");
    let elsewhere = Says { in_userinfo: true, ..ada() };
    assert_eq!(acme.come(&acme.app.visitor(), elsewhere).await.location(), "/usage", "many providers tell the address only there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answer_counts_once_in_its_browser_and_for_ten_minutes() {
    let acme = Acme::start().await;
    let (browser, other) = (acme.app.visitor(), acme.app.visitor());
    let address = acme.begin(&browser, "a@acme.example").await;
    let back = acme.provider.sign_in(&address, acme.app.now(), ada());
    acme.begin(&other, "a@acme.example").await;
    for foreign in [&other, &acme.app.visitor()] {
        assert_eq!(failed(&foreign.get(&back).await), "stale", "in another browser");
    }
    let state = "state=0000000000000000000000000000000000000000000000000000000000000000";
    let forged: String = back.split('&').map(|pair| if pair.starts_with("state=") { state } else { pair }).collect::<Vec<_>>().join("&");
    assert_eq!(failed(&browser.get(&forged).await), "stale", "a state that was never given out");
    assert_eq!(browser.get(&back).await.location(), "/usage", "what others tried has used nothing up");
    assert_eq!(failed(&browser.get(&back).await), "stale", "twice");
    let late = acme.app.visitor();
    let address = acme.begin(&late, "a@acme.example").await;
    let back = acme.provider.sign_in(&address, acme.app.now(), ada());
    acme.app.advance(Duration::minutes(10));
    assert_eq!(failed(&late.get(&back).await), "stale", "after ten minutes");
    for nonsense in ["/signin/sso/callback", "/signin/sso/callback?state=&code=", "/signin/sso/callback?error=access_denied"] {
        assert_eq!(failed(&late.get(nonsense).await), "stale", "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_answers_at_once_one_signs_in() {
    let acme = Acme::start().await;
    let browser = acme.app.visitor();
    let address = acme.begin(&browser, "new@acme.example").await;
    let back = acme.provider.sign_in(&address, acme.app.now(), Says::that("s-new", "new@acme.example"));
    let copies: Vec<_> = (0..50).map(|_| browser.copy()).collect();
    let answers = futures::future::join_all(copies.iter().map(|copy| copy.get(&back))).await;
    let inside = answers.iter().filter(|answer| answer.location() == "/usage").count();
    assert_eq!(inside, 1, "{:?}", answers.iter().map(|answer| answer.location()).collect::<Vec<_>>());
    assert_eq!(acme.count("sso_identities").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_new_person_in_many_browsers_is_one_person() {
    let acme = Acme::start().await;
    let before = acme.count("users").await;
    let browsers: Vec<_> = (0..8).map(|_| acme.app.visitor()).collect();
    let arrivals = browsers.iter().map(|browser| acme.come(browser, Says::that("s-new", "new@acme.example")));
    let answers = futures::future::join_all(arrivals).await;
    assert!(answers.iter().all(|answer| answer.location() == "/usage"), "{answers:?}");
    assert_eq!((acme.count("users").await, acme.count("sso_identities").await), (before + 1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answer_of_another_provider_is_not_taken_for_this_ones() {
    let acme = Acme::start().await;
    let come_with = async |iss: Option<&str>| {
        let browser = acme.app.visitor();
        let address = acme.begin(&browser, "a@acme.example").await;
        let back = acme.provider.sign_in(&address, acme.app.now(), ada());
        let back = back.split_once("&iss=").unwrap().0.to_owned();
        browser.get(&iss.map_or(back.clone(), |iss| format!("{back}&iss={iss}"))).await.location().to_owned()
    };
    assert_eq!(come_with(Some("https%3A%2F%2Fid.evil.example")).await, "/signin/sso?failed=refused");
    assert_eq!(come_with(None).await, "/usage", "this provider does not name itself");
    acme.provider.name_itself();
    acme.connect(&acme.app.owner().await).await;
    assert_eq!(come_with(None).await, "/signin/sso?failed=refused", "and this one always does");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn provider_that_lets_nobody_in_is_believed() {
    let acme = Acme::start().await;
    let browser = acme.app.visitor();
    let address = acme.begin(&browser, "a@acme.example").await;
    let state = address.split(['?', '&']).find(|pair| pair.starts_with("state=")).unwrap();
    let answer = browser.get(&format!("/signin/sso/callback?error=access_denied&{state}")).await;
    assert_eq!(failed(&answer), "denied");
    assert_eq!(failed(&browser.get(&format!("/signin/sso/callback?code=x&{state}")).await), "stale", "that was its answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn next_leads_nowhere_but_into_the_portal() {
    let acme = Acme::start().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let browser = acme.app.visitor();
        let answer = browser.call("/api/sso/start", &[("form[email]", "a@acme.example"), ("form[next]", next)]).await;
        let back = acme.provider.sign_in(answer.location(), acme.app.now(), ada());
        assert_eq!(browser.get(&back).await.location(), "/", "{next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn start_answers_alike_for_every_address_of_a_domain() {
    let acme = Acme::start().await;
    for email in ["owner@acme.example", "nobody@acme.example"] {
        acme.begin(&acme.app.visitor(), email).await;
    }
    for email in ["owner@stranger.example", "nobody@stranger.example", "a@gmail.com"] {
        let answer = acme.app.visitor().call("/api/sso/start", &[("form[email]", email)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("No company has set up single sign-on"), "{}", answer.text());
    }
}
