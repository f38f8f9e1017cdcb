//! The trails of the named customers: what left its traces in the other rows, told by the events that the portal writes.

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{
    calendar::{days_before, stamp},
    company::{Company, Person},
    random::Random,
    rows::{AuditEventRow, Rows},
};
use crate::{
    access::Role,
    plan::Plan,
    server::audit::{ActorKind, Event},
};

/// The customers with a trail: those that somebody signs in at.
const CUSTOMERS: usize = 3;

/// So many people and tickets of each, the latest, are told of.
const LATEST: usize = 20;

/// Writes the trails, oldest entry first.
pub(super) fn write(companies: &[Company], staff: &Person, rows: &mut Rows, now: OffsetDateTime) {
    for company in companies.iter().take(CUSTOMERS) {
        let Some(owner) = company.people.first() else { continue };
        let mut trail = Trail { company, owner, random: Random::of("activity", company.index), entries: vec![] };
        trail.account(now);
        trail.team(rows);
        trail.keys(rows);
        trail.tickets(staff, rows);
        trail.year(now);
        trail.entries.sort_by(|one, other| one.created_at.cmp(&other.created_at));
        rows.audit_events.extend(trail.entries);
    }
}

struct Trail<'a> {
    company: &'a Company,
    owner: &'a Person,
    random: Random,
    entries: Vec<AuditEventRow>,
}

