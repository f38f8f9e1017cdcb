//! Creating and rotating keys; what reads them and what changes them otherwise stands beside.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

mod changes;
mod reading;

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    super::{
        events::{self, Announcement},
        model::{KeyState, NewKey, Overlap, Secret, same_end},
        store::{self, StoredKey},
    },
    crate::{
        access::Permission,
        ids::KeyId,
        portal_sessions::model::Flow,
        server::{
            caller::Caller,
            flash::{Handover, Purpose},
            forms,
            tx::TenantTx,
        },
    },
    time::{Duration, OffsetDateTime},
};

use super::model::{CreatedKey, KeyForm, RotateForm};
use crate::error::AppError;

pub use changes::{
    AllowAddress, DisableKey, EnableKey, ExtendOverlap, RenameKey, RevokeKey, UpdateLimits, allow_address, disable_key, enable_key,
    extend_overlap, rename_key, revoke_key, update_limits,
};
pub use reading::{FindKey, ListKeys};

/// How long after a form without JavaScript the same form is a second press of its button. A browser shows the answer to the
/// second one only, so nobody has seen the secret in the first.
#[cfg(feature = "ssr")]
const SENT_TWICE: Duration = Duration::seconds(10);

/// The most keys that work at once for one customer.
#[cfg(feature = "ssr")]
const MAX_KEYS: i64 = 200;

/// Creates a key and answers with its secret, this once.
#[server(prefix = "/api", endpoint = "keys/create")]
pub async fn create_key(form: KeyForm) -> Result<CreatedKey, AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let new = NewKey::parse(&form, &caller.state().config.key_scopes)?;
    let expires_at = new.expiry.seconds().map(|seconds| caller.now() + Duration::seconds(seconds));
    let mut tx = caller.begin().await?;
    store::wait_for_new_keys(&mut tx, caller.customer_id()).await?;
    let twin = take_back_twin(&caller, &mut tx, &new).await?;
    if store::count_accepted(&mut tx, caller.customer_id(), caller.now()).await? >= MAX_KEYS {
        return Err(AppError::LimitReached(format!(
            "You have {MAX_KEYS} working keys, the most that are possible. Revoke one that is no longer used."
        )));
    }
    let (id, secret) = insert(&caller, &mut tx, &new, expires_at).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    let event = events::created(&id, &new, &secret, expires_at, &announcement(&caller, &recipients, &id));
    let revoked = twin.map(|twin| events::revoked(&twin, KeyState::Active, &announcement(&caller, &recipients, &twin.id)));
    tx.commit_with(revoked, event).await?;
    // A task ends when the key has been copied, not when it was made.
    Ok(show_once(&caller, new.name, &secret, caller.flow().map_or("/keys", Flow::page)))
}

/// Makes a successor of the same name and limits; the old key goes on for the chosen time and never longer than it would have.
#[server(prefix = "/api", endpoint = "keys/rotate")]
pub async fn rotate_key(form: RotateForm) -> Result<CreatedKey, AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    store::wait_for_new_keys(&mut tx, caller.customer_id()).await?;
    let mut old = lock(&caller, &mut tx, &form.id).await?;
    let overlap: Overlap = form.overlap.parse().map_err(|message: String| AppError::invalid("overlap", message))?;
    let expiry = same_end(&form)?;
    let before = old.life.state(caller.now());
    let twin = take_back_successor(&caller, &mut tx, &old, overlap).await?;
    if twin.is_none() {
        old.life.rotate(overlap, caller.now())?;
        old.revoked_reason = (overlap == Overlap::Now).then(|| "Stopped at once when it was rotated".to_owned());
    }
    if !old.life.state(caller.now()).is_final() && store::count_accepted(&mut tx, caller.customer_id(), caller.now()).await? >= MAX_KEYS {
        return Err(AppError::LimitReached(format!(
            "You have {MAX_KEYS} working keys, the most that are possible, and the old one would go on beside the new one. Stop it now, or \
             revoke a key that is no longer used."
        )));
    }
    let expires_at = match expiry {
        Some(expiry) => expiry.seconds().map(|seconds| caller.now() + Duration::seconds(seconds)),
        None => old.life.expires_at,
    };
    let new = NewKey {
        name: old.name.clone(),
        environment: old.environment.parse().unwrap_or_default(),
        expiry: expiry.unwrap_or_default(),
        limits: old.limits.clone(),
    };
    let (successor, secret) = insert(&caller, &mut tx, &new, expires_at).await?;
    old.rotated_to = Some(successor);
    store::save(&mut tx, caller.customer_id(), &old).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    let event = events::rotated(&old, &secret, before, caller.now(), overlap, &announcement(&caller, &recipients, &old.id));
    let revoked = twin.map(|twin| events::revoked(&twin, KeyState::Active, &announcement(&caller, &recipients, &twin.id)));
    tx.commit_with(revoked, event).await?;
    let page = format!("/keys/{}?done=key-rotated", old.id);
    Ok(show_once(&caller, new.name, &secret, &page))
}

