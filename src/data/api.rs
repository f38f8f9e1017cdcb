//! The page about a customer's data, and the deletion of its account.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events::{self, Announcement},
        model::{Closing, GRACE_DAYS},
        store,
    },
    crate::{
        access::Permission,
        server::{caller::Caller, forms},
        ui::Done,
        when::When,
    },
    time::Duration,
};

use super::model::{CloseForm, DataPage};
use crate::error::AppError;

/// What a deletion would end, and the one that is under way.
#[server(prefix = "/api", endpoint = "data/find", input = GetUrl)]
pub async fn find_data() -> Result<DataPage, AppError> {
    let caller = Caller::require(Permission::ManageData).await?;
    let now = caller.now();
    let mut read = caller.read().await?;
    let stops = store::stops(&mut read, caller.customer_id(), now).await?;
    let closure = store::find_open(&mut read, caller.customer_id()).await?;
    Ok(DataPage {
        company: caller.customer_name().to_owned(),
        stops,
        closing: closure.map(|closure| Closing {
            requested_by: closure.requested_by,
            requested: When::new(closure.requested_at, now),
            closes: When::new(closure.closes_at, now),
        }),
    })
}

/// Asks for the deletion of the account, at the end of the grace period.
#[server(prefix = "/api", endpoint = "data/request_closure")]
pub async fn request_closure(#[server(default)] form: CloseForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageData).await?;
    form.confirm(caller.customer_name())?;
    let closes_at = caller.now() + Duration::days(GRACE_DAYS);
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let id = tx.entropy().uuid(tx.now());
    if !store::insert(&mut tx, id, caller.customer_id(), caller.user_id(), caller.now(), closes_at).await? {
        return Err(AppError::Conflict("The deletion of this account was asked for already. Reload the page to see it.".to_owned()));
    }
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let to = Announcement { owners: &owners, customer_name: caller.customer_name(), closes_at, config: &caller.state().config };
    let event = events::closure_requested(&caller, &to);
    tx.commit(event).await?;
    forms::after_post(&format!("/account/data?done={}", Done::ClosureRequested));
    Ok(())
}

/// Cancels the deletion that is under way.
#[server(prefix = "/api", endpoint = "data/cancel_closure")]
pub async fn cancel_closure() -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageData).await?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let nothing = || AppError::Conflict("There is no deletion to cancel. Reload the page.".to_owned());
    let closure = store::find_open(&mut tx, caller.customer_id()).await?.ok_or_else(nothing)?;
    store::cancel(&mut tx, caller.customer_id(), caller.user_id(), caller.now()).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let to = Announcement {
        owners: &owners,
        customer_name: caller.customer_name(),
        closes_at: closure.closes_at,
        config: &caller.state().config,
    };
    let event = events::closure_canceled(&caller, &to);
    tx.commit(event).await?;
    forms::after_post(&format!("/account/data?done={}", Done::ClosureCanceled));
    Ok(())
}
