//! The trail as its customer reads and exports it.

use axum::http::{StatusCode, header};
use serde_json::Value;
use time::Duration;

use crate::{
    access::Role,
    server::testing::{Actor, Answer, TestApp},
};

async fn list(actor: &Actor, query: &str) -> Value {
    let answer = actor.query(&format!("/api/activity/list{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Actor and sentence of each entry, the newest first.
async fn sentences(actor: &Actor, query: &str) -> Vec<String> {
    let list = list(actor, query).await;
    let entries = list["entries"].as_array().unwrap().iter();
    entries.map(|entry| format!("{} {}", entry["actor"].as_str().unwrap(), entry["what"].as_str().unwrap())).collect()
}

async fn export(actor: &Actor, form: &[(&str, &str)]) -> Answer {
    actor.submit("/activity/export", form, "/activity").await
}

/// Stores `count` entries of a program, a second apart, the last one now.
async fn fill(app: &TestApp, count: i32) {
    let statement = "INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_name, kind, subject, created_at)
        SELECT gen_random_uuid(), $1, 'key', 'Importer', 'key.created', 'Key ' || n, $2 - make_interval(secs => $3 - n)
          FROM generate_series(1, $3) n ORDER BY n";
    sqlx::query(statement).bind(app.customer()).bind(app.now()).bind(count).execute(app.db()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn entries_are_sentences_with_what_was_before() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    admin.call("/api/account/update_billing_email", &[("form[billing_email]", "ap@acme.example")]).await;
    admin.call("/api/account/update_billing_email", &[("form[billing_email]", "finance@acme.example")]).await;
    owner.call("/api/billing/change_plan", &[("form[plan]", "enterprise"), ("form[from]", "pro")]).await;
    owner.call("/api/keys/create", &[("form[name]", "CI <b>")]).await;
    owner.call("/api/team/invite", &[("form[email]", "ada@acme.example"), ("form[role]", "developer")]).await;
    let member = app.member().await.user_id.unwrap().to_string();
    owner.call("/api/team/role", &[("form[user]", &member), ("form[role]", "billing")]).await;
    app.member().await.call("/api/team/leave", &[]).await;
    let expected = [
        "Member of Acme left the team",
        "Owner of Acme changed the role of member@acme.example from Member to Billing",
        "Owner of Acme invited ada@acme.example as Developer",
        "Owner of Acme created the API key “CI <b>”",
        "Owner of Acme changed the plan from Pro to Enterprise",
        "Admin of Acme changed the billing e-mail from ap@acme.example to finance@acme.example",
        "Admin of Acme set the billing e-mail to ap@acme.example",
    ];
    assert_eq!(sentences(&owner, "").await, expected);
    let entry = &list(&owner, "").await["entries"][2];
    assert_eq!(entry["details"], serde_json::json!([{ "name": "Role", "before": "none", "value": "Developer" }]));
    let page = owner.get("/activity").await;
    assert_eq!(page.status, StatusCode::OK);
    let rows = page.texts("tbody th");
    assert_eq!(rows.len(), 7);
    assert!(rows[1].starts_with("Owner of Acme changed the role of member@acme.example from Member to BillingDetails"), "{}", rows[1]);
    assert!(rows[1].contains("Member became Billing") && rows[1].contains("23 Nov 2026, 09:00 UTC"), "{}", rows[1]);
    assert!(!page.text().contains("<b>"), "words of people are never markup");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn names_stay_as_they_were_at_the_time() {
    let app = TestApp::start().await;
    app.admin().await.call("/api/keys/create", &[("form[name]", "CI")]).await;
    sqlx::query("UPDATE users SET name = 'Adele' WHERE email = 'admin@acme.example'").execute(app.db()).await.unwrap();
    assert_eq!(sentences(&app.owner().await, "").await, ["Admin of Acme created the API key “CI”"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn support_is_told_apart_from_the_team() {
    let app = TestApp::start().await;
    let ticket: String = app
        .member()
        .await
        .call("/api/support/create", &[("form[subject]", "Help"), ("form[message]", "Please")])
        .await
        .json()
        .as_str()
        .unwrap()
        .into();
    app.staff().await.call("/api/staff/close", &[("id", &ticket)]).await;
    let entry = &list(&app.owner().await, "").await["entries"][0];
    assert_eq!((entry["actor"].as_str(), entry["side"].as_str()), (Some("Mia"), Some("Our support")));
    assert_eq!(entry["what"], "closed the ticket “Help”");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_and_admin_see_and_export_the_trail_and_nobody_else() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let person = app.person(role).await;
        let expected = if matches!(role, Role::Owner | Role::Admin) { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(person.get("/activity").await.status, expected, "{role}");
        assert_eq!(export(&person, &[("format", "csv")]).await.status, expected, "{role}");
    }
    let away = export(&app.visitor(), &[("format", "csv")]).await;
    assert_eq!(away.location(), "/signin?next=/activity");
    assert_eq!(app.visitor().get("/activity/export").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let foreign = app.owner().await.post_with("/activity/export", &[("format", "csv")], &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(app.audit_kinds(app.customer()).await, ["activity.exported", "activity.exported"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn filters_narrow_by_person_area_and_time() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    owner.call("/api/keys/create", &[("form[name]", "Old")]).await;
    app.advance(Duration::days(8));
    let (owner, admin_again) = (app.owner().await, app.admin().await);
    admin_again.call("/api/keys/create", &[("form[name]", "New")]).await;
    owner.call("/api/team/invite", &[("form[email]", "ada@acme.example"), ("form[role]", "member")]).await;
    let (old, new, invited) = (
        "Owner of Acme created the API key “Old”",
        "Admin of Acme created the API key “New”",
        "Owner of Acme invited ada@acme.example as Member",
    );
    let person = format!("?asked[person]={}", admin.user_id.unwrap());
    let cases: [(&str, Vec<&str>); 11] = [
        ("", vec![invited, new, old]),
        (&person, vec![new]),
        ("?asked[area]=keys", vec![new, old]),
        ("?asked[area]=team", vec![invited]),
        ("?asked[area]=billing", vec![]),
        ("?asked[period]=7d", vec![invited, new]),
        ("?asked[period]=30d&asked[area]=keys", vec![new, old]),
        ("?asked[from]=2026-11-23&asked[to]=2026-11-30", vec![old]),
        ("?asked[from]=2026-12-01", vec![invited, new]),
        ("?asked[person]=system", vec![]),
        ("?asked[person]=nonsense&asked[area]=nonsense&asked[from]=nonsense", vec![invited, new, old]),
    ];
    for (query, expected) in cases {
        assert_eq!(sentences(&owner, query).await, expected, "{query}");
    }
    let people = list(&owner, "").await["people"].to_string();
    assert!(people.contains("Admin of Acme") && people.contains("Owner of Acme") && !people.contains("Member of Acme"), "{people}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn filter_works_as_a_plain_form() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call("/api/keys/create", &[("form[name]", "CI")]).await;
    let page = owner.get("/activity?period=7d&person=&area=keys&from=&to=").await;
    assert_eq!(page.texts("tbody th").len(), 1);
    assert_eq!(page.texts("nav[aria-label=Period] a[aria-current]"), ["7 days"]);
    assert_eq!(page.texts("select option[selected]"), ["Everybody", "API keys"]);
    let none = owner.get("/activity?area=support").await;
    assert!(none.text().contains("Nothing matches"));
    let clear = |page: &Answer| page.texts("main a[href='/activity']:not([aria-current])");
    assert_eq!((clear(&page), clear(&none)), (vec!["Clear filters".to_owned()], vec!["Clear filters".to_owned()]));
    assert!(!owner.get("/activity").await.text().contains("Clear filters"), "nothing is set");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn exact_time_of_an_entry_is_read_without_a_pointer() {
    let app = TestApp::start().await;
    app.owner().await.call("/api/keys/create", &[("form[name]", "CI")]).await;
    app.advance(Duration::hours(3));
    let page = app.owner().await.get("/activity?area=keys").await;
    assert_eq!(page.texts("td[data-label=When]"), ["23 Nov 2026, 09:00 UTC 3 hours ago"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_page_says_what_will_be_here() {
    let app = TestApp::start().await;
    assert!(app.owner().await.get("/activity").await.text().contains("Nothing has happened yet"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_show_every_entry_once_while_others_are_added() {
    let app = TestApp::start().await;
    fill(&app, 120).await;
    let owner = app.owner().await;
    let subject = |entry: &Value| entry["what"].as_str().unwrap().to_owned();
    let first = list(&owner, "").await;
    assert_eq!(first["newer"], Value::Null);
    let mut seen: Vec<String> = first["entries"].as_array().unwrap().iter().map(subject).collect();
    app.advance(Duration::SECOND);
    fill(&app, 1).await;
    let mut older = first["older"].clone();
    let mut pages = vec![first];
    while let Some(place) = older.as_str() {
        let page = list(&owner, &format!("?asked[before]={place}")).await;
        seen.extend(page["entries"].as_array().unwrap().iter().map(subject));
        older = page["older"].clone();
        pages.push(page);
    }
    let expected: Vec<String> = (1..=120).rev().map(|number| format!("created the API key “Key {number}”")).collect();
    assert_eq!(seen, expected);
    let back = list(&owner, &format!("?asked[after]={}", pages[2]["newer"].as_str().unwrap())).await;
    assert_eq!(back["entries"], pages[1]["entries"], "the same page on the way back");
    let start = list(&owner, &format!("?asked[after]={}", pages[1]["newer"].as_str().unwrap())).await;
    assert_eq!(start["entries"].as_array().unwrap().len(), 50);
    let newest = list(&owner, &format!("?asked[after]={}", start["newer"].as_str().unwrap())).await;
    assert_eq!((newest["entries"].as_array().unwrap().len(), &newest["newer"]), (1, &Value::Null));
    let links = owner.get(&format!("/activity?area=keys&before={}", pages[0]["older"].as_str().unwrap())).await;
    let hrefs: Vec<String> =
        links.html().select(&scraper::Selector::parse("nav.pager a").unwrap()).map(|a| a.attr("href").unwrap().to_owned()).collect();
    assert_eq!(hrefs.len(), 2);
    assert!(hrefs[0].starts_with("/activity?area=keys&after=") && hrefs[1].starts_with("/activity?area=keys&before="), "{hrefs:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn csv_holds_what_the_filter_lets_through_and_no_formula() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for name in ["=HYPERLINK(\"http://evil.example\")", "Plain, with comma"] {
        owner.call("/api/keys/create", &[("form[name]", name)]).await;
    }
    owner.call("/api/team/invite", &[("form[email]", "ada@acme.example"), ("form[role]", "member")]).await;
    let answer = export(&owner, &[("format", "csv"), ("area", "keys")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"activity-acme-2026-11-23.csv\"");
    let text = answer.text();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("chain_number,created_at,actor_kind,actor_name,sentence,"));
    let start = "1,2026-11-23T09:00:00Z,person,Owner of Acme,\"created the API key “=HYPERLINK(\"\"http://evil.example\"\")”\",key.created,\"'=HYPERLINK(";
    assert!(lines[1].starts_with(start), "{}", lines[1]);
    assert!(lines[2].contains(",\"Plain, with comma\","), "{}", lines[2]);
    let entry = &list(&owner, "").await["entries"][0];
    assert_eq!(entry["what"], "exported the activity as CSV (2 entries)");
    assert_eq!(
        entry["details"],
        serde_json::json!([
            { "name": "Filter", "before": null, "value": "area keys" },
            { "name": "Format", "before": null, "value": "csv" },
            { "name": "Entries", "before": null, "value": "2" },
        ])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn json_export_is_whole_and_streamed_in_batches() {
    let app = TestApp::start().await;
    fill(&app, 1_201).await;
    let answer = export(&app.owner().await, &[("format", "json")]).await;
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"activity-acme-2026-11-23.json\"");
    assert!(!answer.headers.contains_key(header::CONTENT_LENGTH));
    let entries = answer.json();
    let entries = entries.as_array().unwrap();
    assert_eq!(entries.len(), 1_201);
    for (entry, number) in entries.iter().zip(1..) {
        assert_eq!(entry["chain_number"], number);
    }
    for pair in entries.windows(2) {
        assert_eq!(pair[1]["previous_hash"], pair[0]["hash"], "the chain can be followed outside of the portal");
    }
    let nothing = export(&app.owner().await, &[("format", "json"), ("area", "billing")]).await;
    assert_eq!(nothing.json(), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_format_is_refused_and_leaves_no_entry() {
    let app = TestApp::start().await;
    let answer = export(&app.owner().await, &[("format", "xls")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Back to activity"));
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_trail_is_apart() {
    let app = TestApp::start().await;
    app.owner().await.call("/api/keys/create", &[("form[name]", "CI")]).await;
    let stranger = app.stranger().await;
    assert!(sentences(&stranger, "").await.is_empty());
    let person = format!("?asked[person]={}", app.owner().await.user_id.unwrap());
    assert!(sentences(&stranger, &person).await.is_empty());
    assert_eq!(export(&stranger, &[("format", "json")]).await.json(), serde_json::json!([]));
}
