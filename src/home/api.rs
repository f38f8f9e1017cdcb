//! Reading the dashboard.

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        model::{Account, Billing, Key, Member, Ticket, WantedInvoice},
        store::{self, DashboardRow, Sight},
    },
    crate::{
        access::{Permission, Role},
        billing::model::{InvoiceRow, wanted_of},
        ids::{InvoiceId, KeyId, TicketId},
        keys::model::masked,
        money::Money,
        server::{caller::Caller, telemetry::inconsistent},
        usage,
        when::{Day, When, date_of_day},
    },
    time::{Date, OffsetDateTime},
};

use super::model::Dashboard;
use crate::error::AppError;

/// Where the customer stands: one statement in PostgreSQL and one in Redis, side by side.
#[server(prefix = "/api", endpoint = "home/find", input = GetUrl)]
pub async fn find_dashboard() -> Result<Dashboard, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let (rights, now) = (caller.rights(), caller.now());
    let sight = Sight { billing: rights.can(Permission::ViewBilling), keys: rights.can(Permission::ViewKeys) };
    let month = usage::model::period(now.date());
    let mut read = caller.read().await?;
    let (row, counted) = tokio::join!(
        store::find(&mut read, caller.customer_id(), sight, now, &month),
        usage::read_counters(&caller.state().redis, caller.customer_id(), now.date())
    );
    drop(read);
    let mut row = row?.ok_or(AppError::NotFound)?;
    let today = now.date();
    let shown = |rows: Vec<store::InvoiceRow>| rows.into_iter().map(|row| invoice(row, today)).collect::<Result<Vec<_>, _>>();
    let invoices = row.invoices.take().map(|rows| shown(rows.0)).transpose()?;
    let oldest_past_due = row.oldest_past_due.take().map(|row| invoice(row.0, today)).transpose()?;
    let meters = usage::meters(&caller, caller.plan(), (row.members, row.invited), counted.ok(), &row.snapshots);
    Ok(Dashboard {
        rights,
        meters,
        billing: sight.billing.then(|| billing(&row)).flatten(),
        wanted_invoice: invoices.as_deref().and_then(|invoices| wanted_invoice(invoices, today)),
        oldest_past_due: oldest_past_due.map(|(invoice, _)| invoice),
        invoices: invoices.map(|invoices| invoices.into_iter().map(|(invoice, _)| invoice).collect()),
        team: row.team.0.into_iter().map(|row| member(row, now)).collect(),
        keys: row.keys.map(|rows| rows.0.into_iter().map(|row| key(row, now)).collect()),
        tickets: row.tickets.0.into_iter().map(|row| ticket(row, now)).collect(),
        account: Account {
            name: row.name,
            email: row.email,
            billing_email: row.billing_email,
            closes: row.closes_at.map(|at| Day::from(at.date())),
            past_due: row.past_due,
            since: Day::from(row.created_at.date()),
        },
    })
}

#[cfg(feature = "ssr")]
fn billing(row: &DashboardRow) -> Option<Billing> {
    Some(Billing {
        next: row.next_billing_on.map(Day::from),
        amount: money(row.amount?, row.currency.as_deref()?),
        payment_method: row.payment_method.clone().unwrap_or_default(),
    })
}

/// An invoice with the day on which its period begins.
#[cfg(feature = "ssr")]
fn invoice(row: store::InvoiceRow, today: Date) -> Result<(InvoiceRow, Date), AppError> {
    let id = InvoiceId::from(row.id);
    let day = |days, column| date_of_day(days).ok_or_else(|| inconsistent("invoices", column, id));
    let status = row.status.parse().map_err(|_| inconsistent("invoices", "status", id))?;
    let currency = row.currency.parse().map_err(|_| inconsistent("invoices", "currency", id))?;
    let days = (day(row.issued, "issued_on")?, day(row.due, "due_on")?);
    let invoice = InvoiceRow::new(id, row.number, days, Money::new(row.total, currency), status, today);
    Ok((invoice, day(row.begins, "period_start")?))
}

#[cfg(feature = "ssr")]
fn wanted_invoice(invoices: &[(InvoiceRow, Date)], today: Date) -> Option<WantedInvoice> {
    let latest = invoices.iter().map(|(invoice, begins)| (invoice, *begins));
    wanted_of(latest, today).map(|(invoice, last_month)| WantedInvoice { id: invoice.id, last_month })
}

#[cfg(feature = "ssr")]
fn member(row: store::MemberRow, now: OffsetDateTime) -> Member {
    let role = row.role.parse().unwrap_or(Role::Member);
    Member { name: row.name, email: row.email, role, seen: row.seen.map(|at| When::at_second(at, now)) }
}

#[cfg(feature = "ssr")]
fn key(row: store::KeyRow, now: OffsetDateTime) -> Key {
    Key {
        id: KeyId::from(row.id),
        name: row.name,
        masked: masked(&row.prefix, row.last_four.as_deref()),
        used: row.used.map(|at| When::at_second(at, now)),
    }
}

#[cfg(feature = "ssr")]
fn ticket(row: store::TicketRow, now: OffsetDateTime) -> Ticket {
    Ticket { id: TicketId::from(row.id), subject: row.subject, status: row.status, updated: When::at_second(row.updated, now) }
}

/// A currency that we do not know is shown by its code, so that no amount is ever hidden.
#[cfg(feature = "ssr")]
fn money(minor: i64, currency: &str) -> String {
    match currency.parse() {
        Ok(currency) => Money::new(minor, currency).to_string(),
        Err(_) => format!("{minor} minor units of {currency}"),
    }
}
