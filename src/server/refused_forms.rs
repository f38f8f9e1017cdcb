//! Forms that were refused, each with a line in the log, so that probing with nonsense can be seen and counted (ASVS 5.0,
//! 16.3.3). What was typed stands in none of them.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use leptos::server_fn::error::ServerFnUrlError;
use url::form_urlencoded;

use super::scope::RequestScope;
use crate::error::{AppError, UNREADABLE};

/// The most fields that a line names.
const NAMED: usize = 10;

/// From where a request came, kept for when its answer is known.
pub fn sender(request: &Request) -> String {
    request.extensions().get::<Arc<RequestScope>>().map(|scope| scope.ip.clone()).unwrap_or_default()
}

/// Writes the line, if it was the form that was at fault.
pub fn note(error: &AppError, ip: &str) {
    if let Some(errors) = error.fields() {
        // The names are ours, unless somebody made the address of the page up to which the error was added.
        let fields: Vec<&str> = errors.errors.iter().map(|error| error.field.as_str()).filter(|field| is_name(field)).take(NAMED).collect();
        tracing::info!(ip, ?fields, "a form was refused");
    } else if matches!(error, AppError::Conflict(text) if text == UNREADABLE) {
        tracing::info!(ip, "a form could not be read");
    }
}

/// The error with which a form posted without JavaScript is led back to its page.
pub fn error_of_redirect(headers: &HeaderMap) -> Option<AppError> {
    let (_, query) = headers.get(header::LOCATION)?.to_str().ok()?.split_once('?')?;
    let (_, error) = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "__err").last()?;
    Some(ServerFnUrlError::<AppError>::decode_err(&error))
}

fn is_name(field: &str) -> bool {
    field.len() <= 40 && field.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
