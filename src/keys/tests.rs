//! Keys as each role meets them.

use axum::http::StatusCode;
use time::Duration;

use super::{
    model::{Brand, Secret},
    store::{self, Wanted},
};
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
    let id = rows.iter().find(|key| key["prefix"] == secret[8..16]).unwrap()["id"].as_str().unwrap().to_owned();
    (id, secret)
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
    owner.call("/api/keys/rotate", &[("form[id]", &old), ("form[overlap]", "now")]).await;
    assert_eq!(state(&owner, &old).await, "Expired");
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
async fn of_fifty_keys_at_once_one_is_the_two_hundredth() {
    let app = TestApp::start().await;
    sqlx::query(
        "INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_at)
         SELECT 'key-' || lpad(to_hex(n), 12, '0'), $1, 'CI', '00000000', sha256(n::text::bytea), 'active', $2 FROM generate_series(1, 199) n",
    )
    .bind(app.customer())
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
    let owner = app.owner().await;
    let answers = futures::future::join_all((0..50).map(|_| owner.call("/api/keys/create", &[("form[name]", "CI")]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, StatusCode::OK | StatusCode::CONFLICT)));
    let keys: i64 = sqlx::query_scalar("SELECT count(*) FROM api_keys").fetch_one(app.db()).await.unwrap();
    assert_eq!(keys, 200);
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
    assert!(page.text().contains("No API key yet"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn key_is_made_with_all_its_limits() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let form = [
        ("form[name]", "Importer"),
        ("form[environment]", "test"),
        ("form[expiry]", "90d"),
        ("form[access]", "chosen"),
        ("form[scopes][]", "events:read"),
        ("form[scopes][]", "reports:read"),
        ("form[networks]", "10.0.0.0/8\r\n203.0.113.7"),
        ("form[calls_per_minute]", "1,200"),
    ];
    let answer = owner.call("/api/keys/create", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(answer.json()["secret"].as_str().unwrap().starts_with("sk_test_"));
    let id = owner.query("/api/keys/list?environment=test").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    let key = detail(&owner, &id).await;
    assert_eq!(key["scopes"], serde_json::json!(["Read events", "Read and export reports"]));
    assert_eq!(key["networks"], serde_json::json!(["10.0.0.0/8", "203.0.113.7"]));
    assert_eq!((&key["calls_per_minute"], &key["key"]["ends"]["exact"]), (&"1,200".into(), &"21 Feb 2027, 09:00 UTC".into()));
    let page = owner.get(&format!("/keys/{id}")).await;
    assert!(page.status == StatusCode::OK && page.text().contains("Read and export reports"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_limits_are_named_beside_their_fields() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let form = [("form[name]", "CI"), ("form[access]", "chosen"), ("form[networks]", "our office")];
    let answer = owner.call("/api/keys/create", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Choose at least one") && answer.text().contains("is no address"), "{}", answer.text());
    assert_eq!(app.audit_kinds(app.customer()).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn disabled_key_can_be_enabled_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    assert_eq!(post(&owner, "enable", &id).await, StatusCode::CONFLICT, "it is on");
    assert_eq!(post(&owner, "disable", &id).await, StatusCode::OK);
    assert_eq!(state(&owner, &id).await, "Disabled");
    assert_eq!(rotate(&owner, &id, "24h").await, StatusCode::CONFLICT);
    assert_eq!(post(&owner, "enable", &id).await, StatusCode::OK);
    assert_eq!(state(&owner, &id).await, "Active");
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created", "key.disabled", "key.enabled"]);
    app.run_worker().await;
    assert!(app.sent_mails().iter().any(|mail| mail.subject == "API key disabled: CI"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotation_keeps_limits_and_end_and_both_keys_know_each_other() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let form = [("form[name]", "CI"), ("form[expiry]", "30d"), ("form[networks]", "10.0.0.0/8"), ("form[calls_per_minute]", "60")];
    assert_eq!(owner.call("/api/keys/create", &form).await.status, StatusCode::OK);
    let old = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(rotate(&owner, &old, "7d").await, StatusCode::OK);
    let before = detail(&owner, &old).await;
    let successor = before["successor"]["id"].as_str().unwrap().to_owned();
    let after = detail(&owner, &successor).await;
    assert_eq!(after["predecessor"]["id"], old.as_str());
    assert_eq!((&after["networks"][0], &after["calls_per_minute"]), (&"10.0.0.0/8".into(), &"60".into()));
    assert_eq!(after["key"]["ends"]["exact"], "23 Dec 2026, 09:00 UTC", "a rotation changes no end by itself");
    assert_eq!(before["key"]["ends"]["exact"], "30 Nov 2026, 09:00 UTC");
    let later = [("form[id]", successor.as_str()), ("form[overlap]", "1h"), ("form[expiry]", "90d")];
    assert_eq!(owner.call("/api/keys/rotate", &later).await.status, StatusCode::OK);
    let last = detail(&owner, &successor).await["successor"]["id"].as_str().unwrap().to_owned();
    assert_eq!(detail(&owner, &last).await["key"]["ends"]["exact"], "21 Feb 2027, 09:00 UTC", "unless somebody chose another");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn old_key_shows_who_still_uses_it_and_can_go_on_for_longer() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    rotate(&owner, &id, "1h").await;
    assert!(detail(&owner, &id).await["old_use"]["verdict"].as_str().unwrap().starts_with("Safe to revoke"));
    record(&app, &id, "valid", "203.0.113.7", 1_204, 3).await;
    let old = detail(&owner, &id).await["old_use"].clone();
    assert_eq!((&old["from"][0]["ip"], &old["from"][0]["count"]), (&"203.0.113.7".into(), &"1,204 calls".into()));
    assert_eq!(old["extend"], serde_json::json!(["24h", "Extend to 24 Nov 2026, 09:00 UTC"]));
    let form = [("form[id]", id.as_str()), ("form[overlap]", "24h")];
    assert_eq!(owner.call("/api/keys/extend", &form).await.status, StatusCode::OK);
    assert_eq!(owner.call("/api/keys/extend", &form).await.status, StatusCode::CONFLICT, "it goes on that long already");
    assert_eq!(detail(&owner, &id).await["key"]["ends"]["exact"], "24 Nov 2026, 09:00 UTC");
    app.advance(Duration::DAY);
    let owner = app.owner().await;
    assert_eq!(state(&owner, &id).await, "Expired");
    assert_eq!(owner.call("/api/keys/extend", &form).await.status, StatusCode::CONFLICT, "nothing brings it back");
    assert_eq!(rotate(&owner, &id, "24h").await, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_says_why_a_key_fails_and_one_click_allows_the_address() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let form = [("form[name]", "CI"), ("form[networks]", "10.0.0.0/8")];
    assert_eq!(owner.call("/api/keys/create", &form).await.status, StatusCode::OK);
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    record(&app, &id, "wrong_address", "198.51.100.4", 41, 12).await;
    record(&app, &id, "wrong_address", "10.1.1.1", 2, 500).await;
    let list = owner.query("/api/keys/list").await.json();
    assert_eq!(list["keys"]["rows"][0]["refused"], "43 refused");
    let page = owner.get(&format!("/keys/{id}")).await.text();
    assert!(page.contains("Address not allowed") && page.contains("Allow 198.51.100.4") && !page.contains("Allow 10.1.1.1"), "{page}");
    let allow = [("id", id.as_str()), ("ip", "198.51.100.4")];
    let answer = owner.submit("/api/keys/allow", &allow, &format!("/keys/{id}")).await;
    assert_eq!(answer.location(), format!("/keys/{id}?done=saved"));
    let key = detail(&owner, &id).await;
    assert_eq!((&key["networks"][1], &key["refused"][0]["mend"]), (&"198.51.100.4".into(), &"Mended".into()));
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created", "key.limits_changed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limits_and_name_of_a_key_can_be_changed() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    let form = [("form[id]", id.as_str()), ("form[access]", "chosen"), ("form[scopes][]", "events:write"), ("form[calls_per_minute]", "5")];
    assert_eq!(owner.call("/api/keys/limits", &form).await.status, StatusCode::OK);
    assert_eq!(owner.call("/api/keys/rename", &[("form[id]", &id), ("form[name]", "Build")]).await.status, StatusCode::OK);
    let key = detail(&owner, &id).await;
    assert_eq!((&key["scopes"][0], &key["key"]["name"]), (&"Send events".into(), &"Build".into()));
    let details: serde_json::Value =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind = 'key.limits_changed'").fetch_one(app.db()).await.unwrap();
    assert_eq!(details["scopes"], serde_json::json!({ "before": null, "after": ["events:write"] }));
    revoke(&owner, &id).await;
    assert_eq!(owner.call("/api/keys/limits", &form).await.status, StatusCode::CONFLICT, "a dead key has no limits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reason_of_a_revocation_is_kept() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    revoke(&owner, &id).await;
    assert_eq!(detail(&owner, &id).await["revoked_reason"], "Leaked: in a log");
    app.run_worker().await;
    assert!(app.sent_mails().iter().any(|mail| mail.subject == "API key revoked: CI" && mail.text.contains("Leaked: in a log")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn list_is_narrowed_by_name_beginning_state_and_environment() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, secret) = create(&owner, "Production").await;
    let (staging, _) = create(&owner, "Staging").await;
    revoke(&owner, &staging).await;
    for (query, names) in [
        ("", vec!["Production"]),
        ("?state=all", vec!["Production", "Staging"]),
        ("?state=revoked", vec!["Staging"]),
        ("?state=all&search=STAG", vec!["Staging"]),
        ("?search=100%25", vec![]),
        ("?environment=test", vec![]),
        (&format!("?state=all&search={secret}"), vec!["Production"]),
        (&format!("?state=all&search={}", &secret[8..14]), vec!["Production"]),
    ] {
        let list = owner.query(&format!("/api/keys/list{query}")).await.json();
        let mut found: Vec<_> =
            list["keys"]["rows"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect();
        found.sort();
        assert_eq!(found, names, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn states_of_the_list_are_those_of_the_rules() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut ids = vec![];
    for name in ["active", "ending", "disabled", "expired", "revoked"] {
        ids.push(create(&owner, name).await.0);
    }
    rotate(&owner, &ids[1], "24h").await;
    post(&owner, "disable", &ids[2]).await;
    rotate(&owner, &ids[3], "now").await;
    revoke(&owner, &ids[4]).await;
    let mut read = app.db().acquire().await.unwrap();
    for state in ["active", "ending", "disabled", "expired", "revoked"] {
        let wanted = Wanted { states: &[state], limit: 50, ..Wanted::default() };
        let rows = store::list(&mut read, app.customer(), &wanted, app.now()).await.unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.life().state(app.now()).as_str() == state), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_and_developers_are_told_before_the_end_once_for_each_notice() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (name, expiry) in [("CI", "30d"), ("Short", "1d")] {
        assert_eq!(owner.call("/api/keys/create", &[("form[name]", name), ("form[expiry]", expiry)]).await.status, StatusCode::OK);
    }
    let told = |app: &TestApp| app.sent_mails().iter().filter(|mail| mail.subject.contains("expires")).count();
    app.run_worker().await;
    assert_eq!(told(&app), 0, "whoever makes a key for a day knows");
    for (days, mails) in [(16, 2), (0, 2), (7, 4), (6, 6), (0, 6), (1, 6)] {
        app.advance(Duration::days(days));
        futures::future::join_all((0..4).map(|_| super::announce_ends(app.state()))).await.into_iter().for_each(Result::unwrap);
        app.run_worker().await;
        assert_eq!(told(&app), mails, "after {days} more days");
    }
    assert!(app.sent_mails().iter().any(|mail| mail.text.contains("No program has ever used it")));
    assert_eq!(app.audit_kinds(app.customer()).await.iter().filter(|kind| *kind == "key.end_announced").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rotated_key_is_not_announced() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI"), ("form[expiry]", "30d")]).await.status, StatusCode::OK);
    app.advance(Duration::days(29) + Duration::hours(1));
    let owner = app.owner().await;
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    let form = [("form[id]", id.as_str()), ("form[overlap]", "7d"), ("form[expiry]", "never")];
    assert_eq!(owner.call("/api/keys/rotate", &form).await.status, StatusCode::OK);
    app.run_worker().await;
    assert!(!app.sent_mails().iter().any(|mail| mail.subject.contains("expires")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_key_has_no_page_and_no_forms() {
    let app = TestApp::start().await;
    let (id, _) = create(&app.owner().await, "CI").await;
    let stranger = app.stranger().await;
    assert_eq!(stranger.get(&format!("/keys/{id}")).await.status, StatusCode::NOT_FOUND);
    for what in ["disable", "enable", "allow"] {
        assert_eq!(post(&stranger, what, &id).await, StatusCode::NOT_FOUND, "{what}");
    }
    for what in ["rename", "limits", "extend", "revoke", "rotate"] {
        let answer = stranger.call(&format!("/api/keys/{what}"), &[("form[id]", &id)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_is_for_those_who_may_see_keys() {
    let app = TestApp::start().await;
    let (id, _) = create(&app.owner().await, "CI").await;
    let billing = app.billing().await;
    assert_eq!(billing.get(&format!("/keys/{id}")).await.status, StatusCode::FORBIDDEN);
    let page = app.developer().await.get(&format!("/keys/{id}")).await.text();
    assert!(page.contains("Revoke key") && page.contains("Why is my key failing?"));
}
