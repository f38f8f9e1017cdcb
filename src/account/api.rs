//! Reading and changing the account.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{events, model::NewAccount, store},
    crate::{
        access::Permission,
        field::EmailAddress,
        server::{
            caller::Caller,
            rate_limit::{self, Limited},
            tx::TenantTx,
        },
    },
};

use super::model::{Account, AccountForm, BillingEmailForm, Details};
use crate::error::AppError;

/// The account, for everybody in the team.
#[server(prefix = "/api", endpoint = "account/find", input = GetUrl)]
pub async fn find_account() -> Result<Account, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let mut read = caller.read().await?;
    let details = store::find(&mut read, caller.customer_id()).await?.ok_or(AppError::NotFound)?;
    Ok(Account {
        details,
        second_factor_required: caller.second_factor_required(),
        may_change_requirement: caller.can(Permission::ManageSecondFactor),
        may_change_details: caller.can(Permission::ManageAccount),
        may_leave: caller.can(Permission::ManageData),
        may_change_billing_email: caller.can(Permission::ManageBillingEmail),
    })
}

/// The addresses alone, for those who may change where invoices go but do not see the rest of the portal.
#[server(prefix = "/api", endpoint = "account/addresses", input = GetUrl)]
pub async fn find_addresses() -> Result<Details, AppError> {
    let caller = Caller::require(Permission::ManageBillingEmail).await?;
    let mut read = caller.read().await?;
    store::find(&mut read, caller.customer_id()).await?.ok_or(AppError::NotFound)
}

/// Changes the company's name and its contact address.
#[server(prefix = "/api", endpoint = "account/update")]
pub async fn update_account(#[server(default)] form: AccountForm) -> Result<Details, AppError> {
    let caller = Caller::require(Permission::ManageAccount).await?;
    let new = NewAccount::parse(&form)?;
    let mut tx = caller.begin().await?;
    let before = store::find_for_update(&mut tx, caller.customer_id()).await?.ok_or(AppError::NotFound)?;
    store::update(&mut tx, caller.customer_id(), &new, caller.now()).await?;
    let after = Details { name: new.name, email: new.email.to_string(), billing_email: before.billing_email.clone() };
    finish(&caller, tx, &before, after).await
}

/// Changes where invoices go; an empty field sends them to the contact address.
#[server(prefix = "/api", endpoint = "account/update_billing_email")]
pub async fn update_billing_email(#[server(default)] form: BillingEmailForm) -> Result<Details, AppError> {
    let caller = Caller::require(Permission::ManageBillingEmail).await?;
    let new = form.parse()?;
    let mut tx = caller.begin().await?;
    let before = store::find_for_update(&mut tx, caller.customer_id()).await?.ok_or(AppError::NotFound)?;
    store::update_billing_email(&mut tx, caller.customer_id(), new.as_ref(), caller.now()).await?;
    let after = Details { billing_email: new.as_ref().map(EmailAddress::to_string), ..before.clone() };
    finish(&caller, tx, &before, after).await
}

/// Commits with an event, or undoes an update that changed nothing: saving twice leaves one trace.
#[cfg(feature = "ssr")]
async fn finish(caller: &Caller, tx: TenantTx, before: &Details, after: Details) -> Result<Details, AppError> {
    if *before != after {
        let event = events::updated(caller, before, &after);
        if !event.notifications.is_empty() {
            // An address that is replaced was confirmed by nobody, so it may be a stranger's.
            rate_limit::attempt(caller.request(), Limited::Mail, &caller.customer_id().to_string()).await?;
        }
        tx.commit(event).await?;
    }
    caller.after_post("/account?done=saved");
    Ok(after)
}
