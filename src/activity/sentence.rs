//! Entries in plain sentences. A sentence goes on after the actor's name: "changed the plan from Pro to Enterprise".

use serde_json::Value;

use super::model::Detail;
use crate::{
    access::{Permission, Role},
    number::grouped,
    plan::Plan,
};

/// What the actor did. An entry of a kind without a sentence is told by its kind.
pub(super) fn what(kind: &str, subject: &str, details: &Value) -> String {
    known(kind, subject, details).unwrap_or_else(|| format!("{}: {subject}", kind.replace(['.', '_'], " ")))
}

fn known(kind: &str, subject: &str, details: &Value) -> Option<String> {
    let role = |side: &str| side_of(details, "role", side);
    Some(match kind {
        "access.declined" => format!("declined the access request of {subject}{}", right(details)),
        "access.granted" => format!("granted the access request of {subject}{}", right(details)),
        "access.requested" => format!("asked for access{}", right(details)),
        "access.withdrawn" => format!("withdrew the access request{}", right(details)),
        "account.closed" => "closed the account and erased its data".to_owned(),
        "account.deletion_announced" => "announced that the account will be deleted soon".to_owned(),
        "account.deletion_canceled" => "canceled the deletion of the account".to_owned(),
        "account.deletion_requested" => "asked for the account to be deleted".to_owned(),
        "account.updated" => updated(details),
        "activity.exported" => format!("exported the activity as {subject} ({})", entries(details.get("rows"))),
        "data.exported" => "exported everything about the account".to_owned(),
        "invitation.resent" => format!("sent the invitation to {subject} again"),
        "invitation.revoked" => format!("revoked the invitation to {subject}"),
        "invitation.role_changed" => format!("changed the role of the invitation to {subject}{}", from_to(details, "role")),
        "key.created" => format!("created the API key “{subject}”"),
        "key.disabled" => format!("disabled the API key “{subject}”"),
        "key.enabled" => format!("enabled the API key “{subject}” again"),
        "key.end_announced" => format!("announced that the API key “{subject}” expires soon"),
        "key.leaked" => format!("heard that the API key “{subject}” was found in public"),
        "key.limits_changed" => format!("changed what the API key “{subject}” is limited to"),
        "key.overlap_extended" => format!("let the rotated API key “{subject}” go on for longer"),
        "key.renamed" => format!("changed the name of an API key{}", from_to(details, "name")),
        "key.revoked" => format!("revoked the API key “{subject}”"),
        "key.rotated" => format!("rotated the API key “{subject}”"),
        "member.invited" => format!("invited {subject}{}", role("after").map(|role| format!(" as {role}")).unwrap_or_default()),
        "member.joined" => format!("joined the team{}", role("after").map(|role| format!(" as {role}")).unwrap_or_default()),
        "member.left" => "left the team".to_owned(),
        "member.removed" => format!("removed {subject} from the team"),
        "member.role_changed" => format!("changed the role of {subject}{}", from_to(details, "role")),
        "member.signed_out" => format!("signed {subject} out everywhere"),
        "plan.changed" => format!("changed the plan{}", from_to(details, "plan")),
        "portal_session.created" => format!("asked for a way into the portal for {}", guest_or(subject)),
        "portal_session.opened" => format!("opened the portal for {}", guest_or(subject)),
        "second_factor.made_optional" => "decided that nobody needs a second factor any more".to_owned(),
        "second_factor.required" => "decided that everybody needs a second factor".to_owned(),
        "sso.connected" => format!("connected the single sign-on to {subject}"),
        "sso.disconnected" => format!("disconnected the single sign-on from {subject}"),
        "sso.domain_added" => format!("added the domain {subject} to the single sign-on"),
        "sso.domain_lost" => format!("looked for the record of the domain {subject}, which was gone"),
        "sso.domain_missed" => format!("did not find the record of the domain {subject}"),
        "sso.domain_removed" => format!("removed the domain {subject} from the single sign-on"),
        "sso.domain_verified" => format!("verified the domain {subject} for the single sign-on"),
        "sso.enforced" => format!("made the single sign-on the only way in, but for {subject}"),
        "sso.joined" => format!("joined the team by single sign-on{}", role("after").map(|role| format!(" as {role}")).unwrap_or_default()),
        "sso.linked" => format!("signed in by single sign-on for the first time, on {subject}"),
        "sso.relaxed" => "opened the other ways in beside the single sign-on".to_owned(),
        "ticket.closed" => format!("closed the ticket “{subject}”"),
        "ticket.opened" => format!("opened the ticket “{subject}”"),
        "ticket.reopened" => format!("replied to the closed ticket “{subject}”, which opened it again"),
        "ticket.replied" => format!("replied to the ticket “{subject}”"),
        _ => return of_person(kind, subject, details),
    })
}

