//! What people come for most, and the facts of the account.

use leptos::prelude::*;

use super::super::model::{Account, Billing, WantedInvoice};
use crate::{
    access::Permission,
    billing::model::{download_path, wanted_download},
    plan::Plan,
    rights::Rights,
    ui::*,
};

/// The tasks that people used to write to support for, each one click away. What the person may not do is absent.
#[component]
pub(super) fn Tasks(rights: Rights, wanted_invoice: Option<WantedInvoice>) -> impl IntoView {
    let links = [
        (Permission::ManageBillingEmail, "/account?edit=billing-email", Icon::Mail, "Change billing e-mail"),
        (Permission::ManageTeam, "/team?open=invite", Icon::Team, "Invite a person"),
        (Permission::ManageKeys, "/keys?open=create", Icon::Key, "Create an API key"),
        (Permission::WriteTickets, "/support/new", Icon::Support, "Ask support"),
    ];
    let links = links.into_iter().filter(|(permission, ..)| rights.can(*permission)).map(|(_, href, icon, label)| {
        view! { <li><a class="home-task" href=href><IconView icon /><span>{label}</span></a></li> }
    });
    let invoice = wanted_invoice.map(|invoice| {
        view! {
            <li>
                <a class="home-task" href=of_page(&download_path(invoice.id)) download="" rel="external"><IconView icon=Icon::Download /><span>{wanted_download(invoice.last_month)}</span></a>
            </li>
        }
    });
    view! {
        <nav class="home-tasks" aria-label="Do it now">
            <ul>{invoice} {links.collect_view()}</ul>
        </nav>
    }
}

/// Account, plan and billing in short.
#[component]
pub(super) fn Facts(account: Account, plan: Plan, billing: Option<Billing>, rights: Rights) -> impl IntoView {
    let manages = rights.can(Permission::ManageAccount) || rights.can(Permission::ManageBillingEmail);
    let change = if manages { "Change" } else { "Details" };
    view! {
        <div class="grid">
            <Card title="Account" actions=move || view! { <a href="/account">{change}<span class="sr-only">" the account"</span></a> }>
                <dl class="facts">
                    <div><dt>"Contact e-mail"</dt><dd class="home-address">{account.email}</dd></div>
                    <div><dt>"Billing e-mail"</dt><dd class="home-address">{account.billing_email.unwrap_or_else(|| "Same as contact e-mail".to_owned())}</dd></div>
                    <div><dt>"Customer since"</dt><dd><Date day=account.since /></dd></div>
                    <div><dt>"Your role"</dt><dd>{rights.label()}</dd></div>
                </dl>
            </Card>
            <PlanCard plan billing />
        </div>
    }
}

#[component]
fn PlanCard(plan: Plan, billing: Option<Billing>) -> impl IntoView {
    let sees_billing = billing.is_some();
    let facts = match billing {
        None => view! { <div><dt>"Billing"</dt><dd>"Visible to owners, admins and billing. " <AskLink permission=Permission::ViewBilling /></dd></div> }.into_any(),
        Some(Billing { next, amount, payment_method }) => {
            let payment_method = if payment_method.is_empty() { "None on file".to_owned() } else { payment_method };
            let charge = match next {
                Some(day) => view! {
                    <div><dt>"Next billing date"</dt><dd><Date day /></dd></div>
                    <div><dt>"Amount"</dt><dd>{amount} " before VAT"</dd></div>
                }
                .into_any(),
                None => view! { <div><dt>"Next invoice"</dt><dd>"Nothing will be charged"</dd></div> }.into_any(),
            };
            view! {
                {charge}
                <div><dt>"Payment method"</dt><dd>{payment_method}</dd></div>
            }
            .into_any()
        }
    };
    view! {
        <Card title="Subscription" actions=move || sees_billing.then(|| view! { <a href="/billing">"Billing"</a> })>
            <dl class="facts">
                <div><dt>"Plan"</dt><dd><Badge text=plan.label() tone=Tone::Accent /></dd></div>
                {facts}
            </dl>
        </Card>
    }
}
