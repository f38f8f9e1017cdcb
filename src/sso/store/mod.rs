//! Every statement about single sign-on.

mod arrivals;
mod domains;

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub(super) use arrivals::*;
pub(super) use domains::*;

use crate::{
    access::Role,
    error::AppError,
    ids::{CustomerId, UserId},
};

/// The provider of a customer as stored.
pub(super) struct ConnectionRow {
    pub(super) issuer: String,
    pub(super) client_id: String,
    /// Sealed.
    pub(super) client_secret: Vec<u8>,
    pub(super) role: Role,
    pub(super) discovery: Value,
    pub(super) discovered_at: OffsetDateTime,
    pub(super) enforced_at: Option<OffsetDateTime>,
    pub(super) break_glass: Option<UserId>,
}

/// The provider of the customer, if it has one.
pub(super) async fn find_connection(connection: &mut PgConnection, customer: CustomerId) -> Result<Option<ConnectionRow>, sqlx::Error> {
    let row = sqlx::query!(
        r#"
        SELECT issuer,
               client_id,
               client_secret,
               role,
               discovery,
               discovered_at,
               enforced_at,
               break_glass_user_id AS "break_glass: UserId"
          FROM sso_connections
         WHERE customer_id = $1
        "#,
        customer.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(ConnectionRow {
        issuer: row.issuer,
        client_id: row.client_id,
        client_secret: row.client_secret,
        role: row.role.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        discovery: row.discovery,
        discovered_at: row.discovered_at,
        enforced_at: row.enforced_at,
        break_glass: row.break_glass,
    }))
}

/// Lets changes of one customer's single sign-on, and of its team, happen one after the other.
pub(super) async fn lock(connection: &mut PgConnection, customer: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT customer_id FROM customers WHERE customer_id = $1 FOR NO KEY UPDATE", customer.as_uuid())
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// A connection to be stored.
pub(super) struct ConnectionUpdate<'a> {
    pub(super) customer: CustomerId,
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// Sealed.
    pub(super) client_secret: &'a [u8],
    pub(super) role: Role,
    pub(super) discovery: &'a Value,
    pub(super) now: OffsetDateTime,
}

/// Stores the connection, in the place of an earlier one.
pub(super) async fn save_connection(connection: &mut PgConnection, update: ConnectionUpdate<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO sso_connections (
            customer_id, issuer, client_id, client_secret, role, discovery, discovered_at, created_at, updated_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)
        ON CONFLICT (customer_id) DO UPDATE
           SET issuer = EXCLUDED.issuer,
               client_id = EXCLUDED.client_id,
               client_secret = EXCLUDED.client_secret,
               role = EXCLUDED.role,
               discovery = EXCLUDED.discovery,
               discovered_at = EXCLUDED.discovered_at,
               updated_at = EXCLUDED.updated_at
        ",
        update.customer.as_uuid(),
        update.issuer,
        update.client_id,
        update.client_secret,
        update.role.as_str(),
        update.discovery,
        update.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the provider's settings as they were just read.
pub(super) async fn update_discovery(
    connection: &mut PgConnection,
    customer: CustomerId,
    issuer: &str,
    discovery: &Value,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE sso_connections SET discovery = $3, discovered_at = $4 WHERE customer_id = $1 AND issuer = $2",
        customer.as_uuid(),
        issuer,
        discovery,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets the provider and who is who there.
pub(super) async fn delete_connection(connection: &mut PgConnection, customer: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sso_signins WHERE customer_id = $1", customer.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_identities WHERE customer_id = $1", customer.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_connections WHERE customer_id = $1", customer.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Ends the sessions that the customer's provider began; gives how many.
pub(super) async fn end_sessions(connection: &mut PgConnection, customer: CustomerId) -> Result<u64, sqlx::Error> {
    let ended = sqlx::query!("DELETE FROM sessions WHERE provider_customer_id = $1", customer.as_uuid()).execute(connection).await?;
    Ok(ended.rows_affected())
}

/// Makes the provider the only way in but for one owner, or, with none, one way of several again.
pub(super) async fn update_enforcement(
    connection: &mut PgConnection,
    customer: CustomerId,
    break_glass: Option<UserId>,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        UPDATE sso_connections
           SET enforced_at = CASE WHEN $2::uuid IS NOT NULL THEN COALESCE(enforced_at, $3::timestamptz) END,
               break_glass_user_id = $2,
               updated_at = $3
         WHERE customer_id = $1
        ",
        customer.as_uuid(),
        break_glass.map(UserId::as_uuid),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An owner.
pub(super) struct OwnerRow {
    pub(super) user_id: UserId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) has_password: bool,
}

/// The owners of the customer, by name.
pub(super) async fn owners(connection: &mut PgConnection, customer: CustomerId) -> Result<Vec<OwnerRow>, sqlx::Error> {
    sqlx::query_as!(
        OwnerRow,
        r#"
        SELECT u.user_id AS "user_id: UserId",
               u.name,
               u.email,
               u.password_hash IS NOT NULL AS "has_password!"
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND m.role = 'owner'
         ORDER BY lower(u.name), u.user_id
        "#,
        customer.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// The addresses of owners and admins, who are told when somebody joins.
pub(super) async fn managers(connection: &mut PgConnection, customer: CustomerId) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "
        SELECT u.email
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND m.role IN ('owner', 'admin')
         ORDER BY u.email
        ",
        customer.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Refuses to let go of the owner who still gets in when the provider does not work.
///
/// # Errors
/// `Conflict`, with what to do.
pub(crate) async fn check_loss(connection: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<(), AppError> {
    let row = find_connection(connection, customer).await?;
    if row.is_some_and(|row| row.break_glass == Some(user)) {
        return Err(AppError::Conflict(
            "This owner is the one who gets in when the single sign-on does not work. Choose another one there first.".to_owned(),
        ));
    }
    Ok(())
}

/// Notes that somebody was removed from the team, so that the provider does not bring them back by itself.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn bar(connection: &mut PgConnection, customer: CustomerId, user: UserId, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO sso_removals (customer_id, user_id, removed_at)
        VALUES ($1, $2, $3)
        ON CONFLICT (customer_id, user_id) DO UPDATE SET removed_at = EXCLUDED.removed_at
        ",
        customer.as_uuid(),
        user.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
