//! Swapping the code of a link for a session, and the way back to the SaaS.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events,
        model::{Code, Flow, landing},
        store,
    },
    crate::{
        rights::{Rights, Scope, Scopes},
        server::{caller::Visitor, forms, return_url, session},
    },
    leptos::server_fn::ServerFn,
};

use super::model::{OpenForm, ReturnTo};
use crate::error::AppError;

/// Whether the link still works. Looking does not use it up: programs follow links too. Nothing is said about whose it is.
#[server(prefix = "/api", endpoint = "portal_sessions/is_open", input = GetUrl)]
pub async fn portal_session_is_open(#[server(default)] code: String) -> Result<bool, AppError> {
    let visitor = Visitor::of_request()?;
    let Some(code) = Code::parse(&code) else { return Ok(false) };
    let mut transaction = visitor.begin().await?;
    Ok(store::is_open(&mut transaction, &code, visitor.now()).await?)
}

/// Swaps the code of a link for a session of this browser. Of several uses of one code exactly one wins.
///
/// # Errors
/// `NotFound`, one and the same for codes that are malformed, unknown, used or too old.
#[server(prefix = "/api", endpoint = "portal_sessions/open")]
pub async fn open_portal_session(#[server(default)] form: OpenForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let code = Code::parse(&form.code).ok_or(AppError::NotFound)?;
    let opened = open(&visitor, &code).await;
    match &opened {
        Ok(page) => forms::redirect(page),
        // The page sends no Referer, because its address is a secret.
        Err(error) => forms::back_after_failed_post(&format!("/session/{}", code.reveal()), <OpenPortalSession as ServerFn>::PATH, error),
    }
    opened.map(drop)
}

/// Opens the session and gives its first page. Rights matter here for nothing but that page.
#[cfg(feature = "ssr")]
async fn open(visitor: &Visitor, code: &Code) -> Result<&'static str, AppError> {
    let mut transaction = visitor.begin().await?;
    let opened = store::open(&mut transaction, code, visitor.now()).await?.ok_or(AppError::NotFound)?;
    let scopes: Scopes = opened.scopes.iter().filter_map(|word| word.parse::<Scope>().ok()).collect();
    let flow = opened.flow.as_deref().and_then(|flow| flow.parse::<Flow>().ok());
    session::create_limited(&mut transaction, visitor.request(), opened.user_id, opened.customer_id, opened.id).await?;
    let tx = visitor.act_for(transaction, opened.customer_id, opened.user_id, &opened.name);
    let person = opened.user_id.map(|_| opened.name.as_str());
    tx.commit(events::opened(opened.id, person)).await?;
    Ok(landing(flow, Rights::Guest(scopes)))
}

/// Where this browser's session came from and goes back to, also after its end.
#[server(prefix = "/api", endpoint = "portal_sessions/way_back", input = GetUrl)]
pub async fn find_way_back() -> Result<Option<ReturnTo>, AppError> {
    let visitor = Visitor::of_request()?;
    return_url::way_back(visitor.request()).await
}
