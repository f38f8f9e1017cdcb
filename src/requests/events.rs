//! What happens to access requests, and who is told by mail: those who can grant it, then the person who asked.

use serde_json::{Value, json};

use super::store::RequestRow;
use crate::{
    access::{Permission, Role},
    server::{audit::Event, caller::Caller, outbox::Notification},
};

/// Somebody asked.
pub(super) fn requested(caller: &Caller, permission: Permission, reason: &str, recipients: &[String]) -> Event {
    let event = about("access.requested", caller.email(), permission);
    recipients.iter().fold(event, |event, email| {
        event.notify(Notification::new("access_requested", letter(caller, email, permission, "/team", json!({ "reason": reason }))))
    })
}

/// Somebody took their request back.
pub(super) fn withdrawn(caller: &Caller, permission: Permission) -> Event {
    about("access.withdrawn", caller.email(), permission)
}

/// A request was granted by giving a role.
pub(super) fn granted(caller: &Caller, request: &RequestRow, before: Role, after: Role) -> Event {
    let more = json!({ "role": after.label(), "roleSummary": after.summary() });
    about("access.granted", &request.email, request.permission)
        .change("role", before.as_str(), after.as_str())
        .notify(Notification::new("access_granted", letter(caller, &request.email, request.permission, "/", more)))
}

/// A request was declined.
pub(super) fn declined(caller: &Caller, request: &RequestRow) -> Event {
    about("access.declined", &request.email, request.permission)
        .notify(Notification::new("access_declined", letter(caller, &request.email, request.permission, "/team/roles", json!({}))))
}

fn about(kind: &'static str, email: &str, permission: Permission) -> Event {
    Event::new(kind, email).detail("permission", permission.as_str())
}

fn letter(caller: &Caller, email: &str, permission: Permission, page: &str, more: Value) -> Value {
    let mut payload = json!({
        "email": email, "actor": caller.name(), "customer": caller.customer_name(), "right": permission.sentence(),
        "url": caller.state().config.link(page),
    });
    if let (Value::Object(payload), Value::Object(more)) = (&mut payload, more) {
        payload.extend(more);
    }
    payload
}
