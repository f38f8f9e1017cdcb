//! Invoices as documents: from what is stored to what is typeset.

use std::collections::HashMap;

use sqlx::PgConnection;
use time::{Date, macros::date};
use uuid::Uuid;

use super::model::{InvoiceStatus, vat_by_rate};
use super::pdf::{InvoicePdf, InvoicePdfLine, Party};
use super::present::currency;
use super::store::{self, InvoiceLineRecord, InvoiceRecord};
use crate::error::AppError;
use crate::ids::{CustomerId, InvoiceId};
use crate::server::config::Seller;
use crate::server::pdf::{PdfError, off_thread};
use crate::server::state::AppState;
use crate::server::telemetry::inconsistent;

/// How many invoices are read at once.
const BATCH: i64 = 50;

/// How far all invoices of a customer were read, the oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position(Date, Uuid);

impl Position {
    /// Before the first one.
    pub(crate) const START: Self = Self(date!(0001 - 01 - 01), Uuid::nil());
}

/// The next invoices after a position, with their file names, and the position after them; empty at the end.
///
/// # Errors
/// If the database does not answer, or holds something inconsistent.
pub(crate) async fn next_documents(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    seller: &Seller,
    after: Position,
) -> Result<(Vec<(String, InvoicePdf)>, Position), AppError> {
    let records = store::list_records_after(connection, customer_id, (after.0, after.1), BATCH).await?;
    let ids: Vec<Uuid> = records.iter().map(|(id, _)| *id).collect();
    let mut lines: HashMap<Uuid, Vec<InvoiceLineRecord>> = HashMap::new();
    for (id, line) in store::list_lines_of(connection, customer_id, &ids).await? {
        lines.entry(id).or_default().push(line);
    }
    let end = records.last().map_or(after, |(id, record)| Position(record.issued_on, *id));
    let documents = records.into_iter().map(|(id, record)| {
        let name = unique_name(&record.number, id);
        Ok((name, invoice_pdf(InvoiceId::from(id), seller, record, lines.remove(&id).unwrap_or_default())?))
    });
    Ok((documents.collect::<Result<_, AppError>>()?, end))
}

/// The file name; with the id where the number holds characters that were replaced and two numbers could be one name.
fn unique_name(number: &str, id: Uuid) -> String {
    let name = file_name(number);
    if name == format!("invoice-{number}.pdf") { name } else { format!("{}-{id}.pdf", name.trim_end_matches(".pdf")) }
}

/// An invoice as it was stored, ready to be typeset.
///
/// # Errors
/// `Internal` if what is stored is inconsistent.
pub(super) fn invoice_pdf(
    id: InvoiceId,
    seller: &Seller,
    record: InvoiceRecord,
    lines: Vec<InvoiceLineRecord>,
) -> Result<InvoicePdf, AppError> {
    let status: InvoiceStatus = record.status.parse().map_err(|_| inconsistent("invoices", "status", id))?;
    Ok(InvoicePdf {
        ident: id.to_string(),
        seller: Party {
            name: seller.name.clone(),
            address: seller.address.join("\n"),
            tax_id: seller.tax_id.clone(),
            email: seller.email.clone(),
        },
        buyer: Party { name: record.buyer_name, address: record.buyer_address, tax_id: record.buyer_tax_id, email: record.buyer_email },
        number: record.number,
        issued_on: record.issued_on,
        due_on: record.due_on,
        period_start: record.period_start,
        period_end: record.period_end,
        vat: vat_by_rate(lines.iter().map(|line| (line.vat_rate_basis_points, line.net)), record.vat),
        lines: lines.into_iter().map(pdf_line).collect(),
        net: record.net,
        total: record.total,
        currency: currency(&record.currency, "invoices", id)?,
        status,
        paid_on: record.paid_on,
        payment_method: record.payment_method,
        note: record.vat_note,
    })
}

/// Typesets an invoice. Where no font has a character of it, the operator is told whose invoice shows a box instead; the
/// characters themselves are somebody's name and stay out of the log.
///
/// # Errors
/// As [`off_thread`].
pub(crate) async fn print(state: &AppState, customer_id: CustomerId, invoice: InvoicePdf) -> Result<Vec<u8>, PdfError> {
    let id = invoice.ident.clone();
    let fonts = state.config.pdf_fonts.clone();
    let typeset = off_thread(&state.typesetting, move || invoice.render(&fonts)).await?;
    if let Some(example) = typeset.missing.first() {
        tracing::warn!(
            customer = %customer_id,
            invoice = id,
            characters = typeset.missing.len(),
            example = format!("U+{:04X}", u32::from(*example)),
            "an invoice shows boxes for characters that no font has; PDF_FONTS adds fonts"
        );
    }
    Ok(typeset.file)
}

fn pdf_line(line: InvoiceLineRecord) -> InvoicePdfLine {
    InvoicePdfLine {
        description: line.description,
        quantity: line.quantity,
        unit_price: line.unit_price,
        net: line.net,
        vat_rate_basis_points: line.vat_rate_basis_points,
    }
}

/// `invoice-{number}.pdf`, with a dash for every character that could end the name or lead to another folder.
pub(super) fn file_name(number: &str) -> String {
    let safe: String = number.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' }).collect();
    format!("invoice-{safe}.pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_would_become_one_name_stay_apart() {
        assert_eq!(unique_name("INV-1", Uuid::nil()), "invoice-INV-1.pdf");
        assert_ne!(unique_name("A/1", Uuid::nil()), unique_name("A-1", Uuid::nil()));
        assert!(!unique_name("../../etc", Uuid::nil()).contains('/'));
    }
}
