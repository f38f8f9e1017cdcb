//! What happens to keys. Owners and developers are told by mail.

use serde_json::json;

use super::model::{Key, KeyState, Overlap};
use crate::{
    ids::KeyId,
    server::{audit::Event, outbox::Notification},
};

/// Who is told, and what about.
pub(super) struct Announcement<'a> {
    pub(super) recipients: &'a [String],
    pub(super) customer_name: &'a str,
    pub(super) actor_name: &'a str,
    pub(super) url: String,
}

pub(super) fn created(id: &KeyId, name: &str, prefix: &str, to: &Announcement<'_>) -> Event {
    let event = Event::new("key.created", name).detail("key_id", id.as_str()).detail("prefix", prefix).change(
        "state",
        None::<&str>,
        KeyState::Active.as_str(),
    );
    announce(event, "key_created", prefix, to)
}

pub(super) fn revoked(key: &Key, to: &Announcement<'_>) -> Event {
    let event = Event::new("key.revoked", &key.name).detail("key_id", key.id.as_str()).detail("prefix", key.prefix.as_str()).change(
        "state",
        key.state.as_str(),
        KeyState::Revoked.as_str(),
    );
    announce(event, "key_revoked", &key.prefix, to)
}

pub(super) fn rotated(old: &Key, successor: &KeyId, overlap: Overlap, to: &Announcement<'_>) -> Event {
    let state = if overlap == Overlap::Now { KeyState::Expired } else { KeyState::Ending };
    let event = Event::new("key.rotated", &old.name)
        .detail("key_id", old.id.as_str())
        .detail("prefix", old.prefix.as_str())
        .detail("successor", successor.as_str())
        .detail("overlap", overlap.as_str())
        .change("state", old.state.as_str(), state.as_str());
    announce(event, "key_rotated", &old.prefix, to)
}

fn announce(event: Event, kind: &'static str, prefix: &str, to: &Announcement<'_>) -> Event {
    let name = event.subject.clone();
    to.recipients.iter().fold(event, |event, email| {
        let payload = json!({
            "email": email, "name": name, "prefix": prefix, "customer": to.customer_name, "actor": to.actor_name, "url": to.url,
        });
        event.notify(Notification::new(kind, payload))
    })
}
