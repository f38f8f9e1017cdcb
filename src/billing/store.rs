//! Every SQL statement of billing: the subscription here, the invoices in `invoices` and `batches`.

use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::ids::CustomerId;

mod batches;
mod invoices;

pub(crate) use batches::*;
pub(crate) use invoices::*;

/// Subscription, addresses and counts of a customer.
pub(crate) struct BillingRow {
    pub plan: String,
    pub email: String,
    pub billing_email: Option<String>,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub payment_method: Option<String>,
    pub next_billing_on: Option<Date>,
    pub members: i64,
    pub invited: i64,
    pub past_due: i64,
    pub oldest_past_due: Option<Json<PastDueRow>>,
}

/// The open invoice that was due first. Days are counted from 1970-01-01.
#[derive(Deserialize)]
pub(crate) struct PastDueRow {
    pub id: Uuid,
    pub number: String,
    pub currency: String,
    pub total: i64,
    pub issued: i32,
    pub due: i32,
    pub payment_method: String,
}

/// What billing shows of a customer.
pub(crate) async fn find_billing(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    now: OffsetDateTime,
) -> Result<Option<BillingRow>, sqlx::Error> {
    sqlx::query_as!(
        BillingRow,
        r#"
        SELECT
            c.plan,
            c.email,
            c.billing_email,
            s.amount AS "amount?",
            s.currency AS "currency?",
            s.payment_method AS "payment_method?",
            s.next_billing_on,
            (
                SELECT count(*)
                  FROM memberships m
                 WHERE m.customer_id = c.customer_id
            ) AS "members!",
            (
                SELECT count(*)
                  FROM invitations i
                 WHERE i.customer_id = c.customer_id
                   AND i.accepted_at IS NULL
                   AND i.revoked_at IS NULL
                   AND i.expires_at > $2
            ) AS "invited!",
            (
                SELECT count(*)
                  FROM invoices i
                 WHERE i.customer_id = c.customer_id
                   AND i.status = 'open'
                   AND i.due_on < $3
            ) AS "past_due!",
            (
                SELECT to_json(o)
                  FROM (
                    SELECT invoice_id AS id, number, currency, total, issued_on - DATE '1970-01-01' AS issued,
                           due_on - DATE '1970-01-01' AS due, payment_method
                      FROM invoices
                     WHERE customer_id = $1
                       AND status = 'open'
                       AND due_on < $3
                     ORDER BY due_on, issued_on, invoice_id
                     LIMIT 1
                  ) AS o
            ) AS "oldest_past_due: Json<PastDueRow>"
          FROM customers c
          LEFT JOIN subscriptions s
            ON s.customer_id = c.customer_id
           AND s.status <> 'ended'
         WHERE c.customer_id = $1
        "#,
        customer_id.as_uuid(),
        now,
        now.date(),
    )
    .fetch_optional(connection)
    .await
}

/// Makes everybody else who changes this customer's plan or team wait until the transaction ends.
pub(crate) async fn lock_customer(connection: &mut PgConnection, customer_id: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!("SELECT customer_id FROM customers WHERE customer_id = $1 FOR UPDATE", customer_id.as_uuid())
        .fetch_optional(connection)
        .await?;
    Ok(())
}

/// A subscription that begins.
pub(crate) struct NewSubscription<'a> {
    pub id: Uuid,
    pub plan: &'a str,
    /// Net price of a month, in minor units.
    pub amount: i64,
    pub currency: &'a str,
    pub payment_method: &'a str,
    pub next_billing_on: Option<Date>,
    pub now: OffsetDateTime,
}

/// Ends the running subscription, if there is one, begins the new one and puts the customer on its plan.
pub(crate) async fn change_subscription(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    new: &NewSubscription<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE subscriptions SET status = 'ended', ended_at = $2 WHERE customer_id = $1 AND status <> 'ended'",
        customer_id.as_uuid(),
        new.now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "
        INSERT INTO subscriptions (
            subscription_id, customer_id, plan, status, amount, currency, payment_method, started_on, next_billing_on, created_at
        ) VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9)
        ",
        new.id,
        customer_id.as_uuid(),
        new.plan,
        new.amount,
        new.currency,
        new.payment_method,
        new.now.date(),
        new.next_billing_on,
        new.now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE customers SET plan = $2, updated_at = $3 WHERE customer_id = $1", customer_id.as_uuid(), new.plan, new.now)
        .execute(connection)
        .await?;
    Ok(())
}
