//! `/`: the page that a customer lands on.

mod lists;
mod overview;

use leptos::prelude::*;

use super::{api::FindDashboard, model::Dashboard};
use crate::{
    access::Permission,
    billing::model::{InvoiceRow, PAST_DUE, past_due_title},
    ui::*,
    usage::view::LiveMeters,
    when::Day,
};
use lists::{InvoiceCard, KeyCard, TeamCard, TicketCard};
use overview::{Facts, Tasks};

/// `/`
#[component]
pub fn HomePage() -> impl IntoView {
    let dashboard = Fetch::new(|| FindDashboard {});
    view! {
        <PageTitle text="Dashboard" />
        <Load resource=dashboard view=|dashboard| view! { <HomeView dashboard /> }.into_any() />
    }
}

#[component]
fn HomeView(dashboard: Dashboard) -> impl IntoView {
    let may_upgrade = dashboard.rights.can(Permission::ManageBilling);
    let tasks = Tasks(overview::TasksProps { rights: dashboard.rights, wanted_invoice: dashboard.wanted_invoice });
    let Dashboard { account, rights, meters, billing, invoices, oldest_past_due, team, keys, tickets, .. } = dashboard;
    let users = meters.used.members;
    let plan = meters.plan;
    let keys = keys.map(|keys| view! { <KeyCard keys /> });
    let tickets = view! { <TicketCard tickets /> };
    let people = view! { <TeamCard team users /> };
    // Two columns of about the same height, whatever the role sees.
    let (left, right) = match invoices {
        Some(invoices) => (view! { <InvoiceCard invoices /> {keys} }.into_any(), view! { {tickets} {people} }.into_any()),
        None => (view! { {tickets} }.into_any(), view! { {people} {keys} }.into_any()),
    };
    view! {
        <PageHeader title=account.name.clone() text="Where you stand, and what you can do right now." />
        <div class="stack">
            {account.closes.clone().map(|day| view! { <Closing day may_cancel=rights.can(Permission::ManageData) /> })}
            {(account.past_due > 0).then(|| view! { <PastDue count=account.past_due oldest=oldest_past_due /> })}
            {tasks}
            <Card title="Usage" actions=|| view! { <a href="/usage">"Usage by day"</a> }>
                <LiveMeters meters may_upgrade />
            </Card>
            <Facts account plan billing rights />
            <div class="grid home-columns">
                <div class="stack">{left}</div>
                <div class="stack">{right}</div>
            </div>
        </div>
    }
}

/// An owner asked for the deletion of the account.
#[component]
fn Closing(day: Day, may_cancel: bool) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title=format!("This account is deleted on {}", day.text)>
            {if may_cancel {
                view! { <p>"Until then everything works. " <a href="/account/data">"Export your data, or cancel the deletion"</a></p> }.into_any()
            } else {
                view! { <p>"An owner asked for it. Until then everything works, and any owner can cancel it."</p> }.into_any()
            }}
        </Notice>
    }
}

/// Only who sees billing is told which invoice it is.
#[component]
fn PastDue(count: i64, oldest: Option<InvoiceRow>) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title=past_due_title(count)>
            {match oldest {
                Some(oldest) => view! { <p>{oldest.past_due_sentence(count)} " " <a href="/billing">"See what is open and how to pay it"</a></p> }.into_any(),
                None => view! { <p>{PAST_DUE} " Ask an owner, admin or billing person of your team to see to it."</p> }.into_any(),
            }}
        </Notice>
    }
}
