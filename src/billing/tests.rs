//! Billing as each role meets it.

mod document;
mod download;
mod invoices;
mod plan;

use time::{Date, Duration};
use uuid::Uuid;

use crate::{ids::CustomerId, server::testing::TestApp};

/// Stores an open invoice of one line, $99.00 and 19 % VAT, for the month that begins on its day of issue.
pub(crate) async fn insert_invoice(app: &TestApp, customer: CustomerId, number: &str, issued_on: Date) -> Uuid {
    let id = app.state().entropy.uuid(app.now());
    sqlx::query(
        "INSERT INTO invoices (invoice_id, customer_id, number, status, currency, net, vat, total, buyer_name, buyer_address,
                               issued_on, due_on, period_start, period_end, created_at)
         VALUES ($1, $2, $3, 'open', 'USD', 9900, 1881, 11781, 'Acme Inc.', $4, $5, $6, $5, $7, $8)",
    )
    .bind(id)
    .bind(customer)
    .bind(number)
    .bind("1 Main Street\nSpringfield")
    .bind(issued_on)
    .bind(issued_on + Duration::days(14))
    .bind(issued_on + Duration::days(29))
    .bind(app.now())
    .execute(app.db())
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO invoice_lines (invoice_id, position, customer_id, description, quantity, unit_price, net, vat_rate_basis_points)
         VALUES ($1, 1, $2, 'Pro plan', 1, 9900, 9900, 1900)",
    )
    .bind(id)
    .bind(customer)
    .execute(app.db())
    .await
    .unwrap();
    id
}

/// Moves an invoice to another state.
pub(crate) async fn set_status(app: &TestApp, invoice: Uuid, status: &str, paid_on: Option<Date>) {
    sqlx::query("UPDATE invoices SET status = $2, paid_on = $3 WHERE invoice_id = $1")
        .bind(invoice)
        .bind(status)
        .bind(paid_on)
        .execute(app.db())
        .await
        .unwrap();
}