impl Trail<'_> {
    fn add(&mut self, side: ActorKind, actor: &Person, at: &str, event: Event) {
        let moment = OffsetDateTime::parse(at, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let position = self.company.people.iter().position(|person| person.id == actor.id).unwrap_or(0) % 200;
        // Addresses for documentation (RFC 5737).
        let network = if side == ActorKind::Staff { "198.51.100" } else { "203.0.113" };
        self.entries.push(AuditEventRow {
            audit_event_id: self.random.uuid(moment),
            customer_id: self.company.id,
            actor_kind: side.as_str(),
            actor_user_id: actor.id,
            actor_name: actor.name.clone(),
            kind: event.kind,
            subject: event.subject,
            details: event.details.into(),
            ip: format!("{network}.{}", position + 10),
            session_id: self.random.uuid(moment),
            created_at: at.to_owned(),
        });
    }

    fn by(&mut self, actor: &Person, at: OffsetDateTime, event: Event) {
        self.add(ActorKind::Person, actor, &stamp(at), event);
    }

    /// Somebody of the company; the owner for those who have left.
    fn person(&self, id: Uuid) -> Person {
        self.company.people.iter().find(|person| person.id == id).unwrap_or(self.owner).clone()
    }

    fn account(&mut self, now: OffsetDateTime) {
        let (company, owner) = (self.company, self.owner);
        let since = company.since(now.date()).midnight().assume_utc() + Duration::hours(10);
        if company.plan != Plan::Free {
            let change = Event::new("plan.changed", company.plan.label())
                .change("plan", Plan::Free.as_str(), company.plan.as_str())
                .change("price", Plan::Free.price().to_string(), company.plan.price().to_string());
            self.by(owner, since, change);
        }
        let address = |name: &str| format!("{name}@{}", company.domain);
        let contact = Event::new("account.updated", company.name.as_str()).change("email", address("office"), owner.email.as_str());
        self.by(owner, days_before(now, 210), contact);
        if let Some(billing_email) = &company.billing_email {
            let by = company.people.iter().find(|person| person.role == Role::Admin).unwrap_or(owner);
            let change =
                Event::new("account.updated", company.name.as_str()).change("billing_email", address("accounts"), billing_email.as_str());
            self.by(by, days_before(now, 96), change);
        }
    }

    fn team(&mut self, rows: &Rows) {
        let (company, owner) = (self.company, self.owner);
        let mut people: Vec<&Person> = company.people.iter().skip(1).collect();
        people.sort_by_key(|person| std::cmp::Reverse(person.joined_at));
        for (position, person) in people.into_iter().take(LATEST).enumerate() {
            let (email, role) = (person.email.as_str(), person.role.as_str());
            // Every fourth came as a member and got the role later.
            let (first, later) = if position % 4 == 2 { (Role::Member.as_str(), Some(role)) } else { (role, None) };
            let invited = person.joined_at - Duration::minutes(self.random.between(20, 60 * 40));
            self.by(owner, invited, Event::new("member.invited", email).change("role", None::<&str>, first));
            self.by(person, person.joined_at, Event::new("member.joined", email).change("role", None::<&str>, first));
            if let Some(later) = later.filter(|later| *later != first) {
                let at = person.joined_at + Duration::minutes(self.random.between(1, 60));
                let latest = person.last_active_at.unwrap_or(person.joined_at).max(person.joined_at);
                self.by(owner, at.min(latest), Event::new("member.role_changed", email).change("role", first, later));
            }
        }
        for invitation in rows.invitations.iter().filter(|invitation| invitation.customer_id == company.id) {
            let event = Event::new("member.invited", invitation.email.as_str()).change("role", None::<&str>, invitation.role);
            self.add(ActorKind::Person, owner, &invitation.created_at, event);
        }
    }

    fn keys(&mut self, rows: &Rows) {
        for key in rows.api_keys.iter().filter(|key| key.customer_id == self.company.id) {
            let event = |kind| {
                Event::new(kind, key.name.as_str())
                    .detail("key_id", key.key_id.as_str())
                    .detail("prefix", key.prefix.as_str())
                    .detail("last_four", key.last_four.as_str())
            };
            let created = event("key.created").change("state", None::<&str>, "active");
            self.add(ActorKind::Person, &self.person(key.created_by), &key.created_at, created);
            if let Some(at) = &key.revoked_at {
                self.add(ActorKind::Person, self.owner, at, event("key.revoked").change("state", "active", "revoked"));
            }
            if let Some(at) = &key.disabled_at {
                self.add(ActorKind::Person, self.owner, at, event("key.disabled").change("state", "active", "disabled"));
            }
            let successor = key.rotated_to.as_ref().and_then(|id| rows.api_keys.iter().find(|other| other.key_id == *id));
            if let Some(successor) = successor {
                let rotated = event("key.rotated")
                    .detail("successor", successor.key_id.as_str())
                    .detail("successor_prefix", successor.prefix.as_str())
                    .detail("successor_last_four", successor.last_four.as_str())
                    .change("state", "active", "ending");
                self.add(ActorKind::Person, &self.person(successor.created_by), &successor.created_at, rotated);
            }
        }
    }

    fn tickets(&mut self, staff: &Person, rows: &Rows) {
        let mut tickets: Vec<_> = rows.tickets.iter().filter(|ticket| ticket.customer_id == self.company.id).collect();
        tickets.sort_by(|one, other| other.created_at.cmp(&one.created_at));
        for ticket in tickets.into_iter().take(LATEST) {
            let event = |kind| Event::new(kind, ticket.subject.as_str()).detail("ticket_id", ticket.ticket_id.as_str());
            let opened = event("ticket.opened").change("status", None::<&str>, "open");
            self.add(ActorKind::Person, &self.person(ticket.opened_by), &ticket.created_at, opened);
            if let Some(at) = &ticket.closed_at {
                self.add(ActorKind::Staff, staff, at, event("ticket.closed").change("status", "pending", "closed"));
            }
        }
    }

    /// What comes back every quarter: somebody stands in for the admin, somebody outside is invited and does not come, and
    /// the owner takes the trail along.
    fn year(&mut self, now: OffsetDateTime) {
        for quarter in (0..4).rev() {
            let start = days_before(now, 91 * quarter + 58) - Duration::minutes(self.random.between(0, 400));
            self.stand_in(start);
            self.consultant(start + Duration::days(3), quarter);
            self.export(start + Duration::days(29));
        }
    }

    fn stand_in(&mut self, at: OffsetDateTime) {
        let owner = self.owner;
        let mut people = self.company.people.iter();
        let stands_in = people.find(|person| person.joined_at < at && !matches!(person.role, Role::Owner | Role::Admin));
        let Some(person) = stands_in else { return };
        let event = |before: Role, after: Role| {
            Event::new("member.role_changed", person.email.as_str()).change("role", before.as_str(), after.as_str())
        };
        self.by(owner, at, event(person.role, Role::Admin));
        self.by(owner, at + Duration::days(14), event(Role::Admin, person.role));
    }

    fn consultant(&mut self, at: OffsetDateTime, quarter: i64) {
        let seats = self.company.people.iter().filter(|person| person.joined_at < at).count();
        if i64::try_from(seats).is_ok_and(|seats| seats >= self.company.plan.limits().users) {
            return;
        }
        let (owner, email) = (self.owner, format!("consultant-{}@partner.example", 4 - quarter));
        self.by(owner, at, Event::new("member.invited", &email).change("role", None::<&str>, Role::Developer.as_str()));
        let resent = Event::new("invitation.resent", &email).detail("role", Role::Developer.as_str());
        self.by(owner, at + Duration::hours(76), resent);
        let revoked = Event::new("invitation.revoked", &email).change("role", Role::Developer.as_str(), None::<&str>);
        self.by(owner, at + Duration::days(9), revoked);
    }

    fn export(&mut self, at: OffsetDateTime) {
        let moment = stamp(at);
        let rows = self.entries.iter().filter(|entry| entry.created_at < moment).count();
        let event =
            Event::new("activity.exported", "CSV").detail("format", "csv").detail("filter", serde_json::json!({})).detail("rows", rows);
        self.by(self.owner, at, event);
    }
}
