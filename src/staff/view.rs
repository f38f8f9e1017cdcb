//! `/staff/tickets`

use leptos::{html, prelude::*};
use leptos_router::{
    components::Outlet,
    hooks::{use_params_map, use_query_map},
};

use super::{
    api::{AnswerTicket, CloseQueued, FindQueued, FindStaff, ListQueue},
    model::{Queue, QueuedTicket, StaffThread},
};
use crate::{
    number::grouped,
    page::PageNumber,
    support::{
        model::{Thread, TicketCounts, TicketStatus},
        view::{Conversation, ReplyBox},
    },
    ui::*,
};

/// The frame around the staff's pages.
#[component]
pub fn StaffFrame() -> impl IntoView {
    // As around the portal: whoever was here before is not meant.
    page_is_about(None);
    let person = Fetch::new(|| FindStaff {});
    view! {
        <StaffLayout person>
            <Outlet />
        </StaffLayout>
    }
}

/// The queue of tickets of all customers.
#[component]
pub fn QueuePage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let status = query.get_str("status").and_then(|status| status.parse().ok()).unwrap_or(TicketStatus::Open);
            (status, PageNumber::parse(query.get_str("page")))
        })
    });
    let queue = Fetch::new(move || {
        let (status, page) = asked.get();
        ListQueue { status: status.as_str().to_owned(), page: Some(page.get()) }
    });
    view! {
        <PageTitle text="Tickets" />
        <PageHeader title="Tickets" text="Tickets of all customers, the longest waiting first." />
        <Load resource=queue headed=true view=move |queue| view! { <QueueView queue status=asked.get_untracked().0 /> }.into_any() />
    }
}

