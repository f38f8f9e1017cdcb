use axum::http::StatusCode;
use scraper::Selector;
use time::{Date, Duration, macros::date};
use uuid::Uuid;

use crate::{
    access::Role,
    billing::tests::{insert_invoice, set_status},
    ids::CustomerId,
    server::testing::{Actor, Answer, TestApp},
};

/// Stores an invoice of so many days ago.
async fn invoice(app: &TestApp, customer: CustomerId, number: &str, days_ago: i64) -> Uuid {
    let id = app.state().entropy.uuid(app.now());
    let day = (app.now() - Duration::days(days_ago)).date();
    sqlx::query(
        "INSERT INTO invoices (invoice_id, customer_id, number, status, currency, net, vat, total, buyer_name, issued_on, due_on,
                               period_start, period_end, paid_on, created_at)
         VALUES ($1, $2, $3, 'paid', 'USD', 9900, 1881, 11781, 'Acme', $4, $4, $4, $4, $4, $5)",
    )
    .bind(id)
    .bind(customer)
    .bind(number)
    .bind(day)
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
    id
}

async fn ticket(app: &TestApp, customer: CustomerId, subject: &str) {
    sqlx::query(
        "INSERT INTO tickets (ticket_id, customer_id, subject, status, created_at, updated_at) VALUES ($1, $2, $3, 'open', $4, $4)",
    )
    .bind(app.state().entropy.ticket_id())
    .bind(customer)
    .bind(subject)
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
}

async fn key(app: &TestApp, customer: CustomerId, name: &str, revoked: bool) {
    sqlx::query(
        "INSERT INTO api_keys (key_id, customer_id, name, prefix, lookup_hash, status, created_at, revoked_at)
         VALUES ($1, $2, $3, '0123abcd', $4, $5, $6, $7)",
    )
    .bind(app.state().entropy.key_id())
    .bind(customer)
    .bind(name)
    .bind(app.state().entropy.bytes::<32>().as_slice())
    .bind(if revoked { "revoked" } else { "active" })
    .bind(app.now())
    .bind(revoked.then(|| app.now()))
    .execute(app.db())
    .await
    .unwrap();
}

