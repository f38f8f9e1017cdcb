//! The list of invoices and the first thing on the page.

use axum::http::StatusCode;
use time::macros::date;

use super::{insert_invoice, set_status};
use crate::{access::Role, server::testing::TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn billing_sees_plan_charge_and_the_download_of_last_month() {
    let app = TestApp::start().await;
    insert_invoice(&app, app.customer(), "INV-2026-000001", date!(2026 - 09 - 01)).await;
    let october = insert_invoice(&app, app.customer(), "INV-2026-000002", date!(2026 - 10 - 01)).await;
    insert_invoice(&app, app.customer(), "INV-2026-000003", date!(2026 - 11 - 01)).await;
    let page = app.billing().await.get("/billing").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.texts("main").join(" ");
    for said in
        ["$99.00 USD a month plus VAT", "$99.00 USD plus VAT on 1 Dec 2026", "Visa ending 4242", "office@acme.example", "500,000 a month"]
    {
        assert!(text.contains(said), "{said} is missing in {text}");
    }
    let download = format!("a[download][href^='/api/portal/invoices/{october}/download?']");
    assert_eq!(page.texts(&download)[0], "Download last month’s invoice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn void_invoices_are_not_offered_first() {
    let app = TestApp::start().await;
    let august = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 08 - 01)).await;
    let october = insert_invoice(&app, app.customer(), "INV-2", date!(2026 - 10 - 01)).await;
    set_status(&app, october, "void", None).await;
    let billing = app.owner().await.query("/api/billing/find").await.json();
    assert_eq!(billing["wanted_invoice"]["invoice"]["id"], august.to_string());
    assert_eq!(billing["wanted_invoice"]["last_month"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn states_are_in_words_and_past_due_follows_from_the_due_day() {
    let app = TestApp::start().await;
    let paid = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 08 - 01)).await;
    set_status(&app, paid, "paid", Some(date!(2026 - 08 - 02))).await;
    insert_invoice(&app, app.customer(), "INV-2", date!(2026 - 09 - 01)).await;
    insert_invoice(&app, app.customer(), "INV-3", date!(2026 - 11 - 09)).await;
    let page = app.owner().await.get("/billing").await;
    assert_eq!(page.texts("tbody .badge"), ["Open", "Past due", "Paid"], "the invoice due today is not past due yet");
    assert_eq!(page.texts(".notice-title"), ["One invoice is past due"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_past_due_is_named_and_downloaded_first() {
    let app = TestApp::start().await;
    insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 11 - 20)).await;
    let page = app.owner().await.get("/billing").await;
    assert_eq!((page.texts(".notice"), page.texts("main .button-primary")), (vec![], vec!["Download the latest invoice".to_owned()]));
    let oldest = insert_invoice(&app, app.customer(), "INV-2", date!(2026 - 09 - 01)).await;
    insert_invoice(&app, app.customer(), "INV-3", date!(2026 - 10 - 01)).await;
    insert_invoice(&app, app.stranger_customer(), "INV-FOREIGN", date!(2026 - 08 - 01)).await;
    let page = app.owner().await.get("/billing").await;
    let told = page.texts(".notice").join(" ");
    for said in
        ["2 invoices are past due", "The oldest, INV-2, $117.81 USD, was due on 15 Sep 2026.", "Pay as the invoice says", "ask support"]
    {
        assert!(told.contains(said), "{said} is missing in {told}");
    }
    assert!(!told.contains("could not be charged"), "no payment method was to be charged: {told}");
    assert_eq!(page.texts("main .button-primary"), ["Download this invoice"]);
    assert_eq!(page.texts(&format!(".notice a[download][href^='/api/portal/invoices/{oldest}/download?']")), ["Download this invoice"]);
    assert_eq!(page.texts(".billing-wanted .button-secondary"), ["Download last month’s invoice"]);
    sqlx::query("UPDATE invoices SET payment_method = 'Visa ending 4242' WHERE invoice_id = $1")
        .bind(oldest)
        .execute(app.db())
        .await
        .unwrap();
    let told = app.owner().await.get("/billing").await.texts(".notice").join(" ");
    assert!(told.contains("Visa ending 4242 could not be charged."), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_history_is_paged_and_narrowed_by_year() {
    let app = TestApp::start().await;
    for month in 1..=12_u8 {
        let issued = date!(2025 - 01 - 01).replace_month(month.try_into().unwrap()).unwrap();
        insert_invoice(&app, app.customer(), &format!("INV-2025-{month:02}"), issued).await;
    }
    insert_invoice(&app, app.customer(), "INV-2026-01", date!(2026 - 01 - 01)).await;
    let owner = app.owner().await;
    let list = async |query: &str| {
        let list = owner.query(&format!("/api/billing/list_invoices{query}")).await.json();
        let numbers: Vec<String> =
            list["page"]["rows"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect();
        (numbers, list["page"]["total"].as_i64().unwrap(), list["years"].clone())
    };
    let (first, total, years) = list("").await;
    assert_eq!((first.len(), first[0].as_str(), first[11].as_str(), total), (12, "INV-2026-01", "INV-2025-02", 13));
    assert_eq!(years, serde_json::json!([2026, 2025]));
    assert_eq!(list("?page=2").await.0, ["INV-2025-01"]);
    assert_eq!(list("?page=99").await.0.len(), 0);
    assert_eq!(list("?year=2026").await.0, ["INV-2026-01"]);
    assert_eq!(list("?year=2025").await.1, 12);
    assert_eq!(list("?year=nonsense&page=-1").await.1, 13);
    let page = owner.get("/billing?page=2").await;
    assert!(page.text().contains("INV-2025-01"), "paging works without JavaScript");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_empty_list_says_what_will_be_there() {
    let app = TestApp::start().await;
    let page = app.owner().await.get("/billing").await;
    assert!(page.text().contains("No invoices yet"));
    let page = app.owner().await.get("/billing?year=2019").await;
    assert!(page.text().contains("No invoices on this page of 2019"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_owner_admin_and_billing_see_billing() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let person = app.person(role).await;
        let expected = if matches!(role, Role::Owner | Role::Admin | Role::Billing) { StatusCode::OK } else { StatusCode::FORBIDDEN };
        for path in ["/api/billing/find", "/api/billing/list_invoices"] {
            assert_eq!(person.query(path).await.status, expected, "{role} {path}");
        }
        for path in ["/billing", "/billing/plan"] {
            assert_eq!(person.get(path).await.status, expected, "{role} {path}");
        }
    }
    assert_eq!(app.visitor().query("/api/billing/find").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_see_nothing_of_it() {
    let app = TestApp::start().await;
    insert_invoice(&app, app.customer(), "INV-OF-ACME", date!(2026 - 10 - 01)).await;
    let stranger = app.stranger().await;
    assert!(!stranger.get("/billing").await.text().contains("INV-OF-ACME"));
    assert_eq!(stranger.query("/api/billing/list_invoices").await.json()["page"]["total"], 0);
    assert!(stranger.query("/api/billing/find").await.json()["wanted_invoice"].is_null());
}
