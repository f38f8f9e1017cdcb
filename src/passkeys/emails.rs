//! Mails about passkeys, to their person.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a passkey.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let passkey = text("passkey")?;
    let (subject, what, otherwise) = match kind {
        "passkey_added" => (
            "A passkey was added",
            format!("You added the passkey “{passkey}”. From now on you can sign in to the customer portal with it, without a password."),
            "If it was not you, remove it now, choose a new password, and end the sessions that you do not know.",
        ),
        "passkey_removed" => (
            "A passkey was removed",
            format!("You removed the passkey “{passkey}”. Nobody can sign in to the customer portal with it any more."),
            "If it was not you, choose a new password now and end the sessions that you do not know.",
        ),
        "passkey_blocked" => (
            "A passkey may have been copied",
            format!(
                "Somebody tried to sign in with your passkey “{passkey}” in a way that is possible only if there are two of it. We refused it, and refuse it from now on."
            ),
            "Remove it, and add a new one on the device itself. If you do not know of a copy, look at where you are signed in, too.",
        ),
        _ => return None,
    };
    Some(
        Letter::new(subject)
            .paragraph(format!("Hello {},", text("name")?))
            .paragraph(what)
            .paragraph(otherwise)
            .action("See your passkeys", text("url")?)
            .reason("You receive this because it is about how you sign in to the portal.")
            .to(text("email")?),
    )
}
