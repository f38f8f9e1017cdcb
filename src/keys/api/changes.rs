//! Changes of a key that exists.

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use {
    super::{announcement, lock},
    crate::{
        access::Permission,
        error::FieldErrors,
        field,
        ids::KeyId,
        keys::{
            events,
            model::{Overlap, networks, reason},
            store,
        },
        server::{caller::Caller, forms},
    },
};

use crate::{
    error::AppError,
    keys::model::{LimitsForm, OverlapForm, RenameForm, RevokeForm},
};

/// Gives a key another name.
#[server(prefix = "/api", endpoint = "keys/rename")]
pub async fn rename_key(form: RenameForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &form.id).await?;
    let mut errors = FieldErrors::new();
    errors.keep("name", &form.name);
    let name = errors.check("name", field::line(&form.name, 1, 80, "Name"));
    let before = std::mem::replace(&mut key.name, errors.into_result(name)?);
    store::save(&mut tx, caller.customer_id(), &key).await?;
    tx.commit(events::renamed(&key, &before)).await?;
    back_to(&key.id, "saved");
    Ok(())
}

/// Limits a key otherwise.
#[server(prefix = "/api", endpoint = "keys/limits")]
pub async fn update_limits(form: LimitsForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &form.id).await?;
    check_working(&key, &caller)?;
    let before = key.limits.clone();
    key.limits = before.changed(&form, &caller.state().config.key_scopes)?;
    store::save(&mut tx, caller.customer_id(), &key).await?;
    tx.commit(events::limits_changed(&key, &before)).await?;
    back_to(&key.id, "saved");
    Ok(())
}

/// Adds an address to those from which a key may be used.
#[server(prefix = "/api", endpoint = "keys/allow")]
pub async fn allow_address(#[server(default)] id: String, #[server(default)] ip: String) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &id).await?;
    check_working(&key, &caller)?;
    if key.limits.networks.is_empty() {
        return Err(AppError::Conflict("This key may be used from everywhere already.".to_owned()));
    }
    let before = key.limits.clone();
    let list = format!("{}\n{ip}", key.limits.networks.join("\n"));
    // The form is only a button: there is no field beside which the error could stand.
    key.limits.networks = networks(&list).map_err(AppError::Conflict)?;
    store::save(&mut tx, caller.customer_id(), &key).await?;
    tx.commit(events::limits_changed(&key, &before)).await?;
    back_to(&key.id, "saved");
    Ok(())
}

/// Lets a rotated key go on for longer.
#[server(prefix = "/api", endpoint = "keys/extend")]
pub async fn extend_overlap(form: OverlapForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &form.id).await?;
    let overlap: Overlap = form.overlap.parse().map_err(|message: String| AppError::invalid("overlap", message))?;
    let before = key.life.retires_at;
    key.life.extend(overlap, caller.now())?;
    store::save(&mut tx, caller.customer_id(), &key).await?;
    tx.commit(events::extended(&key, before)).await?;
    back_to(&key.id, "key-extended");
    Ok(())
}

/// Switches a key off.
#[server(prefix = "/api", endpoint = "keys/disable")]
pub async fn disable_key(#[server(default)] id: String) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &id).await?;
    let before = key.life.state(caller.now());
    key.life.disable(caller.now())?;
    store::save(&mut tx, caller.customer_id(), &key).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    tx.commit(events::disabled(&key, before, &announcement(&caller, &recipients, &key.id))).await?;
    back_to(&key.id, "key-disabled");
    Ok(())
}

/// Switches a key on again.
#[server(prefix = "/api", endpoint = "keys/enable")]
pub async fn enable_key(#[server(default)] id: String) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &id).await?;
    key.life.enable(caller.now())?;
    store::save(&mut tx, caller.customer_id(), &key).await?;
    tx.commit(events::enabled(&key, caller.now())).await?;
    back_to(&key.id, "key-enabled");
    Ok(())
}

/// Revokes a key for good.
#[server(prefix = "/api", endpoint = "keys/revoke")]
pub async fn revoke_key(form: RevokeForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageKeys).await?;
    let mut tx = caller.begin().await?;
    let mut key = lock(&caller, &mut tx, &form.id).await?;
    let before = key.life.state(caller.now());
    key.life.revoke(caller.now())?;
    key.revoked_reason = Some(reason(&form)?);
    store::save(&mut tx, caller.customer_id(), &key).await?;
    let recipients = store::recipients(&mut tx, caller.customer_id()).await?;
    tx.commit(events::revoked(&key, before, &announcement(&caller, &recipients, &key.id))).await?;
    back_to(&key.id, "key-revoked");
    Ok(())
}

/// Limits of a key that is gone for good limit nothing.
#[cfg(feature = "ssr")]
fn check_working(key: &store::StoredKey, caller: &Caller) -> Result<(), AppError> {
    if key.life.state(caller.now()).is_final() {
        return Err(AppError::Conflict("This key no longer works. Create a new one with the limits that you need.".to_owned()));
    }
    Ok(())
}

/// A plain form post goes on to the page of the key.
#[cfg(feature = "ssr")]
fn back_to(id: &KeyId, done: &str) {
    forms::after_post(&format!("/keys/{id}?done={done}"));
}
