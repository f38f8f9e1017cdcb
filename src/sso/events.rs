//! What happens to the single sign-on of a customer, and who is told.

use serde_json::json;

use super::{
    model::{Domain, RECORD_VALUE},
    store::{ConnectionRow, OwnerRow},
};
use crate::{
    access::Role,
    server::{audit::Event, outbox::Notification},
};

/// Nothing: before there was something, or afterwards.
const NONE: Option<&str> = None;

/// Who changes something, where, and where it can be seen.
pub(super) struct Change<'a> {
    pub(super) customer_name: &'a str,
    pub(super) actor_name: &'a str,
    pub(super) url: String,
    pub(super) owners: &'a [OwnerRow],
}

impl Change<'_> {
    /// Tells every owner: whoever holds the single sign-on holds the company’s portal.
    fn tell(&self, event: Event, what: &str) -> Event {
        self.owners.iter().fold(event, |event, owner| {
            let payload = json!({
                "email": owner.email, "customer": self.customer_name, "actor": self.actor_name, "what": what, "url": self.url,
            });
            event.notify(Notification::new("sso_changed", payload))
        })
    }
}

/// What the connection is after a change.
pub(super) struct After<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) role: Role,
    pub(super) new_secret: bool,
}

pub(super) fn connected(before: Option<&ConnectionRow>, after: &After<'_>, change: &Change<'_>) -> Event {
    let event = Event::new("sso.connected", after.issuer)
        .change("issuer", before.map(|before| before.issuer.as_str()), after.issuer)
        .change("client_id", before.map(|before| before.client_id.as_str()), after.client_id)
        .change("role", before.map(|before| before.role.as_str()), after.role.as_str());
    let event = if after.new_secret { event.detail("client_secret", "replaced") } else { event };
    change.tell(event, &format!("connected the single sign-on to {}", after.issuer))
}

pub(super) fn disconnected(before: &ConnectionRow, sessions: u64, change: &Change<'_>) -> Event {
    let event = Event::new("sso.disconnected", &before.issuer)
        .change("issuer", before.issuer.as_str(), NONE)
        .change("client_id", before.client_id.as_str(), NONE)
        .detail("sessions_ended", sessions);
    change.tell(event, &format!("disconnected the single sign-on from {}", before.issuer))
}

pub(super) fn enforced(before: Option<&str>, break_glass: &str, change: &Change<'_>) -> Event {
    let event = Event::new("sso.enforced", break_glass).change("only_way_in", before.is_some(), true).change(
        "break_glass_owner",
        before,
        break_glass,
    );
    change.tell(event, &format!("made the single sign-on the only way in; only {break_glass} still gets in by another way"))
}

pub(super) fn relaxed(before: &str, change: &Change<'_>) -> Event {
    let event = Event::new("sso.relaxed", before).change("only_way_in", true, false).change("break_glass_owner", before, NONE);
    change.tell(event, "opened the other ways in again beside the single sign-on")
}

pub(super) fn domain_added(domain: &Domain) -> Event {
    Event::new("sso.domain_added", domain.as_str())
}

pub(super) fn domain_verified(domain: &Domain, change: &Change<'_>) -> Event {
    let event = Event::new("sso.domain_verified", domain.as_str()).change("verified", false, true);
    change.tell(event, &format!("verified the domain {}: people with its addresses come in by the single sign-on", domain.as_str()))
}

pub(super) fn domain_lost(domain: &Domain, change: &Change<'_>) -> Event {
    let event = Event::new("sso.domain_lost", domain.as_str()).change("verified", true, false);
    change.tell(
        event,
        &format!(
            "looked for the record of the domain {}, which is gone: nobody comes in by the single sign-on with its addresses any more",
            domain.as_str()
        ),
    )
}

/// The record of a proved domain is not there, as the portal found by itself.
pub(super) struct Lapse<'a> {
    pub(super) domain: &'a Domain,
    pub(super) token: &'a str,
    pub(super) customer_name: &'a str,
    /// Owners and admins.
    pub(super) managers: &'a [String],
    /// Whether a provider is connected.
    pub(super) connected: bool,
    /// The owner who still gets in by another way, if the single sign-on is the only one.
    pub(super) break_glass: Option<&'a str>,
    pub(super) url: String,
}

impl Lapse<'_> {
    fn tell(&self, event: Event, kind: &'static str) -> Event {
        self.managers.iter().fold(event, |event, manager| {
            let payload = json!({
                "email": manager, "customer": self.customer_name, "domain": self.domain.as_str(), "connected": self.connected,
                "breakGlass": self.break_glass, "recordName": self.domain.record_name(),
                "recordValue": format!("{RECORD_VALUE}{}", self.token), "url": self.url,
            });
            event.notify(Notification::new(kind, payload))
        })
    }
}

/// It may be put back within a day.
pub(super) fn domain_missed(lapse: &Lapse<'_>) -> Event {
    lapse.tell(Event::new("sso.domain_missed", lapse.domain.as_str()), "sso_domain_missed")
}

/// It was not put back.
pub(super) fn domain_lapsed(lapse: &Lapse<'_>) -> Event {
    lapse.tell(Event::new("sso.domain_lost", lapse.domain.as_str()).change("verified", true, false), "sso_domain_lost")
}

pub(super) fn domain_removed(domain: &Domain, verified: bool, change: &Change<'_>) -> Event {
    let event = Event::new("sso.domain_removed", domain.as_str()).change("verified", verified, false);
    if verified { change.tell(event, &format!("removed the domain {} from the single sign-on", domain.as_str())) } else { event }
}

/// Somebody of the team came by the provider for the first time.
pub(super) fn linked(device: &str, issuer: &str, subject: &str) -> Event {
    Event::new("sso.linked", device).detail("issuer", issuer).detail("subject", subject)
}

/// Somebody who joined by way of the provider.
pub(super) struct Joined<'a> {
    pub(super) email: &'a str,
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) role: Role,
    pub(super) invited: bool,
}

pub(super) fn joined(joined: &Joined<'_>, customer_name: &str, url: &str, managers: &[String]) -> Event {
    let event = Event::new("sso.joined", joined.email)
        .change("role", NONE, joined.role.as_str())
        .detail("issuer", joined.issuer)
        .detail("subject", joined.subject)
        .detail("invited", joined.invited);
    managers.iter().filter(|manager| *manager != joined.email).fold(event, |event, manager| {
        let payload = json!({
            "email": manager, "customer": customer_name, "person": joined.email, "role": joined.role.label(), "url": url,
        });
        event.notify(Notification::new("sso_joined", payload))
    })
}