#[component]
fn QueueView(queue: Queue, status: TicketStatus) -> impl IntoView {
    let Queue { tickets, counts } = queue;
    let content = if tickets.rows.is_empty() {
        let text = match status {
            TicketStatus::Open => "Every ticket has been answered.",
            TicketStatus::Pending => "No answer of ours waits for a customer.",
            TicketStatus::Closed => "Tickets that are done are kept here.",
        };
        view! { <EmptyState title="No tickets here" text icon=Icon::Inbox /> }.into_any()
    } else {
        let rows = tickets.rows.into_iter().map(|ticket| view! { <QueueLine ticket /> }).collect_view();
        let since = if status == TicketStatus::Closed { "Closed" } else { "Waiting since" };
        let heads = vec![Head::text("Subject"), Head::text("Customer"), Head::text("Opened by"), Head::text(since)];
        view! {
            <Card title=status.staff_label() flush=true>
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
            <StatusTabs status counts />
            {content}
        </div>
    }
}

#[component]
fn StatusTabs(status: TicketStatus, counts: TicketCounts) -> impl IntoView {
    let tabs = TicketStatus::ALL.map(|tab| {
        view! {
            <a href=format!("/staff/tickets?status={}", tab.as_str()) aria-current=(tab == status).then_some("page")>
                {tab.staff_label()}
                <span class="support-count">{grouped(counts.of(Some(tab)))}</span>
            </a>
        }
    });
    view! { <nav class="tabs" aria-label="State">{tabs.into_iter().collect_view()}</nav> }
}

#[component]
fn QueueLine(ticket: QueuedTicket) -> impl IntoView {
    let since_label = if ticket.status == TicketStatus::Closed { "Closed" } else { "Waiting since" };
    let opened_by = ticket.opened_by.unwrap_or_else(|| "Outside the portal".to_owned());
    view! {
        <tr>
            <th scope="row" data-label="Subject">
                <a class="link" href=format!("/staff/tickets/{}", ticket.id)>{ticket.subject}</a>
            </th>
            <td data-label="Customer">{ticket.customer}</td>
            <td data-label="Opened by">{opened_by}</td>
            <td data-label=since_label><Time when=ticket.since /></td>
        </tr>
    }
}

/// The forms of the page of a ticket.
#[derive(Clone, Copy)]
struct Actions {
    answer: FormAction<AnswerTicket>,
    close: FormAction<CloseQueued>,
}

/// The page of one ticket.
#[component]
pub fn QueuedPage() -> impl IntoView {
    let actions = Actions { answer: FormAction::new(), close: FormAction::new() };
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let page = Memo::new(move |_| query.with(|query| PageNumber::parse(query.get_str("page"))));
    let thread = Fetch::new(move || FindQueued { id: id.get(), page: Some(page.get().get()) });
    view! {
        <PageTitle text="Ticket" />
        <Load resource=thread view=move |found| view! { <QueuedView found actions /> }.into_any() />
    }
}

#[component]
fn QueuedView(found: StaffThread, actions: Actions) -> impl IntoView {
    let StaffThread { customer, plan, thread } = found;
    let ticket = thread.ticket.clone();
    let shown = RwSignal::new(thread);
    let status = Memo::new(move |_| shown.with(|thread| thread.ticket.status));
    let facts = NodeRef::<html::Div>::new();
    follow(actions, shown, facts);
    let (answer, close) = (FormState::of(actions.answer), FormState::of(actions.close));
    let id = ticket.id.to_string();
    let (close_id, answer_id) = (id.clone(), id.clone());
    let opened_by = ticket.opened_by.map_or_else(|| "Opened outside the portal ".to_owned(), |name| format!("Opened by {name} "));
    view! {
        <PageTitle text=ticket.subject.clone() />
        <PageHeader title=ticket.subject back=("/staff/tickets".to_owned(), "Tickets".to_owned())>
            {move || {
                let id = close_id.clone();
                (status.get() != TicketStatus::Closed).then(|| view! {
                    <PostButton action=actions.close label="Close ticket" pending_label="Closing…" kind=ButtonKind::Secondary icon=Icon::Check>
                        <input type="hidden" name="id" value=id />
                    </PostButton>
                })
            }}
        </PageHeader>
        <div class="stack support-ticket">
            <div class="ticket-facts" tabindex="-1" node_ref=facts>
                {move || view! { <StaffStatus status=status.get() /> }}
                <strong>{customer}</strong>
                <span>{plan}" plan"</span>
                <span>{opened_by}<Time when=ticket.opened /></span>
                <code class="code">{id}</code>
            </div>
            <FormError form=close />
            {move || shown.with(|thread| {
                let messages = thread.messages.clone();
                view! {
                    <Pager number=messages.number per_page=messages.per_page total=messages.total />
                    <Conversation messages=messages.rows customer="Customer" staff="Support" />
                }
            })}
            <Card title="Reply" text="The customer gets it by e-mail and in the portal.">
                <PostForm action=actions.answer>
                    <ReplyBox form=answer id=answer_id label="Message" hint="The ticket then waits for the customer." button="Send reply" />
                </PostForm>
            </Card>
        </div>
    }
}

#[component]
fn StaffStatus(status: TicketStatus) -> impl IntoView {
    let tone = match status {
        TicketStatus::Open => Tone::Warn,
        TicketStatus::Pending => Tone::Info,
        TicketStatus::Closed => Tone::Neutral,
    };
    view! { <Badge text=status.staff_label() tone /> }
}

/// Shows what the forms brought back and says so. The button that closes goes away, so the focus moves to the state.
fn follow(actions: Actions, shown: RwSignal<Thread>, facts: NodeRef<html::Div>) {
    let toast = use_toast();
    FormState::of(actions.answer).on_success(move || {
        if let Some(Ok(thread)) = actions.answer.value().get_untracked() {
            toast.done(Done::ReplySent);
            shown.set(thread);
        }
    });
    FormState::of(actions.close).on_success(move || {
        if let Some(Ok(thread)) = actions.close.value().get_untracked() {
            toast.done(Done::TicketClosed);
            shown.set(thread);
            if let Some(facts) = facts.get_untracked() {
                _ = facts.focus();
            }
        }
    });
}
