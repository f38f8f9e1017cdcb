//! API keys and the calls with them. Only hashes are stored, so nobody holds the secrets of these.

use time::{Duration, OffsetDateTime};

use super::calendar::{days_before, stamp};
use super::company::Company;
use super::random::Random;
use super::rows::{ApiKeyRow, KeyCallRow, Rows};
use crate::{
    keys::model::{Brand, Environment},
    plan::Plan,
};

const NAMES: [&str; 14] = [
    "Production",
    "Staging",
    "CI",
    "Nightly export",
    "Data warehouse",
    "Mobile app",
    "Reporting",
    "Backfill",
    "Website",
    "Zapier",
    "Terraform",
    "Partner integration",
    "Load test",
    "Local development",
];

/// What is used for trying out.
const FOR_TESTS: [&str; 3] = ["Staging", "Load test", "Local development"];

/// Where programs call from (RFC 5737: addresses for examples).
const ADDRESSES: [&str; 4] = ["203.0.113.7", "203.0.113.42", "198.51.100.23", "192.0.2.80"];

/// Why keys were revoked.
const REASONS: [&str; 3] = ["No longer needed", "Program was shut down", "Leaked or may have leaked: in a build log"];

/// Writes the keys of one company: more of them the larger its plan. The first company shows every state.
pub(super) fn write(company: &Company, brand: &Brand, rows: &mut Rows, now: OffsetDateTime) {
    let mut random = Random::of("keys", company.index);
    let count = match company.plan {
        Plan::Free => random.between(0, 2),
        Plan::Pro => random.between(1, 5),
        Plan::Enterprise => random.between(3, 11),
    };
    let first = company.index == 0;
    let count = if first { 5 } else { usize::try_from(count).unwrap_or(0) };
    let shift = if first { 0 } else { usize::try_from(random.between(0, 13)).unwrap_or(0) };
    let begin = rows.api_keys.len();
    for (position, name) in NAMES.iter().cycle().skip(shift).take(count).enumerate() {
        // Northwind's third key is the revoked one.
        let revoked = if first { position == 2 } else { random.chance(14) };
        let Some(row) = row(company, &mut random, (brand, name), revoked, now) else { return };
        rows.api_keys.push(row);
    }
    if first {
        show_every_state(rows.api_keys.get_mut(begin..).unwrap_or_default(), now);
        replace(company, &mut random, brand, rows, now);
    }
    let keys: Vec<(String, bool)> = rows.api_keys.iter().skip(begin).map(|key| (key.key_id.clone(), is_used(key))).collect();
    for (key_id, used) in keys {
        if used && (first || random.chance(8)) {
            calls(company, &mut random, &key_id, rows, now);
        }
    }
    if first {
        refusals(company, rows, begin, now);
    }
}

fn row(company: &Company, random: &mut Random, (brand, name): (&Brand, &str), revoked: bool, now: OffsetDateTime) -> Option<ApiKeyRow> {
    let first = company.index == 0;
    let age = random.between(3, 340);
    let created_at = random.working_hours(days_before(now, age).date(), now);
    let used = random.chance(88).then(|| {
        let quiet = if first || random.chance(70) { random.between(1, 240) } else { random.between(600, 60_000) };
        (now - Duration::minutes(quiet)).max(created_at)
    });
    let revoked_at = revoked.then(|| created_at + (now - created_at) / 2);
    let creator = company.key_holder(random)?;
    let environment = if FOR_TESTS.contains(&name) { Environment::Test } else { Environment::Live };
    let last_used = used.map(|at| revoked_at.map_or(at, |end| at.min(end)));
    Some(ApiKeyRow {
        key_id: format!("key-{}", random.hex::<6>()),
        customer_id: company.id,
        name: name.to_owned(),
        prefix: brand.prefix(environment) + &random.hex::<4>(),
        last_four: random.hex::<2>(),
        lookup_hash: format!("\\x{}", random.hex::<32>()),
        status: if revoked { "revoked" } else { "active" },
        created_by: creator.id,
        created_at: stamp(created_at),
        last_used_at: last_used.map(stamp),
        last_used_ip: last_used.map(|_| random.pick(&ADDRESSES).to_owned()),
        revoked_at: revoked_at.map(stamp),
        revoked_reason: revoked.then(|| random.pick(&REASONS)),
        environment: environment.as_str(),
        scopes: None,
        allowed_networks: vec![],
        calls_per_minute: None,
        expires_at: None,
        disabled_at: None,
        retires_at: None,
        rotated_to: None,
    })
}

