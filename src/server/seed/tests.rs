use std::collections::HashSet;

use time::macros::{date, datetime};

use super::*;
use crate::{
    server::{
        audit::verify::{KeptHeads, verify},
        testing::TestApp,
    },
    usage::model::Metric,
};

const SMALL: Scale = Scale { customers: 40, largest: 60, tickets_a_month: 50 };

fn made(now: OffsetDateTime) -> Rows {
    rows_of(&companies(SMALL, now), SMALL, &Brand::default(), now, "hash")
}

#[test]
fn the_same_day_makes_the_same_data() {
    let now = datetime!(2026-11-23 09:00 UTC);
    assert_eq!(made(now), made(now));
}

#[test]
fn every_customer_has_a_year_of_invoices_whose_sums_are_right() {
    let rows = made(datetime!(2026-11-23 09:00 UTC));
    for customer in &rows.customers {
        let invoices = rows.invoices.iter().filter(|invoice| invoice.customer_id == customer.customer_id);
        assert!(invoices.count() >= 12, "{}", customer.name);
    }
    for invoice in &rows.invoices {
        let net: i64 = rows.invoice_lines.iter().filter(|line| line.invoice_id == invoice.invoice_id).map(|line| line.net).sum();
        assert_eq!((net, invoice.total), (invoice.net, invoice.net + invoice.vat), "{}", invoice.number);
        assert!(invoice.vat_note.is_empty() || invoice.vat == 0);
    }
}

#[test]
fn customer_is_past_due_when_the_due_day_of_an_open_invoice_is_over() {
    let scale = Scale { customers: 600, largest: 2, tickets_a_month: 1 };
    for day in [0, 5, 13, 14, 20, 27] {
        let now = datetime!(2026-11-01 09:00 UTC) + time::Duration::days(day);
        let companies = companies(scale, now);
        let mut rows = Rows::default();
        invoices::write(&companies, &mut rows, now.date());
        let today = now.date().to_string();
        let open = rows.invoices.iter().filter(|invoice| invoice.status == "open" && invoice.due_on < today);
        let behind: HashSet<_> = open.map(|invoice| invoice.customer_id).collect();
        let past_due: HashSet<_> = companies.iter().filter(|company| company.past_due).map(|company| company.id).collect();
        assert_eq!(behind, past_due, "{today}");
        assert!(!past_due.is_empty());
    }
}

#[test]
fn invoice_numbers_have_no_gap() {
    let rows = made(datetime!(2026-11-23 09:00 UTC));
    let of_this_year = rows.invoices.iter().filter(|invoice| invoice.number.starts_with("INV-2026-"));
    for (number, invoice) in (1..).zip(of_this_year) {
        assert_eq!(invoice.number, format!("INV-2026-{number:06}"));
    }
}

#[test]
fn names_and_addresses_are_unique_at_full_scale() {
    let now = datetime!(2026-11-23 09:00 UTC);
    let companies = companies(Scale::DEMO, now);
    assert_eq!(companies.len(), 2_000);
    let names: HashSet<&str> = companies.iter().map(|company| company.name.as_str()).collect();
    assert_eq!(names.len(), 2_000);
    let people: Vec<&str> =
        companies.iter().flat_map(|company| &company.people).filter(|person| !person.guest).map(|person| person.email.as_str()).collect();
    assert_eq!(people.iter().collect::<HashSet<_>>().len(), people.len());
    for company in &companies {
        assert!(company.people.len() <= usize::try_from(company.plan.limits().users).unwrap(), "{}", company.name);
    }
}

