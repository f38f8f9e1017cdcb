//! The customers of the demo and the people in them.

use std::collections::HashSet;

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::calendar::{days_before, on_day_of_month, stamp};
use super::random::Random;
use super::rows::{CustomerRow, MembershipRow, Rows, SubscriptionRow, UserRow};
use super::texts::people::{COMPANY_FIRST, COMPANY_SECOND, FIRST_NAMES, LAST_NAMES};
use super::texts::places::{COUNTRIES, Country};
use crate::access::{Permission, Role};
use crate::money::Currency;
use crate::plan::Plan;

/// A customer before it is written down.
#[derive(Clone)]
pub(super) struct Company {
    pub(super) index: usize,
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) plan: Plan,
    pub(super) past_due: bool,
    pub(super) country: &'static Country,
    pub(super) address_line: String,
    pub(super) postal_code: String,
    pub(super) city: String,
    pub(super) tax_id: String,
    pub(super) billing_email: Option<String>,
    /// Invoices so far, one a month.
    pub(super) months: i32,
    /// The day of the month on which it is billed, 1 to 28.
    pub(super) anchor: u8,
    pub(super) payment_method: String,
    pub(super) calls: CallTarget,
    /// Of the plan's storage, now.
    pub(super) storage_percent: i64,
    pub(super) people: Vec<Person>,
}

/// How much a customer calls the API.
#[derive(Clone, Copy)]
pub(super) enum CallTarget {
    /// A share of the plan in a whole month.
    PercentOfPlan(i64),
    /// Exactly so many from the first of this month until now.
    ThisMonth(i64),
}

/// Someone who works for a company.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) last_active_at: Option<OffsetDateTime>,
    pub(super) joined_at: OffsetDateTime,
    /// Belongs to another company first, which writes the person down.
    pub(super) guest: bool,
}

impl Company {
    /// A made-up company; the same index always gives the same one.
    pub(super) fn generate(index: usize, now: OffsetDateTime) -> Self {
        let mut random = Random::of("company", index);
        let name = company_name(index);
        let plan = match random.between(1, 100) {
            1..=62 => Plan::Free,
            63..=96 => Plan::Pro,
            _ => Plan::Enterprise,
        };
        let people = match plan {
            Plan::Free => random.between(1, 3),
            Plan::Pro => random.between(2, 16),
            Plan::Enterprise => random.between(12, 60),
        };
        let calls = CallTarget::PercentOfPlan(random.between(4, 96));
        let mut company = Self::named(index, &name, plan, now);
        company.past_due = plan != Plan::Free && random.chance(2);
        company.calls = calls;
        company.storage_percent = random.between(3, 93);
        if random.chance(45) {
            company.billing_email =
                Some(format!("{}@{}", random.pick(&["billing", "accounts", "finance", "invoices", "ap"]), company.domain));
        }
        company.add_people(usize::try_from(people).unwrap_or(1), now);
        company
    }

    /// A company with this name and nobody in it yet.
    pub(super) fn named(index: usize, name: &str, plan: Plan, now: OffsetDateTime) -> Self {
        let mut random = Random::of("address", index);
        let country = country_of(random.between(1, 100));
        let months = i32::try_from(random.between(12, 30)).unwrap_or(12);
        let anchor = u8::try_from(random.between(1, 28)).unwrap_or(1);
        let (city, postal_code) = random.pick(country.cities);
        let (street, house) = (random.pick(country.streets), random.between(1, 180));
        let card = random.pick(&["Visa", "Visa", "Mastercard", "Mastercard", "American Express", "SEPA direct debit"]);
        Self {
            index,
            id: random.uuid(days_before(now, i64::from(months) * 31)),
            name: name.to_owned(),
            domain: format!("{}.example", name.to_lowercase().replace(' ', "-")),
            plan,
            past_due: false,
            country,
            address_line: if country.number_first { format!("{house} {street}") } else { format!("{street} {house}") },
            postal_code: postal_code.to_owned(),
            city: city.to_owned(),
            tax_id: tax_id(country, &mut random),
            billing_email: None,
            months,
            anchor,
            payment_method: if plan == Plan::Free { String::new() } else { format!("{card} ending {:04}", random.between(0, 9999)) },
            calls: CallTarget::PercentOfPlan(40),
            storage_percent: 40,
            people: Vec::new(),
        }
    }

    /// The day the company came.
    pub(super) fn since(&self, today: Date) -> Date {
        self.billing_day(today, self.months - 1)
    }

    /// The last billing day `back` months ago: 0 is the one most recently passed, -1 the next one.
    pub(super) fn billing_day(&self, today: Date, back: i32) -> Date {
        let this_month = on_day_of_month(today, 0, self.anchor);
        let passed = i32::from(this_month > today);
        on_day_of_month(today, back + passed, self.anchor)
    }

