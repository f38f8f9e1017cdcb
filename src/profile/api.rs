//! Reading and changing one's own profile.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events,
        model::{LINK_MINUTES, PendingEmail},
        store,
    },
    crate::{
        access::Permission,
        server::{
            caller::{Caller, SignedIn, Visitor},
            entropy::sha256,
            forms, outbox,
        },
        signin::list_customers,
        ui::Done,
        when::When,
    },
    leptos::server_fn::ServerFn,
    time::Duration,
};

use super::model::{ConfirmForm, EmailForm, NameForm, Profile};
use crate::error::AppError;

/// The caller's own profile.
#[server(prefix = "/api", endpoint = "profile/find", input = GetUrl)]
pub async fn find_profile() -> Result<Profile, AppError> {
    let caller = Caller::require_own(Permission::ViewPortal).await?;
    let mut read = caller.read().await?;
    let pending = store::find_pending(&mut read, caller.person()?, caller.now()).await?;
    Ok(Profile {
        name: caller.name().to_owned(),
        email: caller.email().to_owned(),
        pending: pending.map(|pending| PendingEmail { email: pending.new_email, expires: When::new(pending.expires_at, caller.now()) }),
    })
}

/// Changes the caller's name, everywhere and at once.
#[server(prefix = "/api", endpoint = "profile/rename")]
pub async fn rename_profile(#[server(default)] form: NameForm) -> Result<(), AppError> {
    let caller = Caller::require_personal(Permission::ViewPortal).await?;
    let name = form.parse()?;
    if name != caller.name() {
        let mut tx = caller.begin().await?;
        store::update_name(&mut tx, caller.person()?, &name, caller.now()).await?;
        tx.commit(events::renamed(&caller, &name)).await?;
    }
    forms::after_post(&format!("/account/profile?done={}", Done::Saved));
    Ok(())
}

/// Mails a link to a new address, in the place of an earlier one. The answer is the same whether somebody else has that
/// address or not; it is looked at when the link is confirmed. Whoever has the address can choose a new password, so the
/// person must have proved just now who they are (ASVS 5.0, 7.5.1).
#[server(prefix = "/api", endpoint = "profile/change_email")]
pub async fn change_email(#[server(default)] form: EmailForm) -> Result<(), AppError> {
    let caller = Caller::require_personal(Permission::ViewPortal).await?;
    caller.check_fresh()?;
    let new = form.parse(caller.email())?;
    let token = caller.entropy().hex::<32>();
    let change = store::NewChange {
        user_id: caller.person()?,
        new_email: &new,
        token_hash: sha256(token.as_bytes()),
        now: caller.now(),
        expires_at: caller.now() + Duration::minutes(LINK_MINUTES),
    };
    let mut tx = caller.begin().await?;
    if !store::put_change(&mut tx, &change).await? {
        let wait = (store::asked_since(&mut tx, change.user_id).await? + Duration::DAY - change.now).whole_seconds();
        return Err(AppError::TooMany { retry_after_seconds: u32::try_from(wait).unwrap_or(1).max(1) });
    }
    tx.commit(events::email_change_requested(&caller, &new, &token)).await?;
    forms::after_post(&format!("/account/profile?done={}", Done::LinkSent));
    Ok(())
}

/// Drops the new address that waits for its confirmation; its link is dead.
#[server(prefix = "/api", endpoint = "profile/cancel_email")]
pub async fn cancel_email() -> Result<(), AppError> {
    let caller = Caller::require_personal(Permission::ViewPortal).await?;
    let mut tx = caller.begin().await?;
    if store::cancel_change(&mut tx, caller.person()?, caller.now()).await? {
        tx.commit(events::email_change_canceled(&caller)).await?;
    }
    forms::after_post(&format!("/account/profile?done={}", Done::Saved));
    Ok(())
}

/// The address that a mailed link would confirm; `None` if the link no longer works. Looking does not use it up: mail
/// scanners follow links.
#[server(prefix = "/api", endpoint = "profile/pending", input = GetUrl)]
pub async fn find_pending(token: String) -> Result<Option<String>, AppError> {
    let visitor = Visitor::of_request()?;
    let mut transaction = visitor.begin().await?;
    Ok(store::find_by_token(&mut transaction, &sha256(token.as_bytes()), visitor.now()).await?)
}

/// Confirms a new address: it takes the place of the old one, which is told, and all other sessions end.
#[server(prefix = "/api", endpoint = "profile/confirm_email")]
pub async fn confirm_email(#[server(default)] form: ConfirmForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let confirmed = confirm(&visitor, &form.token).await;
    match &confirmed {
        Ok(signed_in) => {
            let page = if *signed_in { "/account/profile" } else { "/signin" };
            forms::redirect(&format!("{page}?done={}", Done::EmailChanged));
        }
        // The page sends no Referer, because its address is a secret.
        Err(error) => forms::back_after_failed_post(&format!("/profile/{}", form.token), <ConfirmEmail as ServerFn>::PATH, error),
    }
    confirmed.map(drop)
}

/// Answers whether this browser goes on being signed in as the person.
#[cfg(feature = "ssr")]
async fn confirm(visitor: &Visitor, token: &str) -> Result<bool, AppError> {
    let here = SignedIn::find().await?;
    // A request never holds two connections.
    let mut transaction = match &here {
        Some(signed_in) => signed_in.begin().await?,
        None => visitor.begin().await?,
    };
    let used = store::use_token(&mut transaction, &sha256(token.as_bytes()), visitor.now()).await?;
    let change =
        used.ok_or_else(|| AppError::Conflict("This link has expired or was used already. Ask for a new one in your profile.".to_owned()))?;
    if !store::update_email(&mut transaction, &change, visitor.now()).await? {
        return Err(AppError::Conflict("Another person signs in with this address by now. Choose another one in your profile.".to_owned()));
    }
    let kept = here.filter(|signed_in| signed_in.user_id() == change.user_id).map(|signed_in| signed_in.session_id());
    store::end_others(&mut transaction, change.user_id, kept).await?;
    let farewell = events::farewell(&visitor.state().config, &change);
    let id = visitor.state().entropy.uuid(visitor.now());
    outbox::insert(&mut transaction, None, &farewell, visitor.now(), id).await?;
    let customers = list_customers(&mut transaction, change.user_id).await?;
    visitor.commit_at_all(transaction, &customers, change.user_id, &change.name, &events::email_changed(&change)).await?;
    tracing::info!(user = %change.user_id, "changed the sign-in address; other sessions ended");
    Ok(kept.is_some())
}