/// The key that the same form has just made, revoked: of a button pressed twice one key remains, the one that is shown.
#[cfg(feature = "ssr")]
async fn take_back_twin(caller: &Caller, tx: &mut TenantTx, new: &NewKey) -> Result<Option<StoredKey>, AppError> {
    if !forms::wants_html() {
        return Ok(None);
    }
    let is_same = |twin: &StoredKey| {
        let end = new.expiry.seconds().map(|seconds| twin.created_at + Duration::seconds(seconds));
        twin.limits == new.limits && twin.life.expires_at == end
    };
    match store::find_latest(tx, caller.customer_id(), caller.session_id(), caller.now() - SENT_TWICE, new).await? {
        Some(id) => take_back(caller, tx, &id, is_same).await,
        None => Ok(None),
    }
}

/// The same for the successor that the same rotation has just made.
#[cfg(feature = "ssr")]
async fn take_back_successor(caller: &Caller, tx: &mut TenantTx, old: &StoredKey, overlap: Overlap) -> Result<Option<StoredKey>, AppError> {
    let Some(id) = old.rotated_to.as_ref().filter(|_| forms::wants_html()) else { return Ok(None) };
    take_back(caller, tx, id, |successor| old.life.was_rotated(overlap, successor.created_at)).await
}

/// Revokes a key that has just been made in the same session, if nobody has used or changed it since.
#[cfg(feature = "ssr")]
async fn take_back(
    caller: &Caller,
    tx: &mut TenantTx,
    id: &KeyId,
    is_same: impl FnOnce(&StoredKey) -> bool,
) -> Result<Option<StoredKey>, AppError> {
    let Some(mut key) = store::lock(tx, caller.customer_id(), id).await? else { return Ok(None) };
    let own = key.created_in == Some(caller.session_id());
    let untouched = key.last_used_at.is_none() && key.life.state(caller.now()) == KeyState::Active;
    if !own || !untouched || caller.now() - key.created_at >= SENT_TWICE || !is_same(&key) {
        return Ok(None);
    }
    key.life.revoke(caller.now())?;
    key.revoked_reason = Some("The form was sent twice".to_owned());
    store::save(tx, caller.customer_id(), &key).await?;
    Ok(Some(key))
}

#[cfg(feature = "ssr")]
async fn insert(caller: &Caller, tx: &mut TenantTx, new: &NewKey, expires_at: Option<OffsetDateTime>) -> Result<(KeyId, Secret), AppError> {
    let secret = Secret::of_random(&caller.state().config.key_brand, new.environment, &caller.entropy().hex::<32>());
    let key_id = caller.entropy().key_id();
    let key = store::KeyInsert {
        key_id: &key_id,
        customer_id: caller.customer_id(),
        new,
        secret: &secret,
        expires_at,
        created_by: caller.user_id(),
        created_in: caller.session_id(),
        created_at: caller.now(),
    };
    store::insert(tx, key).await?;
    Ok((key_id, secret))
}

/// The key that a form is about, locked; another customer's is as one that does not exist.
#[cfg(feature = "ssr")]
async fn lock(caller: &Caller, tx: &mut TenantTx, id: &str) -> Result<StoredKey, AppError> {
    let id: KeyId = id.parse().map_err(|_| AppError::NotFound)?;
    store::lock(tx, caller.customer_id(), &id).await?.ok_or(AppError::NotFound)
}

#[cfg(feature = "ssr")]
fn announcement<'a>(caller: &'a Caller, recipients: &'a [String], id: &KeyId) -> Announcement<'a> {
    let url = caller.state().config.link(&format!("/keys/{id}"));
    Announcement { recipients, customer_name: caller.customer_name(), actor_name: caller.name(), url }
}

/// The secret of a new key on its way to the page that follows.
#[cfg(feature = "ssr")]
fn handover(caller: &Caller) -> Handover {
    Handover { purpose: Purpose::KeySecret, session_id: caller.session_id(), customer_id: Some(caller.customer_id()) }
}

/// The one answer that holds the secret. A form without JavaScript gets it on the page that follows.
#[cfg(feature = "ssr")]
fn show_once(caller: &Caller, name: String, secret: &Secret, page: &str) -> CreatedKey {
    if forms::wants_html() {
        handover(caller).keep(caller.state(), secret.reveal());
        forms::after_post(page);
    }
    CreatedKey { name, secret: secret.reveal().to_owned() }
}