/// What people do with what is their own.
fn of_person(kind: &str, subject: &str, details: &Value) -> Option<String> {
    Some(match kind {
        "passkey.added" => format!("added the passkey “{subject}”"),
        "passkey.blocked" => format!("was refused with the passkey “{subject}”, which may have been copied"),
        "passkey.removed" => format!("removed the passkey “{subject}”"),
        "passkey.renamed" => format!("renamed a passkey{}", from_to(details, "name")),
        "profile.email_change_canceled" => "dropped the change of their sign-in address".to_owned(),
        "profile.email_change_requested" => "asked for another sign-in address".to_owned(),
        "profile.email_changed" => format!("changed their sign-in address{}", from_to(details, "email")),
        "profile.renamed" => format!("changed their name{}", from_to(details, "name")),
        "password.changed" => "changed their password".to_owned(),
        "password.reset" => "chose a new password by a mailed link".to_owned(),
        "second_factor.codes_renewed" => "made new recovery codes".to_owned(),
        "second_factor.reset" => format!("took the second factor of {subject} away"),
        "second_factor.turned_off" => "turned their second factor off".to_owned(),
        "second_factor.turned_on" => "turned their second factor on".to_owned(),
        "session.ended" => format!("was signed out on {subject}"),
        "session.others_ended" => "ended all their other sessions".to_owned(),
        "session.started" => format!("signed in on {subject}"),
        _ => return None,
    })
}

/// For whom a session was opened.
fn guest_or(subject: &str) -> &str {
    if subject == "Guest" { "a guest" } else { subject }
}

/// ": See and export who did what." of the right that was asked for.
fn right(details: &Value) -> String {
    let permission = details.get("permission").and_then(Value::as_str).and_then(|word| word.parse::<Permission>().ok());
    permission.map(|permission| format!(": {}", permission.sentence().trim_end_matches('.'))).unwrap_or_default()
}

fn entries(rows: Option<&Value>) -> String {
    match rows.and_then(Value::as_i64).unwrap_or_default() {
        1 => "1 entry".to_owned(),
        rows => format!("{} entries", grouped(rows)),
    }
}

/// "changed the billing e-mail from a@b.example to c@d.example and …".
fn updated(details: &Value) -> String {
    let fields = details.as_object().into_iter().flatten();
    let parts: Vec<String> = fields
        .map(|(field, _)| {
            let name = match field.as_str() {
                "name" => "company name".to_owned(),
                "email" => "contact e-mail".to_owned(),
                field => name(field).to_lowercase(),
            };
            let side = |side| side_of(details, field, side);
            match (side("before"), side("after")) {
                (Some(before), Some(after)) => format!("changed the {name} from {before} to {after}"),
                (None, Some(after)) => format!("set the {name} to {after}"),
                (Some(before), None) => format!("removed the {name} {before}"),
                (None, None) => format!("changed the {name}"),
            }
        })
        .collect();
    if parts.is_empty() { "changed the account".to_owned() } else { parts.join(" and ") }
}

/// " from Member to Admin"; nothing if it is not known. Entries of the first release hold both at the top.
fn from_to(details: &Value, field: &str) -> String {
    let side = |side| side_of(details, field, side).or_else(|| label(field, details.get(side)));
    match (side("before"), side("after")) {
        (Some(before), Some(after)) => format!(" from {before} to {after}"),
        _ => String::new(),
    }
}

/// What a field was (`before`) or is (`after`), in words.
fn side_of(details: &Value, field: &str, side: &str) -> Option<String> {
    label(field, details.get(field)?.get(side))
}

/// What is known beside the sentence, the changes first.
pub(super) fn details(details: &Value) -> Vec<Detail> {
    let Some(members) = details.as_object() else { return vec![] };
    let (changes, facts): (Vec<_>, Vec<_>) =
        members.iter().partition(|(_, value)| value.get("before").is_some() || value.get("after").is_some());
    let nothing = || "none".to_owned();
    let changes = changes.into_iter().map(|(field, value)| Detail {
        name: name(field),
        before: Some(label(field, value.get("before")).unwrap_or_else(nothing)),
        value: label(field, value.get("after")).unwrap_or_else(nothing),
    });
    let facts = facts.into_iter().map(|(field, value)| Detail {
        name: name(field),
        before: None,
        value: label(field, Some(value)).unwrap_or_else(nothing),
    });
    changes.chain(facts).collect()
}

