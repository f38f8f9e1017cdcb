//! A customer that lets in nobody without a second factor.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    access::Permission,
    second_factor::{events, store},
    server::{caller::Caller, outbox},
    ui::Done,
};

/// Asks everybody at the customer for a second factor, or no longer. From the next request on nobody works there with a
/// session of one factor; everybody is told by mail what to do. Whoever asks must have given one.
#[server(prefix = "/api", endpoint = "second_factor/require")]
pub async fn require_second_factor(#[server(default)] required: Option<bool>) -> Result<bool, AppError> {
    let caller = Caller::require_own(Permission::ManageSecondFactor).await?;
    caller.check_fresh()?;
    let Some(required) = required else {
        return Err(AppError::invalid("required", "Say whether everybody needs a second factor: “true” or “false”."));
    };
    if required && !caller.two_factors() {
        let text = "Set up your own second factor first, or sign in with it: otherwise you would lock yourself out.";
        return Err(AppError::Conflict(text.to_owned()));
    }
    let mut tx = caller.begin().await?;
    if store::set_required(&mut tx, caller.customer_id(), required, caller.now()).await? {
        if required {
            let people = store::list_people(&mut tx, caller.customer_id()).await?;
            let mails = events::requirement_mails(&caller, &people);
            let ids: Vec<_> = mails.iter().map(|_| caller.entropy().uuid(caller.now())).collect();
            outbox::insert_many(&mut tx, caller.customer_id(), "second_factor_required", &mails, caller.now(), &ids).await?;
        }
        tx.commit(events::requirement_changed(&caller, required)).await?;
    }
    let done = if required { Done::SecondFactorRequired } else { Done::SecondFactorOptional };
    caller.after_post(&format!("/account?done={done}"));
    Ok(required)
}
