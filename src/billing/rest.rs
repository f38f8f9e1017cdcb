//! Routes beside the pages: the download of an invoice.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::document::{file_name, invoice_pdf, print};
use super::store;
use crate::access::Permission;
use crate::error::AppError;
use crate::ids::InvoiceId;
use crate::server::caller::Caller;
use crate::server::error_page::{self, WayOn};
use crate::server::pdf::PdfError;
use crate::server::state::AppState;
use crate::server::telemetry::reference;

/// The routes of billing.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/api/portal/invoices/{id}/download", get(download_invoice))
}

async fn download_invoice(State(state): State<AppState>, Path(id): Path<String>, parts: Parts) -> Response {
    match make_invoice(&state, &id, &parts).await {
        Ok((number, document)) => pdf_response(&number, document),
        Err(error) => error_page::respond(&state.leptos, &parts.headers, &error, WayOn { path: "/billing", label: "Back to billing" }),
    }
}

/// The number and the document of an invoice of the caller's customer. An id of another customer, an unknown one and
/// a text that is no id answer alike.
async fn make_invoice(state: &AppState, id: &str, parts: &Parts) -> Result<(String, Vec<u8>), AppError> {
    let caller = Caller::from_parts(parts, Permission::ViewBilling).await?;
    let id: InvoiceId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut read = caller.read().await?;
    let record = store::find_invoice(&mut read, caller.customer_id(), id).await?.ok_or(AppError::NotFound)?;
    let lines = store::list_invoice_lines(&mut read, caller.customer_id(), id).await?;
    drop(read);
    let invoice = invoice_pdf(id, &state.config.seller, record, lines)?;
    let number = invoice.number.clone();
    let document = print(state, caller.customer_id(), invoice).await.map_err(|error| pdf_failed(id, &error))?;
    Ok((number, document))
}

fn pdf_failed(id: InvoiceId, error: &PdfError) -> AppError {
    let reference = reference();
    tracing::error!(invoice = %id, %error, reference, "an invoice could not be typeset");
    match error {
        PdfError::Busy => AppError::Unavailable,
        _ => AppError::Internal { reference },
    }
}

fn pdf_response(number: &str, document: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", file_name(number));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_LENGTH, HeaderValue::from(document.len())),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, document).into_response()
}
