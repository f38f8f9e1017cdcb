//! Listing, creating, rotating and revoking keys.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events::{self, Announcement},
        model::{Environment, NewKey, Overlap, Secret},
        store,
    },
    crate::{
        access::Permission,
        ids::KeyId,
        page::{Page, PageNumber},
        portal_sessions::model::Flow,
        server::{caller::Caller, entropy::sha256, flash, forms, tx::TenantTx},
    },
};

use super::model::{CreatedKey, KeyForm, KeyList, RotateForm};
use crate::error::AppError;

/// Keys on a page.
#[cfg(feature = "ssr")]
const PER_PAGE: u32 = 25;

/// The most keys that work at once for one customer.
#[cfg(feature = "ssr")]
const MAX_KEYS: i64 = 200;

/// One page of the keys that work, or of those that no longer do.
#[server(prefix = "/api", endpoint = "keys/list", input = GetUrl)]
pub async fn list_keys(#[server(default)] inactive: bool, #[server(default)] page: Option<u32>) -> Result<KeyList, AppError> {
    let caller = Caller::require(Permission::ViewKeys).await?;
    let number = PageNumber::new(page.unwrap_or(1));
    let mut read = caller.read().await?;
    let (rows, total) =
        store::list(&mut read, caller.customer_id(), inactive, caller.now(), PER_PAGE.into(), number.offset(PER_PAGE)).await?;
    let config = &caller.state().config;
    let created = flash::take(config).filter(|secret| Secret::parse(&config.key_brand, secret).is_some()).map(|secret| {
        let name = rows.first().map(|key| key.name.clone()).unwrap_or_default();
        CreatedKey { name, secret }
    });
    let manages = caller.can(Permission::ManageKeys);
    Ok(KeyList { keys: Page::new(rows, number, PER_PAGE, total), inactive, manages, created })
}

/// Creates a key and answers with its secret, this once.
#[server(prefix = "/api", endpoint = "keys/create")]
pub async fn create_key(form: KeyForm) -> Result<CreatedKey, AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let new = NewKey::parse(&form)?;
    let mut tx = caller.begin().await?;
    store::wait_for_new_keys(&mut tx, caller.customer_id()).await?;
    if store::count_accepted(&mut tx, caller.customer_id(), caller.now()).await? >= MAX_KEYS {
        return Err(AppError::LimitReached(format!(
            "You have {MAX_KEYS} working keys, the most that are possible. Revoke one that is no longer used."
        )));
    }
    let (id, secret) = insert(&caller, &mut tx, &new.name).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    let event = events::created(&id, &new.name, secret.prefix(), &announcement(&caller, &recipients));
    tx.commit(event).await?;
    Ok(show_once(&caller, new.name, &secret))
}

/// Makes a successor of the same name; the old key goes on for the chosen time and never longer than it would have.
#[server(prefix = "/api", endpoint = "keys/rotate")]
pub async fn rotate_key(form: RotateForm) -> Result<CreatedKey, AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let id: KeyId = form.id.parse().map_err(|_| AppError::NotFound)?;
    let overlap: Overlap = form.overlap.parse().map_err(|message: String| AppError::invalid("overlap", message))?;
    let mut tx = caller.begin().await?;
    let (old, mut life) = store::find_for_update(&mut tx, caller.customer_id(), &id, caller.now()).await?.ok_or(AppError::NotFound)?;
    life.rotate(overlap, caller.now())?;
    let (successor, secret) = insert(&caller, &mut tx, &old.name).await?;
    store::end_at(&mut tx, caller.customer_id(), &id, &successor, life.retires_at).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    let event = events::rotated(&old, &successor, overlap, &announcement(&caller, &recipients));
    tx.commit(event).await?;
    Ok(show_once(&caller, old.name, &secret))
}

/// Revokes a key for good.
#[server(prefix = "/api", endpoint = "keys/revoke")]
pub async fn revoke_key(#[server(default)] id: String) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let id: KeyId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = caller.begin().await?;
    let (key, mut life) = store::find_for_update(&mut tx, caller.customer_id(), &id, caller.now()).await?.ok_or(AppError::NotFound)?;
    life.revoke(caller.now())?;
    store::revoke(&mut tx, caller.customer_id(), &id, caller.now()).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    tx.commit(events::revoked(&key, &announcement(&caller, &recipients))).await?;
    forms::after_post("/keys?done=key-revoked");
    Ok(())
}

#[cfg(feature = "ssr")]
async fn insert(caller: &Caller, tx: &mut TenantTx, name: &str) -> Result<(KeyId, Secret), AppError> {
    let secret = Secret::of_random(&caller.state().config.key_brand, Environment::Live, &caller.entropy().hex::<32>());
    let key_id = caller.entropy().key_id();
    let key = store::KeyInsert {
        key_id: &key_id,
        customer_id: caller.customer_id(),
        name,
        prefix: secret.prefix(),
        lookup_hash: sha256(secret.reveal().as_bytes()),
        created_by: caller.user_id(),
        created_at: caller.now(),
    };
    store::insert(tx, key).await?;
    Ok((key_id, secret))
}

#[cfg(feature = "ssr")]
fn announcement<'a>(caller: &'a Caller, recipients: &'a [String]) -> Announcement<'a> {
    Announcement { recipients, customer_name: caller.customer_name(), actor_name: caller.name(), url: caller.state().config.link("/keys") }
}

/// The one answer that holds the secret. A form without JavaScript gets it on the page that follows.
#[cfg(feature = "ssr")]
fn show_once(caller: &Caller, name: String, secret: &Secret) -> CreatedKey {
    if forms::wants_html() {
        flash::keep(&caller.state().config, secret.reveal());
        // A task ends when the key has been copied, not when it was made.
        forms::after_post(caller.flow().map_or("/keys", Flow::page));
    }
    CreatedKey { name, secret: secret.reveal().to_owned() }
}
