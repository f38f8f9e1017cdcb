//! The export of everything: reads section by section in one snapshot and hands each row on at once.

use std::time::Duration;

use futures::TryStreamExt;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    pack::{Gone, Packer, Piece},
    sections::{SECTIONS, Section},
};
use crate::{
    billing::document::{self, Position},
    error::AppError,
    ids::CustomerId,
    server::{pdf::PdfError, state::AppState},
};

/// The version of the file format, see `docs/export.md`.
const FORMAT: u32 = 1;

/// How many bytes of rows are handed on together.
const PART: usize = 32 * 1024;

/// An export takes no longer than this: one that is read drop by drop would keep its turn from the other customers, and
/// its snapshot open.
const TIME_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Why an export ended early. Its reader sees a download that failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    /// The reader has gone.
    #[error(transparent)]
    Gone(#[from] Gone),
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// What is stored is inconsistent.
    #[error(transparent)]
    Stored(#[from] AppError),
    /// A row cannot be written.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// What an export is made of.
pub(super) struct Export {
    pub(super) state: AppState,
    /// One snapshot for everything; ends with the export.
    pub(super) snapshot: Transaction<'static, Postgres>,
    /// One of the few turns of this process.
    pub(super) turn: OwnedSemaphorePermit,
    pub(super) customer_id: CustomerId,
    pub(super) customer_name: String,
    pub(super) requested_by: String,
    pub(super) now: OffsetDateTime,
}

impl Export {
    /// Reads everything and hands it to the packer.
    pub(super) async fn run(mut self, packer: Packer) {
        let customer = self.customer_id;
        match tokio::time::timeout(TIME_LIMIT, self.write(&packer)).await {
            Ok(Ok(())) => tracing::info!(%customer, "an export was made"),
            Ok(Err(error)) => tracing::warn!(%customer, %error, "an export ended early"),
            Err(_) => tracing::warn!(%customer, "an export took too long and was ended"),
        }
        drop(self.turn);
    }

    async fn write(&mut self, packer: &Packer) -> Result<(), ExportError> {
        let mut files = Vec::with_capacity(SECTIONS.len());
        for section in &SECTIONS {
            let rows = self.write_json(section, packer).await?;
            self.write_csv(section, packer).await?;
            files.push(json!({ "name": section.name, "rows": rows, "columns": section.columns }));
        }
        let missing = self.write_invoices(packer).await?;
        let manifest = json!({
            "format": FORMAT,
            "customer_id": self.customer_id,
            "customer": self.customer_name,
            "exported_at": self.now.format(&Rfc3339).unwrap_or_default(),
            "exported_by": self.requested_by,
            "files": files,
            "invoices_without_pdf": missing,
        });
        packer.send(Piece::File("manifest.json".to_owned())).await?;
        packer.send(Piece::Part(serde_json::to_vec_pretty(&manifest)?)).await?;
        packer.send(Piece::End).await?;
        Ok(())
    }

    /// The rows as a JSON array, one on each line. Answers how many there are.
    async fn write_json(&mut self, section: &Section, packer: &Packer) -> Result<u64, ExportError> {
        packer.send(Piece::File(format!("{}.json", section.name))).await?;
        let mut rows = (section.rows)(&mut self.snapshot, self.customer_id);
        let (mut part, mut count) = (b"[".to_vec(), 0_u64);
        while let Some(row) = rows.try_next().await? {
            part.extend_from_slice(if count == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut part, &row)?;
            count += 1;
            if part.len() >= PART {
                packer.send(Piece::Part(std::mem::take(&mut part))).await?;
            }
        }
        part.extend_from_slice(b"\n]\n");
        packer.send(Piece::Part(part)).await?;
        Ok(count)
    }

    /// The rows as CSV (RFC 4180) with a line of names.
    async fn write_csv(&mut self, section: &Section, packer: &Packer) -> Result<(), ExportError> {
        packer.send(Piece::File(format!("{}.csv", section.name))).await?;
        let mut rows = (section.rows)(&mut self.snapshot, self.customer_id);
        let mut part = line(section.columns.iter().map(|column| (*column).to_owned())).into_bytes();
        while let Some(row) = rows.try_next().await? {
            part.extend_from_slice(line(section.columns.iter().map(|column| cell(row.get(*column)))).as_bytes());
            if part.len() >= PART {
                packer.send(Piece::Part(std::mem::take(&mut part))).await?;
            }
        }
        packer.send(Piece::Part(part)).await?;
        Ok(())
    }

    /// The invoices as PDFs, made one after the other. Answers the numbers of those that could not be made: one document
    /// that fails must not keep a customer from leaving with the rest.
    async fn write_invoices(&mut self, packer: &Packer) -> Result<Vec<String>, ExportError> {
        let mut missing = vec![];
        let mut position = Position::START;
        loop {
            let (documents, end) =
                document::next_documents(&mut self.snapshot, self.customer_id, &self.state.config.seller, position).await?;
            if documents.is_empty() {
                return Ok(missing);
            }
            position = end;
            for (name, invoice) in documents {
                let number = invoice.number.clone();
                let made = loop {
                    match document::print(&self.state, self.customer_id, invoice.clone()).await {
                        // An export has time: it waits behind the people who download a single invoice.
                        Err(PdfError::Busy) => {}
                        made => break made,
                    }
                };
                match made {
                    Ok(document) => {
                        packer.send(Piece::File(format!("invoices/{name}"))).await?;
                        packer.send(Piece::Part(document)).await?;
                    }
                    Err(error) => {
                        tracing::error!(%error, number, "an invoice could not be typeset for an export");
                        missing.push(number);
                    }
                }
            }
        }
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("{}\r\n", cells.join(","))
}

/// A value as a cell. Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
/// injection; ASVS 5.0, 1.2.10).
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => {
            let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠']);
            quoted(&if formula { format!("'{text}") } else { text.clone() })
        }
        Some(Value::Bool(_) | Value::Number(_)) => value.map(Value::to_string).unwrap_or_default(),
        Some(nested) => quoted(&nested.to_string()),
    }
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_and_never_formulas() {
        let cells = [
            (json!("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\""),
            (json!("@SUM"), "'@SUM"),
            (json!("＝1+1"), "'＝1+1"),
            (json!("-1"), "'-1"),
            (json!(-1), "-1"),
            (json!("a,b\nc"), "\"a,b\nc\""),
            (json!(null), ""),
            (json!(true), "true"),
            (json!({ "before": "x" }), "\"{\"\"before\"\":\"\"x\"\"}\""),
        ];
        for (value, expected) in cells {
            assert_eq!(cell(Some(&value)), expected);
        }
        assert_eq!(line(["a".to_owned(), "b".to_owned()].into_iter()), "a,b\r\n");
    }
}
