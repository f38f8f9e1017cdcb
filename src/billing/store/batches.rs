//! Invoices in batches, for an export.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::{InvoiceLineRecord, InvoiceRecord};
use crate::ids::CustomerId;

/// Invoices with everything that is printed on them but their lines, the oldest first, after a day and an id.
pub(crate) async fn list_records_after(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    after: (Date, Uuid),
    limit: i64,
) -> Result<Vec<(Uuid, InvoiceRecord)>, sqlx::Error> {
    let rows = sqlx::query!(
        "
        SELECT
            invoice_id,
            number,
            status,
            currency,
            net,
            vat,
            total,
            vat_note,
            buyer_name,
            buyer_address,
            buyer_tax_id,
            buyer_email,
            issued_on,
            due_on,
            period_start,
            period_end,
            paid_on,
            payment_method
          FROM invoices
         WHERE customer_id = $1
           AND (issued_on, invoice_id) > ($2, $3)
         ORDER BY issued_on, invoice_id
         LIMIT $4
        ",
        customer_id.as_uuid(),
        after.0,
        after.1,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|row| {
        let record = InvoiceRecord {
            number: row.number,
            status: row.status,
            currency: row.currency,
            net: row.net,
            vat: row.vat,
            total: row.total,
            vat_note: row.vat_note,
            buyer_name: row.buyer_name,
            buyer_address: row.buyer_address,
            buyer_tax_id: row.buyer_tax_id,
            buyer_email: row.buyer_email,
            issued_on: row.issued_on,
            due_on: row.due_on,
            period_start: row.period_start,
            period_end: row.period_end,
            paid_on: row.paid_on,
            payment_method: row.payment_method,
        };
        (row.invoice_id, record)
    });
    Ok(records.collect())
}

/// The lines of several invoices, each in printing order.
pub(crate) async fn list_lines_of(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    invoices: &[Uuid],
) -> Result<Vec<(Uuid, InvoiceLineRecord)>, sqlx::Error> {
    let rows = sqlx::query!(
        "
        SELECT
            invoice_id,
            description,
            quantity,
            unit_price,
            net,
            vat_rate_basis_points
          FROM invoice_lines
         WHERE customer_id = $1
           AND invoice_id = ANY ($2)
         ORDER BY invoice_id, position
        ",
        customer_id.as_uuid(),
        invoices,
    )
    .fetch_all(connection)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let line = InvoiceLineRecord {
            description: row.description,
            quantity: row.quantity,
            unit_price: row.unit_price,
            net: row.net,
            vat_rate_basis_points: row.vat_rate_basis_points,
        };
        (row.invoice_id, line)
    });
    Ok(lines.collect())
}
