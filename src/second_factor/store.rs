//! Authenticator apps and recovery codes.

use sqlx::PgConnection;
use time::OffsetDateTime;

mod tries;
pub(super) use tries::*;

use super::step::Step;
use crate::ids::{CustomerId, UserId};

/// An authenticator app as stored.
pub(super) struct Stored {
    pub(super) sealed_secret: Vec<u8>,
    pub(super) created_at: OffsetDateTime,
    pub(super) confirmed: bool,
}

/// Whether the person has a second factor in force.
pub(crate) async fn is_on(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL) AS "on!""#,
        user_id.as_uuid(),
    )
    .fetch_one(connection)
    .await
}

/// The person's app, in force or not.
pub(super) async fn find(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<Option<Stored>> {
    sqlx::query_as!(
        Stored,
        r#"
        SELECT sealed_secret, created_at, confirmed_at IS NOT NULL AS "confirmed!"
          FROM second_factors
         WHERE user_id = $1
        "#,
        user_id.as_uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Stores a secret that waits for its first code, in the place of an earlier one; `false` if one is in force already.
pub(super) async fn put_seed(connection: &mut PgConnection, user_id: UserId, sealed: &[u8], now: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "
        INSERT INTO second_factors (user_id, sealed_secret, created_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE
           SET sealed_secret = EXCLUDED.sealed_secret, created_at = EXCLUDED.created_at
         WHERE second_factors.confirmed_at IS NULL
        ",
        user_id.as_uuid(),
        sealed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a secret that is not in force.
pub(super) async fn delete_unconfirmed(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM second_factors WHERE user_id = $1 AND confirmed_at IS NULL", user_id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Puts the secret in force whose first code was right; `false` if it is another one by now, or in force already.
pub(super) async fn confirm(
    connection: &mut PgConnection,
    user_id: UserId,
    sealed: &[u8],
    step: i64,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE second_factors SET confirmed_at = $4, last_step = $3 WHERE user_id = $1 AND sealed_secret = $2 AND confirmed_at IS NULL",
        user_id.as_uuid(),
        sealed,
        step,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes the app and the recovery codes away, and what waits for them; `false` if none was in force.
pub(super) async fn delete(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<bool> {
    let done = sqlx::query!("DELETE FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL", user_id.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user_id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_steps WHERE user_id = $1", user_id.as_uuid()).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}

/// Stores new recovery codes in the place of all earlier ones.
pub(super) async fn replace_recovery_codes(
    connection: &mut PgConnection,
    user_id: UserId,
    hashes: &[Vec<u8>],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user_id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!(
        "INSERT INTO recovery_codes (user_id, code_hash, created_at) SELECT $1, hash, $3 FROM UNNEST($2::bytea[]) AS hash",
        user_id.as_uuid(),
        hashes,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the step of an accepted code; `false` if one of it or a later one was accepted before.
pub(super) async fn accept_step(connection: &mut PgConnection, user_id: UserId, step: i64) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE second_factors SET last_step = $2, wrong_tries = 0 WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL",
        user_id.as_uuid(),
        step,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses a recovery code up; `false` if it is none of the person's, or was used.
pub(super) async fn use_recovery_code(
    connection: &mut PgConnection,
    user_id: UserId,
    code_hash: &[u8; 32],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
        user_id.as_uuid(),
        code_hash.as_slice(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many recovery codes of the person still work.
pub(super) async fn count_recovery_codes(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL"#, user_id.as_uuid(),)
        .fetch_one(connection)
        .await
}

/// Stores what waits for a second factor.
pub(super) async fn insert_step(
    connection: &mut PgConnection,
    browser_hash: &[u8; 32],
    step: &Step<'_>,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        INSERT INTO signin_steps (browser_hash, user_id, proof, keep, next, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ",
        browser_hash.as_slice(),
        step.user_id.as_uuid(),
        step.proof,
        step.keep,
        step.next,
        now,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The person whose second factor this browser may still give.
pub(super) async fn find_step(connection: &mut PgConnection, browser_hash: &[u8; 32], now: OffsetDateTime) -> sqlx::Result<Option<UserId>> {
    sqlx::query_scalar!(
        r#"
        SELECT user_id AS "user_id: UserId"
          FROM signin_steps
         WHERE browser_hash = $1 AND used_at IS NULL AND tries < 5 AND expires_at > $2
        "#,
        browser_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Counts a try: exactly five are compared, however many come at once. Gives the first factor; nothing if no try is left.
pub(super) async fn count_try(connection: &mut PgConnection, browser_hash: &[u8; 32], now: OffsetDateTime) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "
        UPDATE signin_steps
           SET tries = tries + 1
         WHERE browser_hash = $1 AND used_at IS NULL AND tries < 5 AND expires_at > $2
        RETURNING proof
        ",
        browser_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// What waited for its second factor.
pub(super) struct UsedStep {
    pub(super) proof: String,
    pub(super) keep: bool,
    pub(super) next: String,
}

/// Uses the step up; of several at once exactly one gets it.
pub(super) async fn use_step(
    connection: &mut PgConnection,
    browser_hash: &[u8; 32],
    now: OffsetDateTime,
) -> sqlx::Result<Option<UsedStep>> {
    sqlx::query_as!(
        UsedStep,
        "UPDATE signin_steps SET used_at = $2 WHERE browser_hash = $1 AND used_at IS NULL RETURNING proof, keep, next",
        browser_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// The person's name and address.
pub(super) async fn find_person(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<(String, String)> {
    let found = sqlx::query!("SELECT name, email FROM users WHERE user_id = $1", user_id.as_uuid()).fetch_one(connection).await?;
    Ok((found.name, found.email))
}

/// Notes whether the customer asks everybody for a second factor; `false` if that is so already.
pub(super) async fn set_required(
    connection: &mut PgConnection,
    customer: CustomerId,
    required: bool,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE customers SET second_factor_required = $2, updated_at = $3 WHERE customer_id = $1 AND second_factor_required <> $2",
        customer.as_uuid(),
        required,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody at a customer.
pub(super) struct Colleague {
    pub(super) name: String,
    pub(super) email: String,
    /// An authenticator app or a passkey.
    pub(super) has_second_factor: bool,
}

/// Everybody at a customer.
pub(super) async fn list_people(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Vec<Colleague>> {
    sqlx::query_as!(
        Colleague,
        r#"
        SELECT u.name,
               u.email,
               EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.user_id AND p.blocked_at IS NULL) AS "has_second_factor!"
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
         ORDER BY u.email
        "#,
        customer.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// The person with this address: id, name, address.
pub(super) async fn find_by_email(connection: &mut PgConnection, email: &str) -> sqlx::Result<Option<(UserId, String, String)>> {
    let found = sqlx::query!(r#"SELECT user_id AS "user_id: UserId", name, email FROM users WHERE email = $1"#, email)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|found| (found.user_id, found.name, found.email)))
}