/// Limits one of the keys, switches one off and gives one an end.
fn show_every_state(keys: &mut [ApiKeyRow], now: OffsetDateTime) {
    let [production, staging, _, export, warehouse, ..] = keys else { return };
    production.scopes = Some(vec!["events:read", "events:write"]);
    production.allowed_networks = vec!["203.0.113.0/24"];
    production.calls_per_minute = Some(600);
    production.last_used_at = Some(stamp(now - Duration::minutes(3)));
    production.last_used_ip = Some("203.0.113.7".to_owned());
    staging.expires_at = Some(stamp(now + Duration::days(40)));
    export.disabled_at = Some(stamp(now - Duration::hours(26)));
    export.last_used_at = Some(stamp(now - Duration::hours(27)));
    warehouse.retires_at = Some(stamp(now + Duration::hours(18)));
    warehouse.last_used_at = Some(stamp(now - Duration::minutes(50)));
}

/// The successor of the last key: the rotation is six hours old.
fn replace(company: &Company, random: &mut Random, brand: &Brand, rows: &mut Rows, now: OffsetDateTime) {
    let Some(mut successor) = row(company, random, (brand, "Data warehouse"), false, now) else { return };
    successor.created_at = stamp(now - Duration::hours(6));
    successor.last_used_at = Some(stamp(now - Duration::minutes(2)));
    successor.last_used_ip = Some("203.0.113.42".to_owned());
    if let Some(old) = rows.api_keys.last_mut() {
        old.rotated_to = Some(successor.key_id.clone());
    }
    rows.api_keys.push(successor);
}

fn is_used(key: &ApiKeyRow) -> bool {
    key.last_used_at.is_some() && key.status == "active" && key.disabled_at.is_none()
}

/// Accepted calls in each of the last 30 hours, more of them by day.
fn calls(company: &Company, random: &mut Random, key_id: &str, rows: &mut Rows, now: OffsetDateTime) {
    let (size, ip) = (random.between(2, 60), random.pick(&ADDRESSES));
    for back in 0..30 {
        let hour = (now - Duration::hours(back)).truncate_to_hour();
        let busy = if (7..19).contains(&hour.hour()) { 4 } else { 1 };
        let calls = random.between(0, size * busy);
        if calls > 0 {
            let last_at = (hour + Duration::minutes(random.between(0, 59))).min(now);
            push(company, rows, (key_id, "valid", ip, calls), last_at);
        }
    }
}

/// What a developer asks support about: calls that are refused, each for its reason.
fn refusals(company: &Company, rows: &mut Rows, begin: usize, now: OffsetDateTime) {
    for (position, code, ip, calls, minutes_ago) in [
        (0, "wrong_address", "198.51.100.23", 41, 12),
        (0, "wrong_scope", "203.0.113.7", 6, 95),
        (0, "rate_limited", "203.0.113.42", 312, 340),
        (2, "revoked", "192.0.2.80", 18, 25),
        (3, "disabled", "203.0.113.42", 127, 8),
    ] {
        let Some(key_id) = rows.api_keys.get(begin + position).map(|key| key.key_id.clone()) else { continue };
        push(company, rows, (&key_id, code, ip, calls), now - Duration::minutes(minutes_ago));
    }
}

fn push(company: &Company, rows: &mut Rows, call: (&str, &'static str, &str, i64), last_at: OffsetDateTime) {
    let (key_id, code, ip, calls) = call;
    rows.key_calls.push(KeyCallRow {
        customer_id: company.id,
        key_id: key_id.to_owned(),
        hour: stamp(last_at.truncate_to_hour()),
        code,
        ip: ip.to_owned(),
        calls,
        last_at: stamp(last_at),
    });
}
