//! What happens to keys because its time has come: notices 14 days, 7 days and 1 day before their end.

use time::{Duration, OffsetDateTime};

use super::{
    events::{self, Announcement},
    store::{self, StoredKey},
};
use crate::{
    error::AppError,
    ids::{CustomerId, KeyId},
    server::{database::Scope, state::AppState, tx::TenantTx},
};

/// Keys announced in one round; the rest follows in the next.
const AT_ONCE: i64 = 500;

/// Tells owners and developers of the keys whose end is near, once for each notice, however many workers do this.
pub(crate) async fn announce_ends(state: &AppState) -> Result<(), sqlx::Error> {
    let mut transaction = state.database.begin(Scope::Worker).await?;
    let ending = store::list_ending(&mut transaction, state.clock.now(), AT_ONCE).await?;
    transaction.commit().await?;
    for (customer, key) in ending {
        if let Err(error) = announce_end(state, customer, &key).await {
            tracing::error!(%customer, %key, %error, "the end of a key could not be announced");
        }
    }
    Ok(())
}

/// The row is locked and read again, so that of two workers the second finds the notice given.
async fn announce_end(state: &AppState, customer: CustomerId, key_id: &KeyId) -> Result<(), AppError> {
    let mut tx = TenantTx::of_job(state, customer).await?;
    let now = tx.now();
    let Some(mut key) = store::lock(&mut tx, customer, key_id).await? else { return Ok(()) };
    let Some(days) = notice_due(&key, now) else { return Ok(()) };
    key.end_told_days = Some(days);
    store::save(&mut tx, customer, &key).await?;
    let recipients = store::recipients(&mut tx, customer).await?;
    let name = tx.customer_name().await?;
    let url = state.config.link(&format!("/keys/{key_id}"));
    let to = Announcement { recipients: &recipients, customer_name: &name, actor_name: "Foyer", url };
    tx.commit(events::end_near(&key, days, now, &to)).await
}

/// The notice that is due, in days before the end.
fn notice_due(key: &StoredKey, now: OffsetDateTime) -> Option<i16> {
    let end = key.life.expires_at.filter(|_| key.rotated_to.is_none() && !key.life.state(now).is_final())?;
    let days = [1, 7, 14].into_iter().find(|days| end - now <= Duration::days(i64::from(*days)))?;
    let untold = key.end_told_days.is_none_or(|told| told > days);
    (untold && end - key.created_at > Duration::days(i64::from(days))).then_some(days)
}
