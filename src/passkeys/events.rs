//! What happens to passkeys. The person is told by mail of whatever changes who can sign in as them.

use serde_json::json;

use crate::server::{audit::Event, config::Config, outbox::Notification};

/// Whom to tell.
pub(super) struct Person<'a> {
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    pub(super) config: &'a Config,
}

/// A passkey was added.
pub(super) fn added(passkey: &str, person: &Person<'_>) -> Event {
    tell(Event::new("passkey.added", passkey), "passkey_added", person)
}

/// A passkey has another name.
pub(super) fn renamed(before: &str, after: &str) -> Event {
    Event::new("passkey.renamed", after).change("name", before, after)
}

/// A passkey was removed.
pub(super) fn removed(passkey: &str, person: &Person<'_>) -> Event {
    tell(Event::new("passkey.removed", passkey), "passkey_removed", person)
}

/// A passkey may have been copied, and is refused from now on.
pub(super) fn blocked(passkey: &str, person: &Person<'_>) -> Event {
    tell(Event::new("passkey.blocked", passkey), "passkey_blocked", person)
}

fn tell(event: Event, kind: &'static str, person: &Person<'_>) -> Event {
    let payload =
        json!({ "email": person.email, "name": person.name, "passkey": event.subject, "url": person.config.link("/account/passkeys") });
    event.notify(Notification::new(kind, payload))
}
