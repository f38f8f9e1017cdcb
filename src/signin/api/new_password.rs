//! Another password, for those who know the one they have.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;

use crate::{error::AppError, signin::model::ChangePasswordForm};
#[cfg(feature = "ssr")]
use crate::{
    error::FieldErrors,
    server::{
        caller::{SignedIn, Visitor},
        forms,
        rate_limit::{self, Limited},
        session,
    },
    signin::{events, model::Password, password, store},
    ui::Done,
};

/// Changes the password of the person who is signed in. They go on with a new token; every other session ends, and whatever
/// else would let somebody in (ASVS 5.0, 6.2.2, 6.2.3, 7.4.3). Also for whoever still lacks the second factor that their
/// company asks for: it opens nothing, and a password that somebody else knows must not wait for it.
#[server(prefix = "/api", endpoint = "signin/change_password")]
pub async fn change_password(#[server(default)] form: ChangePasswordForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let visitor = Visitor::of_request()?;
    let new = read(&form)?;
    let (session, state, user_id) = (signed_in.session(), visitor.state(), signed_in.user_id());
    rate_limit::attempt(visitor.request(), Limited::SignIn, &session.user_email).await?;
    let mut transaction = signed_in.begin().await?;
    let stored = store::find_password(&mut transaction, user_id).await?;
    // No connection is held while passwords are hashed.
    transaction.rollback().await?;
    if !password::verify(state, stored, form.current).await?.matches() {
        tracing::info!(user = %user_id, ip = visitor.request().ip, "a change of the password was refused");
        return Err(AppError::invalid("current", "This is not your current password. Try again, or choose a new one by e-mail."));
    }
    rate_limit::succeeded(visitor.request(), Limited::SignIn, &session.user_email).await;
    let hash = password::hash(state, &new, &[&session.user_name, &session.user_email]).await?;
    let mut transaction = visitor.begin().await?;
    store::update_password(&mut transaction, user_id, &hash, visitor.now()).await?;
    store::void_other_ways_in(&mut transaction, user_id, visitor.now()).await?;
    store::delete_other_sessions(&mut transaction, user_id, None, signed_in.session_id()).await?;
    session::renew(&mut transaction, visitor.request(), None).await?;
    super::tell_of_password(&visitor, &mut transaction, user_id, &session.user_name, &session.user_email).await?;
    signed_in.commit_everywhere(transaction, events::password_changed(&session.user_email)).await?;
    forms::after_post(&format!("/account/password?done={}", Done::PasswordChanged));
    Ok(())
}

#[cfg(feature = "ssr")]
fn read(form: &ChangePasswordForm) -> Result<Password, AppError> {
    let mut errors = FieldErrors::new();
    if form.current.is_empty() {
        errors.add("current", "Enter your current password.");
    } else if form.current.chars().count() > Password::MAX {
        errors.add("current", format!("Passwords have at most {} characters.", Password::MAX));
    }
    let new = errors.check("password", Password::parse(&form.password));
    errors.into_result(new)
}
