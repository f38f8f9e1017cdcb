//! What happened in a team, for its activity list, and the mails that follow.

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::model::InvitationToken;
use crate::{
    access::Role,
    field::EmailAddress,
    server::{audit::Event, config::Config, outbox::Notification},
};

/// No role: before somebody belongs to the team, and afterwards.
const NONE: Option<&str> = None;

/// The mail with the link of an invitation.
#[derive(Clone, Debug)]
pub struct InvitationMail<'a> {
    /// Where the portal is reached.
    pub config: &'a Config,
    /// Secret part of the link.
    pub token: &'a InvitationToken,
    /// To whom.
    pub email: &'a EmailAddress,
    /// To whose team.
    pub customer_name: &'a str,
    /// From whom.
    pub inviter: &'a str,
    /// As what.
    pub role: Role,
    /// Until when the link works.
    pub expires_at: OffsetDateTime,
}

impl InvitationMail<'_> {
    /// The queue entry: `email` and `inviteUrl` are the contract (seed), the rest is for a better mail.
    fn notification(&self) -> Notification {
        let payload = json!({
            "email": self.email.as_str(),
            "inviteUrl": self.config.link(&format!("/invite/{}", self.token.expose())),
            "customer": self.customer_name,
            "inviter": self.inviter,
            "role": self.role.label(),
            "roleSummary": self.role.summary(),
            "expires": self.expires_at.format(&Rfc3339).unwrap_or_default(),
        });
        Notification::new("team_invite", payload)
    }
}

/// Someone was invited.
pub fn member_invited(letter: &InvitationMail<'_>) -> Event {
    Event::new("member.invited", letter.email.as_str()).change("role", NONE, letter.role.as_str()).notify(letter.notification())
}

/// An invitation was sent again; its old link is dead.
pub fn invitation_resent(letter: &InvitationMail<'_>) -> Event {
    Event::new("invitation.resent", letter.email.as_str()).detail("role", letter.role.as_str()).notify(letter.notification())
}

/// An invitation got another role.
pub fn invited_role_changed(email: &EmailAddress, before: Role, after: Role) -> Event {
    Event::new("invitation.role_changed", email.as_str()).change("role", before.as_str(), after.as_str())
}

/// An invitation was revoked.
pub fn invitation_revoked(email: &EmailAddress, role: Role) -> Event {
    Event::new("invitation.revoked", email.as_str()).change("role", role.as_str(), NONE)
}

/// An invited person joined.
pub fn member_joined(email: &EmailAddress, role: Role) -> Event {
    Event::new("member.joined", email.as_str()).change("role", NONE, role.as_str())
}

/// A person was removed by someone else.
pub fn member_removed(email: &str, role: Role) -> Event {
    Event::new("member.removed", email).change("role", role.as_str(), NONE)
}

/// A person's sessions were ended by someone else.
pub fn member_signed_out(email: &str, sessions: u64) -> Event {
    Event::new("member.signed_out", email).detail("sessions_ended", sessions)
}

/// A person left.
pub fn member_left(email: &str, role: Role) -> Event {
    Event::new("member.left", email).change("role", role.as_str(), NONE)
}

/// A person got another role.
pub fn member_role_changed(email: &str, before: Role, after: Role) -> Event {
    Event::new("member.role_changed", email).change("role", before.as_str(), after.as_str())
}
