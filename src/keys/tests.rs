//! Keys as each role meets them.

mod calls;
mod handover;
mod limit;
mod management;
mod notices;
mod recognition;
mod twice;

use axum::http::StatusCode;
use time::Duration;

use super::model::{Brand, Secret};
use crate::{
    access::Role,
    server::testing::{Actor, TestApp},
};

async fn create(actor: &Actor, name: &str) -> (String, String) {
    let answer = actor.call("/api/keys/create", &[("form[name]", name)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let secret = answer.json()["secret"].as_str().unwrap().to_owned();
    let list = actor.query("/api/keys/list").await.json();
    let rows = list["keys"]["rows"].as_array().unwrap().clone();
    let masked = masked(&secret);
    let id = rows.iter().find(|key| key["masked"] == masked).unwrap()["id"].as_str().unwrap().to_owned();
    (id, secret)
}

/// A key as the pages show it: brand, environment and eight characters, and the last four.
fn masked(secret: &str) -> String {
    format!("{}…{}", &secret[..secret.len() - 64], &secret[secret.len() - 4..])
}

async fn state(actor: &Actor, id: &str) -> String {
    let list = actor.query("/api/keys/list?state=all").await.json();
    let key = list["keys"]["rows"].as_array().unwrap().iter().find(|key| key["id"] == id).cloned();
    key.map_or("missing".to_owned(), |key| key["state"].as_str().unwrap().to_owned())
}

async fn detail(actor: &Actor, id: &str) -> serde_json::Value {
    actor.query(&format!("/api/keys/find?id={id}")).await.json()
}

async fn post(actor: &Actor, what: &str, id: &str) -> StatusCode {
    actor.call(&format!("/api/keys/{what}"), &[("id", id)]).await.status
}

async fn rotate(actor: &Actor, id: &str, overlap: &str) -> StatusCode {
    actor.call("/api/keys/rotate", &[("form[id]", id), ("form[overlap]", overlap)]).await.status
}

async fn revoke(actor: &Actor, id: &str) -> StatusCode {
    actor.call("/api/keys/revoke", &[("form[id]", id), ("form[reason]", "Leaked"), ("form[note]", "in a log")]).await.status
}

/// Calls as verification records them.
async fn record(app: &TestApp, id: &str, code: &str, ip: &str, calls: i64, minutes_ago: i64) {
    let at = app.now() - Duration::minutes(minutes_ago);
    sqlx::query("INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at) VALUES ($1, $2, date_trunc('hour', $6, 'UTC'), $3, $4, $5, $6)")
        .bind(app.customer())
        .bind(id)
        .bind(code)
        .bind(ip)
        .bind(calls)
        .bind(at)
        .execute(app.db())
        .await
        .unwrap();
    if code == "valid" {
        sqlx::query("UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE key_id = $1")
            .bind(id)
            .bind(at)
            .execute(app.db())
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn developer_creates_a_key_and_sees_its_secret_once() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    let (id, secret) = create(&developer, "Production server").await;
    assert!(Secret::parse(&Brand::default(), &secret).is_some() && id.starts_with("key-"));
    assert_eq!(state(&developer, &id).await, "Active");
    assert!(!developer.get("/keys").await.text().contains(&secret), "the page never shows it again");
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created"]);
    let stored: Vec<u8> = sqlx::query_scalar("SELECT lookup_hash FROM api_keys").fetch_one(app.db()).await.unwrap();
    assert_eq!(stored, crate::server::entropy::sha256(secret.as_bytes()), "SHA-256 of the whole key, as in the contract");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_is_in_no_table() {
    let app = TestApp::start().await;
    let (_, secret) = create(&app.owner().await, "CI").await;
    for table in ["api_keys", "audit_events", "outbox"] {
        let statement = format!("SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%' || $1 || '%'");
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(&secret[16..]).fetch_one(app.db()).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_and_developers_are_told_by_mail() {
    let app = TestApp::start().await;
    create(&app.admin().await, "CI").await;
    app.run_worker().await;
    let mut told: Vec<String> = app.sent_mails().into_iter().map(|mail| mail.to).collect();
    told.sort();
    assert_eq!(told, ["developer@acme.example", "owner@acme.example"]);
}

/// People of Acme whose addresses come before the owner's, and who are told about keys.
async fn insert_developers(app: &TestApp, count: i32) {
    sqlx::query(
        "WITH made AS (
             INSERT INTO users (user_id, email, name, created_at, updated_at)
             SELECT gen_random_uuid(), 'a' || n || '@acme.example', 'Developer ' || n, $2, $2 FROM generate_series(1, $3) n
             RETURNING user_id
         )
         INSERT INTO memberships (customer_id, user_id, role, created_at) SELECT $1, user_id, 'developer', $2 FROM made",
    )
    .bind(app.customer())
    .bind(app.now())
    .bind(count)
    .execute(app.db())
    .await
    .unwrap();
}

async fn told(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("SELECT payload ->> 'email' FROM outbox WHERE kind = 'key_created' ORDER BY 1").fetch_all(app.db()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_of_the_largest_team_is_told_in_one_statement() {
    let app = TestApp::start().await.with_connections(1);
    let owner = app.owner().await;
    insert_developers(&app, 498).await;
    app.wire().clear();
    create(&owner, "CI").await;
    let told = told(&app).await;
    assert_eq!(told.len(), 500);
    for person in ["owner@acme.example", "developer@acme.example", "a498@acme.example"] {
        assert!(told.iter().any(|email| email == person), "{person}");
    }
    let waits = app.wire().round_trips().len();
    assert!(waits < 60, "{waits}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_is_told_before_any_developer() {
    let app = TestApp::start().await;
    insert_developers(&app, 600).await;
    create(&app.owner().await, "CI").await;
    let told = told(&app).await;
    assert!(told.len() == 500 && told.iter().any(|email| email == "owner@acme.example"), "{} people", told.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_secret_is_shown_on_the_next_page_only() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.submit("/api/keys/create", &[("form[name]", "CI")], "/keys").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/keys"));
    assert!(owner.follow(&answer).await.text().contains("sk_live_"));
    let later = owner.get("/keys").await.text();
    assert!(
        !later
            .split("sk_live_")
            .skip(1)
            .any(|rest| rest.len() > 72 && Secret::parse(&Brand::default(), &format!("sk_live_{}", &rest[..72])).is_some())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_names_are_refused_beside_the_field() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for name in ["", "   ", "a\nb", &"x".repeat(81)] {
        let answer = owner.call("/api/keys/create", &[("form[name]", name)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "name");
    }
    let answer = owner.submit("/api/keys/create", &[("form[name]", "")], "/keys").await;
    assert!(owner.follow(&answer).await.text().contains("Name is empty. Fill it in."));
    assert_eq!(owner.call("/api/keys/create", &[]).await.status, StatusCode::CONFLICT, "not a form of ours");
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_and_billing_neither_see_nor_make_keys() {
    let app = TestApp::start().await;
    for role in [Role::Member, Role::Billing] {
        let person = app.person(role).await;
        assert_eq!(person.query("/api/keys/list").await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.call("/api/keys/create", &[("form[name]", "x")]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.get("/keys").await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoked_key_stays_revoked() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    assert_eq!(revoke(&owner, &id).await, StatusCode::OK);
    assert_eq!(state(&owner, &id).await, "Revoked");
    assert_eq!(revoke(&owner, &id).await, StatusCode::CONFLICT);
    let rotated = owner.call("/api/keys/rotate", &[("form[id]", &id), ("form[overlap]", "24h")]).await;
    assert_eq!(rotated.status, StatusCode::CONFLICT);
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created", "key.revoked"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_lets_the_old_key_go_on_for_the_chosen_time() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (old, first) = create(&owner, "CI").await;
    let answer = owner.call("/api/keys/rotate", &[("form[id]", &old), ("form[overlap]", "24h")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_ne!(answer.json()["secret"], first.as_str());
    assert_eq!(state(&owner, &old).await, "Ending");
    let owner = {
        app.advance(Duration::hours(24) - Duration::seconds(1));
        app.owner().await
    };
    assert_eq!(state(&owner, &old).await, "Ending");
    app.advance(Duration::seconds(1));
    assert_eq!(state(&owner, &old).await, "Expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaked_key_stops_at_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (old, _) = create(&owner, "CI").await;
    assert_eq!(rotate(&owner, &old, "now").await, StatusCode::OK);
    assert_eq!(state(&owner, &old).await, "Revoked");
    assert_eq!(detail(&owner, &old).await["revoked_reason"], "Stopped at once when it was rotated");
    let event: serde_json::Value =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind = 'key.rotated'").fetch_one(app.db()).await.unwrap();
    assert_eq!(event["state"], serde_json::json!({ "before": "active", "after": "revoked" }));
    app.run_worker().await;
    let mails = app.sent_mails();
    let mail = mails.iter().find(|mail| mail.subject == "API key rotated: CI").unwrap();
    assert!(mail.text.contains("was stopped at once") && !mail.text.contains("accepted until"), "{}", mail.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_rotations_at_once_one_makes_a_successor() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    let form = [("form[id]", id.as_str()), ("form[overlap]", "24h")];
    let answers = futures::future::join_all((0..50).map(|_| owner.call("/api/keys/rotate", &form))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys").fetch_one(app.db()).await.unwrap();
    assert_eq!(keys, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_key_does_not_exist() {
    let app = TestApp::start().await;
    let (id, _) = create(&app.owner().await, "CI").await;
    let stranger = app.stranger().await;
    let missing = stranger.call("/api/keys/revoke", &[("form[id]", "key-000000000000")]).await;
    for id in [id.as_str(), "key-", "", "'; DROP TABLE api_keys; --"] {
        let answer = stranger.call("/api/keys/revoke", &[("form[id]", id)]).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, missing.text()), "{id}");
        let answer = stranger.call("/api/keys/rotate", &[("form[id]", id), ("form[overlap]", "now")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert_eq!(state(&app.owner().await, &id).await, "Active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_overlap_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    let answer = owner.call("/api/keys/rotate", &[("form[id]", &id), ("form[overlap]", "forever")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(state(&owner, &id).await, "Active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_page_says_what_a_key_is() {
    let app = TestApp::start().await;
    let page = app.owner().await.get("/keys").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("No API key yet") && page.text().contains("Create the first one above"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ended_keys_are_offered_only_to_whom_has_some() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert!(!owner.get("/keys").await.text().contains("Show ended keys"));
    let (id, _) = create(&owner, "CI").await;
    revoke(&owner, &id).await;
    let page = owner.get("/keys").await.text();
    assert!(page.contains("Show ended keys") && !page.contains("No API key yet"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotated_key_and_its_successor_lead_to_each_other_in_the_list() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (old, first) = create(&owner, "CI").await;
    let answer = owner.call("/api/keys/rotate", &[("form[id]", &old), ("form[overlap]", "24h")]).await;
    let second = answer.json()["secret"].as_str().unwrap().to_owned();
    let page = owner.get("/keys").await;
    let mut lines = page.texts(".key-relation");
    lines.sort();
    assert_eq!(lines, [format!("Replaced by {}", masked(&second)), format!("Replaces {}", masked(&first))]);
    assert!(page.text().contains(&format!("href=\"/keys/{old}\"")));
    app.advance(Duration::hours(25));
    assert_eq!(app.owner().await.get("/keys").await.texts(".key-relation"), [format!("Replaces {}", masked(&first))], "it has ended");
}
