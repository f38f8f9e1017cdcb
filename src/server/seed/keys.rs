//! API keys. Only hashes are stored, so nobody holds the secrets of these.

use time::{Duration, OffsetDateTime};

use super::calendar::{days_before, stamp};
use super::company::Company;
use super::random::Random;
use super::rows::{ApiKeyRow, Rows};
use crate::plan::Plan;

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

/// Writes the keys of one company: more of them the larger its plan.
pub(super) fn write(company: &Company, rows: &mut Rows, now: OffsetDateTime) {
    let mut random = Random::of("keys", company.index);
    let count = match company.plan {
        Plan::Free => random.between(0, 2),
        Plan::Pro => random.between(1, 5),
        Plan::Enterprise => random.between(3, 11),
    };
    let count = if company.index == 0 { 5 } else { usize::try_from(count).unwrap_or(0) };
    let shift = if company.index == 0 { 0 } else { usize::try_from(random.between(0, 13)).unwrap_or(0) };
    for (position, name) in NAMES.iter().cycle().skip(shift).take(count).enumerate() {
        let age = random.between(3, 340);
        let created_at = random.working_hours(days_before(now, age).date(), now);
        // Northwind's third key is the revoked one, so that its list shows both states.
        let revoked = if company.index == 0 { position == 2 } else { random.chance(14) };
        let used = random.chance(88).then(|| {
            let quiet = if company.index == 0 || random.chance(70) { random.between(1, 240) } else { random.between(600, 60_000) };
            (now - Duration::minutes(quiet)).max(created_at)
        });
        let revoked_at = revoked.then(|| created_at + (now - created_at) / 2);
        let Some(creator) = company.key_holder(&mut random) else { return };
        rows.api_keys.push(ApiKeyRow {
            key_id: format!("key-{}", random.hex::<6>()),
            customer_id: company.id,
            name: (*name).to_owned(),
            prefix: random.hex::<4>(),
            lookup_hash: format!("\\x{}", random.hex::<32>()),
            status: if revoked { "revoked" } else { "active" },
            created_by: creator.id,
            created_at: stamp(created_at),
            last_used_at: used.map(|at| revoked_at.map_or(at, |end| at.min(end))).map(stamp),
            revoked_at: revoked_at.map(stamp),
        });
    }
}
