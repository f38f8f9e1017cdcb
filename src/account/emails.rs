//! The mail to an address that was replaced.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about the account.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    if kind != "account_address_replaced" {
        return None;
    }
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (which, new, customer, actor) = (text("which")?, text("new")?, text("customer")?, text("actor")?);
    let consequence = match which {
        "billing" => format!("Invoices go to {new} from now on, and no longer to this address."),
        _ => format!("We write to {new} from now on, and no longer to this address."),
    };
    Some(
        Letter::new(format!("The {which} e-mail address of {customer} was changed"))
            .paragraph(format!("{actor} changed the {which} e-mail address of {customer}. {consequence}"))
            .paragraph("If you did not expect this, ask an owner of the account or look at the details now.")
            .action("See the account", text("url")?)
            .reason(format!("You receive this because this was the {which} e-mail address of {customer}."))
            .to(text("email")?),
    )
}
