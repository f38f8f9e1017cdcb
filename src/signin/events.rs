//! What happens to sessions.

use std::str::FromStr;

use crate::{
    ids::CustomerId,
    server::{audit::Event, session::Strength},
};

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// By their password.
    Password,
    /// By a code that was mailed to them.
    MailedCode,
    /// By a passkey, with user verification: something they have and something they know or are.
    Passkey,
    /// By the identity provider of this customer, which answers for how it asks.
    Provider(CustomerId),
}

impl Proof {
    /// The word in the trail and in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::MailedCode => "mailed code",
            Self::Passkey => "passkey",
            Self::Provider(_) => "identity provider",
        }
    }

    /// What a session that begins with it alone is worth.
    pub(crate) fn strength(self) -> Strength {
        match self {
            Self::Password | Self::MailedCode => Strength::OneFactor,
            Self::Passkey => Strength::TwoFactors,
            Self::Provider(customer) => Strength::Provider(customer),
        }
    }
}

impl FromStr for Proof {
    type Err = ();

    /// Reads a proof that waits for a second factor: the others do not wait.
    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Password, Self::MailedCode].into_iter().find(|proof| proof.as_str() == word).ok_or(())
    }
}

/// Somebody signed in; `second` is their second factor in words, if they gave one.
pub(crate) fn started(device: &str, proof: Proof, second: Option<&str>, keep: bool) -> Event {
    let event = Event::new("session.started", device).detail("by", proof.as_str()).detail("keep", keep);
    match second {
        Some(second) => event.detail("second_factor", second),
        None => event,
    }
}

/// Somebody signed out.
pub(super) fn signed_out(device: &str) -> Event {
    Event::new("session.ended", device).detail("how", "signed out")
}

/// Somebody ended a session of theirs in another browser.
pub(super) fn ended(device: &str, ip: &str) -> Event {
    Event::new("session.ended", device).detail("how", "ended from another browser").detail("ip", ip)
}

/// Somebody ended all their sessions in other browsers.
pub(super) fn others_ended(count: u64) -> Event {
    let subject = if count == 1 { "1 other session".to_owned() } else { format!("{count} other sessions") };
    Event::new("session.others_ended", subject).detail("count", count)
}

/// Somebody chose another password; the mail to them is written beside it.
pub(super) fn password_changed(email: &str) -> Event {
    Event::new("password.changed", email)
}

/// Somebody chose another password by a link that was mailed to them; the mail that tells them is written beside it.
pub(super) fn password_reset(email: &str) -> Event {
    Event::new("password.reset", email).detail("by", "a mailed link")
}
