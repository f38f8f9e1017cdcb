//! The mail with the link of an invitation.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    server::{emails::Letter, mailer::Mail},
    when::When,
};

/// Writes the mail of a notification about a team. Of an invitation only address and link are certain to be there (seed).
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    if kind != "team_invite" {
        return None;
    }
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let customer = text("customer").unwrap_or("your company");
    let mut letter = Letter::new(format!("Join the customer portal of {customer}")).paragraph(match text("inviter") {
        Some(inviter) => format!("{inviter} invited you to the customer portal of {customer}."),
        None => format!("You are invited to the customer portal of {customer}."),
    });
    if let (Some(role), Some(summary)) = (text("role"), text("roleSummary")) {
        letter = letter.paragraph(format!("Your role: {role}. {summary}"));
    }
    letter = letter.action(format!("Join {customer}"), text("inviteUrl")?);
    letter = letter.paragraph(match text("expires").and_then(|expires| OffsetDateTime::parse(expires, &Rfc3339).ok()) {
        Some(expires) => format!("The link works until {} and once.", When::new(expires, expires).exact),
        None => "The link works for seven days and once.".to_owned(),
    });
    let reason = "You receive this because somebody entered your address as that of a colleague. If it means nothing to you, ignore it.";
    Some(letter.reason(reason).to(text("email")?))
}
