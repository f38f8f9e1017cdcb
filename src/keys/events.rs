//! What happens to keys. Owners and developers are told by mail of what starts or stops programs.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    model::{KeyState, Limits, NewKey, Overlap},
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

pub(super) fn created(id: &KeyId, new: &NewKey, prefix: &str, expires_at: Option<OffsetDateTime>, to: &Announcement<'_>) -> Event {
    let event = Event::new("key.created", &new.name)
        .detail("key_id", id.as_str())
        .detail("prefix", prefix)
        .detail("environment", new.environment.as_str())
        .change("state", None::<&str>, KeyState::Active.as_str())
        .change("expires_at", None::<&str>, moment(expires_at));
    announce(limits(event, &Limits::default(), &new.limits), "key_created", prefix, to, json!({}))
}

pub(super) fn rotated(old: &StoredKey, before: KeyState, now: OffsetDateTime, overlap: Overlap, to: &Announcement<'_>) -> Event {
    let event = of("key.rotated", old)
        .detail("successor", old.rotated_to.as_ref().map(KeyId::as_str))
        .detail("overlap", overlap.as_str())
        .change("state", before.as_str(), old.life.state(now).as_str())
        .change("retires_at", None::<&str>, moment(old.life.retires_at));
    announce(event, "key_rotated", &old.prefix, to, json!({ "ends": old.life.ends_at().map(|at| When::new(at, now).exact) }))
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
    announce(event, "key_disabled", &key.prefix, to, json!({}))
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
    announce(event, "key_revoked", &key.prefix, to, json!({ "reason": key.revoked_reason }))
}

/// The end of a key is near: `days` is the notice, and when a program last used it tells how much that matters.
pub(super) fn end_near(key: &StoredKey, days: i16, now: OffsetDateTime, to: &Announcement<'_>) -> Event {
    let ends = key.life.ends_at().map(|at| When::new(at, now));
    let used = key.last_used_at.map(|at| When::new(at, now).relative);
    let event = of("key.end_announced", key).detail("days", days).detail("expires_at", moment(key.life.expires_at));
    let more = json!({ "ends": ends.as_ref().map(|ends| &ends.exact), "days": days, "used": used });
    announce(event, "key_ending", &key.prefix, to, more)
}

fn of(kind: &'static str, key: &StoredKey) -> Event {
    Event::new(kind, &key.name).detail("key_id", key.id.as_str()).detail("prefix", key.prefix.as_str())
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

fn announce(event: Event, kind: &'static str, prefix: &str, to: &Announcement<'_>, more: Value) -> Event {
    let name = event.subject.clone();
    to.recipients.iter().fold(event, |event, email| {
        let mut payload = json!({
            "email": email, "name": name, "prefix": prefix, "customer": to.customer_name, "actor": to.actor_name, "url": to.url,
        });
        if let (Value::Object(payload), Value::Object(more)) = (&mut payload, &more) {
            payload.extend(more.clone());
        }
        event.notify(Notification::new(kind, payload))
    })
}