    /// Fills the company up to `count` people with made-up names. The first is the owner.
    pub(super) fn add_people(&mut self, count: usize, now: OffsetDateTime) {
        let mut random = Random::of("people", self.index);
        let mut taken: HashSet<String> = self.people.iter().map(|person| person.email.clone()).collect();
        let since = self.since(now.date()).midnight().assume_utc();
        let age = (now - since).whole_days();
        while self.people.len() < count {
            let (first, last) = (random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES));
            let plain = format!("{}.{}@{}", first.to_lowercase(), last.to_lowercase(), self.domain);
            let email = if taken.contains(&plain) {
                format!("{}.{}{}@{}", first.to_lowercase(), last.to_lowercase(), taken.len(), self.domain)
            } else {
                plain
            };
            taken.insert(email.clone());
            let days_ago = random_age(&mut random, age);
            let joined_at = if self.people.is_empty() { since } else { random.working_hours(days_before(now, days_ago).date(), now) };
            let role = match self.people.len() {
                0 => Role::Owner,
                1 => Role::Admin,
                2 => Role::Billing,
                _ => random.pick_role(),
            };
            let quiet_minutes = random.between(3, 60 * 24 * 40);
            let last_active_at = random.chance(94).then(|| (now - time::Duration::minutes(quiet_minutes)).max(joined_at));
            let person = Person {
                id: random.uuid(joined_at),
                email,
                name: format!("{first} {last}"),
                role,
                last_active_at,
                joined_at,
                guest: false,
            };
            self.people.push(person);
        }
    }

    /// Who creates a key: someone whose role allows it. The owner always does.
    pub(super) fn key_holder(&self, random: &mut Random) -> Option<&Person> {
        self.someone(random).filter(|person| person.role.can(Permission::ManageKeys)).or_else(|| self.people.first())
    }

    /// Who opens a ticket: anyone of the company.
    pub(super) fn someone(&self, random: &mut Random) -> Option<&Person> {
        let last = i64::try_from(self.people.len()).unwrap_or(1) - 1;
        self.people.get(usize::try_from(random.between(0, last)).unwrap_or(0))
    }

    /// The company as printed on invoices.
    pub(super) fn legal_name(&self) -> String {
        format!("{} {}", self.name, self.country.legal_form)
    }

    /// Writes the company, its people and its subscription down.
    pub(super) fn write(&self, rows: &mut Rows, now: OffsetDateTime, password_hash: &str) {
        let mut random = Random::of("subscription", self.index);
        let since = self.since(now.date());
        let created_at = stamp(since.midnight().assume_utc() + time::Duration::hours(9));
        rows.customers.push(CustomerRow {
            customer_id: self.id,
            name: self.name.clone(),
            email: self.people.first().map(|owner| owner.email.clone()).unwrap_or_default(),
            billing_email: self.billing_email.clone(),
            plan: self.plan.as_str(),
            status: if self.past_due { "past_due" } else { "active" },
            legal_name: self.legal_name(),
            address_line: self.address_line.clone(),
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
            country: self.country.code,
            tax_id: self.tax_id.clone(),
            created_at: created_at.clone(),
            updated_at: created_at.clone(),
        });
        for person in &self.people {
            if !person.guest {
                rows.users.push(user_row(person, false, password_hash));
            }
            rows.memberships.push(MembershipRow {
                customer_id: self.id,
                user_id: person.id,
                role: person.role.as_str(),
                last_active_at: person.last_active_at.map(stamp),
                created_at: stamp(person.joined_at),
            });
        }
        rows.subscriptions.push(SubscriptionRow {
            subscription_id: random.uuid(since.midnight().assume_utc()),
            customer_id: self.id,
            plan: self.plan.as_str(),
            status: if self.past_due { "past_due" } else { "active" },
            amount: self.plan.price().minor,
            currency: Currency::USD.code(),
            payment_method: self.payment_method.clone(),
            started_on: since.to_string(),
            next_billing_on: (self.plan != Plan::Free).then(|| self.billing_day(now.date(), -1).to_string()),
            created_at,
        });
    }
}

/// A person as the database takes it.
pub(super) fn user_row(person: &Person, is_staff: bool, password_hash: &str) -> UserRow {
    UserRow {
        user_id: person.id,
        email: person.email.clone(),
        name: person.name.clone(),
        password_hash: password_hash.to_owned(),
        is_staff,
        created_at: stamp(person.joined_at),
        updated_at: stamp(person.joined_at),
    }
}

impl Random {
    /// The role of the fourth and later people.
    fn pick_role(&mut self) -> Role {
        match self.between(1, 100) {
            1..=6 => Role::Admin,
            7..=12 => Role::Billing,
            13..=50 => Role::Developer,
            _ => Role::Member,
        }
    }
}

/// Days since someone joined: more in the last year than before.
fn random_age(random: &mut Random, oldest: i64) -> i64 {
    let span = if random.chance(60) { oldest.min(365) } else { oldest };
    random.between(1, span)
}

/// Every first word meets every second word once before a pair repeats (9 has no factor in common with 40).
fn company_name(index: usize) -> String {
    let first = COMPANY_FIRST.get(index % COMPANY_FIRST.len()).copied().unwrap_or_default();
    let turn = index / COMPANY_FIRST.len() * 9 + index % COMPANY_FIRST.len() * 7;
    let second = COMPANY_SECOND.get(turn % COMPANY_SECOND.len()).copied().unwrap_or_default();
    format!("{first} {second}")
}

fn country_of(percent: i64) -> &'static Country {
    let mut reached = 0;
    let [fallback, ..] = &COUNTRIES;
    COUNTRIES
        .iter()
        .find(|country| {
            reached += country.share;
            percent <= reached
        })
        .unwrap_or(fallback)
}

fn tax_id(country: &Country, random: &mut Random) -> String {
    let (prefix, digits) = country.tax_id;
    // One in eight has no VAT number: a sole trader, or not registered yet.
    if digits == 0 || random.chance(12) {
        return String::new();
    }
    let number: String = (0..digits).map(|_| random.between(0, 9).to_string()).collect();
    if country.code == "NL" {
        return format!("{prefix}{}B{}", number.chars().take(9).collect::<String>(), number.chars().skip(9).collect::<String>());
    }
    format!("{prefix}{number}")
}
