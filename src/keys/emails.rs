//! Mails about keys, to owners and developers.

use serde_json::Value;

use super::model::masked;
use crate::server::{emails::Letter, mailer::Mail};

/// What a mail says.
struct Words {
    subject: String,
    paragraphs: Vec<String>,
    action: &'static str,
}

/// Writes the mail of a notification about a key.
pub(crate) fn render(kind: &str, payload: &Value) -> Option<Mail> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let customer = text("customer")?;
    let words = words(kind, payload)?;
    let letter = words.paragraphs.into_iter().fold(Letter::new(words.subject), Letter::paragraph);
    Some(
        letter
            .action(words.action, text("url")?)
            .reason(format!("You receive this because you are an owner or developer at {customer}."))
            .to(text("email")?),
    )
}

fn words(kind: &str, payload: &Value) -> Option<Words> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let (name, customer) = (text("name")?, text("customer")?);
    let actor = text("actor").unwrap_or("Somebody");
    let key = format!("the API key “{name}” ({})", masked(text("prefix")?, text("last_four")));
    let unexpected = "If you did not expect this, look at your API keys now and revoke what should not be there.".to_owned();
    let (subject, paragraphs, action) = match kind {
        "key_created" => ("API key created", vec![format!("{actor} created {key} for {customer}."), unexpected], "See the API key"),
        "key_revoked" => {
            let why = text("reason").map(|reason| format!(" The reason given: {reason}.")).unwrap_or_default();
            let what = format!("{actor} revoked {key} of {customer}. Programs that use it are refused.{why}");
            ("API key revoked", vec![what, unexpected], "See the API key")
        }
        "key_disabled" => {
            let what = format!("{actor} disabled {key} of {customer}. Programs that use it are refused until somebody enables it again.");
            ("API key disabled", vec![what, unexpected], "See the API key")
        }
        "key_rotated" => {
            let end = match text("ends") {
                Some(ends) => format!(" The old one is accepted until {ends}."),
                None => " The old one was stopped at once: programs that use it are refused.".to_owned(),
            };
            let successor = text("successor").map(|masked| format!(", {masked},")).unwrap_or_default();
            let what = format!("{actor} rotated {key} of {customer}. Its successor{successor} has the same name.{end}");
            let next = "The key’s page shows which calls still use the old one, and from where.".to_owned();
            ("API key rotated", vec![what, next, unexpected], "See who uses the old key")
        }
        "key_ending" => ending(payload, &key, customer)?,
        "key_leaked" => leaked(payload, &key, customer)?,
        _ => return None,
    };
    Some(Words { subject: format!("{subject}: {name}"), paragraphs, action })
}

fn ending(payload: &Value, key: &str, customer: &str) -> Option<(&'static str, Vec<String>, &'static str)> {
    let subject = match payload.get("days").and_then(Value::as_i64)? {
        1 => "API key expires within a day",
        7 => "API key expires within 7 days",
        _ => "API key expires within 14 days",
    };
    let ends = payload.get("ends").and_then(Value::as_str)?;
    if payload.get("disabled").and_then(Value::as_bool).unwrap_or_default() {
        let what = format!("On {ends} {key} of {customer} expires. It is disabled, and cannot be enabled any more from then on.");
        let next = "If it is still needed, enable it before that day, rotate it with a later end and replace it in your programs. \
                    Otherwise there is nothing to do.";
        return Some((subject, vec![what, next.to_owned()], "See the API key"));
    }
    let what = format!("On {ends} {key} of {customer} expires. Programs that use it are refused from then on.");
    let used = match payload.get("used").and_then(Value::as_str) {
        Some(used) => format!("A program last used it {used}. Rotate the key with a later end and replace it there before that day."),
        None => "No call with it was ever accepted. If nobody needs it, there is nothing to do.".to_owned(),
    };
    Some((subject, vec![what, used], "Rotate the API key"))
}

