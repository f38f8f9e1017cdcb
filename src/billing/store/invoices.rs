//! Invoices and their lines.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use crate::ids::{CustomerId, InvoiceId};
use crate::page::PageNumber;

/// An invoice in a list.
pub(crate) struct InvoiceListRow {
    pub invoice_id: Uuid,
    pub number: String,
    pub status: String,
    pub currency: String,
    pub total: i64,
    pub issued_on: Date,
    pub due_on: Date,
    pub period_start: Date,
    pub period_end: Date,
}

/// A page of the customer's invoices, the newest first, issued from `days.0` to before `days.1`.
pub(crate) async fn list_invoices(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    days: (Date, Date),
    page: PageNumber,
    per_page: u32,
) -> Result<Vec<InvoiceListRow>, sqlx::Error> {
    sqlx::query_as!(
        InvoiceListRow,
        "
        SELECT
            invoice_id,
            number,
            status,
            currency,
            total,
            issued_on,
            due_on,
            period_start,
            period_end
          FROM invoices
         WHERE customer_id = $1
           AND issued_on >= $2
           AND issued_on < $3
         ORDER BY issued_on DESC, invoice_id DESC
         LIMIT $4
        OFFSET $5
        ",
        customer_id.as_uuid(),
        days.0,
        days.1,
        i64::from(per_page),
        page.offset(per_page),
    )
    .fetch_all(connection)
    .await
}

/// The invoice that people come for: the one for the month from `month.0` to before `month.1`, else the most recent;
/// never a void one. No invoice is issued before the period that it charges for begins.
pub(crate) async fn find_wanted_invoice(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    month: (Date, Date),
) -> Result<Option<InvoiceListRow>, sqlx::Error> {
    sqlx::query_as!(
        InvoiceListRow,
        r#"
        SELECT
            invoice_id AS "invoice_id!",
            number AS "number!",
            status AS "status!",
            currency AS "currency!",
            total AS "total!",
            issued_on AS "issued_on!",
            due_on AS "due_on!",
            period_start AS "period_start!",
            period_end AS "period_end!"
          FROM (
            (
                SELECT 1 AS choice, i.invoice_id, i.number, i.status, i.currency, i.total, i.issued_on, i.due_on, i.period_start, i.period_end
                  FROM invoices i
                 WHERE i.customer_id = $1
                   AND i.status <> 'void'
                   AND i.issued_on >= $2
                   AND i.period_start >= $2
                   AND i.period_start < $3
                 ORDER BY i.issued_on DESC, i.invoice_id DESC
                 LIMIT 1
            )
            UNION ALL
            (
                SELECT 2 AS choice, i.invoice_id, i.number, i.status, i.currency, i.total, i.issued_on, i.due_on, i.period_start, i.period_end
                  FROM invoices i
                 WHERE i.customer_id = $1
                   AND i.status <> 'void'
                 ORDER BY i.issued_on DESC, i.invoice_id DESC
                 LIMIT 1
            )
          ) AS found
         ORDER BY choice
         LIMIT 1
        "#,
        customer_id.as_uuid(),
        month.0,
        month.1,
    )
    .fetch_optional(connection)
    .await
}

/// How many invoices there are in a span of days, and from when to when there are any at all.
pub(crate) struct InvoiceSpan {
    pub total: i64,
    pub first: Option<Date>,
    pub last: Option<Date>,
}

/// Counts the invoices issued from `days.0` to before `days.1`.
pub(crate) async fn span_of_invoices(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    days: (Date, Date),
) -> Result<InvoiceSpan, sqlx::Error> {
    sqlx::query_as!(
        InvoiceSpan,
        r#"
        SELECT
            (SELECT count(*) FROM invoices WHERE customer_id = $1 AND issued_on >= $2 AND issued_on < $3) AS "total!",
            (SELECT min(issued_on) FROM invoices WHERE customer_id = $1) AS first,
            (SELECT max(issued_on) FROM invoices WHERE customer_id = $1) AS last
        "#,
        customer_id.as_uuid(),
        days.0,
        days.1,
    )
    .fetch_one(connection)
    .await
}

/// Everything that is printed on an invoice but its lines.
pub(crate) struct InvoiceRecord {
    pub number: String,
    pub status: String,
    pub currency: String,
    pub net: i64,
    pub vat: i64,
    pub total: i64,
    pub vat_note: String,
    pub buyer_name: String,
    pub buyer_address: String,
    pub buyer_tax_id: String,
    pub buyer_email: String,
    pub issued_on: Date,
    pub due_on: Date,
    pub period_start: Date,
    pub period_end: Date,
    pub paid_on: Option<Date>,
    pub payment_method: String,
}

/// One invoice of the customer.
pub(crate) async fn find_invoice(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    invoice_id: InvoiceId,
) -> Result<Option<InvoiceRecord>, sqlx::Error> {
    sqlx::query_as!(
        InvoiceRecord,
        "
        SELECT
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
           AND invoice_id = $2
        ",
        customer_id.as_uuid(),
        invoice_id.as_uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// A line of an invoice.
pub(crate) struct InvoiceLineRecord {
    pub description: String,
    pub quantity: i64,
    pub unit_price: i64,
    pub net: i64,
    pub vat_rate_basis_points: i32,
}

/// The lines of an invoice in printing order.
pub(crate) async fn list_invoice_lines(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    invoice_id: InvoiceId,
) -> Result<Vec<InvoiceLineRecord>, sqlx::Error> {
    sqlx::query_as!(
        InvoiceLineRecord,
        "
        SELECT
            description,
            quantity,
            unit_price,
            net,
            vat_rate_basis_points
          FROM invoice_lines
         WHERE customer_id = $1
           AND invoice_id = $2
         ORDER BY position
        ",
        customer_id.as_uuid(),
        invoice_id.as_uuid(),
    )
    .fetch_all(connection)
    .await
}
