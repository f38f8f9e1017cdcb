//! Giving the second factor at the sign-in.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{error::AppError, second_factor::model::StepForm, signin::model::Landing};
#[cfg(feature = "ssr")]
use crate::{
    ids::UserId,
    second_factor::{check, events, model::Typed, refusal, store},
    server::{
        browser_secret,
        caller::Visitor,
        entropy::sha256,
        rate_limit::{self, Limited},
    },
    signin::{self, Identified, SecondFactor},
};

/// Whether this browser has given a first factor and may still give the second. Looking uses nothing up.
#[server(prefix = "/api", endpoint = "second_factor/step_is_open", input = GetUrl)]
pub async fn step_is_open() -> Result<bool, AppError> {
    let visitor = Visitor::of_request()?;
    let Some(secret) = browser_secret::find(&visitor.state().config) else { return Ok(false) };
    let mut transaction = visitor.begin().await?;
    Ok(store::find_step(&mut transaction, &sha256(secret.as_bytes()), visitor.now()).await?.is_some())
}

/// Gives the second factor, in the browser that gave the first, and signs in.
#[server(prefix = "/api", endpoint = "second_factor/enter")]
pub async fn enter_second_factor(#[server(default)] form: StepForm) -> Result<Landing, AppError> {
    let visitor = Visitor::of_request()?;
    let typed = form.parse()?;
    let secret = browser_secret::find(&visitor.state().config).ok_or_else(gone)?;
    let browser = sha256(secret.as_bytes());
    let (user_id, proof) = count_try(&visitor, &browser).await?;
    let mut transaction = visitor.begin().await?;
    let second = match &typed {
        Typed::App(code) => {
            let right = check::accept(&mut transaction, visitor.state(), user_id, code, visitor.now()).await?;
            right.then_some(SecondFactor { words: "authenticator app", notice: None })
        }
        Typed::Recovery(code) => {
            let left = check::accept_recovery(&mut transaction, user_id, code, visitor.now()).await?;
            match left {
                Some(left) => Some(recovered(&visitor, &mut transaction, user_id, left).await?),
                None => None,
            }
        }
    };
    let Some(second) = second else {
        refusal::refuse(visitor.request(), transaction, user_id, &proof).await?;
        return Err(AppError::invalid(form.field(), wrong(&typed)));
    };
    let step = store::use_step(&mut transaction, &browser, visitor.now()).await?.ok_or_else(gone)?;
    let person = signin::find_person_by_id(&mut transaction, user_id).await?.ok_or_else(gone)?;
    let proof = step.proof.parse().map_err(|()| gone())?;
    let identified = Identified { person, proof, keep: step.keep, next: step.next, renewed_hash: None };
    let landing = signin::begin(&visitor, transaction, identified, Some(second)).await?;
    rate_limit::succeeded(visitor.request(), Limited::SecondFactor, &user_id.to_string()).await;
    Ok(landing)
}

/// Counts a try before it is made, in the step and for the account; a wrong try stays counted. Gives whose it is, and the
/// first factor.
#[cfg(feature = "ssr")]
async fn count_try(visitor: &Visitor, browser: &[u8; 32]) -> Result<(UserId, String), AppError> {
    let mut transaction = visitor.begin().await?;
    let user_id = store::find_step(&mut transaction, browser, visitor.now()).await?.ok_or_else(gone)?;
    // No connection is held while Redis is asked.
    drop(transaction);
    rate_limit::attempt(visitor.request(), Limited::SecondFactor, &user_id.to_string()).await?;
    let mut transaction = visitor.begin().await?;
    let proof = store::count_try(&mut transaction, browser, visitor.now()).await?.ok_or_else(gone)?;
    transaction.commit().await?;
    Ok((user_id, proof))
}

#[cfg(feature = "ssr")]
async fn recovered(visitor: &Visitor, connection: &mut sqlx::PgConnection, user_id: UserId, left: i64) -> Result<SecondFactor, AppError> {
    let (name, email) = store::find_person(connection, user_id).await?;
    Ok(SecondFactor { words: "recovery code", notice: Some(events::recovery_used(&visitor.state().config, &name, &email, left)) })
}

#[cfg(feature = "ssr")]
fn wrong(typed: &Typed) -> &'static str {
    match typed {
        Typed::App(_) => "This code is wrong or was used already. Enter the one that your app shows now.",
        Typed::Recovery(_) => "This recovery code is wrong or was used already. Check it, or take another one.",
    }
}

#[cfg(feature = "ssr")]
fn gone() -> AppError {
    AppError::Conflict("This sign-in has ended: it waits for ten minutes and for five codes. Sign in again.".to_owned())
}
