//! What happens to keys. Owners and developers are told by mail.

use serde_json::json;

use super::model::Overlap;
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
    announce(Event::new("key.created", name).detail("key_id", id.as_str()).detail("prefix", prefix), "key_created", prefix, to)
}

pub(super) fn revoked(id: &KeyId, name: &str, prefix: &str, to: &Announcement<'_>) -> Event {
    announce(Event::new("key.revoked", name).detail("key_id", id.as_str()).detail("prefix", prefix), "key_revoked", prefix, to)
}

pub(super) fn rotated(old: &KeyId, new: &KeyId, name: &str, prefix: &str, overlap: Overlap, to: &Announcement<'_>) -> Event {
    let event = Event::new("key.rotated", name)
        .detail("key_id", old.as_str())
        .detail("successor", new.as_str())
        .detail("overlap", overlap.as_str());
    announce(event, "key_rotated", prefix, to)
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