fn headings(answer: &Answer) -> Vec<String> {
    let selector = Selector::parse("main h2").unwrap();
    answer.html().select(&selector).map(|heading| heading.text().collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_sees_everything_of_the_contract() {
    let app = TestApp::start().await;
    let last_month = invoice(&app, app.customer(), "INV-2026-000007", 30).await;
    invoice(&app, app.customer(), "INV-2026-000008", 3).await;
    ticket(&app, app.customer(), "Where is our data?").await;
    key(&app, app.customer(), "Production", false).await;
    key(&app, app.customer(), "Old", true).await;
    let page = app.owner().await.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(headings(&page), ["Usage", "Account", "Subscription", "Invoices", "Active API keys", "Latest tickets", "Team"]);
    let text = page.text();
    for expected in [
        "office@acme.example",
        "$99.00 USD",
        "1 Dec 2026",
        "Visa ending 4242",
        "$117.81 USD",
        "Where is our data?",
        "Production",
        "owner@acme.example",
        "All 5 people",
    ] {
        assert!(text.contains(expected), "{expected} is missing");
    }
    assert!(!text.contains(">Old<"), "a revoked key is not active");
    let page_of_key = page.html();
    let link = page_of_key.select(&Selector::parse("a[href^='/keys/key-']").unwrap()).next().unwrap();
    assert_eq!(app.owner().await.get(link.attr("href").unwrap()).await.texts("h1"), ["Production"]);
    let task = page.html();
    let task = task.select(&Selector::parse(".home-tasks a[download]").unwrap()).next().unwrap();
    let leads_to = task.attr("href").and_then(|address| address.split_once('?')).map(|(path, _)| path);
    assert_eq!(leads_to, Some(format!("/api/portal/invoices/{last_month}/download").as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn roles_see_their_part_and_get_nothing_else() {
    let app = TestApp::start().await;
    invoice(&app, app.customer(), "INV-2026-000008", 3).await;
    key(&app, app.customer(), "Production", false).await;
    for role in Role::ALL {
        let person = app.person(role).await;
        let page = person.get("/").await;
        assert_eq!(page.status, StatusCode::OK, "{role}");
        let bills = matches!(role, Role::Owner | Role::Admin | Role::Billing);
        let develops = matches!(role, Role::Owner | Role::Admin | Role::Developer);
        assert_eq!(page.text().contains("INV-2026-000008"), bills, "{role}");
        assert_eq!(page.text().contains("Visa ending 4242"), bills, "{role}");
        assert_eq!(page.text().contains("Production"), develops, "{role}");
        assert_eq!(page.text().contains("/account?edit=billing-email"), bills, "{role}");
        let data = person.query("/api/home/find").await.json();
        assert_eq!((data["invoices"].is_null(), data["billing"].is_null(), data["keys"].is_null()), (!bills, !bills, !develops), "{role}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lists_are_short_and_newest_first() {
    let app = TestApp::start().await;
    for number in 1..=14 {
        invoice(&app, app.customer(), &format!("INV-{number}"), 500 - i64::from(number) * 30).await;
        ticket(&app, app.customer(), &format!("Ticket {number}")).await;
        app.advance(Duration::minutes(1));
    }
    let data = app.owner().await.query("/api/home/find").await.json();
    assert_eq!((data["invoices"].as_array().unwrap().len(), &data["invoices"][0]["number"]), (12, &"INV-14".into()));
    assert_eq!((data["tickets"].as_array().unwrap().len(), &data["tickets"][0]["subject"]), (10, &"Ticket 14".into()));
    assert_eq!(data["team"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fresh_answer_lifts_a_ticket_as_on_the_page_of_tickets() {
    let app = TestApp::start().await;
    ticket(&app, app.customer(), "Answered").await;
    app.advance(Duration::days(2));
    ticket(&app, app.customer(), "Waiting").await;
    app.advance(Duration::hours(3));
    sqlx::query("UPDATE tickets SET updated_at = $1 WHERE subject = 'Answered'").bind(app.now()).execute(app.db()).await.unwrap();
    app.advance(Duration::hours(1));
    let owner = app.owner().await;
    let dashboard = owner.get("/").await.texts("a.home-row-name[href^='/support/'], a.home-row-name[href^='/support/'] + time");
    assert_eq!(dashboard, ["Answered", "1 hour ago", "Waiting", "4 hours ago"]);
    assert_eq!(owner.get("/support").await.texts("tbody th a, tbody time"), dashboard);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_data_is_on_no_dashboard() {
    let app = TestApp::start().await;
    let stranger = app.stranger_customer();
    invoice(&app, stranger, "INV-FOREIGN", 3).await;
    ticket(&app, stranger, "Foreign ticket").await;
    key(&app, stranger, "Foreign key", false).await;
    let page = app.owner().await.get("/").await.text();
    assert!(!page.contains("INV-FOREIGN") && !page.contains("Foreign ticket") && !page.contains("Foreign key"));
    assert!(app.stranger().await.get("/").await.text().contains("INV-FOREIGN"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_customer_is_told_what_will_be_where() {
    let app = TestApp::start().await;
    let page = app.owner().await.get("/").await.text();
    for text in ["No invoice yet", "No ticket yet", "No active key"] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn customer_data_is_text_and_never_markup() {
    let app = TestApp::start().await;
    ticket(&app, app.customer(), "<script>alert(1)</script>").await;
    let page = app.owner().await.get("/").await;
    assert!(page.text().contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.html().select(&Selector::parse("main script").unwrap()).next().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn past_due_is_said_with_what_to_do() {
    let app = TestApp::start().await;
    let told = async |person: &Actor| person.get("/").await.texts(".notice").join(" ");
    insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 11 - 09)).await;
    assert_eq!(told(&app.owner().await).await, "", "the due day still counts as in time");
    app.advance(Duration::days(1));
    let owner = told(&app.owner().await).await;
    assert!(owner.contains("One invoice is past due") && owner.contains("See what is open and how to pay it"), "{owner}");
    let member = told(&app.member().await).await;
    assert!(member.contains("Ask an owner, admin or billing person"), "{member}");
    let named = "INV-1, $117.81 USD, was due on 23 Nov 2026.";
    assert!(owner.contains(named) && !member.contains("INV-1"), "{owner} {member}");
    assert!(app.member().await.query("/api/home/find").await.json()["oldest_past_due"].is_null());
}

/// What a page says of the invoices.
#[derive(Debug, PartialEq)]
struct Said {
    /// Each invoice in a word.
    states: Vec<(String, String)>,
    /// What is past due.
    notices: Vec<String>,
    /// The invoice offered first: what that is called, and where it leads.
    offered: (String, String),
}

impl Said {
    fn on(page: &Answer, numbers: &str, states: &str, offered: &str) -> Self {
        let html = page.html();
        let link = html.select(&Selector::parse(offered).unwrap()).next().unwrap();
        Self {
            states: page.texts(numbers).into_iter().zip(page.texts(states)).collect(),
            notices: page.texts(".notice-title"),
            offered: (page.texts(offered)[0].clone(), link.attr("href").unwrap().split('?').next().unwrap().to_owned()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dashboard_and_billing_say_the_same_of_invoices() {
    let app = TestApp::start().await;
    let insert = async |number: &str, issued_on: Date| insert_invoice(&app, app.customer(), number, issued_on).await;
    let paid = insert("INV-1", date!(2026 - 08 - 01)).await;
    set_status(&app, paid, "paid", Some(date!(2026 - 08 - 02))).await;
    insert("INV-2", date!(2026 - 09 - 01)).await;
    let october = insert("INV-3", date!(2026 - 10 - 01)).await;
    set_status(&app, october, "uncollectible", None).await;
    let withdrawn = insert("INV-4", date!(2026 - 10 - 15)).await;
    set_status(&app, withdrawn, "void", None).await;
    let latest = insert("INV-5", date!(2026 - 11 - 20)).await;
    // Both pages offer last month's that counts; without one, the latest.
    for (offered, label) in [(october, "Download last month’s invoice"), (latest, "Download the latest invoice")] {
        let owner = app.owner().await;
        let dashboard = owner.get("/").await;
        let dashboard = Said::on(&dashboard, ".home-invoice .home-row-name", ".home-invoice .badge", ".home-tasks a[download]");
        let billing = owner.get("/billing").await;
        assert_eq!(dashboard, Said::on(&billing, "tbody th", "tbody .badge", ".billing-wanted a[download]"));
        let states: Vec<&str> = dashboard.states.iter().map(|(_, state)| state.as_str()).collect();
        assert_eq!((states.len(), states[0], states[1], states[3], states[4]), (5, "Open", "Void", "Past due", "Paid"));
        assert_eq!(dashboard.notices, ["One invoice is past due"]);
        assert_eq!(dashboard.offered, (label.to_owned(), format!("/api/portal/invoices/{offered}/download")));
        set_status(&app, october, "void", None).await;
    }
}
