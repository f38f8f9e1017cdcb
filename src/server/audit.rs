//! The trail: what happened, written in the transaction of the change.

use serde_json::{Map, Value};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::outbox::Notification;
use crate::ids::{CustomerId, SessionId, UserId};

/// Something that happened, with the notifications that it causes.
#[derive(Clone, Debug)]
pub struct Event {
    /// `key.created`: area, dot, verb in the past tense.
    pub kind: &'static str,
    /// What it was done to, in words.
    pub subject: String,
    /// Before and after; never a secret.
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
    /// A person of the customer, or of the staff.
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
    /// A person of the SaaS.
    Staff,
    /// A job, when its time has come.
    System,
}

impl ActorKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Staff => "staff",
            Self::System => "system",
        }
    }
}

/// Writes the event into the customer's trail.
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
        actor.name,
        event.kind,
        event.subject,
        Value::Object(event.details.clone()),
        actor.ip,
        actor.session_id.map(SessionId::as_uuid),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