fn leaked(payload: &Value, key: &str, customer: &str) -> Option<(&'static str, Vec<String>, &'static str)> {
    let place = payload.get("leaked_url").and_then(Value::as_str).filter(|url| !url.is_empty());
    let place = place.map(|url| format!(" It was found here: {url}")).unwrap_or_default();
    let found = format!("A secret scanner found {key} of {customer} in public.{place}");
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    // What can be done depends on what the key can still do: only an active one can be rotated.
    let (subject, what, action) = match (text("action")?, text("state").unwrap_or_default()) {
        ("revoked", _) => (
            "API key leaked and revoked",
            "We revoked it at once: programs that use it are refused. Create another key and put it into them, and take the old one out of where it was found.".to_owned(),
            "See the API key",
        ),
        (_, "revoked") => (
            "API key leaked",
            "It is revoked already, so nobody can use it. Take it out of where it was found, because it tells others where to look.".to_owned(),
            "See the API key",
        ),
        (_, "expired") => (
            "API key leaked",
            "It has expired, so nobody can use it. Take it out of where it was found, because it tells others where to look.".to_owned(),
            "See the API key",
        ),
        (_, "disabled") => (
            "API key leaked",
            "It is disabled, so nobody can use it now, but everybody who has seen it could once somebody enables it. Revoke it, and take it out of where it was found.".to_owned(),
            "Revoke the API key",
        ),
        (_, "ending") => {
            let until = text("ends").map(|ends| format!(" until {ends}")).unwrap_or_default();
            let what = format!(
                "It was rotated and still works{until}, for everybody who has seen it. Put its successor into your programs and revoke it now, and take it out of where it was found."
            );
            ("API key leaked", what, "Revoke the API key")
        }
        _ => (
            "API key leaked",
            "It still works, for everybody who has seen it. Rotate it now, and take the old one out of where it was found.".to_owned(),
            "Rotate the API key",
        ),
    };
    Some((subject, vec![found, what], action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_says_what_happened_and_what_to_do() {
        let payload = json!({
            "email": "dev@acme.example", "name": "CI", "prefix": "sk_live_1a2b3c4d", "last_four": "9f0e", "customer": "Acme",
            "actor": "Olivia", "url": "https://portal/keys", "successor": "sk_live_5e6f7a8b…0c1d",
            "reason": "Leaked", "ends": "3 Dec 2026, 09:00 UTC", "days": 7, "used": "2 hours ago",
            "leaked_url": "https://code.example/acme/blob/main/.env", "action": "revoked", "state": "active",
        });
        for (kind, words) in [
            ("key_created", "Olivia created the API key “CI” (sk_live_1a2b3c4d…9f0e) for Acme."),
            ("key_revoked", "The reason given: Leaked."),
            ("key_disabled", "until somebody enables it again"),
            ("key_rotated", "Its successor, sk_live_5e6f7a8b…0c1d, has the same name. The old one is accepted until 3 Dec 2026, 09:00 UTC"),
            ("key_ending", "A program last used it 2 hours ago."),
            ("key_leaked", "https://code.example/acme/blob/main/.env"),
        ] {
            let mail = render(kind, &payload).unwrap();
            assert!(mail.text.contains(words), "{kind}: {}", mail.text);
            assert_eq!(mail.to, "dev@acme.example");
        }
        assert!(render("key_unknown", &payload).is_none());
    }

    #[test]
    fn mail_before_the_end_of_a_disabled_key_offers_no_rotation_that_is_refused() {
        let payload = json!({
            "email": "a@b.example", "name": "CI", "prefix": "1", "customer": "Acme", "url": "u", "ends": "3 Dec 2026, 09:00 UTC",
            "days": 7, "used": "2 hours ago", "disabled": true,
        });
        let mail = render("key_ending", &payload).unwrap().text;
        assert!(mail.contains("It is disabled") && mail.contains("enable it before that day"), "{mail}");
        assert!(!mail.contains("are refused from then on") && !mail.contains("Rotate the API key"), "{mail}");
    }

    #[test]
    fn mail_about_a_leak_says_what_can_still_be_done() {
        for (state, words, not) in [
            ("active", "Rotate it now", "evoke"),
            ("ending", "still works until 3 Dec 2026, 09:00 UTC", "otate it"),
            ("disabled", "Revoke it, and take it out", "otate it"),
            ("expired", "It has expired, so nobody can use it", "still works"),
            ("revoked", "It is revoked already", "still works"),
        ] {
            let payload = json!({
                "email": "a@b.example", "name": "CI", "prefix": "1", "customer": "Acme", "url": "u", "leaked_url": "",
                "action": "flagged", "state": state, "ends": "3 Dec 2026, 09:00 UTC",
            });
            let mail = render("key_leaked", &payload).unwrap().text;
            assert!(mail.contains(words) && !mail.contains(not), "{state}: {mail}");
        }
    }
}
