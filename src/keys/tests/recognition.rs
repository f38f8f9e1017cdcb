//! What people recognize a key by when nobody has its secret any more.

use axum::http::StatusCode;

use super::{create, detail, masked, revoke, rotate};
use crate::server::testing::{Actor, TestApp};

/// A key as it was stored before its beginning and its end were kept, and one of another form that was imported.
async fn store(app: &TestApp, id: &str, prefix: &str, last_four: Option<&str>) {
    sqlx::query(
        "INSERT INTO api_keys (key_id, customer_id, name, prefix, last_four, lookup_hash, status, created_at)
         VALUES ($1, $2, 'Old', $3, $4, sha256($1::bytea), 'active', $5)",
    )
    .bind(id)
    .bind(app.customer())
    .bind(prefix)
    .bind(last_four)
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
}

async fn found(actor: &Actor, search: &str) -> Vec<String> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", "all").append_pair("search", search).finish();
    let list = actor.query(&format!("/api/keys/list?{query}")).await.json();
    list["keys"]["rows"].as_array().unwrap().iter().map(|key| key["masked"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_is_shown_as_it_began_when_it_was_made() {
    let app = TestApp::start_with(|config| config.key_brand = "acme".parse().unwrap()).await;
    let owner = app.owner().await;
    let (id, secret) = create(&owner, "CI").await;
    let masked = masked(&secret);
    assert!(masked.starts_with("acme_live_"));
    assert_eq!(detail(&owner, &id).await["key"]["masked"], masked);
    for page in ["/keys", "/", &format!("/keys/{id}")] {
        assert!(owner.get(page).await.text().contains(&masked), "{page}");
    }
    store(&app, "key-00000000000a", "0a0b0c0d", None).await;
    assert_eq!(detail(&owner, "key-00000000000a").await["key"]["masked"], "0a0b0c0d…", "no more is known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_is_found_by_either_end() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, secret) = create(&owner, "CI").await;
    let masked = masked(&secret);
    for search in [&secret, &secret[..16], &secret[8..12], &secret[8..20], &secret[76..], &secret[76..].to_uppercase(), &masked] {
        assert!(found(&owner, search).await.contains(&masked), "{search}");
    }
    store(&app, "key-00000000000a", "0a0b0c0d", None).await;
    store(&app, "key-00000000000b", "Partner-4f6c2b1e", Some("Ab.9")).await;
    for (search, shown) in [
        ("sk_live_0a0b0c0d11223344", "0a0b0c0d…"),
        ("0A0B", "0a0b0c0d…"),
        ("partner-", "Partner-4f6c2b1e…Ab.9"),
        ("Partner-4f6c2b1e-and-the-rest", "Partner-4f6c2b1e…Ab.9"),
        ("…Ab.9", "Partner-4f6c2b1e…Ab.9"),
    ] {
        assert_eq!(found(&owner, search).await, [shown], "{search}");
    }
    assert!(found(&owner, "zzzz").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whole_key_does_not_stay_in_the_address() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, secret) = create(&owner, "CI").await;
    let answer = owner.get(&format!("/keys?search=+{secret}&state=all")).await;
    assert!(answer.status.is_redirection() && !answer.text().contains(&secret), "{}", answer.status);
    let (path, query) = answer.location().split_once('?').unwrap();
    let mut query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    query.sort();
    let kept = [("search".to_owned(), format!(" {}", &secret[..16])), ("state".to_owned(), "all".to_owned())];
    assert_eq!((path, query), ("/keys", kept.to_vec()));
    assert!(owner.follow(&answer).await.text().contains(&masked(&secret)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn trail_and_mails_name_both_keys_of_a_rotation() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, old) = create(&owner, "CI").await;
    assert_eq!(rotate(&owner, &id, "24h").await, StatusCode::OK);
    let successor = detail(&owner, &id).await["key"]["successor"].clone();
    revoke(&owner, &id).await;
    let details: Vec<serde_json::Value> =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind LIKE 'key.%' ORDER BY chain_number")
            .fetch_all(app.db())
            .await
            .unwrap();
    for event in &details {
        assert_eq!((&event["prefix"], &event["last_four"]), (&old[..16].into(), &old[76..].into()), "{event}");
    }
    let shown = format!("{}…{}", details[1]["successor_prefix"].as_str().unwrap(), details[1]["successor_last_four"].as_str().unwrap());
    assert_eq!(successor["masked"], shown);
    app.run_worker().await;
    let mail = app.sent_mails().into_iter().find(|mail| mail.subject == "API key rotated: CI").unwrap();
    assert!(mail.text.contains(&format!("({})", masked(&old))) && mail.text.contains(&format!("{shown},")), "{}", mail.text);
}
