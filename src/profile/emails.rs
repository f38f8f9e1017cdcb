//! Mails about a new sign-in address: the link to the new one, notices to the old one.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a person's address.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (email, hello) = (text("email")?, format!("Hello {},", text("name")?));
    let letter = match kind {
        "email_change_link" => Letter::new("Confirm your new e-mail address")
            .paragraph(hello)
            .paragraph(format!("You asked to sign in to the customer portal with this address instead of {}.", text("old")?))
            .paragraph(format!(
                "Open the link and confirm it there. It works for {} minutes and once; until then the old address stays in force.",
                payload.get("minutes")?
            ))
            .action("Confirm the new address", text("confirmUrl")?)
            .reason("You receive this because this address was entered in the portal. If it means nothing to you, ignore it."),
        "email_change_requested" => Letter::new("A new sign-in address was asked for")
            .paragraph(hello)
            .paragraph(format!(
                "You asked to sign in with {} from now on. This address stays in force until the new one is confirmed.",
                text("new")?
            ))
            .paragraph("If it was not you, cancel the change now and choose a new password.")
            .action("See your profile", text("url")?)
            .reason("You receive this because you sign in to the portal with this address."),
        "email_changed" => Letter::new("Your sign-in address was changed")
            .paragraph(hello)
            .paragraph(format!(
                "You sign in with {} from now on, and no longer with this address. All other sessions were ended.",
                text("new")?
            ))
            .paragraph("If it was not you, write to support at once.")
            .action("Write to support", text("url")?)
            .reason("You receive this because you signed in to the portal with this address until now."),
        _ => return None,
    };
    Some(letter.to(email))
}
