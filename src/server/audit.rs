//! The trail: what happened, written in the transaction of the change and linked to what happened before (docs/audit.md).

mod chain;
pub(super) mod verify;

use std::str::FromStr;

use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{outbox::Notification, redaction::redact};
use crate::ids::{CustomerId, SessionId, UserId};

/// Something that happened, with the notifications that it causes.
#[derive(Clone, Debug)]
pub struct Event {
    /// `key.created`: area, dot, verb in the past tense.
    pub kind: &'static str,
    /// What it was done to, in words.
    pub subject: String,
    /// What else is known: `{"before": …, "after": …}` for each change, plain values for the rest.
    pub details: Map<String, Value>,
    /// Mails to send once it is committed.
    pub notifications: Vec<Notification>,
}

impl Event {
    /// An event about a subject.
    pub fn new(kind: &'static str, subject: impl Into<String>) -> Self {
        Self { kind, subject: subject.into(), details: Map::new(), notifications: vec![] }
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what something was and what it is now; nothing if that is the same.
    #[must_use]
    pub fn change(self, name: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        let (before, after) = (before.into(), after.into());
        if before == after { self } else { self.detail(name, json!({ "before": before, "after": after })) }
    }

    /// Adds a notification.
    #[must_use]
    pub fn notify(mut self, notification: Notification) -> Self {
        self.notifications.push(notification);
        self
    }
}

/// Who acted.
#[derive(Clone, Debug)]
pub struct Actor {
    /// On whose side.
    pub kind: ActorKind,
    /// The person.
    pub user_id: Option<UserId>,
    /// Their name at that time.
    pub name: String,
    /// From which address.
    pub ip: String,
    /// In which session.
    pub session_id: Option<SessionId>,
}

/// On whose side the actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// A person of the customer.
    Person,
    /// A program of the customer or of the SaaS, by the name of its key or token.
    Key,
    /// A person of the SaaS.
    Staff,
    /// The portal itself, in background work.
    System,
}

impl ActorKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Person, Self::Key, Self::Staff, Self::System];

    /// The word stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Key => "key",
            Self::Staff => "staff",
            Self::System => "system",
        }
    }
}

/// The text is not a kind of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of actor")]
pub struct UnknownActorKind;

impl FromStr for ActorKind {
    type Err = UnknownActorKind;
    fn from_str(word: &str) -> Result<Self, UnknownActorKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownActorKind)
    }
}

/// Writes the event into the customer's trail. The database links it to the one before: number and hashes are not ours to
/// choose.
///
/// # Errors
/// If the database does not answer.
pub async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    customer_id: CustomerId,
    actor: &Actor,
    event: &Event,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO audit_events (
            audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id, created_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ",
        id,
        customer_id.as_uuid(),
        actor.kind.as_str(),
        actor.user_id.map(UserId::as_uuid),
        &redact(&actor.name),
        event.kind,
        &redact(&event.subject),
        storable(Value::Object(event.details.clone())),
        actor.ip,
        actor.session_id.map(SessionId::as_uuid),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Details as they may be kept: without secrets, and with one spelling for every number, so that they hash alike wherever
/// they are read.
pub(super) fn storable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact(&text).into_owned()),
        Value::Number(number) if !number.is_i64() => Value::String(number.to_string()),
        Value::Array(values) => values.into_iter().map(storable).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (redact(&name).into_owned(), storable(value))).collect(),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_that_changes_nothing_is_left_out() {
        let event = Event::new("plan.changed", "Pro").change("plan", "free", "pro").change("price", 1, 1).change("note", None::<&str>, "x");
        let expected = json!({ "plan": { "before": "free", "after": "pro" }, "note": { "before": null, "after": "x" } });
        assert_eq!(Value::Object(event.details), expected);
    }

    #[test]
    fn details_are_kept_without_secrets_and_with_whole_numbers() {
        let secret = format!("sk_live_{}", "ab".repeat(32));
        let details = json!({ "a": [secret, 1, 2.5, u64::MAX], "b": { "c": null, "d": true } });
        let expected = json!({ "a": ["sk_live_abababab…", 1, "2.5", "18446744073709551615"], "b": { "c": null, "d": true } });
        assert_eq!(storable(details), expected);
    }
}
