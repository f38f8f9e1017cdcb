//! Statements about deletions. What an export reads stands in `sections`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::model::Stops;
use crate::ids::{CustomerId, UserId};

/// How many customers a worker looks after at once; the rest follows in the next round.
const AT_ONCE: i64 = 100;

/// Counts what a deletion would end.
pub(super) async fn stops(connection: &mut PgConnection, customer: CustomerId, now: OffsetDateTime) -> sqlx::Result<Stops> {
    sqlx::query_as!(
        Stops,
        r#"
        SELECT (SELECT count(*) FROM memberships WHERE customer_id = $1) AS "people!",
               (SELECT count(*)
                  FROM api_keys
                 WHERE customer_id = $1
                   AND status = 'active'
                   AND (expires_at IS NULL OR expires_at > $2)) AS "keys!",
               (SELECT count(*) FROM tickets WHERE customer_id = $1 AND status <> 'closed') AS "tickets!"
        "#,
        customer.as_uuid(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// A deletion that is under way.
pub(super) struct ClosureRow {
    pub(super) closure_id: Uuid,
    pub(super) requested_by: String,
    pub(super) requested_at: OffsetDateTime,
    pub(super) closes_at: OffsetDateTime,
    pub(super) week_told: bool,
    pub(super) day_told: bool,
}

/// The deletion of a customer that is under way. With [`lock`] before it, binding.
pub(super) async fn find_open(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Option<ClosureRow>> {
    sqlx::query_as!(
        ClosureRow,
        r#"
        SELECT c.closure_id,
               u.name AS requested_by,
               c.requested_at,
               c.closes_at,
               c.week_told_at IS NOT NULL AS "week_told!",
               c.day_told_at IS NOT NULL AS "day_told!"
          FROM closures c
          JOIN users u ON u.user_id = c.requested_by
         WHERE c.customer_id = $1
           AND c.canceled_at IS NULL
           AND c.completed_at IS NULL
        "#,
        customer.as_uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Makes whoever else changes the customer, or joins it, wait until the transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<()> {
    sqlx::query!("SELECT customer_id FROM customers WHERE customer_id = $1 FOR UPDATE", customer.as_uuid())
        .fetch_optional(connection)
        .await?;
    Ok(())
}

/// Stores the wish to delete the account; `false` if there is one already.
pub(super) async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    customer: CustomerId,
    by: UserId,
    now: OffsetDateTime,
    closes_at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "
        INSERT INTO closures (closure_id, customer_id, requested_by, requested_at, closes_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (customer_id) WHERE canceled_at IS NULL AND completed_at IS NULL DO NOTHING
        ",
        id,
        customer.as_uuid(),
        by.as_uuid(),
        now,
        closes_at,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels the deletion; `false` if none is under way.
pub(super) async fn cancel(connection: &mut PgConnection, customer: CustomerId, by: UserId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "
        UPDATE closures
           SET canceled_at = $2,
               canceled_by = $3
         WHERE customer_id = $1
           AND canceled_at IS NULL
           AND completed_at IS NULL
        ",
        customer.as_uuid(),
        now,
        by.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The addresses of all owners.
pub(super) async fn owners(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "
        SELECT u.email
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND m.role = 'owner'
         ORDER BY u.email
        ",
        customer.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// The customers whose deletion may need a step now: across customers, for the worker.
pub(super) async fn list_due(connection: &mut PgConnection, in_a_week: OffsetDateTime) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        SELECT customer_id AS "customer_id: CustomerId"
          FROM closures
         WHERE closes_at <= $1
           AND canceled_at IS NULL
           AND completed_at IS NULL
         ORDER BY closes_at
         LIMIT $2
        "#,
        in_a_week,
        AT_ONCE,
    )
    .fetch_all(connection)
    .await
}

/// Notes that the owners were reminded; a day before the end also stands for the week before it.
pub(super) async fn mark_told(
    connection: &mut PgConnection,
    closure: Uuid,
    customer: CustomerId,
    day: bool,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        UPDATE closures
           SET week_told_at = COALESCE(week_told_at, $3),
               day_told_at = CASE WHEN $4 THEN $3 ELSE day_told_at END
         WHERE closure_id = $1
           AND customer_id = $2
        ",
        closure,
        customer.as_uuid(),
        now,
        day,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes the account and erases the data of the customer and of the people who belonged to it alone. Invoices with
/// their lines and the trail stay, as the law says.
pub(super) async fn close(connection: &mut PgConnection, closure: Uuid, customer: CustomerId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "
        UPDATE customers
           SET status = 'closed',
               email = '',
               billing_email = NULL,
               legal_name = '',
               address_line = '',
               postal_code = '',
               city = '',
               tax_id = '',
               updated_at = $2
         WHERE customer_id = $1
        ",
        customer.as_uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    erase_content(connection, customer).await?;
    erase_sso(connection, customer).await?;
    // Access requests go with the memberships.
    let people = sqlx::query_scalar!("DELETE FROM memberships WHERE customer_id = $1 RETURNING user_id", customer.as_uuid())
        .fetch_all(&mut *connection)
        .await?;
    erase_people(connection, customer, &people, now).await?;
    sqlx::query!("UPDATE closures SET completed_at = $3 WHERE closure_id = $1 AND customer_id = $2", closure, customer.as_uuid(), now)
        .execute(connection)
        .await?;
    Ok(())
}

async fn erase_content(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<()> {
    let id = customer.as_uuid();
    sqlx::query!("DELETE FROM key_calls WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM api_keys WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM invitations WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM ticket_messages WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM tickets WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM subscriptions WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM usage_daily WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM usage_snapshots WHERE customer_id = $1", id).execute(connection).await?;
    Ok(())
}

/// The single sign-on, with who was who at the provider.
async fn erase_sso(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<()> {
    let id = customer.as_uuid();
    sqlx::query!("DELETE FROM sso_signins WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_identities WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_removals WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_domains WHERE customer_id = $1", id).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM sso_connections WHERE customer_id = $1", id).execute(connection).await?;
    Ok(())
}

/// Ends the sessions at this customer, and forgets the people who belong to no other: their row stays, without a name
/// or address, because the trail points to it.
async fn erase_people(connection: &mut PgConnection, customer: CustomerId, people: &[Uuid], now: OffsetDateTime) -> sqlx::Result<()> {
    let erased = sqlx::query_scalar!(
        "
        UPDATE users
           SET email = 'erased-' || user_id || '@erased.invalid',
               name = 'Erased person',
               password_hash = NULL,
               updated_at = $2
         WHERE user_id = ANY ($1)
           AND NOT is_staff
           AND NOT EXISTS (SELECT 1 FROM customers_of(user_id))
        RETURNING user_id
        ",
        people,
        now,
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("DELETE FROM sessions WHERE active_customer_id = $1 OR user_id = ANY ($2)", customer.as_uuid(), &erased)
        .execute(&mut *connection)
        .await?;
    // After the sessions that came of them.
    sqlx::query!("DELETE FROM portal_sessions WHERE customer_id = $1", customer.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM password_resets WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM email_changes WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_codes WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_steps WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM second_factors WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = ANY ($1)", &erased).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM passkeys WHERE user_id = ANY ($1)", &erased).execute(connection).await?;
    Ok(())
}

/// Takes the customer's only turn to export; `false` if an export is being made, in whatever process. The turn ends with
/// the transaction.
pub(super) async fn take_turn(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(hashtextextended('export ' || $1::text, 0)) AS "turn!""#, customer.to_string())
        .fetch_one(connection)
        .await
}
