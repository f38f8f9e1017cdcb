//! `/billing`: the plan, the next charge and the invoices.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::invoices::{Invoices, StateBadge};
use crate::access::Permission;
use crate::billing::api::{FindBilling, ListInvoices};
use crate::billing::model::{Billing, InvoiceList, PastDue, WantedInvoice, past_due_title, people_text, price_text, wanted_download};
use crate::number::{grouped, storage};
use crate::plan::Plan;
use crate::portal_sessions::model::{DONE_PAGE, Flow};
use crate::ui::*;

/// The page.
#[component]
pub fn BillingPage() -> impl IntoView {
    let (billing, invoices) = (Fetch::new(|| FindBilling {}), invoices_asked_for());
    view! {
        <PageTitle text="Billing"/>
        <PageHeader title="Billing" text="Your plan, what it costs, and your invoices."/>
        <Load resource=billing headed=true view=move |billing: Billing| view! {
            <div class="stack">
                <WantedInvoiceCard wanted=billing.wanted_invoice.clone() past_due=billing.past_due.clone()/>
                <div class="grid">
                    <PlanCard billing=billing.clone()/>
                    <PaymentCard billing/>
                </div>
                <Load resource=invoices headed=true view=|invoices| view! { <Invoices invoices path="/billing"/> }.into_any()/>
            </div>
        }.into_any()/>
    }
}

/// `/flow/download_invoice`: nothing but the invoices, for a session that the SaaS opened for it.
#[component]
pub fn DownloadInvoiceTask() -> impl IntoView {
    let (billing, invoices) = (Fetch::new(|| FindBilling {}), invoices_asked_for());
    view! {
        <PageTitle text="Download an invoice"/>
        <PageHeader title="Download an invoice" text="Each is a PDF."/>
        <Load resource=billing headed=true view=move |billing: Billing| view! {
            <div class="stack">
                <WantedInvoiceCard wanted=billing.wanted_invoice past_due=billing.past_due/>
                <Load resource=invoices headed=true view=|invoices| view! { <Invoices invoices path=Flow::DownloadInvoice.page()/> }.into_any()/>
                <p><ButtonLink href=DONE_PAGE label="Done" kind=ButtonKind::Primary external=true/></p>
            </div>
        }.into_any()/>
    }
}

/// The invoices of the page and year in the address.
fn invoices_asked_for() -> Fetch<InvoiceList> {
    let query = use_query_map();
    Fetch::new(move || {
        let query = query.read();
        ListInvoices { page: query.get("page").unwrap_or_default(), year: query.get("year").unwrap_or_default() }
    })
}

/// The first thing on the page is what most people come for.
#[component]
fn WantedInvoiceCard(wanted: Option<WantedInvoice>, past_due: Option<PastDue>) -> impl IntoView {
    // What is past due comes first, with the primary button of the page.
    let kind = if past_due.is_some() { ButtonKind::Secondary } else { ButtonKind::Primary };
    let overdue = past_due.map(|past_due| view! { <PastDueNotice past_due/> });
    let wanted = wanted.map(|wanted| {
        let (invoice, (first, last)) = (wanted.invoice, wanted.period);
        let title = if wanted.last_month { "Last month’s invoice" } else { "Latest invoice" };
        let label = wanted_download(wanted.last_month);
        view! {
            <section class="billing-wanted" aria-labelledby="billing-wanted">
                <div>
                    <h2 id="billing-wanted">{title}</h2>
                    <p class="billing-wanted-facts">
                        <span>{invoice.number.clone()}</span>
                        <span>{format!("{} to {}", first.text, last.text)}</span>
                        <strong class="number">{invoice.total.to_string()}</strong>
                        <StateBadge invoice=invoice.clone()/>
                    </p>
                </div>
                <ButtonLink href=of_page(&invoice.download_path()) label=label kind icon=Icon::Download download=true/>
            </section>
        }
    });
    view! {
        {overdue}
        {wanted}
    }
}

/// Which invoice waits for its payment, and what to do about it.
#[component]
fn PastDueNotice(past_due: PastDue) -> impl IntoView {
    let PastDue { count, oldest, payment_method } = past_due;
    let not_charged = (!payment_method.is_empty()).then(|| format!("{payment_method} could not be charged. "));
    view! {
        <Notice tone=Tone::Bad title=past_due_title(count)>
            <p>
                {oldest.past_due_sentence(count)} " " {not_charged}
                "Pay as the invoice says: it is marked as paid when the money arrives. "
                <Allowed permission=Permission::WriteTickets>
                    "To change the payment method, " <a href="/support/new">"ask support"</a> "."
                </Allowed>
            </p>
            <ButtonLink href=of_page(&oldest.download_path()) label="Download this invoice" kind=ButtonKind::Primary icon=Icon::Download download=true/>
        </Notice>
    }
}

#[component]
fn PlanCard(billing: Billing) -> impl IntoView {
    let limits = billing.plan.limits();
    let period = if billing.price.minor == 0 { "" } else { " a month plus VAT" };
    let price = format!("{}{period}", price_text(billing.price));
    let invited = if billing.invited > 0 { format!(", {} of them invited", grouped(billing.invited)) } else { String::new() };
    let change = if billing.plan == Plan::Free { "Upgrade" } else { "Change plan" };
    view! {
        <Card title="Plan" actions=move || view! {
            <Allowed permission=Permission::ManageBilling>
                <ButtonLink href="/billing/plan" label=change kind=ButtonKind::Secondary icon=Icon::Upgrade small=true/>
            </Allowed>
        }>
            <p class="billing-plan-name">{billing.plan.label()} " " <span class="muted">{price}</span></p>
            <dl class="facts">
                <div><dt>"API calls"</dt><dd>{format!("{} a month", grouped(limits.api_calls))}</dd></div>
                <div><dt>"Storage"</dt><dd>{storage(limits.storage_mb)}</dd></div>
                <div><dt>"Team"</dt><dd>{format!("{} of {}{invited}", grouped(billing.people), people_text(limits.users))}</dd></div>
            </dl>
        </Card>
    }
}

#[component]
fn PaymentCard(billing: Billing) -> impl IntoView {
    let next = match &billing.next_billing {
        Some(day) if billing.price.minor > 0 => format!("{} plus VAT on {}", billing.price, day.text),
        _ => "Nothing will be charged".to_owned(),
    };
    let method = if billing.payment_method.is_empty() { "None on file".to_owned() } else { billing.payment_method };
    view! {
        <Card title="Payment">
            <dl class="facts">
                <div><dt>"Next charge"</dt><dd>{next}</dd></div>
                <div>
                    <dt>"Payment method"</dt>
                    <dd>
                        {method} " "
                        <Allowed permission=Permission::WriteTickets>
                            <a href="/support/new">"Change"<span class="sr-only">" the payment method"</span></a>
                        </Allowed>
                    </dd>
                </div>
                <div>
                    <dt>"Invoices go to"</dt>
                    <dd>{billing.billing_email} " " <Allowed permission=Permission::ViewPortal><a href="/account">"Change"<span class="sr-only">" the billing e-mail"</span></a></Allowed></dd>
                </div>
            </dl>
        </Card>
    }
}