/// A field in words.
fn name(field: &str) -> String {
    let words = match field {
        "billing_email" => "Billing e-mail",
        "email" => "E-mail",
        "key_id" => "Key",
        "overlap" => "Old key goes on for",
        "rows" => "Entries",
        "ticket_id" => "Ticket",
        other => {
            let plain = other.replace('_', " ");
            let mut letters = plain.chars();
            return letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        }
    };
    words.to_owned()
}

/// A value of a field in words; none for what is empty.
fn label(field: &str, value: Option<&Value>) -> Option<String> {
    match (field, value?) {
        (_, Value::Null) => None,
        ("role", Value::String(word)) => Some(word.parse().map_or(word.clone(), |role: Role| role.label().to_owned())),
        ("plan", Value::String(word)) => Some(word.parse().map_or(word.clone(), |plan: Plan| plan.label().to_owned())),
        (_, Value::String(word)) => Some(word.clone()),
        (_, Value::Object(members)) if members.is_empty() => None,
        (_, Value::Object(members)) => {
            let parts = members.iter().map(|(field, value)| format!("{field} {}", label(field, Some(value)).unwrap_or_default()));
            Some(parts.collect::<Vec<_>>().join(", "))
        }
        (_, other) => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{activity::model::Area, server::tests::dependencies::sources};
    use serde_json::json;

    #[test]
    fn every_kind_of_event_has_a_sentence_and_an_area() {
        let prefixes: Vec<&str> = Area::ALL.into_iter().flat_map(Area::prefixes).copied().collect();
        let sources = sources();
        let sources = sources.iter().filter(|(path, _)| !path.contains("tests") && !path.starts_with("server/audit"));
        let kinds: Vec<&str> =
            sources.flat_map(|(_, text)| text.split("Event::new(\"").skip(1)).filter_map(|rest| rest.split('"').next()).collect();
        assert!(kinds.len() > 10, "{kinds:?}");
        for kind in kinds.into_iter().chain(["ticket.reopened", "ticket.replied"]) {
            assert!(known(kind, "x", &json!({})).is_some(), "{kind} has no sentence in activity/sentence.rs");
            let prefix = kind.split('.').next().unwrap();
            assert!(prefixes.contains(&prefix), "{kind} has no area in activity/model.rs");
        }
    }

    #[test]
    fn sentences_say_what_was_and_what_is() {
        let cases = [
            (
                what("account.updated", "Acme", &json!({ "billing_email": { "before": "a@b.example", "after": "c@d.example" } })),
                "changed the billing e-mail from a@b.example to c@d.example",
            ),
            (
                what("account.updated", "Acme", &json!({ "billing_email": { "before": null, "after": "c@d.example" } })),
                "set the billing e-mail to c@d.example",
            ),
            (
                what("account.updated", "Acme", &json!({ "billing_email": { "before": "a@b.example", "after": null } })),
                "removed the billing e-mail a@b.example",
            ),
            (what("plan.changed", "Pro", &json!({ "plan": { "before": "free", "after": "pro" } })), "changed the plan from Free to Pro"),
            (what("plan.changed", "Pro", &json!({ "before": "free", "after": "pro" })), "changed the plan from Free to Pro"),
            (what("key.revoked", "CI", &json!({})), "revoked the API key “CI”"),
            (what("activity.exported", "CSV", &json!({ "rows": 1234 })), "exported the activity as CSV (1,234 entries)"),
            (what("moon.landed_on", "Apollo", &json!({})), "moon landed on: Apollo"),
        ];
        for (sentence, expected) in cases {
            assert_eq!(sentence, expected);
        }
    }

    #[test]
    fn changes_stand_before_facts() {
        let found = details(&json!({ "key_id": "key-1", "state": { "before": null, "after": "active" }, "filter": {} }));
        let lines: Vec<_> = found.iter().map(|detail| (detail.name.as_str(), detail.before.as_deref(), detail.value.as_str())).collect();
        assert_eq!(lines, [("State", Some("none"), "active"), ("Filter", None, "none"), ("Key", None, "key-1")]);
    }
}
