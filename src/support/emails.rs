//! Mails about tickets: an answer to the customer, a new ticket to staff.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a ticket.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (email, subject, message, author) = (text("email")?, text("subject")?, text("message")?, text("author")?);
    let url = text("ticketUrl")?;
    let letter = match kind {
        "ticket_reply" => Letter::new(format!("Re: {subject}"))
            .paragraph(format!("{author} answered your ticket “{subject}”:"))
            .quote(message)
            .action("Read and reply", url)
            .paragraph("Please reply in the portal: answers to this mail are not read.")
            .reason(if payload.get("openedIt").and_then(Value::as_bool).unwrap_or_default() {
                "You receive this because you opened this ticket."
            } else {
                "You receive this because this is the contact address of the company that the ticket was opened for."
            }),
        "ticket_opened" => Letter::new(format!("New ticket from {}: {subject}", text("customer")?))
            .paragraph(format!("{author} of {} wrote:", text("customer")?))
            .quote(message)
            .action("Answer the ticket", url)
            .reason("You receive this because new tickets are announced to this address."),
        _ => return None,
    };
    Some(letter.to(email))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answer_is_quoted_and_leads_to_the_thread() {
        let payload = json!({
            "email": "olivia@northwind.example", "subject": "Import <b>fails</b>", "message": "Please try again.\nMia",
            "author": "Mia", "ticketUrl": "https://portal.example/support/ticket-0123456789ab", "openedIt": true,
        });
        let mail = render("ticket_reply", &payload).unwrap();
        assert_eq!(mail.subject, "Re: Import <b>fails</b>");
        let expected = "Mia answered your ticket “Import <b>fails</b>”:\n\n> Please try again.\n> Mia\n\nRead and reply:\n\
                        https://portal.example/support/ticket-0123456789ab\n\nPlease reply in the portal: answers to this mail are not read.\n\n\
                        -- \nYou receive this because you opened this ticket.\n";
        assert_eq!(mail.text, expected);
        assert!(mail.html.contains("Import &lt;b&gt;fails&lt;/b&gt;") && !mail.html.contains("<b>"));
    }

    #[test]
    fn incomplete_payload_makes_no_mail() {
        assert_eq!(render("ticket_reply", &json!({ "email": "olivia@northwind.example" })), None);
        assert_eq!(render("ticket_opened", &json!(null)), None);
    }
}
