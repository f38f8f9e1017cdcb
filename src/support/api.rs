//! Listing, opening, reading, answering and closing tickets.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events::{self, Opened},
        model::{NewTicket, Side, TicketStatus},
        store::{self, Filter, NewMessage},
    },
    crate::{
        access::Permission,
        error::in_words,
        ids::TicketId,
        page::{Page, PageNumber},
        server::{
            caller::Caller,
            forms,
            rate_limit::{self, Limited},
            tx::TenantTx,
        },
        ui::Done,
    },
};

use super::model::{ReplyForm, Thread, TicketForm, TicketList};
use crate::error::AppError;

/// One page of the company's tickets, or of one's own; an unknown status lists all.
#[server(prefix = "/api", endpoint = "support/list", input = GetUrl)]
pub async fn list_tickets(
    #[server(default)] status: String,
    #[server(default)] mine: bool,
    #[server(default)] page: Option<u32>,
) -> Result<TicketList, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let filter = Filter { status: status.parse().ok(), opened_by: if mine { caller.user_id() } else { None } };
    let number = PageNumber::new(page.unwrap_or(1));
    let mut read = caller.read().await?;
    let counts = store::count(&mut read, caller.customer_id(), filter.opened_by).await?;
    let rows = store::list(&mut read, caller.customer_id(), filter, number, caller.now()).await?;
    Ok(TicketList { tickets: Page::new(rows, number, store::TICKETS_PER_PAGE, counts.of(filter.status)), counts })
}

/// One ticket with a page of its messages.
#[server(prefix = "/api", endpoint = "support/find", input = GetUrl)]
pub async fn find_ticket(id: String, #[server(default)] page: Option<u32>) -> Result<Thread, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let id: TicketId = id.parse().map_err(|_| AppError::NotFound)?;
    let number = PageNumber::new(page.unwrap_or(1));
    let mut read = caller.read().await?;
    store::thread(&mut read, caller.customer_id(), &id, number, caller.now()).await?.ok_or(AppError::NotFound)
}

/// Opens a ticket and answers with its id.
#[server(prefix = "/api", endpoint = "support/create")]
pub async fn create_ticket(form: TicketForm) -> Result<String, AppError> {
    let caller = Caller::require(Permission::WriteTickets).await?;
    let author = caller.person()?;
    let new = NewTicket::parse(&form)?;
    let mut tx = caller.begin().await?;
    store::wait_for_own_tickets(&mut tx, author).await?;
    let same = store::find_just_opened(&mut tx, caller.customer_id(), author, &new.subject, &new.message, caller.now()).await?;
    let id = match same {
        Some(id) => {
            tx.commit_quiet("the same form was sent twice").await?;
            id
        }
        None => {
            check_pace(&caller, Limited::Ticket, "You have opened many tickets within a short time. Add this to one of them, or send it")
                .await
                .map_err(|error| error.keeping("subject", &form.subject).keeping("message", &form.message))?;
            open(&caller, tx, &new).await?
        }
    };
    forms::after_post(&format!("/support/{id}?done={}", Done::TicketOpened));
    Ok(id.to_string())
}

/// Adds a reply of the customer; a closed ticket is open again.
#[server(prefix = "/api", endpoint = "support/reply")]
pub async fn reply_to_ticket(form: ReplyForm) -> Result<Thread, AppError> {
    let caller = Caller::require(Permission::WriteTickets).await?;
    let (id, content) = form.parse()?;
    let mut tx = caller.begin().await?;
    let ticket = store::find_for_update(&mut tx, caller.customer_id(), &id).await?.ok_or(AppError::NotFound)?;
    let message = message(&caller, &id, &content)?;
    if store::was_just_written(&mut tx, &message).await? {
        let thread = reread(&caller, &mut tx, &id).await?;
        tx.commit_quiet("the same form was sent twice").await?;
        forms::after_post(&format!("/support/{id}?done={}", Done::ReplySent));
        return Ok(thread);
    }
    check_pace(&caller, Limited::Reply, "You have written many messages within a short time. Send this one")
        .await
        .map_err(|error| error.keeping("message", &form.message))?;
    store::insert_message(&mut tx, &message).await?;
    store::set_status(&mut tx, caller.customer_id(), &id, ticket.status.after_customer(), caller.now()).await?;
    let thread = reread(&caller, &mut tx, &id).await?;
    tx.commit(events::replied(&id, &ticket.subject, ticket.status)).await?;
    let done = if ticket.status == TicketStatus::Closed { Done::TicketReopened } else { Done::ReplySent };
    forms::after_post(&format!("/support/{id}?done={done}"));
    Ok(thread)
}

/// Closes a ticket.
#[server(prefix = "/api", endpoint = "support/close")]
pub async fn close_ticket(#[server(default)] id: String) -> Result<Thread, AppError> {
    let caller = Caller::require(Permission::WriteTickets).await?;
    let id: TicketId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = caller.begin().await?;
    let ticket = store::find_for_update(&mut tx, caller.customer_id(), &id).await?.ok_or(AppError::NotFound)?;
    store::set_status(&mut tx, caller.customer_id(), &id, ticket.status.close()?, caller.now()).await?;
    let thread = reread(&caller, &mut tx, &id).await?;
    tx.commit(events::closed(&id, &ticket.subject, ticket.status)).await?;
    forms::after_post(&format!("/support/{id}?done={}", Done::TicketClosed));
    Ok(thread)
}

/// Slows down who writes more than a person does. The text stays in its form, which says when it can be sent.
#[cfg(feature = "ssr")]
async fn check_pace(caller: &Caller, limited: Limited, advice: &str) -> Result<(), AppError> {
    let counted = rate_limit::attempt(caller.request(), limited, &caller.person()?.to_string()).await;
    counted.map_err(|error| match error {
        AppError::TooMany { retry_after_seconds } => {
            AppError::invalid("message", format!("{advice} in {}.", in_words(retry_after_seconds)))
        }
        other => other,
    })
}

#[cfg(feature = "ssr")]
async fn open(caller: &Caller, mut tx: TenantTx, new: &NewTicket) -> Result<TicketId, AppError> {
    let id = caller.entropy().ticket_id();
    store::insert(&mut tx, caller.customer_id(), &id, &new.subject, caller.person()?, caller.now()).await?;
    store::insert_message(&mut tx, &message(caller, &id, &new.message)?).await?;
    let opened = Opened { id: &id, subject: &new.subject, message: &new.message, author: caller.name(), customer: caller.customer_name() };
    tx.commit(events::opened(&opened, &caller.state().config)).await?;
    Ok(id)
}

#[cfg(feature = "ssr")]
fn message<'a>(caller: &'a Caller, ticket_id: &'a TicketId, content: &'a str) -> Result<NewMessage<'a>, AppError> {
    Ok(NewMessage {
        message_id: caller.entropy().uuid(caller.now()).into(),
        ticket_id,
        customer_id: caller.customer_id(),
        content,
        side: Side::Customer,
        author_id: caller.person()?,
        author_name: caller.name(),
        now: caller.now(),
    })
}

/// The thread as it will be after the commit.
#[cfg(feature = "ssr")]
async fn reread(caller: &Caller, tx: &mut TenantTx, id: &TicketId) -> Result<Thread, AppError> {
    store::thread(tx, caller.customer_id(), id, PageNumber::default(), caller.now()).await?.ok_or(AppError::NotFound)
}
