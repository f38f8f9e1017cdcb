//! Every statement of the account.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{Details, NewAccount};
use crate::{field::EmailAddress, ids::CustomerId};

/// What is stored.
pub(super) async fn find(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Option<Details>> {
    sqlx::query_as!(
        Details,
        "SELECT name,
                email,
                billing_email
           FROM customers
          WHERE customer_id = $1",
        customer.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// What is stored, held until the end of the transaction, so that an event names the true values before it.
pub(super) async fn find_for_update(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Option<Details>> {
    sqlx::query_as!(
        Details,
        "SELECT name,
                email,
                billing_email
           FROM customers
          WHERE customer_id = $1
            FOR NO KEY UPDATE",
        customer.as_uuid()
    )
    .fetch_optional(connection)
    .await
}

/// Stores name and contact address.
pub(super) async fn update(connection: &mut PgConnection, customer: CustomerId, new: &NewAccount, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE customers
            SET name = $2,
                email = $3,
                updated_at = $4
          WHERE customer_id = $1",
        customer.as_uuid(),
        new.name,
        new.email.as_str(),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the billing address, or that there is none.
pub(super) async fn update_billing_email(
    connection: &mut PgConnection,
    customer: CustomerId,
    new: Option<&EmailAddress>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE customers
            SET billing_email = $2,
                updated_at = $3
          WHERE customer_id = $1",
        customer.as_uuid(),
        new.map(EmailAddress::as_str),
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}
