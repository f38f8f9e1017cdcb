//! Writing what was recorded. Nobody is waited for: what belongs to a key whose row somebody else holds is kept for the next time,
//! and so is what the database does not take in time.

use std::{collections::HashSet, net::IpAddr, time::Duration};

use time::OffsetDateTime;

use super::{AT_ONCE, Batch, Count, PARTS, PARTS_EACH_TIME, Records, Row};
use crate::{
    ids::KeyId,
    server::{database::Scope, state::AppState},
    verification::store::{self, CallColumns, LastUseColumns},
};

/// How long a statement waits for a lock. Rows of keys are not waited for at all; this is for whoever holds a whole table, such as a
/// migration, and is short enough that the connection is soon free again.
const LOCK_LIMIT: Duration = Duration::from_millis(500);

/// How long a statement takes at most: hundreds of times what [`AT_ONCE`] rows need, and less than people wait for their own change
/// of a key whose row it holds.
const STATEMENT_LIMIT: Duration = Duration::from_secs(3);

/// How long a process that stops goes on trying: the records of a few seconds are worth no longer wait.
pub(in crate::verification) const LAST_WRITE: Duration = Duration::from_secs(5);

/// How long a process that stops waits before it tries again.
const AGAIN: Duration = Duration::from_millis(100);

impl Records {
    /// Writes what has waited longest. What could not be written is kept for the next time.
    ///
    /// # Errors
    /// If the database does not answer.
    pub(in crate::verification) async fn write(&self, state: &AppState) -> sqlx::Result<()> {
        self.write_parts(state, PARTS_EACH_TIME).await.map(drop)
    }

    /// Writes everything, trying again until it is written: only for as long as the caller lets it, see [`LAST_WRITE`].
    pub(in crate::verification) async fn write_all(&self, state: &AppState) {
        loop {
            match self.write_parts(state, PARTS).await {
                Ok(0) => return,
                Ok(held) => tracing::debug!(held, "somebody else changes keys whose use is to be recorded"),
                Err(error) => tracing::warn!(%error, "the use of keys could not be recorded; it is tried again"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// How many keys somebody else holds, whose records are kept.
    async fn write_parts(&self, state: &AppState, at_least: usize) -> sqlx::Result<usize> {
        let Batch { mut rows, mut last } = self.take(state.clock.now(), at_least);
        let mut held = 0;
        while !rows.is_empty() || !last.is_empty() {
            let (rows_now, last_now) =
                (rows.split_off(rows.len().saturating_sub(AT_ONCE)), last.split_off(last.len().saturating_sub(AT_ONCE)));
            match store(state, &rows_now, &last_now).await {
                Ok(keys) => {
                    held += keys.len();
                    let rows = rows_now.into_iter().filter(|(key, ..)| keys.contains(key));
                    self.give_back(rows, last_now.into_iter().filter(|(key, ..)| keys.contains(key)));
                }
                Err(error) => {
                    self.give_back(rows.into_iter().chain(rows_now), last.into_iter().chain(last_now));
                    return Err(error);
                }
            }
        }
        Ok(held)
    }
}

/// Writes these, except for what belongs to keys that somebody else holds: those.
async fn store(
    state: &AppState,
    rows: &[(KeyId, Row, Count)],
    last: &[(KeyId, OffsetDateTime, Option<IpAddr>)],
) -> sqlx::Result<HashSet<KeyId>> {
    let keys: HashSet<&KeyId> = rows.iter().map(|(key, ..)| key).chain(last.iter().map(|(key, ..)| key)).collect();
    let keys: Vec<String> = keys.into_iter().map(|key| key.as_str().to_owned()).collect();
    let mut transaction = state.database.begin(Scope::Worker).await?;
    store::limit_time(&mut transaction, LOCK_LIMIT, STATEMENT_LIMIT).await?;
    let held: HashSet<KeyId> = store::hold_keys(&mut transaction, &keys).await?.into_iter().collect();
    let calls = call_columns(rows.iter().filter(|(key, ..)| !held.contains(key)));
    if !calls.key_ids.is_empty() {
        store::add_calls(&mut transaction, &calls).await?;
    }
    let uses = last_use_columns(last.iter().filter(|(key, ..)| !held.contains(key)));
    if !uses.key_ids.is_empty() {
        store::note_last_use(&mut transaction, &uses).await?;
    }
    transaction.commit().await?;
    Ok(held)
}

fn call_columns<'a>(rows: impl Iterator<Item = &'a (KeyId, Row, Count)>) -> CallColumns {
    let mut calls = CallColumns::default();
    for (key, row, count) in rows {
        let Ok(hour) = OffsetDateTime::from_unix_timestamp(row.hour * 3_600) else { continue };
        calls.key_ids.push(key.as_str().to_owned());
        calls.hours.push(hour);
        calls.codes.push(row.code.as_str().to_owned());
        calls.ips.push(text(row.ip));
        calls.calls.push(count.calls);
        calls.last_at.push(count.last_at);
    }
    calls
}

fn last_use_columns<'a>(last: impl Iterator<Item = &'a (KeyId, OffsetDateTime, Option<IpAddr>)>) -> LastUseColumns {
    let mut uses = LastUseColumns::default();
    for (key, at, ip) in last {
        uses.key_ids.push(key.as_str().to_owned());
        uses.at.push(*at);
        uses.ips.push(text(*ip));
    }
    uses
}

fn text(ip: Option<IpAddr>) -> String {
    ip.map(|ip| ip.to_string()).unwrap_or_default()
}
