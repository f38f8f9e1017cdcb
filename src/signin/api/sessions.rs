//! Where a person is signed in, and ending it.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{error::AppError, signin::model::OwnSession};
#[cfg(feature = "ssr")]
use crate::{
    ids::SessionId,
    server::{caller::SignedIn, forms},
    signin::{device, events, store},
    ui::Done,
    when::When,
};

/// The person's sessions, this browser's first.
#[server(prefix = "/api", endpoint = "signin/sessions", input = GetUrl)]
pub async fn list_sessions() -> Result<Vec<OwnSession>, AppError> {
    let signed_in = SignedIn::require_at_customer().await?;
    let (here, now) = (signed_in.session_id(), signed_in.request().now);
    let mut read = signed_in.read().await?;
    let stored = store::list_sessions(&mut read, signed_in.user_id(), signed_in.bound_to(), now).await?;
    let places = &signed_in.request().state.config.places;
    let mut sessions: Vec<OwnSession> = stored
        .into_iter()
        .map(|session| OwnSession {
            id: session.session_id,
            device: device::in_words(&session.user_agent),
            place: places.in_words(&session.ip, signed_in.request().address),
            address: session.ip,
            here: session.session_id == here,
            opened_by_product: session.opened_by_product,
            by_sso: session.by_sso,
            signed_in: When::new(session.created_at, now),
            last_used: When::new(session.last_seen_at, now),
            ends: When::new(session.ends_at, now),
        })
        .collect();
    sessions.sort_by_key(|session| !session.here);
    Ok(sessions)
}

/// Ends one session of the person in another browser, from its next request on.
#[server(prefix = "/api", endpoint = "signin/end_session")]
pub async fn end_session(#[server(default)] id: String) -> Result<(), AppError> {
    let signed_in = SignedIn::require_at_customer().await?;
    let id: SessionId = id.parse().map_err(|_| AppError::NotFound)?;
    if id == signed_in.session_id() {
        return Err(AppError::Conflict("This is the browser that you are using. Sign out to end its session.".to_owned()));
    }
    let mut transaction = signed_in.begin().await?;
    let deleted = store::delete_session(&mut transaction, signed_in.user_id(), signed_in.bound_to(), id).await?;
    let (user_agent, ip) = deleted.ok_or(AppError::NotFound)?;
    signed_in.commit(transaction, events::ended(&device::in_words(&user_agent), &ip)).await?;
    forms::after_post(&format!("/account/sessions?done={}", Done::SessionEnded));
    Ok(())
}

/// Ends the person's sessions in all other browsers, from their next requests on.
#[server(prefix = "/api", endpoint = "signin/end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let signed_in = SignedIn::require_at_customer().await?;
    let mut transaction = signed_in.begin().await?;
    let (person, here) = (signed_in.user_id(), signed_in.session_id());
    let count = store::delete_other_sessions(&mut transaction, person, signed_in.bound_to(), here).await?;
    signed_in.commit(transaction, events::others_ended(count)).await?;
    forms::after_post(&format!("/account/sessions?done={}", Done::OtherSessionsEnded));
    Ok(())
}
