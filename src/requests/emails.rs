//! Mails about access requests.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about an access request.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (actor, customer, right, url) = (text("actor")?, text("customer")?, text("right")?, text("url")?);
    let letter = match kind {
        "access_requested" => {
            let letter = Letter::new(format!("{actor} asks for access"))
                .paragraph(format!("{actor} asks for a right at {customer} that their role does not include: {right}"));
            let reason = text("reason").unwrap_or_default();
            let letter = if reason.is_empty() { letter } else { letter.paragraph("They write:").quote(reason) };
            letter
                .paragraph("Nothing changes until somebody who manages the team grants the request.")
                .action("Grant or decline it", url)
                .reason(format!("You receive this because you manage the team of {customer}."))
        }
        "access_granted" => Letter::new("Your access request was granted")
            .paragraph(format!("{actor} granted your request at {customer}: {right}"))
            .paragraph(format!("Your role is now {}. {}", text("role")?, text("roleSummary")?))
            .action("Open the portal", url)
            .reason(format!("You receive this because you asked for access at {customer}.")),
        "access_declined" => Letter::new("Your access request was declined")
            .paragraph(format!("{actor} declined your request at {customer}: {right}"))
            .paragraph("Your role stays as it is. Talk to them if you need it nevertheless.")
            .action("What each role may do", url)
            .reason(format!("You receive this because you asked for access at {customer}.")),
        _ => return None,
    };
    Some(letter.to(text("email")?))
}
