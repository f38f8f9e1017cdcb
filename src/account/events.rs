//! What happens to the account. The address that is replaced is told: if the change was not meant, its owner notices.

use serde_json::json;

use super::model::Details;
use crate::server::{audit::Event, caller::Caller, outbox::Notification};

/// Something of the account was changed.
pub(super) fn updated(caller: &Caller, before: &Details, after: &Details) -> Event {
    let mut event = Event::new("account.updated", after.name.as_str());
    for (field, old, new) in [
        ("name", Some(&before.name), Some(&after.name)),
        ("email", Some(&before.email), Some(&after.email)),
        ("billing_email", before.billing_email.as_ref(), after.billing_email.as_ref()),
    ] {
        event = event.change(field, old.cloned(), new.cloned());
    }
    if before.email != after.email {
        event = event.notify(replaced(caller, "contact", &before.email, &after.email));
    }
    match &before.billing_email {
        Some(old) if after.billing_email.as_ref() != Some(old) => event.notify(replaced(caller, "billing", old, after.invoices_go_to())),
        _ => event,
    }
}

fn replaced(caller: &Caller, which: &str, old: &str, new: &str) -> Notification {
    let payload = json!({
        "email": old, "which": which, "new": new, "customer": caller.customer_name(), "actor": caller.name(),
        "url": caller.state().config.link("/account"),
    });
    Notification::new("account_address_replaced", payload)
}
