//! Mails with the link to choose a new password, and with the code to sign in.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a `password_reset` notification.
pub(crate) fn password_reset(payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    Some(
        Letter::new("Choose a new password")
            .paragraph(format!("Hello {},", text("name")?))
            .paragraph(
                "Somebody, hopefully you, asked to choose a new password for the customer portal. The link works for one hour and once.",
            )
            .action("Choose a new password", text("resetUrl")?)
            .paragraph("If it was not you, ignore this mail: your password stays as it is.")
            .reason("You receive this because your address was entered at the portal's sign-in.")
            .to(text("email")?),
    )
}

/// Writes the mail of a `signin_code` notification. The code is not in the subject, which shows on locked screens.
pub(crate) fn signin_code(payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    Some(
        Letter::new("Your code to sign in")
            .paragraph(format!("Hello {},", text("name")?))
            .paragraph(format!(
                "Your code is {}. It works for ten minutes, once, and only in the browser in which you asked for it.",
                text("code")?
            ))
            .action("Sign in", text("codeUrl")?)
            .paragraph(
                "We never ask for this code by phone or mail. If you did not ask for it, ignore this mail: nobody can sign in with it.",
            )
            .reason("You receive this because your address was entered at the portal's sign-in.")
            .to(text("email")?),
    )
}

/// Writes the mail of a `password_changed` notification.
pub(crate) fn password_changed(payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let passkeys: Vec<String> =
        payload.get("passkeys")?.as_array()?.iter().filter_map(Value::as_str).map(|name| format!("“{name}”")).collect();
    let letter = Letter::new("Your password was changed")
        .paragraph(format!("Hello {},", text("name")?))
        .paragraph("You chose a new password for the customer portal. Your sessions in other browsers were ended.");
    let letter = if passkeys.is_empty() {
        letter
    } else {
        letter.paragraph(format!("These passkeys of yours still sign in: {}. Remove those that you do not know.", passkeys.join(", ")))
    };
    Some(
        letter
            .paragraph("If it was not you, choose another password now, and write to support: somebody else reads this mailbox.")
            .action("See your passkeys", text("url")?)
            .reason("You receive this because you sign in to the portal with this address.")
            .to(text("email")?),
    )
}
