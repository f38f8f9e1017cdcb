//! What the billing pages ask for and change.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::billing::model::{Billing, InvoiceList, PlanForm};
use crate::error::AppError;

#[cfg(feature = "ssr")]
use {
    super::{
        events,
        model::{PlanDecision, Standing, WantedPlan, last_month},
        present, store,
    },
    crate::{access::Permission, page::PageNumber, server::caller::Caller, ui::Done, usage::find_used},
};

/// The subscription, last month's invoice and what the customer could change to.
///
/// # Errors
/// `Forbidden` for roles that do not see billing.
#[server(prefix = "/api", endpoint = "billing/find", input = GetUrl)]
pub async fn find_billing() -> Result<Billing, AppError> {
    let caller = Caller::require(Permission::ViewBilling).await?;
    let mut read = caller.read().await?;
    let row = store::find_billing(&mut read, caller.customer_id(), caller.now()).await?.ok_or(AppError::NotFound)?;
    let today = caller.now().date();
    let invoice = store::find_wanted_invoice(&mut read, caller.customer_id(), last_month(today)).await?;
    let used = find_used(&caller, &mut read).await?;
    present::billing(row, invoice, used, today)
}

/// A page of the invoices, the newest first; `year` narrows it to those issued in that year.
///
/// # Errors
/// `Forbidden` for roles that do not see billing.
#[server(prefix = "/api", endpoint = "billing/list_invoices", input = GetUrl)]
pub async fn list_invoices(#[server(default)] page: String, #[server(default)] year: String) -> Result<InvoiceList, AppError> {
    let caller = Caller::require(Permission::ViewBilling).await?;
    let (page, year) = (PageNumber::parse(Some(&page)), present::year(&year));
    let days = present::days_of(year);
    let mut read = caller.read().await?;
    let span = store::span_of_invoices(&mut read, caller.customer_id(), days).await?;
    let rows = store::list_invoices(&mut read, caller.customer_id(), days, page, present::INVOICES_PER_PAGE).await?;
    present::invoice_list(rows, &span, page, year, caller.now().date())
}

/// Changes the plan at once: limits, price and billing date.
///
/// # Errors
/// `Conflict` or `LimitReached` with a sentence that says what to do.
#[server(prefix = "/api", endpoint = "billing/change_plan")]
pub async fn change_plan(#[server(default)] form: PlanForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageBilling).await?;
    let wanted = WantedPlan::parse(&form)?;
    let mut tx = caller.begin().await?;
    store::lock_customer(&mut tx, caller.customer_id()).await?;
    let row = store::find_billing(&mut tx, caller.customer_id(), caller.now()).await?.ok_or(AppError::NotFound)?;
    let method = row.payment_method.clone().unwrap_or_default();
    let billing_day = row.next_billing_on;
    let billing = present::billing(row, None, None, caller.now().date())?;
    if wanted.decide(billing.plan, billing.people)? == PlanDecision::Change
        && let Some(Standing::Open(change)) = billing.offer(wanted.plan).map(|offer| &offer.standing)
    {
        let new = present::new_subscription(tx.entropy().uuid(tx.now()), wanted.plan, &method, billing_day, tx.now());
        store::change_subscription(&mut tx, caller.customer_id(), &new).await?;
        tx.commit(events::plan_changed(change)).await?;
    }
    caller.after_post(&format!("/billing?done={}", Done::PlanChanged));
    Ok(())
}
