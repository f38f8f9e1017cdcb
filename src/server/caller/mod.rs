//! Who calls: the guards that every server function begins with.

mod at_customer;
mod signed_in;
mod staff;
mod visitor;

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::use_context;

use super::{
    audit::{self, Actor, ActorKind, Event},
    database::{self, SessionRow},
    outbox, return_url,
    scope::RequestScope,
    tx::TenantTx,
};
use crate::{
    access::Role,
    error::AppError,
    ids::{CustomerId, UserId},
    page_about,
    portal_sessions::model::ReturnTo,
    rights::{Rights, Scope, Scopes},
    signin::model::CustomerChoice,
};

pub use at_customer::Caller;
pub use signed_in::SignedIn;
pub use staff::StaffCaller;
pub use visitor::Visitor;

/// On the customer's side acts a person, or for a guest the program that opened the session, by the name of its token.
fn customers_side(user_id: Option<UserId>) -> ActorKind {
    if user_id.is_some() { ActorKind::Person } else { ActorKind::Key }
}

fn actor(request: &RequestScope, session: &SessionRow, kind: ActorKind) -> Actor {
    Actor { kind, user_id: session.user_id, name: session.user_name.clone(), ip: request.ip.clone(), session_id: Some(session.session_id) }
}

/// Commits a change of a session or of what is the person's own. It is noted in the trail of the customer that they work
/// for now; of those who belong to none only the log tells.
async fn commit_own(
    request: &RequestScope,
    session: &SessionRow,
    transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    event: Event,
) -> Result<(), AppError> {
    let Some(customer_id) = session.customer_id else {
        return commit_without_trail(request, session.user_id, transaction, event).await;
    };
    let actor = actor(request, session, customers_side(session.user_id));
    TenantTx::new(transaction, request.state.clone(), customer_id, actor, request.now).commit(event).await
}

/// Commits a change of how a person signs in. Every company that they work for relies on it, so it stands in the trail of
/// each; of those who belong to none only the log tells.
async fn commit_everywhere(
    request: &RequestScope,
    session: &SessionRow,
    mut transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    event: Event,
) -> Result<(), AppError> {
    let mut customers: Vec<CustomerId> = serde_json::from_value::<Vec<CustomerChoice>>(session.customers.clone())
        .map(|choices| choices.into_iter().map(|choice| choice.id).collect())
        .unwrap_or_default();
    // Each entry waits for the head of its customer's chain: in one order, so that two people never wait for each other.
    customers.sort_unstable();
    let actor = actor(request, session, ActorKind::Person);
    // One after the other, because row-level security shows one customer at a time; few people have more than two.
    for customer in customers {
        database::pin(&mut transaction, customer).await?;
        audit::insert(&mut transaction, request.state.entropy.uuid(request.now), customer, &actor, &event, request.now).await?;
    }
    commit_without_trail(request, session.user_id, transaction, event).await
}

/// Commits a change of somebody who belongs to no customer: only the log tells of it, but mails are sent all the same.
async fn commit_without_trail(
    request: &RequestScope,
    user_id: Option<UserId>,
    mut transaction: sqlx::Transaction<'static, sqlx::Postgres>,
    event: Event,
) -> Result<(), AppError> {
    for notification in &event.notifications {
        let id = request.state.entropy.uuid(request.now);
        outbox::insert(&mut transaction, None, notification, request.now, id).await?;
    }
    transaction.commit().await?;
    tracing::info!(kind = event.kind, user = ?user_id, ip = request.ip, "event");
    Ok(())
}

fn return_to(request: &RequestScope, session: &SessionRow) -> Option<ReturnTo> {
    let url = session.return_url.as_deref().and_then(|url| request.state.config.return_urls.allow(url))?;
    Some(return_url::way(&url))
}

fn origin(return_to: Option<&ReturnTo>) -> String {
    return_to.map_or_else(|| "where you came from".to_owned(), |return_to| return_to.host.clone())
}

fn not_in_session(return_to: Option<&ReturnTo>) -> AppError {
    let text = format!("You came here for something else, and this is not part of it. Go back to {}.", origin(return_to));
    AppError::NotInSession(text)
}

fn not_by_sso() -> AppError {
    let text = "You came in by the single sign-on of this company. What is your own at every company, such as your password and your \
                sign-in address, can only be changed after signing in without it.";
    AppError::NotInSession(text.to_owned())
}

/// Refuses what a page sends that was made for somebody else than whoever the session is of now.
fn check_person(request: &RequestScope, session: &SessionRow) -> Result<(), AppError> {
    match request.page_about.and_then(|page| page.who) {
        Some(who) if who != session.who() && session.is_limited() => Err(opened_anew(request, session)),
        Some(who) if who != session.who() => Err(page_about::taken_over(&session.user_name)),
        _ => Ok(()),
    }
}

/// The same also for a page that is about another customer than the session.
fn check_page(request: &RequestScope, session: &SessionRow) -> Result<(), AppError> {
    check_person(request, session)?;
    let of_page = request.page_about.and_then(|page| page.company);
    match (of_page, session.customer_id, &session.customer_name) {
        // Whoever the SaaS let in has gone on to nothing, and can choose no other customer.
        (Some(of_page), Some(now), _) if of_page != now && session.is_limited() => Err(opened_anew(request, session)),
        (Some(of_page), Some(now), Some(name)) if of_page != now => Err(page_about::left_behind(name)),
        _ => Ok(()),
    }
}

fn opened_anew(request: &RequestScope, session: &SessionRow) -> AppError {
    page_about::opened_anew(return_to(request, session).as_ref().map(|return_to| return_to.host.as_str()))
}

/// What the session's person may do; `None` if the database holds a role that we do not know. A scope that we do not know
/// gives nothing.
fn rights(session: &SessionRow) -> Option<Rights> {
    let scopes: Option<Scopes> = session.scopes.as_ref().map(|words| words.iter().filter_map(|word| word.parse::<Scope>().ok()).collect());
    let role: Option<Role> = session.role.as_deref().and_then(|role| role.parse().ok());
    match (session.user_id, role, scopes) {
        (Some(_), Some(role), None) => Some(Rights::Own(role)),
        (Some(_), Some(role), Some(scopes)) => Some(Rights::Limited(role, scopes)),
        (None, None, Some(scopes)) => Some(Rights::Guest(scopes)),
        _ => None,
    }
}

fn current_request() -> Result<Arc<RequestScope>, AppError> {
    let parts = use_context::<Parts>().ok_or_else(outside_of_request)?;
    request_of(&parts)
}

pub(super) fn request_of(parts: &Parts) -> Result<Arc<RequestScope>, AppError> {
    parts.extensions.get::<Arc<RequestScope>>().cloned().ok_or_else(outside_of_request)
}

fn outside_of_request() -> AppError {
    tracing::error!("a guard ran outside of a request");
    AppError::Internal { reference: super::telemetry::reference() }
}
