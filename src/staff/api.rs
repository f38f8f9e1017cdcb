//! The queue of tickets, and answering them.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::store,
    crate::{
        ids::TicketId,
        page::{Page, PageNumber},
        server::{audit::Event, caller::StaffCaller, forms, outbox::Notification, tx::TenantTx},
        support::{
            self, Contact, NewMessage,
            model::{Side, TicketStatus},
        },
        ui::Done,
    },
    serde_json::json,
};

use super::model::{Queue, StaffPerson, StaffThread};
use crate::{
    error::AppError,
    support::model::{ReplyForm, Thread},
};

/// Who of the staff is here.
#[server(prefix = "/api", endpoint = "staff/person", input = GetUrl)]
pub async fn find_staff() -> Result<StaffPerson, AppError> {
    let staff = StaffCaller::require().await?;
    Ok(StaffPerson { user_id: staff.user_id(), name: staff.name().to_owned(), email: staff.email().to_owned() })
}

/// One page of tickets; an unknown status lists those that wait for support.
#[server(prefix = "/api", endpoint = "staff/queue", input = GetUrl)]
pub async fn list_queue(#[server(default)] status: String, #[server(default)] page: Option<u32>) -> Result<Queue, AppError> {
    let staff = StaffCaller::require().await?;
    let status = status.parse().unwrap_or(TicketStatus::Open);
    let number = PageNumber::new(page.unwrap_or(1));
    let mut read = staff.read().await?;
    let counts = store::count(&mut read).await?;
    let rows = match status {
        TicketStatus::Open => store::list_waiting(&mut read, number, staff.now()).await?,
        _ => store::list(&mut read, status, number, staff.now()).await?,
    };
    Ok(Queue { tickets: Page::new(rows, number, store::PER_PAGE, counts.of(Some(status))), counts })
}

/// One ticket of any customer.
#[server(prefix = "/api", endpoint = "staff/ticket", input = GetUrl)]
pub async fn find_queued(id: String, #[server(default)] page: Option<u32>) -> Result<StaffThread, AppError> {
    let staff = StaffCaller::require().await?;
    let id: TicketId = id.parse().map_err(|_| AppError::NotFound)?;
    let number = PageNumber::new(page.unwrap_or(1));
    let mut read = staff.read().await?;
    let whose = store::find_customer(&mut read, &id).await?.ok_or(AppError::NotFound)?;
    let thread = support::thread(&mut read, whose.customer_id, &id, number, staff.now()).await?.ok_or(AppError::NotFound)?;
    Ok(StaffThread { customer: whose.name, plan: whose.plan, thread })
}

/// Answers a ticket; the customer is told by mail.
#[server(prefix = "/api", endpoint = "staff/answer")]
pub async fn answer_ticket(form: ReplyForm) -> Result<Thread, AppError> {
    let staff = StaffCaller::require().await?;
    let (id, content) = form.parse()?;
    let mut tx = begin(&staff, &id).await?;
    let customer_id = tx.customer_id();
    let ticket = support::find_for_update(&mut tx, customer_id, &id).await?.ok_or(AppError::NotFound)?;
    let message = NewMessage {
        message_id: tx.entropy().uuid(tx.now()).into(),
        ticket_id: &id,
        customer_id,
        content: &content,
        side: Side::Staff,
        author_id: staff.user_id(),
        author_name: staff.name(),
        now: tx.now(),
    };
    if support::was_just_written(&mut tx, &message).await? {
        let thread = reread(&mut tx, &id).await?;
        tx.commit_quiet("the same form was sent twice").await?;
        forms::after_post(&format!("/staff/tickets/{id}?done={}", Done::ReplySent));
        return Ok(thread);
    }
    support::insert_message(&mut tx, &message).await?;
    support::set_status(&mut tx, customer_id, &id, ticket.status.after_staff(), staff.now()).await?;
    let contact = support::contact(&mut tx, customer_id, &id).await?.ok_or(AppError::NotFound)?;
    let thread = reread(&mut tx, &id).await?;
    tx.commit(answered(&staff, (&id, &ticket.subject, ticket.status), &content, &contact)).await?;
    forms::after_post(&format!("/staff/tickets/{id}?done={}", Done::ReplySent));
    Ok(thread)
}

/// Closes a ticket.
#[server(prefix = "/api", endpoint = "staff/close")]
pub async fn close_queued(#[server(default)] id: String) -> Result<Thread, AppError> {
    let staff = StaffCaller::require().await?;
    let id: TicketId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = begin(&staff, &id).await?;
    let customer_id = tx.customer_id();
    let ticket = support::find_for_update(&mut tx, customer_id, &id).await?.ok_or(AppError::NotFound)?;
    support::set_status(&mut tx, customer_id, &id, ticket.status.close()?, staff.now()).await?;
    let thread = reread(&mut tx, &id).await?;
    tx.commit(support::closed_event(&id, &ticket.subject, ticket.status)).await?;
    forms::after_post(&format!("/staff/tickets/{id}?done={}", Done::TicketClosed));
    Ok(thread)
}

/// Begins a change at the customer whose ticket it is.
#[cfg(feature = "ssr")]
async fn begin(staff: &StaffCaller, id: &TicketId) -> Result<TenantTx, AppError> {
    let whose = {
        let mut read = staff.read().await?;
        store::find_customer(&mut read, id).await?.ok_or(AppError::NotFound)?
    };
    staff.begin(whose.customer_id).await
}

#[cfg(feature = "ssr")]
fn answered(staff: &StaffCaller, (id, subject, before): (&TicketId, &str, TicketStatus), message: &str, contact: &Contact) -> Event {
    let payload = json!({
        "email": contact.email,
        "openedIt": contact.opened_it,
        "subject": subject,
        "message": message,
        "author": staff.name(),
        "ticketUrl": staff.state().config.link(&format!("/support/{id}")),
    });
    Event::new("ticket.replied", subject)
        .detail("ticket_id", id.as_str())
        .change("status", before.as_str(), before.after_staff().as_str())
        .notify(Notification::new("ticket_reply", payload))
}

/// The thread as it will be after the commit.
#[cfg(feature = "ssr")]
async fn reread(tx: &mut TenantTx, id: &TicketId) -> Result<Thread, AppError> {
    let (customer_id, now) = (tx.customer_id(), tx.now());
    support::thread(tx, customer_id, id, PageNumber::default(), now).await?.ok_or(AppError::NotFound)
}
