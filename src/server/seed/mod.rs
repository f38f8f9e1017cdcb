//! Demo data.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::redis::Redis;

/// The password of everybody in the demo.
pub const PASSWORD: &str = "demo-portal-2026";

/// The people to sign in as: address and what they are.
pub const PEOPLE: [(&str, &str); 0] = [];

/// Fills an empty database.
///
/// # Errors
/// If the database does not answer.
pub async fn run(_pool: &PgPool, _redis: &Redis, _now: OffsetDateTime) -> Result<(), sqlx::Error> {
    Ok(())
}
