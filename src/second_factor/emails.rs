//! Mails about the second factor, to the person whose it is.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a person's second factor.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (email, name, url) = (text("email")?, text("name")?, text("url")?);
    let letter = match kind {
        "recovery_code_used" => {
            let left = match payload.get("left")?.as_i64()? {
                0 => "None is left: make new ones now, or you cannot sign in without your app.".to_owned(),
                1 => "One is left.".to_owned(),
                left => format!("{left} are left."),
            };
            Letter::new("A recovery code was used")
                .paragraph(format!("Hello {name},"))
                .paragraph(format!("Somebody, hopefully you, signed in to the customer portal with one of your recovery codes. {left}"))
                .paragraph("If it was not you, choose a new password and make new recovery codes at once.")
                .action("See your second factor", url)
        }
        _ => return None,
    };
    Some(letter.reason("You receive this because it concerns how you sign in to the portal.").to(email))
}
