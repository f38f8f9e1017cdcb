//! Turns rows of the database into what the pages show. A row that breaks the rules is reported, never guessed at.

use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;

use super::model::{
    Billing, InvoiceList, InvoiceRow, InvoiceStatus, PastDue, Situation, WantedInvoice, is_last_months, next_billing_on, offers,
};
use super::store::{BillingRow, InvoiceListRow, InvoiceSpan, NewSubscription, PastDueRow};
use crate::error::AppError;
use crate::ids::InvoiceId;
use crate::money::{Currency, Money};
use crate::page::{Page, PageNumber};
use crate::plan::Plan;
use crate::server::telemetry::inconsistent;
use crate::when::{Day, date_of_day};

/// As many invoices as a year has months.
pub(super) const INVOICES_PER_PAGE: u32 = 12;

/// The subscription and its offers as the page shows them.
pub(super) fn billing(row: BillingRow, wanted: Option<InvoiceListRow>, used: Option<(i64, i64)>, today: Date) -> Result<Billing, AppError> {
    let plan: Plan = row.plan.parse().map_err(|_| inconsistent("customers", "plan", &row.plan))?;
    let price = match (row.amount, row.currency.as_deref()) {
        (Some(amount), Some(code)) => Money::new(amount, currency(code, "subscriptions", &row.email)?),
        _ => plan.price(),
    };
    let people = row.members + row.invited;
    Ok(Billing {
        plan,
        price,
        next_billing: row.next_billing_on.map(Day::from),
        payment_method: row.payment_method.unwrap_or_default(),
        billing_email: row.billing_email.unwrap_or(row.email),
        wanted_invoice: wanted.map(|invoice| wanted_invoice(invoice, today)).transpose()?,
        past_due: row.oldest_past_due.map(|oldest| past_due(row.past_due, oldest.0, today)).transpose()?,
        people,
        invited: row.invited,
        offers: offers(Situation { plan, price, people, used }, |to| next_billing_on(to, row.next_billing_on, today).map(Day::from)),
    })
}

fn past_due(count: i64, row: PastDueRow, today: Date) -> Result<PastDue, AppError> {
    let id = InvoiceId::from(row.id);
    let day = |days| date_of_day(days).ok_or_else(|| inconsistent("invoices", "due_on", id));
    let total = Money::new(row.total, currency(&row.currency, "invoices", id)?);
    let oldest = InvoiceRow::new(id, row.number, (day(row.issued)?, day(row.due)?), total, InvoiceStatus::Open, today);
    Ok(PastDue { count, oldest, payment_method: row.payment_method })
}

fn wanted_invoice(row: InvoiceListRow, today: Date) -> Result<WantedInvoice, AppError> {
    let last_month = is_last_months(row.period_start, today);
    let period = (Day::from(row.period_start), Day::from(row.period_end));
    Ok(WantedInvoice { invoice: invoice(row, today)?, period, last_month })
}

fn invoice(row: InvoiceListRow, today: Date) -> Result<InvoiceRow, AppError> {
    let id = InvoiceId::from(row.invoice_id);
    let status: InvoiceStatus = row.status.parse().map_err(|_| inconsistent("invoices", "status", id))?;
    let total = Money::new(row.total, currency(&row.currency, "invoices", id)?);
    Ok(InvoiceRow::new(id, row.number, (row.issued_on, row.due_on), total, status, today))
}

/// The currency of a row.
pub(super) fn currency(code: &str, table: &str, id: impl std::fmt::Display) -> Result<Currency, AppError> {
    code.parse().map_err(|_| inconsistent(table, "currency", id))
}

/// The page of invoices with the years to choose from.
pub(super) fn invoice_list(
    rows: Vec<InvoiceListRow>,
    span: &InvoiceSpan,
    page: PageNumber,
    year: Option<i32>,
    today: Date,
) -> Result<InvoiceList, AppError> {
    let rows = rows.into_iter().map(|row| invoice(row, today)).collect::<Result<Vec<_>, _>>()?;
    let years = match (span.first, span.last) {
        (Some(first), Some(last)) => (first.year()..=last.year()).rev().collect(),
        _ => vec![],
    };
    Ok(InvoiceList { page: Page::new(rows, page, INVOICES_PER_PAGE, span.total), years, year })
}

/// Reads the year of a query; anything else than a year that can have invoices narrows nothing.
pub(super) fn year(text: &str) -> Option<i32> {
    text.parse().ok().filter(|year| (2000..=2199).contains(year))
}

/// The first day of the year and of the next one; without a year, all days there can be.
pub(super) fn days_of(year: Option<i32>) -> (Date, Date) {
    let first = |year| Date::from_calendar_date(year, Month::January, 1).unwrap_or(Date::MAX);
    year.map_or((first(1900), first(2200)), |year| (first(year), first(year + 1)))
}

/// The subscription that begins with a change of plan.
pub(super) fn new_subscription<'a>(
    id: Uuid,
    plan: Plan,
    payment_method: &'a str,
    running: Option<Date>,
    now: OffsetDateTime,
) -> NewSubscription<'a> {
    let price = plan.price();
    NewSubscription {
        id,
        plan: plan.as_str(),
        amount: price.minor,
        currency: price.currency.code(),
        payment_method,
        next_billing_on: next_billing_on(plan, running, now.date()),
        now,
    }
}
