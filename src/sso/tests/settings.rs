//! Setting it up.

use axum::http::StatusCode;
use time::Duration;

use super::{Acme, SECRET};
use crate::{access::Role, server::testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_connects_a_provider_and_its_secret_is_seen_nowhere() {
    let acme = Acme::start().await;
    let owner = acme.app.owner().await;
    let page = owner.get("/team/sso").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("http://127.0.0.1:3000/signin/sso/callback"), "the address to copy");
    assert!(page.text().contains("Verified"));
    assert!(!page.text().contains(SECRET));
    let rows: Vec<(String, serde_json::Value)> =
        sqlx::query_as("SELECT kind, details FROM audit_events WHERE kind LIKE 'sso.%' ORDER BY chain_number")
            .fetch_all(acme.app.db())
            .await
            .unwrap();
    assert_eq!(rows.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(), ["sso.connected", "sso.domain_added", "sso.domain_verified"]);
    assert_eq!(rows[0].1["issuer"]["after"], acme.provider.issuer.as_str());
    let stored: Vec<u8> = sqlx::query_scalar("SELECT client_secret FROM sso_connections").fetch_one(acme.app.db()).await.unwrap();
    assert!(!stored.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "it is sealed");
    let outbox: String = sqlx::query_scalar("SELECT string_agg(payload::text, ' ') FROM outbox").fetch_one(acme.app.db()).await.unwrap();
    assert!(!format!("{rows:?} {outbox}").contains(SECRET));
    acme.app.run_worker().await;
    assert!(acme.app.sent_mails().iter().any(|mail| mail.to == "owner@acme.example" && mail.subject.contains("Single sign-on")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_secret_keeps_the_stored_one() {
    let acme = Acme::start().await;
    let owner = acme.app.owner().await;
    assert_eq!(owner.call("/api/sso/connect", &acme.form(&acme.provider.issuer, "")).await.status, StatusCode::OK);
    acme.inside("s-1", "member@acme.example").await;
    assert_eq!(owner.call("/api/sso/connect", &acme.form(&acme.provider.issuer, "another")).await.status, StatusCode::OK);
    let answer = acme.come(&acme.app.visitor(), super::Says::that("s-1", "member@acme.example")).await;
    assert_eq!(super::failed(&answer), "refused", "the provider knows the client no more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_owners_who_have_just_signed_in_change_it() {
    let acme = Acme::start().await;
    for role in [Role::Admin, Role::Billing, Role::Developer, Role::Member] {
        let person = acme.app.person(role).await;
        assert_eq!(person.call("/api/sso/connect", &acme.form(&acme.provider.issuer, SECRET)).await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.get("/team/sso").await.status, StatusCode::FORBIDDEN);
    }
    let owner = acme.app.owner().await;
    acme.app.advance(Duration::minutes(6));
    for (path, form) in [
        ("/api/sso/connect", acme.form(&acme.provider.issuer, SECRET).to_vec()),
        ("/api/sso/disconnect", vec![]),
        ("/api/sso/enforce", vec![("form[owner]", "x")]),
        ("/api/sso/relax", vec![]),
        ("/api/sso/add_domain", vec![("form[domain]", "acme.test")]),
        ("/api/sso/verify_domain", vec![("form[domain]", "acme.example")]),
        ("/api/sso/remove_domain", vec![("form[domain]", "acme.example")]),
    ] {
        assert_eq!(owner.call(path, &form).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(owner.call("/api/sso/test", &[]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn test_says_in_words_what_is_wrong() {
    let acme = Acme::unconnected().await;
    let owner = acme.app.owner().await;
    let slash = format!("{}/", acme.provider.issuer);
    for (issuer, words) in [
        (slash.as_str(), "Enter the issuer exactly like this"),
        (&format!("{}/elsewhere", acme.provider.issuer), "answered with status 404"),
        ("http://127.0.0.1:9", "did not answer"),
        ("http://no-such-host.invalid", "cannot be found"),
        ("ftp://127.0.0.1", "does not begin with https://"),
        ("https://user:password@127.0.0.1", "is not an address that can be asked"),
    ] {
        let answer = owner.call("/api/sso/connect", &acme.form(issuer, SECRET)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{issuer}");
        assert!(answer.text().contains(words), "{issuer}: {}", answer.text());
    }
    assert_eq!(acme.count("sso_connections").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn private_network_is_not_looked_into() {
    let app = TestApp::start_with(|config| config.sso_private_networks = false).await;
    let owner = app.owner().await;
    for (issuer, words) in [
        ("http://169.254.169.254", "does not begin with https://"),
        ("https://169.254.169.254/latest", "inside a private network"),
        ("https://localhost:5432", "inside a private network"),
        ("https://[::ffff:10.0.0.1]", "inside a private network"),
    ] {
        let form = [("form[issuer]", issuer), ("form[client_id]", "x"), ("form[client_secret]", "y"), ("form[role]", "member")];
        let answer = owner.call("/api/sso/connect", &form).await;
        assert!(answer.text().contains(words), "{issuer}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn domain_counts_while_its_record_is_there_and_for_one_customer() {
    let acme = Acme::unconnected().await;
    let owner = acme.app.owner().await;
    acme.connect(&owner).await;
    let form = [("form[domain]", "acme.example")];
    assert_eq!(owner.call("/api/sso/add_domain", &form).await.status, StatusCode::OK);
    assert_eq!(owner.call("/api/sso/add_domain", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "twice");
    assert_eq!(owner.call("/api/sso/verify_domain", &form).await.status, StatusCode::CONFLICT, "there is no record");
    acme.names.set("_foyer-challenge.acme.example", "foyer-verification=00000000000000000000000000000000");
    assert_eq!(owner.call("/api/sso/verify_domain", &form).await.status, StatusCode::CONFLICT, "there is another's record");
    acme.make_record(&owner, "acme.example").await;
    assert_eq!(owner.call("/api/sso/verify_domain", &form).await.status, StatusCode::OK);

    let stranger = acme.app.stranger().await;
    assert_eq!(stranger.call("/api/sso/add_domain", &form).await.status, StatusCode::OK);
    acme.make_record(&stranger, "acme.example").await;
    let answer = stranger.call("/api/sso/verify_domain", &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());

    acme.names.clear();
    assert_eq!(owner.call("/api/sso/verify_domain", &form).await.status, StatusCode::CONFLICT);
    let answer = acme.app.visitor().call("/api/sso/start", &[("form[email]", "a@acme.example")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a domain without its record leads nowhere");
    assert_eq!(acme.app.audit_kinds(acme.app.customer()).await.last().unwrap(), "sso.domain_lost");
    assert_eq!(owner.call("/api/sso/remove_domain", &form).await.status, StatusCode::OK);
    assert_eq!(owner.call("/api/sso/remove_domain", &form).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn name_server_that_does_not_answer_verifies_nothing() {
    let silent = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let app = TestApp::start_with(|config| config.dns_resolver = Some(address)).await;
    let owner = app.owner().await;
    owner.call("/api/sso/add_domain", &[("form[domain]", "acme.example")]).await;
    let answer = owner.call("/api/sso/verify_domain", &[("form[domain]", "acme.example")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("did not answer"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn provider_leads_from_the_page_without_javascript() {
    let acme = Acme::start().await;
    let browser = acme.app.visitor();
    let page = browser.get("/signin/sso").await;
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("form-action 'self' https:"), "{policy}");
    let answer = browser.submit("/api/sso/start", &[("form[email]", "a@acme.example")], "/signin/sso").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.location().starts_with(&acme.provider.issuer));
    let elsewhere = browser.get("/signin").await;
    assert!(elsewhere.headers.get("content-security-policy").unwrap().to_str().unwrap().contains("form-action 'self';"));
}
