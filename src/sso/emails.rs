//! Mails about single sign-on, to owners, and to owners and admins about who joins.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about single sign-on.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (email, customer, url) = (text("email")?, text("customer")?, text("url")?);
    let letter = match kind {
        "sso_changed" => Letter::new(format!("Single sign-on of {customer} changed"))
            .paragraph(format!("{} {}.", text("actor")?, text("what")?))
            .paragraph("Whoever controls the single sign-on decides who gets into the portal of your company. If you did not expect this, look at it now.")
            .action("See the single sign-on", url)
            .reason(format!("You receive this because you are an owner at {customer}.")),
        "sso_joined" => Letter::new(format!("{} joined {customer}", text("person")?))
            .paragraph(format!("{} signed in with the single sign-on of {customer} and joined the team as {}.", text("person")?, text("role")?))
            .paragraph("If they should not belong to the team, remove them: the single sign-on does not bring back whom you remove.")
            .action("See the team", url)
            .reason(format!("You receive this because you manage the team of {customer}.")),
        _ => return None,
    };
    Some(letter.to(email))
}
