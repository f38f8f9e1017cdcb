//! What is stored of the named customers, and what is written of them since.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::UsageBatch;

/// Deletes both metrics of every day in the batch.
pub(crate) async fn delete_usage(connection: &mut PgConnection, batch: &UsageBatch) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM usage_daily d
          USING unnest($1::uuid[], $2::date[]) AS renewed (customer_id, day)
          WHERE d.customer_id = renewed.customer_id
            AND d.day = renewed.day",
        &batch.customer_ids,
        &batch.days
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How far the rows of a named customer go.
pub(crate) struct Standing {
    /// The address of the owner by whom it is known.
    pub(crate) owner: String,
    pub(crate) customer_id: Uuid,
    pub(crate) plan: String,
    pub(crate) billing_email: Option<String>,
    /// The last day with usage.
    pub(crate) last_day: Option<Date>,
    /// When the last invoice was issued.
    pub(crate) last_invoice: Option<Date>,
}

/// The customers that people with these addresses own, of several the one that each came to first.
pub(crate) async fn list_standings(connection: &mut PgConnection, owners: &[String]) -> sqlx::Result<Vec<Standing>> {
    sqlx::query_as!(
        Standing,
        "SELECT DISTINCT ON (u.email)
                u.email AS owner,
                c.customer_id,
                c.plan,
                c.billing_email,
                (SELECT max(day) FROM usage_daily d WHERE d.customer_id = c.customer_id) AS last_day,
                (SELECT max(issued_on) FROM invoices i WHERE i.customer_id = c.customer_id) AS last_invoice
           FROM users u
           JOIN memberships m ON m.user_id = u.user_id AND m.role = 'owner'
           JOIN customers c ON c.customer_id = m.customer_id
          WHERE u.email = ANY ($1)
            AND c.status <> 'closed'
          ORDER BY u.email, m.created_at",
        owners
    )
    .fetch_all(connection)
    .await
}

/// The last number of each year in the seller's series.
pub(crate) async fn list_last_numbers(connection: &mut PgConnection) -> sqlx::Result<HashMap<i32, i32>> {
    let rows = sqlx::query!(
        r#"SELECT substr(number, 5, 4)::integer AS "year!", max(substr(number, 10))::integer AS "last!"
             FROM invoices
            WHERE number ~ '^INV-[0-9]{4}-[0-9]{6}$'
            GROUP BY 1"#
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.year, row.last)).collect())
}

/// Moves billing dates that have come to the customer's next one.
pub(crate) async fn set_next_billing(connection: &mut PgConnection, customers: &[Uuid], next: &[Date], today: Date) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE subscriptions s
            SET next_billing_on = renewed.day
           FROM unnest($1::uuid[], $2::date[]) AS renewed (customer_id, day)
          WHERE s.customer_id = renewed.customer_id
            AND s.status <> 'ended'
            AND s.next_billing_on <= $3",
        customers,
        next,
        today
    )
    .execute(connection)
    .await?;
    Ok(())
}
