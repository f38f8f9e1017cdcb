//! The customers and people that a newcomer signs in as; their table stands in the README and is printed at start.

use time::{Duration, OffsetDateTime};

use super::calendar::{days_before, stamp};
use super::company::{CallTarget, Company, Person};
use super::random::Random;
use super::rows::{InvitationRow, Rows};
use super::texts::places::{COUNTRIES, Country};
use crate::access::Role;
use crate::plan::Plan;

/// By whom an earlier run is recognized.
pub(super) const OWNER_EMAIL: &str = "olivia@northwind.example";
/// Where Northwind stands this month: 90 % of its plan.
const NORTHWIND_CALLS: i64 = 450_000;

/// The named companies, in the order of the seed.
pub(super) fn companies(now: OffsetDateTime, largest: usize) -> Vec<Company> {
    let northwind = northwind(now);
    let globex = globex(now, largest);
    let initech = initech(now, northwind.people.first());
    vec![northwind, globex, initech]
}

/// Mia, who answers the tickets.
pub(super) fn mia(now: OffsetDateTime) -> Person {
    let joined_at = days_before(now, 900);
    Person {
        id: Random::of("staff", 0).uuid(joined_at),
        email: "mia@foyer.example".to_owned(),
        name: "Mia Lindgren".to_owned(),
        role: Role::Member,
        last_active_at: None,
        joined_at,
        guest: false,
    }
}

fn northwind(now: OffsetDateTime) -> Company {
    let mut company = Company::named(0, "Northwind Analytics", Plan::Pro, now);
    company.domain = "northwind.example".to_owned();
    company.country = country("DE");
    company.address_line = "Torstraße 48".to_owned();
    company.postal_code = "10119".to_owned();
    company.city = "Berlin".to_owned();
    company.tax_id = "DE301482765".to_owned();
    company.billing_email = Some("invoices@northwind.example".to_owned());
    company.months = 26;
    company.anchor = 1;
    company.payment_method = "Visa ending 4242".to_owned();
    company.calls = CallTarget::ThisMonth(NORTHWIND_CALLS);
    company.storage_percent = 63;
    company.people = vec![
        person(now, 0, "olivia@northwind.example", "Olivia Hartmann", Role::Owner, 790, 4),
        person(now, 1, "adam@northwind.example", "Adam Novak", Role::Admin, 780, 38),
        person(now, 2, "bella@northwind.example", "Bella Ricci", Role::Billing, 640, 190),
        person(now, 3, "dev@northwind.example", "Dev Patel", Role::Developer, 512, 12),
        person(now, 4, "mo@northwind.example", "Mo Farouk", Role::Member, 301, 1_510),
    ];
    company.add_people(12, now);
    company
}

fn globex(now: OffsetDateTime, largest: usize) -> Company {
    let mut company = Company::named(1, "Globex", Plan::Enterprise, now);
    company.domain = "globex.example".to_owned();
    company.country = country("US");
    company.address_line = "1200 Market Street".to_owned();
    company.postal_code = "97204".to_owned();
    company.city = "Portland, OR".to_owned();
    company.tax_id = String::new();
    company.billing_email = Some("accounts-payable@globex.example".to_owned());
    company.months = 30;
    company.payment_method = "Mastercard ending 5100".to_owned();
    company.calls = CallTarget::PercentOfPlan(78);
    company.storage_percent = 61;
    company.people = vec![person(now, 20, "gus@globex.example", "Gus Lindqvist", Role::Owner, 900, 55)];
    company.add_people(largest, now);
    company
}

fn initech(now: OffsetDateTime, olivia: Option<&Person>) -> Company {
    let mut company = Company::named(2, "Initech", Plan::Free, now);
    company.domain = "initech.example".to_owned();
    company.country = country("GB");
    company.address_line = "14 Mill Lane".to_owned();
    company.postal_code = "BS1 4DJ".to_owned();
    company.city = "Bristol".to_owned();
    company.tax_id = String::new();
    company.calls = CallTarget::PercentOfPlan(58);
    company.storage_percent = 44;
    company.months = 14;
    company.people = vec![
        person(now, 30, "ines@initech.example", "Ines Duarte", Role::Owner, 420, 21),
        person(now, 31, "tom@initech.example", "Tom Whitfield", Role::Developer, 388, 2_900),
    ];
    if let Some(olivia) = olivia {
        company.people.push(Person {
            role: Role::Admin,
            last_active_at: Some(days_before(now, 6)),
            joined_at: days_before(now, 200),
            guest: true,
            ..olivia.clone()
        });
    }
    company
}

/// Two invitations that nobody has accepted yet.
pub(super) fn invitations(northwind: &Company, rows: &mut Rows, now: OffsetDateTime) {
    let mut random = Random::of("invitations", 0);
    let Some(inviter) = northwind.people.first() else { return };
    for (email, role, sent_hours_ago) in
        [("rosa.delgado@northwind.example", Role::Developer, 20), ("liam.brandt@northwind.example", Role::Member, 131)]
    {
        let sent_at = now - Duration::hours(sent_hours_ago);
        rows.invitations.push(InvitationRow {
            invitation_id: random.uuid(sent_at),
            customer_id: northwind.id,
            email: email.to_owned(),
            role: role.as_str(),
            token_hash: format!("\\x{}", random.hex::<32>()),
            invited_by: inviter.id,
            created_at: stamp(sent_at),
            sent_at: stamp(sent_at),
            expires_at: stamp(sent_at + Duration::days(7)),
        });
    }
}

fn person(now: OffsetDateTime, index: usize, email: &str, name: &str, role: Role, joined_days_ago: i64, active_minutes_ago: i64) -> Person {
    let joined_at = days_before(now, joined_days_ago);
    Person {
        id: Random::of("person", index).uuid(joined_at),
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        last_active_at: Some(now - Duration::minutes(active_minutes_ago)),
        joined_at,
        guest: false,
    }
}

fn country(code: &str) -> &'static Country {
    let [fallback, ..] = &COUNTRIES;
    COUNTRIES.iter().find(|country| country.code == code).unwrap_or(fallback)
}
