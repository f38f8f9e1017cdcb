//! Proving once more who one is, before the most sensitive changes.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::AppError,
    signin::model::{ConfirmForm, WhoConfirms},
};
#[cfg(feature = "ssr")]
use crate::{
    server::{
        caller::{SignedIn, Visitor},
        forms,
        rate_limit::{self, Limited},
        session,
    },
    signin::{password, store},
};

/// Whose password is asked for.
#[server(prefix = "/api", endpoint = "signin/who_confirms", input = GetUrl)]
pub async fn find_who_confirms() -> Result<WhoConfirms, AppError> {
    let signed_in = SignedIn::require().await?;
    let session = signed_in.session();
    Ok(WhoConfirms { name: session.user_name.clone(), email: session.user_email.clone() })
}

/// Checks the password of the person who is signed in; their session gets a new token and counts as fresh for five
/// minutes. Without a `next` the form was opened beside another one, and the page says that it is done.
#[server(prefix = "/api", endpoint = "signin/confirm")]
pub async fn confirm(#[server(default)] form: ConfirmForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let next = forms::local_path(&form.next).map_or_else(|| "/signin/confirm?done=confirmed".to_owned(), str::to_owned);
    check(&signed_in, form.password).await?;
    let visitor = Visitor::of_request()?;
    let mut transaction = visitor.begin().await?;
    session::renew(&mut transaction, visitor.request(), true).await?;
    transaction.commit().await?;
    tracing::info!(user = %signed_in.user_id(), session = %signed_in.session_id(), "confirmed who they are");
    forms::redirect(&next);
    Ok(())
}

/// Whether the password is the one of the person who is signed in. No connection is held while it is checked.
#[cfg(feature = "ssr")]
async fn check(signed_in: &SignedIn, typed: String) -> Result<(), AppError> {
    if typed.is_empty() {
        return Err(AppError::invalid("password", "Enter your password."));
    }
    rate_limit::attempt(signed_in.request(), Limited::SignIn, &signed_in.session().user_email).await?;
    let mut transaction = signed_in.begin().await?;
    let hash = store::find_password(&mut transaction, signed_in.user_id()).await?;
    transaction.rollback().await?;
    let state = &signed_in.request().state;
    if password::verify(state, hash, typed).await?.matches() {
        rate_limit::succeeded(signed_in.request(), Limited::SignIn, &signed_in.session().user_email).await;
        return Ok(());
    }
    tracing::info!(user = %signed_in.user_id(), ip = signed_in.request().ip, "a confirmation was refused");
    Err(AppError::invalid("password", "This is not your password. Try again, or choose a new one."))
}
