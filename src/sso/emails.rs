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
        "sso_domain_missed" => {
            let domain = text("domain")?;
            let letter = Letter::new(format!("The record of {domain} is missing"))
                .paragraph(format!("The portal looked for the record that proves that {domain} belongs to {customer}, and it is not there."))
                .paragraph("Put it back within a day: otherwise the domain is no longer verified, and this follows.");
            letter_about_domain(letter, payload)?
        }
        "sso_domain_lost" => {
            let domain = text("domain")?;
            let letter = Letter::new(format!("{domain} is no longer verified")).paragraph(format!(
                "The record that proves that {domain} belongs to {customer} was gone a day ago and still is. The portal no longer takes the domain for yours."
            ));
            letter_about_domain(letter, payload)?
        }
        _ => return None,
    };
    Some(letter.to(email))
}

/// What stops without the domain, what goes on, and how it is proved again.
fn letter_about_domain(letter: Letter, payload: &Value) -> Option<Letter> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (domain, customer, url) = (text("domain")?, text("customer")?, text("url")?);
    let letter = if payload.get("connected")?.as_bool()? {
        let letter = letter.paragraph(format!(
            "Nobody new joins {customer} with an address of {domain}, and the sign-in page no longer leads from such an address to your provider. \
             That stops also those who have signed in so before, unless they enter an address of another domain that you have verified. \
             Nobody who is signed in is signed out."
        ));
        match text("breakGlass") {
            Some(owner) => letter.paragraph(format!(
                "The single sign-on is your only way in. So without another verified domain nobody can sign in any more but {owner}, who gets in by another way."
            )),
            None => letter.paragraph("Whoever has a password or a passkey here signs in with it as before, and everybody with a code by e-mail."),
        }
    } else {
        letter.paragraph("No provider is connected, so nobody is kept from signing in.")
    };
    Some(
        letter
            .paragraph(format!(
                "To prove it again, make a TXT record in the name server of {domain} with the name {} and the value {}. An owner then presses “Verify” or “Check again” on the page below.",
                text("recordName")?,
                text("recordValue")?,
            ))
            .paragraph("If you have given the domain up, remove it there.")
            .action("See the single sign-on", url)
            .reason(format!("You receive this because you manage the team of {customer}.")),
    )
}
