//! What happens to sessions.

use crate::server::audit::Event;

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// By their password.
    Password,
    /// By a code that was mailed to them.
    MailedCode,
}

impl Proof {
    fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::MailedCode => "mailed code",
        }
    }
}

/// Somebody signed in.
pub(super) fn started(device: &str, proof: Proof, keep: bool) -> Event {
    Event::new("session.started", device).detail("by", proof.as_str()).detail("keep", keep)
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