#[test]
fn nothing_lies_in_the_future_on_any_day_of_a_year() {
    for day in 0..366 {
        let now = datetime!(2027-01-01 00:10 UTC) + time::Duration::days(day);
        let today = now.date().to_string();
        let latest = calendar::stamp(now);
        let northwind = &companies(Scale { customers: 3, largest: 2, tickets_a_month: 1 }, now)[0];
        let mut rows = Rows::default();
        northwind.write(&mut rows, now, "hash");
        invoices::write(std::slice::from_ref(northwind), &mut rows, now.date());
        assert!(
            rows.invoices.iter().all(|invoice| invoice.issued_on <= today && invoice.paid_on.as_ref().is_none_or(|paid| *paid <= today))
        );
        assert!(
            rows.memberships
                .iter()
                .all(|person| person.created_at <= latest && person.last_active_at.as_ref().is_none_or(|at| *at <= latest))
        );
        assert!(rows.subscriptions[0].next_billing_on.as_ref().is_some_and(|next| *next > today), "{today}");
        let mut batch = UsageBatch::default();
        usage::write(northwind, Date::MIN, &mut batch, now);
        let first = calendar::first_of_month(now.date(), 0);
        let this_month: i64 = batch.days.iter().zip(&batch.api_calls).filter(|(day, _)| **day >= first).map(|(_, calls)| calls).sum();
        assert_eq!(this_month, 450_000, "{today}");
        assert!(batch.api_calls.iter().all(|calls| *calls >= 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn demo_stands_where_its_table_says() {
    let app = empty().await;
    assert_eq!(run_at_scale(app.db(), &app.state().redis, &Brand::default(), app.now(), SMALL).await.unwrap(), Outcome::Filled);
    let owner = app.sign_in("olivia@northwind.example", northwind(&app).await).await;
    let page = owner.get("/").await.text();
    assert!(page.contains("450K / 500K (90%)"), "{page}");
    for (email, _) in PEOPLE {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE email = $1").bind(email).fetch_one(app.db()).await.unwrap();
        assert_eq!(found, 1, "{email}");
    }
    let form = [("form[email]", "olivia@northwind.example"), ("form[password]", PASSWORD), ("form[next]", "")];
    let answer = app.visitor().call("/api/signin/in", &form).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn second_run_changes_nothing_but_lost_counters() {
    let app = empty().await;
    let redis = &app.state().redis;
    run_at_scale(app.db(), redis, &Brand::default(), app.now(), SMALL).await.unwrap();
    let customers: i64 = sqlx::query_scalar("SELECT count(*) FROM customers").fetch_one(app.db()).await.unwrap();
    let customer = northwind(&app).await.unwrap();
    let names = Metric::ALL.map(|metric| metric.counter_name(customer, app.now().date()));
    let mut connection = redis.connection();
    redis::pipe().del(redis.key(&names[0])).set(redis.key(&names[1]), 7).exec_async(&mut connection).await.unwrap();
    assert_eq!(run_at_scale(app.db(), redis, &Brand::default(), app.now(), SMALL).await.unwrap(), Outcome::Kept);
    assert_eq!(redis.get_many(&names).await.unwrap(), [Some("450000".to_owned()), Some("7".to_owned())]);
    let after: i64 = sqlx::query_scalar("SELECT count(*) FROM customers").fetch_one(app.db()).await.unwrap();
    assert_eq!(customers, after);
}

/// What must not change: everything of the others, and of the named ones closed months and issued invoices, too.
async fn history(app: &TestApp) -> Vec<Option<String>> {
    sqlx::query_scalar(
        "SELECT md5(string_agg(u::text, ',' ORDER BY customer_id, metric, day)) FROM usage_daily u
          WHERE day < '2026-11-01' OR customer_id NOT IN (SELECT customer_id FROM customers WHERE name IN ('Northwind Analytics', 'Globex', 'Initech'))
          UNION ALL
         SELECT md5(string_agg(i::text, ',' ORDER BY invoice_id)) FROM invoices i WHERE issued_on <= '2026-11-28'
          UNION ALL
         SELECT md5(string_agg(c::text, ',' ORDER BY customer_id)) FROM customers c",
    )
    .fetch_all(app.db())
    .await
    .unwrap()
}

/// Days, calls and the most calls of a day of Northwind since the first of this month; how many invoices it has, and its next
/// billing date.
async fn northwind_stands(app: &TestApp) -> (i64, i64, i64, i64, Date) {
    sqlx::query_as(
        "SELECT count(*), sum(quantity)::bigint, max(quantity), (SELECT count(*) FROM invoices i WHERE i.customer_id = d.customer_id),
                (SELECT next_billing_on FROM subscriptions s WHERE s.customer_id = d.customer_id)
           FROM usage_daily d
          WHERE customer_id = $1 AND metric = 'api_calls' AND day >= $2
          GROUP BY customer_id",
    )
    .bind(northwind(app).await)
    .bind(calendar::first_of_month(app.now().date(), 0))
    .fetch_one(app.db())
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kept_demo_goes_on_after_the_turn_of_the_month() {
    let app = empty().await;
    let start = async |now: OffsetDateTime| {
        app.advance(now - app.now());
        run_at_scale(app.db(), &app.state().redis, &Brand::default(), now, SMALL).await.unwrap()
    };
    assert_eq!(start(datetime!(2026-11-28 10:00 UTC)).await, Outcome::Filled);
    let before = history(&app).await;
    for (now, days, invoices, next) in [
        (datetime!(2026-12-01 08:00 UTC), 1, 27, date!(2027 - 01 - 01)),
        (datetime!(2026-12-20 17:00 UTC), 20, 27, date!(2027 - 01 - 01)),
        (datetime!(2027-02-03 12:00 UTC), 3, 29, date!(2027 - 03 - 01)),
    ] {
        assert_eq!(start(now).await, Outcome::Kept);
        let owner = app.sign_in("olivia@northwind.example", northwind(&app).await).await;
        let page = owner.get("/").await;
        assert!(page.text().contains("450K / 500K (90%)"), "{now}");
        assert_eq!(page.texts(".home-tasks a[download]"), ["Download last month’s invoice"], "{now}");
        let stands = northwind_stands(&app).await;
        assert_eq!((stands.0, stands.1, stands.3, stands.4), (days, 450_000, invoices, next), "{now}");
        assert!(stands.2 <= 450_000 * 3 / days, "calls are spread over the days: {stands:?}");
        assert_eq!(start(now + time::Duration::hours(3)).await, Outcome::Kept);
        assert_eq!(northwind_stands(&app).await, stands, "a second time changes nothing");
        assert_eq!(history(&app).await, before, "{now}");
    }
    let months: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT count(*), sum(quantity)::bigint FROM usage_daily
          WHERE customer_id = $1 AND metric = 'api_calls' AND day >= '2026-11-01'
          GROUP BY date_trunc('month', day) ORDER BY date_trunc('month', day)",
    )
    .bind(northwind(&app).await)
    .fetch_all(app.db())
    .await
    .unwrap();
    let days: Vec<i64> = months.iter().map(|(days, _)| *days).collect();
    assert_eq!(days, [30, 31, 31, 3], "no day is missing");
    assert!(months.iter().all(|(_, calls)| *calls <= 500_000), "{months:?}");
    let gap: i64 =
        sqlx::query_scalar("SELECT count(DISTINCT number) - max(right(number, 6))::bigint FROM invoices WHERE number LIKE 'INV-2027-%'")
            .fetch_one(app.db())
            .await
            .unwrap();
    assert_eq!(gap, 0, "invoice numbers have no gap");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn named_customers_have_a_trail_that_is_whole() {
    let app = empty().await;
    run_at_scale(app.db(), &app.state().redis, &Brand::default(), app.now(), SMALL).await.unwrap();
    let mut printed = vec![];
    verify(app.db(), None, &KeptHeads::default(), &mut printed).await.unwrap();
    let trails: Vec<(String, i64, bool, bool)> = sqlx::query_as(
        "SELECT c.name, count(*), bool_and(e.created_at <= $1), bool_and(e.created_at >= before)
           FROM (SELECT *, lag(created_at, 1, created_at) OVER (PARTITION BY customer_id ORDER BY chain_number) AS before FROM audit_events) e
           JOIN customers c ON c.customer_id = e.customer_id
          GROUP BY 1 ORDER BY 1",
    )
    .bind(app.now())
    .fetch_all(app.db())
    .await
    .unwrap();
    let names: Vec<&str> = trails.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["Globex", "Initech", "Northwind Analytics"]);
    for (name, entries, none_in_the_future, in_order) in &trails {
        assert!(*entries >= 24 && *none_in_the_future && *in_order, "{trails:?}: {name}");
    }
    let owner = app.sign_in("olivia@northwind.example", northwind(&app).await).await;
    assert!(owner.get("/activity").await.texts("tbody th p").len() >= 30);
    let told = owner.get("/activity?area=account").await.texts("tbody th p");
    assert!(told.iter().any(|sentence| sentence.starts_with("Adam Novak changed the billing e-mail from accounts@")), "{told:?}");
}

/// A portal in which nobody has the address of a demo person.
async fn empty() -> TestApp {
    let app = TestApp::start().await;
    for statement in ["DELETE FROM memberships", "DELETE FROM subscriptions", "DELETE FROM customers", "DELETE FROM users"] {
        sqlx::query(statement).execute(app.db()).await.unwrap();
    }
    app
}

async fn northwind(app: &TestApp) -> Option<CustomerId> {
    sqlx::query_scalar("SELECT customer_id FROM customers WHERE name = 'Northwind Analytics'").fetch_optional(app.db()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn demo_is_not_filled_into_a_real_database() {
    let app = TestApp::start().await;
    let fill = async || run_at_scale(app.db(), &app.state().redis, &Brand::default(), app.now(), SMALL).await;
    assert!(matches!(fill().await, Err(SeedError::RealCustomers)));
    let people: i64 =
        sqlx::query_scalar("SELECT count(*) FROM users WHERE email = $1").bind(demo::OWNER_EMAIL).fetch_one(app.db()).await.unwrap();
    assert_eq!(people, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn demo_has_no_address_with_https() {
    let config = async |address: &str| {
        let app = TestApp::start_with(|config| config.app_url = address.parse().unwrap()).await;
        check_address(&app.state().config)
    };
    assert!(config("http://localhost:3000").await.is_ok());
    assert!(matches!(config("https://portal.acme.example").await, Err(SeedError::RealAddress)));
}
