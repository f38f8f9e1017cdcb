//! What happens to a customer's data as a whole. All owners are told of a deletion, from the wish to the end.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    server::{audit::Event, caller::Caller, config::Config, outbox::Notification},
    when::When,
};

/// Everything was exported.
pub(super) fn exported(caller: &Caller) -> Event {
    Event::new("data.exported", caller.customer_name())
}

/// Whom to tell about a deletion, and when it is carried out.
pub(super) struct Announcement<'a> {
    pub(super) owners: &'a [String],
    pub(super) customer_name: &'a str,
    pub(super) closes_at: OffsetDateTime,
    pub(super) config: &'a Config,
}

/// An owner wants the account deleted.
pub(super) fn closure_requested(caller: &Caller, to: &Announcement<'_>) -> Event {
    announce(Event::new("account.deletion_requested", to.customer_name), "closure_requested", caller.name(), to)
}

/// An owner canceled the deletion.
pub(super) fn closure_canceled(caller: &Caller, to: &Announcement<'_>) -> Event {
    announce(Event::new("account.deletion_canceled", to.customer_name), "closure_canceled", caller.name(), to)
}

/// The end of the grace period is near.
pub(super) fn closure_near(to: &Announcement<'_>) -> Event {
    announce(Event::new("account.deletion_announced", to.customer_name), "closure_near", "", to)
}

/// The account was closed and its data erased.
pub(super) fn closed(to: &Announcement<'_>) -> Event {
    announce(Event::new("account.closed", to.customer_name), "closure_completed", "", to)
}

fn announce(event: Event, kind: &'static str, actor: &str, to: &Announcement<'_>) -> Event {
    let day = When::new(to.closes_at, to.closes_at);
    let event = event.detail("closes_at", day.iso.clone());
    to.owners.iter().fold(event, |event, email| {
        let payload: Value = json!({
            "email": email, "customer": to.customer_name, "actor": actor, "closes": day.exact, "url": to.config.link("/account/data"),
        });
        event.notify(Notification::new(kind, payload))
    })
}
