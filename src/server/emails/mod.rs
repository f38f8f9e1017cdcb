//! Mails: one line for each kind of notification, and the frame that all mails share.
//!
//! To add a mail, write a function from the payload to a mail in the slice's `emails.rs`, with a [`Letter`], and name it
//! in [`render`]. Addresses in it are absolute and stand in the payload.

mod letter;

use serde_json::Value;

use super::mailer::Mail;
use crate::{account, data, keys, passkeys, profile, requests, second_factor, signin, sso, support, team};

pub use letter::{Letter, escape};

/// Makes the mail of a notification. `None` if the kind is unknown or its payload is not what the kind needs.
pub fn render(kind: &str, payload: &Value) -> Option<Mail> {
    match kind {
        "access_requested" | "access_granted" | "access_declined" => requests::render_email(kind, payload),
        "account_address_replaced" => account::render_email(kind, payload),
        "closure_requested" | "closure_near" | "closure_canceled" | "closure_completed" => data::render_email(kind, payload),
        "key_created" | "key_disabled" | "key_ending" | "key_leaked" | "key_revoked" | "key_rotated" => keys::render_email(kind, payload),
        "email_change_link" | "email_change_requested" | "email_changed" => profile::render_email(kind, payload),
        "sso_changed" | "sso_domain_lost" | "sso_domain_missed" | "sso_joined" => sso::render_email(kind, payload),
        "second_factor_on"
        | "second_factor_off"
        | "second_factor_reset"
        | "second_factor_required"
        | "second_factor_tried"
        | "recovery_codes_renewed"
        | "recovery_code_used" => second_factor::render_email(kind, payload),
        "passkey_added" | "passkey_removed" | "passkey_blocked" => passkeys::render_email(kind, payload),
        "team_invite" => team::render_email(kind, payload),
        "signin_code" => signin::emails::signin_code(payload),
        "password_changed" => signin::emails::password_changed(payload),
        "password_reset" => signin::emails::password_reset(payload),
        "ticket_opened" | "ticket_reply" => support::render_email(kind, payload),
        _ => None,
    }
}
