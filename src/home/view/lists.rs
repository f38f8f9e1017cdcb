//! The short lists of the dashboard, each with the way to the whole one.

use leptos::prelude::*;

use super::super::model::{Key, Member, Ticket};
use crate::{
    billing::{model::InvoiceRow, view::StateBadge},
    number::grouped,
    ui::*,
};

/// The twelve latest invoices.
#[component]
pub(super) fn InvoiceCard(invoices: Vec<InvoiceRow>) -> impl IntoView {
    let empty = invoices.is_empty();
    let rows = invoices.into_iter().map(|invoice| {
        let (download, name) = (of_page(&invoice.download_path()), format!("Download PDF of {}", invoice.number));
        view! {
            <li class="home-row home-invoice">
                <span class="home-row-words"><span class="home-row-name">{invoice.number.clone()}</span><Date day=invoice.issued.clone() /></span>
                <StateBadge invoice=invoice.clone() />
                <span class="number home-amount">{invoice.total.to_string()}</span>
                <a href=download download="" rel="external" aria-label=name>"PDF"</a>
            </li>
        }
    });
    view! {
        <Card title="Invoices" flush=true actions=|| view! { <a href="/billing">"All invoices"</a> }>
            <ul class="home-list">{rows.collect_view()}</ul>
            {empty.then(|| view! { <EmptyState title="No invoice yet" text="Invoices appear here as soon as they are issued, each with its PDF." icon=Icon::Card /> })}
        </Card>
    }
}

/// The ten tickets that changed last.
#[component]
pub(super) fn TicketCard(tickets: Vec<Ticket>) -> impl IntoView {
    let empty = tickets.is_empty();
    let rows = tickets.into_iter().map(|ticket| {
        let (tone, state) = match ticket.status.as_str() {
            "open" => (Tone::Info, "Waiting for support"),
            "pending" => (Tone::Warn, "Waiting for you"),
            _ => (Tone::Neutral, "Closed"),
        };
        view! {
            <li class="home-row">
                <span class="home-row-words"><a class="home-row-name" href=format!("/support/{}", ticket.id)>{ticket.subject}</a><Time when=ticket.updated /></span>
                <Badge text=state tone />
            </li>
        }
    });
    view! {
        <Card title="Latest tickets" flush=true actions=|| view! { <a href="/support">"All tickets"</a> }>
            <ul class="home-list">{rows.collect_view()}</ul>
            {empty.then(|| {
                view! {
                    <EmptyState title="No ticket yet" text="A ticket is a conversation with our support. Answers arrive here and by e-mail." icon=Icon::Support>
                        <ButtonLink href="/support/new" label="Ask support" />
                    </EmptyState>
                }
            })}
        </Card>
    }
}

/// The people seen last.
#[component]
pub(super) fn TeamCard(team: Vec<Member>, users: i64) -> impl IntoView {
    let rows = team.into_iter().map(|member| {
        view! {
            <li class="home-row">
                <span class="home-row-words"><span class="home-row-name">{member.name}</span><span class="home-address">{member.email}</span></span>
                <span class="home-row-end">
                    <span>{member.role.label()}</span>
                    {match member.seen {
                        Some(when) => view! { <Time when /> }.into_any(),
                        None => view! { <span>"Not seen yet"</span> }.into_any(),
                    }}
                </span>
            </li>
        }
    });
    let all = if users == 1 { "Team".to_owned() } else { format!("All {} people", grouped(users)) };
    view! {
        <Card title="Team" flush=true actions=move || view! { <a href="/team">{all.clone()}</a> }>
            <ul class="home-list">{rows.collect_view()}</ul>
        </Card>
    }
}

/// The newest keys that work.
#[component]
pub(super) fn KeyCard(keys: Vec<Key>) -> impl IntoView {
    let empty = keys.is_empty();
    let rows = keys.into_iter().map(|key| {
        view! {
            <li class="home-row">
                <span class="home-row-words"><a class="home-row-name" href=format!("/keys/{}", key.id)>{key.name}</a><code class="code">{key.masked}</code></span>
                <span class="home-row-end">
                    {match key.used {
                        Some(when) => view! { <span>"Used " <Time when /></span> }.into_any(),
                        None => view! { <span>"Never used"</span> }.into_any(),
                    }}
                </span>
            </li>
        }
    });
    view! {
        <Card title="Active API keys" flush=true actions=|| view! { <a href="/keys">"All keys"</a> }>
            <ul class="home-list">{rows.collect_view()}</ul>
            {empty.then(|| {
                view! {
                    <EmptyState title="No active key" text="Your programs sign in to the API with a key. It is shown once, when you create it." icon=Icon::Key>
                        <ButtonLink href="/keys?open=create" label="Create an API key" />
                    </EmptyState>
                }
            })}
        </Card>
    }
}
