//! `/support/:id`

use leptos::{html, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{Conversation, ReplyBox, Status};
use crate::{
    access::Permission,
    page::PageNumber,
    support::{
        api::{CloseTicket, FindTicket, ReplyToTicket},
        model::{Thread, Ticket, TicketStatus},
    },
    ui::*,
};

/// The forms of the page.
#[derive(Clone, Copy)]
struct Actions {
    reply: FormAction<ReplyToTicket>,
    close: FormAction<CloseTicket>,
}

/// The page of one ticket.
#[component]
pub fn TicketPage() -> impl IntoView {
    let actions = Actions { reply: FormAction::new(), close: FormAction::new() };
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let page = Memo::new(move |_| query.with(|query| PageNumber::parse(query.get_str("page"))));
    let thread = Fetch::new(move || FindTicket { id: id.get(), page: Some(page.get().get()) });
    view! {
        <PageTitle text="Ticket" />
        <Load resource=thread view=move |thread| view! { <TicketView thread actions /> }.into_any() />
    }
}

/// A ticket. The answers to its forms bring the thread as it is then, so that nothing has to be loaded again.
#[component]
fn TicketView(thread: Thread, actions: Actions) -> impl IntoView {
    let Ticket { id, subject, opened_by, opened, .. } = thread.ticket.clone();
    let shown = RwSignal::new(thread);
    let status = Memo::new(move |_| shown.with(|thread| thread.ticket.status));
    let facts = NodeRef::<html::Div>::new();
    follow(actions, shown, facts);
    let close = FormState::of(actions.close);
    let id = id.to_string();
    let (close_id, reply_id) = (id.clone(), id.clone());
    let opened_by = opened_by.map_or_else(|| "Opened outside the portal ".to_owned(), |name| format!("Opened by {name} "));
    view! {
        <PageTitle text=subject.clone() />
        <PageHeader title=subject back=("/support".to_owned(), "Support".to_owned())>
            <Allowed permission=Permission::WriteTickets>
                {
                    let id = close_id.clone();
                    move || {
                        let id = id.clone();
                        (status.get() != TicketStatus::Closed).then(|| view! {
                            <PostButton action=actions.close label="Close ticket" pending_label="Closing…" kind=ButtonKind::Secondary icon=Icon::Check>
                                <input type="hidden" name="id" value=id />
                            </PostButton>
                        })
                    }
                }
            </Allowed>
        </PageHeader>
        <div class="stack support-ticket">
            <div class="ticket-facts" tabindex="-1" node_ref=facts>
                {move || view! { <Status status=status.get() /> }}
                <span>{opened_by}<Time when=opened /></span>
                <code class="code">{id}</code>
            </div>
            <FormError form=close />
            {move || shown.with(|thread| {
                let messages = thread.messages.clone();
                view! {
                    <Pager number=messages.number per_page=messages.per_page total=messages.total />
                    <Conversation messages=messages.rows customer="Your team" staff="Support" />
                }
            })}
            <Allowed permission=Permission::WriteTickets>
                <ReplyCard action=actions.reply status id=reply_id.clone() />
            </Allowed>
        </div>
    }
}

#[component]
fn ReplyCard(action: FormAction<ReplyToTicket>, status: Memo<TicketStatus>, id: String) -> impl IntoView {
    let form = FormState::of(action);
    view! {
        <Card title="Reply">
            {move || (status.get() == TicketStatus::Closed).then(|| view! {
                <p class="muted ticket-closed">"This ticket is closed. A reply opens it again."</p>
            })}
            <PostForm action>
                <ReplyBox form id label="Message" hint="Never send passwords or whole API keys." button="Send reply" />
            </PostForm>
        </Card>
    }
}

/// Shows what the forms brought back and says so. The button that closes goes away, so the focus moves to the state.
fn follow(actions: Actions, shown: RwSignal<Thread>, facts: NodeRef<html::Div>) {
    let toast = use_toast();
    FormState::of(actions.reply).on_success(move || {
        if let Some(Ok(thread)) = actions.reply.value().get_untracked() {
            let was_closed = shown.with_untracked(|shown| shown.ticket.status == TicketStatus::Closed);
            toast.done(if was_closed { Done::TicketReopened } else { Done::ReplySent });
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
