//! Mails about keys, to owners and developers.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a key.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (name, prefix, customer, actor) = (text("name")?, text("prefix")?, text("customer")?, text("actor")?);
    let (subject, what) = match kind {
        "key_created" => ("API key created", format!("{actor} created the API key “{name}” ({prefix}…) for {customer}.")),
        "key_revoked" => (
            "API key revoked",
            format!("{actor} revoked the API key “{name}” ({prefix}…) of {customer}. Programs that use it are refused."),
        ),
        "key_rotated" => {
            ("API key rotated", format!("{actor} rotated the API key “{name}” ({prefix}…) of {customer}. Its successor has the same name."))
        }
        _ => return None,
    };
    Some(
        Letter::new(format!("{subject}: {name}"))
            .paragraph(what)
            .paragraph("If you did not expect this, look at your API keys now and revoke what should not be there.")
            .action("See the API keys", text("url")?)
            .reason(format!("You receive this because you are an owner or developer at {customer}."))
            .to(text("email")?),
    )
}
