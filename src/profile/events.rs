//! What happens to a person's profile. The old address is told when a change is asked for and when it is done: if it was
//! not meant, its owner notices.

use serde_json::json;

use super::{model::LINK_MINUTES, store::Confirmed};
use crate::{
    field::EmailAddress,
    server::{audit::Event, caller::Caller, config::Config, outbox::Notification},
};

/// The person's name was changed.
pub(super) fn renamed(caller: &Caller, name: &str) -> Event {
    Event::new("profile.renamed", caller.email()).change("name", caller.name(), name)
}

/// A new address was asked for. The trail names it once it is confirmed: until then anybody may have typed it.
pub(super) fn email_change_requested(caller: &Caller, new: &EmailAddress, token: &str) -> Event {
    let config = &caller.state().config;
    let link = json!({
        "email": new, "name": caller.name(), "old": caller.email(), "minutes": LINK_MINUTES,
        "confirmUrl": config.link(&format!("/profile/{token}")),
    });
    let notice = json!({ "email": caller.email(), "name": caller.name(), "new": new, "url": config.link("/account/profile") });
    Event::new("profile.email_change_requested", caller.email())
        .notify(Notification::new("email_change_link", link))
        .notify(Notification::new("email_change_requested", notice))
}

/// A new address that was asked for was dropped.
pub(super) fn email_change_canceled(caller: &Caller) -> Event {
    Event::new("profile.email_change_canceled", caller.email())
}

/// The person signs in with another address from now on.
pub(super) fn email_changed(change: &Confirmed) -> Event {
    Event::new("profile.email_changed", change.new_email.as_str()).change("email", change.old_email.as_str(), change.new_email.as_str())
}

/// Tells the old address.
pub(super) fn farewell(config: &Config, change: &Confirmed) -> Notification {
    let payload = json!({ "email": change.old_email, "name": change.name, "new": change.new_email, "url": config.link("/support") });
    Notification::new("email_changed", payload)
}
