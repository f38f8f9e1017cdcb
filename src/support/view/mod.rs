//! `/support`

mod conversation;
mod new_ticket;
mod ticket;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api::ListTickets,
    model::{Ticket, TicketCounts, TicketList, TicketStatus},
};
use crate::{access::Permission, number::grouped, page::PageNumber, ui::*};

pub(crate) use conversation::{Conversation, ReplyBox};
pub use new_ticket::NewTicketPage;
pub use ticket::TicketPage;

/// Which tickets the address asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asked {
    status: Option<TicketStatus>,
    mine: bool,
    page: PageNumber,
}

impl Asked {
    /// The address of the same list with other filters, from its first page.
    fn href(status: Option<TicketStatus>, mine: bool) -> String {
        let status = status.map(|status| format!("status={}", status.as_str()));
        let query: Vec<String> = status.into_iter().chain(mine.then(|| "mine=true".to_owned())).collect();
        if query.is_empty() { "/support".to_owned() } else { format!("/support?{}", query.join("&")) }
    }
}

/// The page of tickets.
#[component]
pub fn SupportPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            status: query.get_str("status").and_then(|status| status.parse().ok()),
            mine: query.get_str("mine") == Some("true"),
            page: PageNumber::parse(query.get_str("page")),
        })
    });
    let tickets = Fetch::new(move || {
        let asked = asked.get();
        ListTickets { status: asked.status.map_or("", TicketStatus::as_str).to_owned(), mine: asked.mine, page: Some(asked.page.get()) }
    });
    view! {
        <PageTitle text="Support" />
        <PageHeader title="Support" text="Ask us, and follow what your team has asked. We answer here and by e-mail.">
            <Allowed permission=Permission::WriteTickets>
                <ButtonLink href="/support/new" label="New ticket" kind=ButtonKind::Primary icon=Icon::Plus />
            </Allowed>
        </PageHeader>
        <Load resource=tickets headed=true view=move |list| view! { <Tickets list asked=asked.get_untracked() /> }.into_any() />
    }
}

#[component]
fn Tickets(list: TicketList, asked: Asked) -> impl IntoView {
    let TicketList { tickets, counts } = list;
    let content = if tickets.rows.is_empty() {
        let has_any = counts.of(None) > 0;
        view! { <NoTickets asked has_any /> }.into_any()
    } else {
        let rows = tickets.rows.into_iter().map(|ticket| view! { <TicketLine ticket /> }).collect_view();
        let heads = vec![Head::text("Subject"), Head::text("State"), Head::text("Opened by"), Head::text("Last change")];
        view! {
            <Card title=heading(asked) flush=true>
                <Table caption="Tickets" heads>
                    {rows}
                </Table>
                <Pager number=tickets.number per_page=tickets.per_page total=tickets.total />
            </Card>
        }
        .into_any()
    };
    view! {
        <div class="stack">
            <Filters asked counts />
            {content}
        </div>
    }
}

fn heading(asked: Asked) -> String {
    let state = asked.status.map_or("All tickets", TicketStatus::label);
    if asked.mine { format!("{state}, opened by you") } else { state.to_owned() }
}

#[component]
fn Filters(asked: Asked, counts: TicketCounts) -> impl IntoView {
    let tabs = [None].into_iter().chain(TicketStatus::ALL.map(Some)).map(|status| {
        let current = (status == asked.status).then_some("page");
        let label = status.map_or("All", TicketStatus::label);
        view! {
            <a href=Asked::href(status, asked.mine) aria-current=current>
                {label}
                <span class="support-count">{grouped(counts.of(status))}</span>
            </a>
        }
    });
    let (everyone, own) = (Asked::href(asked.status, false), Asked::href(asked.status, true));
    view! {
        <div class="support-filters">
            <nav class="tabs" aria-label="State">{tabs.collect_view()}</nav>
            <nav class="support-whose" aria-label="Opened by">
                <a href=everyone aria-current=(!asked.mine).then_some("page")>"Everyone"</a>
                <a href=own aria-current=asked.mine.then_some("page")>"Only mine"</a>
            </nav>
        </div>
    }
}

#[component]
fn NoTickets(asked: Asked, has_any: bool) -> impl IntoView {
    let (title, text) = match (asked.status, asked.mine) {
        _ if asked.page != PageNumber::default() => ("No tickets on this page", "The list is shorter than that. Go back to its beginning."),
        (None, false) => ("No ticket yet", "A ticket is a question to our support team. Your whole team sees it and its answers."),
        (None, true) => {
            ("You have not opened a ticket", "A ticket is a question to our support team. Your whole team sees it and its answers.")
        }
        (Some(TicketStatus::Open), _) => ("Nothing waits for support", "Every ticket has been answered or closed."),
        (Some(TicketStatus::Pending), _) => {
            ("Nothing waits for you", "When we answer a ticket, it stands here until you reply or close it.")
        }
        (Some(TicketStatus::Closed), _) => ("No closed ticket", "Tickets that are done are kept here. A reply opens them again."),
    };
    let action = if has_any || asked.mine {
        view! { <ButtonLink href="/support" label="Show all tickets" /> }.into_any()
    } else {
        view! {
            <Allowed permission=Permission::WriteTickets>
                <ButtonLink href="/support/new" label="Open the first ticket" kind=ButtonKind::Primary icon=Icon::Plus />
            </Allowed>
        }
        .into_any()
    };
    view! {
        <EmptyState title text icon=Icon::Support>
            {action}
        </EmptyState>
    }
}

#[component]
fn TicketLine(ticket: Ticket) -> impl IntoView {
    let opened_by = ticket.opened_by.unwrap_or_else(|| "Outside the portal".to_owned());
    view! {
        <tr>
            <th scope="row" data-label="Subject">
                <a class="link" href=format!("/support/{}", ticket.id)>{ticket.subject}</a>
            </th>
            <td data-label="State"><Status status=ticket.status /></td>
            <td data-label="Opened by">{opened_by}</td>
            <td data-label="Last change"><Time when=ticket.updated /></td>
        </tr>
    }
}

/// Whom a ticket waits for, as the customer reads it.
#[component]
fn Status(status: TicketStatus) -> impl IntoView {
    let tone = match status {
        TicketStatus::Open => Tone::Info,
        TicketStatus::Pending => Tone::Warn,
        TicketStatus::Closed => Tone::Neutral,
    };
    view! { <Badge text=status.label() tone /> }
}
