//! Mails about the deletion of an account, to all its owners.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a deletion.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (customer, actor, closes, url) = (text("customer")?, text("actor")?, text("closes")?, text("url")?);
    let ends = "Then everybody loses access, API keys are refused and the data is erased. Invoices and the trail are kept as the law says.";
    let letter = match kind {
        "closure_requested" => Letter::new(format!("{customer} will be deleted on {closes}"))
            .paragraph(format!("{actor} asked to delete the account of {customer}. It is deleted on {closes}. {ends}"))
            .paragraph("Until then any owner can cancel this, and everything works as before. Export what you want to keep.")
            .action("Export or cancel", url),
        "closure_near" => Letter::new(format!("{customer} will be deleted on {closes}"))
            .paragraph(format!("The account of {customer} is deleted on {closes}. {ends}"))
            .paragraph("Any owner can still cancel this, and export what you want to keep.")
            .action("Export or cancel", url),
        "closure_canceled" => Letter::new(format!("{customer} will not be deleted"))
            .paragraph(format!("{actor} canceled the deletion of {customer}. Nothing changes."))
            .action("See your data", url),
        "closure_completed" => Letter::new(format!("The account of {customer} was deleted"))
            .paragraph(format!("The account of {customer} is closed and its data erased, as asked for."))
            .paragraph("Invoices and the trail of changes are kept for as long as the law says, and for nothing else."),
        _ => return None,
    };
    Some(letter.reason(format!("You receive this because you are an owner of {customer}.")).to(text("email")?))
}
