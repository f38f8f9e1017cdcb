//! Proving once more who one is, before the most sensitive changes.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::AppError,
    signin::model::{ConfirmForm, WhoConfirms},
};
#[cfg(feature = "ssr")]
use {
    crate::{
        passkeys,
        second_factor::{self, model::AppCode},
        server::{
            caller::{SignedIn, Visitor},
            forms,
            rate_limit::{self, Limited},
            session::{self, Strength},
        },
        signin::{events::Proof, password, store},
    },
    sqlx::{Postgres, Transaction},
};

/// A transaction of nobody's company.
#[cfg(feature = "ssr")]
type Own = Transaction<'static, Postgres>;

/// Whose password is asked for, and where they came from: `next`, if that is a page of the portal.
#[server(prefix = "/api", endpoint = "signin/who_confirms", input = GetUrl)]
pub async fn find_who_confirms(#[server(default)] next: String) -> Result<WhoConfirms, AppError> {
    let signed_in = SignedIn::require_at_customer().await?;
    let mut read = signed_in.read().await?;
    let second_factor = second_factor::is_on(&mut read, signed_in.user_id()).await?;
    let has_passkey = passkeys::has_any(&mut read, signed_in.user_id()).await?;
    let session = signed_in.session();
    let (name, email, by_sso) = (session.user_name.clone(), session.user_email.clone(), session.by_sso());
    let back = forms::local_path(&next).unwrap_or("/").to_owned();
    Ok(WhoConfirms { second_factor, has_passkey, name, email, by_sso, back })
}

/// Checks the password of the person who is signed in, and their second factor if they have one; their session gets a new
/// token and counts as fresh for five minutes. Without a `next` the form was opened beside another one, and the page says
/// that it is done.
#[server(prefix = "/api", endpoint = "signin/confirm")]
pub async fn confirm(#[server(default)] form: ConfirmForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let next = forms::local_path(&form.next).map_or_else(|| "/signin/confirm?done=confirmed".to_owned(), str::to_owned);
    let code = if check_password(&signed_in, form.password).await? { Some(read_code(&signed_in, &form.code).await?) } else { None };
    let visitor = Visitor::of_request()?;
    let (mut transaction, strength) = check_code(&signed_in, visitor.begin().await?, code.as_ref()).await?;
    session::renew(&mut transaction, visitor.request(), Some(strength)).await?;
    transaction.commit().await?;
    if code.is_some() {
        rate_limit::succeeded(signed_in.request(), Limited::SecondFactor, &signed_in.user_id().to_string()).await;
    }
    tracing::info!(user = %signed_in.user_id(), session = %signed_in.session_id(), "confirmed who they are");
    forms::redirect(&next);
    Ok(())
}

/// Whether the password is the one of the person who is signed in; tells whether they have a second factor, which is only
/// looked at when the password was right. No connection is held while it is checked.
#[cfg(feature = "ssr")]
async fn check_password(signed_in: &SignedIn, typed: String) -> Result<bool, AppError> {
    if typed.is_empty() {
        return Err(AppError::invalid("password", "Enter your password."));
    }
    rate_limit::attempt(signed_in.request(), Limited::SignIn, &signed_in.session().user_email).await?;
    let mut transaction = signed_in.begin().await?;
    let hash = store::find_password(&mut transaction, signed_in.user_id()).await?;
    let second_factor = second_factor::is_on(&mut transaction, signed_in.user_id()).await?;
    transaction.rollback().await?;
    let state = &signed_in.request().state;
    if password::verify(state, hash, typed).await?.matches() {
        rate_limit::succeeded(signed_in.request(), Limited::SignIn, &signed_in.session().user_email).await;
        return Ok(second_factor);
    }
    tracing::info!(user = %signed_in.user_id(), ip = signed_in.request().ip, "a confirmation was refused");
    Err(AppError::invalid("password", "This is not your password. Try again, or choose a new one."))
}

/// Reads the code of the authenticator app and counts the try.
#[cfg(feature = "ssr")]
async fn read_code(signed_in: &SignedIn, typed: &str) -> Result<AppCode, AppError> {
    let code = AppCode::parse(typed).map_err(|message| AppError::invalid("code", message))?;
    rate_limit::attempt(signed_in.request(), Limited::SecondFactor, &signed_in.user_id().to_string()).await?;
    Ok(code)
}

/// Checks the code of whoever has a second factor.
#[cfg(feature = "ssr")]
async fn check_code(signed_in: &SignedIn, mut transaction: Own, code: Option<&AppCode>) -> Result<(Own, Strength), AppError> {
    let Some(code) = code else { return Ok((transaction, Strength::OneFactor)) };
    let request = signed_in.request();
    if second_factor::accept(&mut transaction, &request.state, signed_in.user_id(), code, request.now).await? {
        return Ok((transaction, Strength::TwoFactors));
    }
    second_factor::refuse(request, transaction, signed_in.user_id(), Proof::Password.as_str()).await?;
    Err(AppError::invalid("code", "This code is wrong or was used already. Enter the one that your app shows now."))
}
