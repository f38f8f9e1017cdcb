//! What happens to keys. Owners and developers are told by mail of what starts or stops programs.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    model::{KeyState, Limits, NewKey, Overlap, Secret, masked},
    store::StoredKey,
};
use crate::{
    ids::KeyId,
    server::{audit::Event, outbox::Notification},
    when::When,
};

/// Who is told, and what about.
pub(super) struct Announcement<'a> {
    pub(super) recipients: &'a [String],
    pub(super) customer_name: &'a str,
    pub(super) actor_name: &'a str,
    /// The page of the key.
    pub(super) url: String,
}

pub(super) fn created(id: &KeyId, new: &NewKey, secret: &Secret, expires_at: Option<OffsetDateTime>, to: &Announcement<'_>) -> Event {
    let seen = (secret.prefix(), Some(secret.last_four()));
    let event = about("key.created", &new.name, id, seen)
        .detail("environment", new.environment.as_str())
        .change("state", None::<&str>, KeyState::Active.as_str())
        .change("expires_at", None::<&str>, moment(expires_at));
    announce(limits(event, &Limits::default(), &new.limits), "key_created", seen, to, json!({}))
}

pub(super) fn rotated(
    old: &StoredKey,
    successor: &Secret,
    before: KeyState,
    now: OffsetDateTime,
    overlap: Overlap,
    to: &Announcement<'_>,
) -> Event {
    let event = of("key.rotated", old)
        .detail("successor", old.rotated_to.as_ref().map(KeyId::as_str))
        .detail("successor_prefix", successor.prefix())
        .detail("successor_last_four", successor.last_four())
        .detail("overlap", overlap.as_str())
        .change("state", before.as_str(), old.life.state(now).as_str())
        .change("retires_at", None::<&str>, moment(old.life.retires_at));
    let ends = old.life.ends_at().filter(|_| overlap != Overlap::Now).map(|at| When::new(at, now).exact);
    let more = json!({ "ends": ends, "successor": masked(successor.prefix(), Some(successor.last_four())) });
    announce(event, "key_rotated", seen(old), to, more)
}

pub(super) fn extended(key: &StoredKey, before: Option<OffsetDateTime>) -> Event {
    of("key.overlap_extended", key).change("retires_at", moment(before), moment(key.life.retires_at))
}

pub(super) fn renamed(key: &StoredKey, before: &str) -> Event {
    of("key.renamed", key).change("name", before, key.name.as_str())
}

pub(super) fn limits_changed(key: &StoredKey, before: &Limits) -> Event {
    limits(of("key.limits_changed", key), before, &key.limits)
}

pub(super) fn disabled(key: &StoredKey, before: KeyState, to: &Announcement<'_>) -> Event {
    let event = of("key.disabled", key).change("state", before.as_str(), KeyState::Disabled.as_str());
    announce(event, "key_disabled", seen(key), to, json!({}))
}

pub(super) fn enabled(key: &StoredKey, now: OffsetDateTime) -> Event {
    of("key.enabled", key).change("state", KeyState::Disabled.as_str(), key.life.state(now).as_str())
}

pub(super) fn revoked(key: &StoredKey, before: KeyState, to: &Announcement<'_>) -> Event {
    let event = of("key.revoked", key).change("state", before.as_str(), KeyState::Revoked.as_str()).change(
        "reason",
        None::<&str>,
        key.revoked_reason.as_deref(),
    );
    announce(event, "key_revoked", seen(key), to, json!({ "reason": key.revoked_reason }))
}

/// The end of a key is near: `days` is the notice, and when a program last used it tells how much that matters.
pub(super) fn end_near(key: &StoredKey, days: i16, now: OffsetDateTime, to: &Announcement<'_>) -> Event {
    let ends = key.life.ends_at().map(|at| When::new(at, now));
    let used = key.last_used_at.map(|at| When::new(at, now).relative);
    let event = of("key.end_announced", key).detail("days", days).detail("expires_at", moment(key.life.expires_at));
    let disabled = key.life.disabled_at.is_some();
    let more = json!({ "ends": ends.as_ref().map(|ends| &ends.exact), "days": days, "used": used, "disabled": disabled });
    announce(event, "key_ending", seen(key), to, more)
}

fn of(kind: &'static str, key: &StoredKey) -> Event {
    about(kind, &key.name, &key.id, seen(key))
}

/// What people recognize a key by: its beginning and its last four characters.
type Seen<'a> = (&'a str, Option<&'a str>);

fn seen(key: &StoredKey) -> Seen<'_> {
    (&key.prefix, key.last_four.as_deref())
}

fn about(kind: &'static str, name: &str, id: &KeyId, (prefix, last_four): Seen<'_>) -> Event {
    Event::new(kind, name).detail("key_id", id.as_str()).detail("prefix", prefix).detail("last_four", last_four)
}

fn limits(event: Event, before: &Limits, after: &Limits) -> Event {
    event
        .change("scopes", before.scope_words(), after.scope_words())
        .change("networks", before.networks.clone(), after.networks.clone())
        .change("calls_per_minute", before.calls_per_minute, after.calls_per_minute)
}

fn moment(at: Option<OffsetDateTime>) -> Option<String> {
    at.map(|at| When::new(at, at).iso)
}

fn announce(event: Event, kind: &'static str, (prefix, last_four): Seen<'_>, to: &Announcement<'_>, more: Value) -> Event {
    let name = event.subject.clone();
    to.recipients.iter().fold(event, |event, email| {
        let mut payload = json!({
            "email": email, "name": name, "prefix": prefix, "last_four": last_four, "customer": to.customer_name,
            "actor": to.actor_name, "url": to.url,
        });
        if let (Value::Object(payload), Value::Object(more)) = (&mut payload, &more) {
            payload.extend(more.clone());
        }
        event.notify(Notification::new(kind, payload))
    })
}
