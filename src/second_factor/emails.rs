//! Mails about the second factor, to the person whose it is.

use serde_json::Value;

use crate::server::{emails::Letter, mailer::Mail};

/// Writes the mail of a notification about a person's second factor.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (email, url) = (text("email")?, text("url")?);
    let hello = |subject: &str| Some(Letter::new(subject).paragraph(format!("Hello {},", text("name")?)));
    let letter = match kind {
        "second_factor_on" => hello("Your second factor is on")?
            .paragraph("From now on the customer portal asks for a code of your authenticator app when you sign in. Your other sessions were ended.")
            .paragraph("Keep your ten recovery codes where you find them without your phone.")
            .paragraph("If it was not you, choose a new password and write to support at once."),
        "second_factor_off" => hello("Your second factor is off")?
            .paragraph("From now on one factor is enough to sign in to the customer portal in your name. Your other sessions were ended.")
            .paragraph("If it was not you, choose a new password at once and set up a second factor again."),
        "recovery_codes_renewed" => hello("You have new recovery codes")?
            .paragraph("Ten new recovery codes were made for you in the customer portal. The old ones no longer work.")
            .paragraph("If it was not you, choose a new password at once and make new codes."),
        "second_factor_reset" => hello("Your second factor was taken away")?
            .paragraph("The operator of the customer portal has taken your second factor away, as somebody asked for in your name. All your sessions were ended.")
            .paragraph("Sign in and set up a new one. If you did not ask for this, choose a new password and write to support at once."),
        "recovery_code_used" => {
            let left = match payload.get("left")?.as_i64()? {
                0 => "None is left: make new ones now, or you cannot sign in without your app.".to_owned(),
                1 => "One is left.".to_owned(),
                left => format!("{left} are left."),
            };
            hello("A recovery code was used")?
                .paragraph(format!("Somebody, hopefully you, signed in to the customer portal with one of your recovery codes. {left}"))
                .paragraph("If it was not you, choose a new password and make new recovery codes at once.")
        }
        "second_factor_tried" => return tried(payload),
        "second_factor_required" => {
            let (customer, actor) = (text("customer")?, text("actor")?);
            let letter = hello(&format!("{customer} asks for a second factor"))?
                .paragraph(format!("{actor} decided that nobody works for {customer} in the customer portal without a second factor any more."));
            if payload.get("has")?.as_bool()? {
                letter.paragraph("You have one, so there is nothing to do.")
            } else {
                letter.paragraph("You have none yet. Set one up when you sign in the next time: it takes two minutes and an authenticator app on your phone, or a passkey.")
            }
        }
        _ => return None,
    };
    let reason = "You receive this because it concerns how you sign in to the portal.";
    Some(letter.action("See your second factor", url).reason(reason).to(email))
}

/// Somebody has the first factor. The way to a new password works without signing in.
fn tried(payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (tries, ip, device) = (payload.get("tries")?.as_i64()?, text("ip")?, text("device")?);
    let by_mail = text("proof")? == "mailed code";
    let first = if by_mail { "with a code that was mailed to you" } else { "with your password" };
    let letter = Letter::new("Somebody is trying to get past your second factor")
        .paragraph(format!("Hello {},", text("name")?))
        .paragraph(format!(
            "Somebody got as far as your second factor in the customer portal {first}, and then entered {tries} wrong codes within a day. \
             The last one came from the address {ip} ({device}). Nobody got in by them."
        ))
        .paragraph("If it was you, check that the clock of your phone is right, or use a recovery code.");
    let letter = if by_mail {
        letter.paragraph(
            "If it was not you, somebody else reads this mailbox: choose a new password for the mailbox first, and then one for the portal.",
        )
    } else {
        letter
            .paragraph("If it was not you, somebody knows your password: choose a new one now, and another one wherever you use the same.")
    };
    Some(
        letter
            .paragraph("Enter this address on the page below; the mail that follows holds the link with which you choose the new password. All sessions end then.")
            .action("Choose a new password", text("url")?)
            .reason("You receive this because it concerns how you sign in to the portal. We send it once a day at most.")
            .to(text("email")?),
    )
}
