//! Limits, states, overlaps and the reasons for failing.

use axum::http::StatusCode;
use time::Duration;

use super::{create, detail, post, record, revoke, rotate, state};
use crate::{
    keys::{
        model::Search,
        store::{self, Wanted},
    },
    server::testing::TestApp,
};

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
    assert!(answer.text().contains("Choose at least one") && answer.text().contains("is not an address"), "{}", answer.text());
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
    let successor = before["key"]["successor"]["id"].as_str().unwrap().to_owned();
    let after = detail(&owner, &successor).await;
    assert_eq!(after["key"]["predecessor"]["id"], old.as_str());
    assert_eq!((&after["networks"][0], &after["calls_per_minute"]), (&"10.0.0.0/8".into(), &"60".into()));
    assert_eq!(after["key"]["ends"]["exact"], "23 Dec 2026, 09:00 UTC", "a rotation changes no end by itself");
    assert_eq!(before["key"]["ends"]["exact"], "30 Nov 2026, 09:00 UTC");
    let later = [("form[id]", successor.as_str()), ("form[overlap]", "1h"), ("form[expiry]", "90d")];
    assert_eq!(owner.call("/api/keys/rotate", &later).await.status, StatusCode::OK);
    let last = detail(&owner, &successor).await["key"]["successor"]["id"].as_str().unwrap().to_owned();
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
async fn button_that_allows_one_address_too_many_says_so() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let fifty: String = (0..50).map(|number| format!("10.0.0.{number}\n")).collect();
    let form = [("form[name]", "CI"), ("form[networks]", fifty.as_str())];
    assert_eq!(owner.call("/api/keys/create", &form).await.status, StatusCode::OK);
    let id = owner.query("/api/keys/list").await.json()["keys"]["rows"][0]["id"].as_str().unwrap().to_owned();
    for (ip, words) in [("198.51.100.4", "These are 51 addresses. List at most 50"), ("office", "“office” is not an address.")] {
        let allow = [("id", id.as_str()), ("ip", ip)];
        let answer = owner.call("/api/keys/allow", &allow).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        assert!(answer.text().contains(words), "{}", answer.text());
        let page = owner.follow(&owner.submit("/api/keys/allow", &allow, &format!("/keys/{id}")).await).await.text();
        assert!(page.contains(words), "{page}");
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["key.created"]);
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
async fn key_stays_limited_where_its_scopes_are_in_no_catalogue() {
    for catalogue in ["", "events:read=Read events"] {
        let app = TestApp::start_with(|config| config.key_scopes = catalogue.parse().unwrap()).await;
        let owner = app.owner().await;
        let (id, _) = create(&owner, "CI").await;
        sqlx::query("UPDATE api_keys SET scopes = '{events:read,old:word}' WHERE key_id = $1").bind(&id).execute(app.db()).await.unwrap();
        let page = owner.get(&format!("/keys/{id}")).await.text();
        assert!(page.contains("id=\"scope-old:word\"") && page.contains("No longer offered"), "{page}");
        let limits = async |more: &[(&str, &str)]| {
            let form = [&[("form[id]", id.as_str()), ("form[calls_per_minute]", "5")][..], more].concat();
            assert_eq!(owner.call("/api/keys/limits", &form).await.status, StatusCode::OK, "{form:?}");
            detail(&owner, &id).await["chosen"].clone()
        };
        let both = serde_json::json!(["events:read", "old:word"]);
        assert_eq!(limits(&[]).await, both, "a form without these fields");
        let kept = [("form[access]", "chosen"), ("form[scopes][]", "events:read"), ("form[scopes][]", "old:word")];
        assert_eq!(limits(&kept).await, both);
        assert_eq!(limits(&[("form[access]", "all")]).await, serde_json::json!([]));
        assert_eq!(detail(&owner, &id).await["scopes"], serde_json::Value::Null);
    }
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
async fn key_is_not_revoked_without_a_reason() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (id, _) = create(&owner, "CI").await;
    for form in [vec![], vec![("form[reason]", " ")], vec![("form[note]", "in a log")]] {
        let form: Vec<_> = form.into_iter().chain([("form[id]", id.as_str())]).collect();
        let answer = owner.call("/api/keys/revoke", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "reason");
    }
    let answer = owner.submit("/api/keys/revoke", &[("form[id]", &id)], &format!("/keys/{id}")).await;
    assert!(owner.follow(&answer).await.text().contains("Reason is empty. Fill it in."));
    assert_eq!((state(&owner, &id).await.as_str(), app.audit_kinds(app.customer()).await), ("Active", vec!["key.created".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_a_leaked_key_says_what_can_still_be_done() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let mut ids = vec![];
    for name in ["active", "ending", "disabled", "revoked"] {
        ids.push(create(&owner, name).await.0);
    }
    rotate(&owner, &ids[1], "24h").await;
    post(&owner, "disable", &ids[2]).await;
    revoke(&owner, &ids[3]).await;
    sqlx::query("UPDATE api_keys SET leaked_at = $1").bind(app.now()).execute(app.db()).await.unwrap();
    for (id, words) in
        ids.iter().zip(["Rotate it now", "Revoke it now: until its overlap ends", "Revoke it now: once somebody", "Take it out"])
    {
        let page = owner.get(&format!("/keys/{id}")).await.text();
        assert!(page.contains(words) && page.contains("Rotate it now") == (words == "Rotate it now"), "{words}");
    }
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
    sqlx::query("UPDATE api_keys SET expires_at = $2 WHERE key_id = $1").bind(&ids[3]).bind(app.now()).execute(app.db()).await.unwrap();
    revoke(&owner, &ids[4]).await;
    let mut read = app.db().acquire().await.unwrap();
    for state in ["active", "ending", "disabled", "expired", "revoked"] {
        let wanted = Wanted { only: None, states: &[state], environment: None, search: &Search::default(), limit: 50, offset: 0 };
        let rows = store::list(&mut read, app.customer(), &wanted, app.now()).await.unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.life().state(app.now()).as_str() == state), "{state}");
    }
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
    let page = app.developer().await.get(&format!("/keys/{id}")).await;
    assert!(page.text().contains("Revoke key") && page.text().contains("Why is my key failing?"));
    assert_eq!(page.texts(".button-final"), ["Revoke"], "what is final does not look like what can be undone");
}
