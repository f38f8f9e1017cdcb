//! What components need from the server while they render; `side_browser.rs` is the other half.

use axum::http::{StatusCode, header, request::Parts};
use leptos::{prelude::*, web_sys};
use leptos_axum::ResponseOptions;

use crate::{
    error::{AppError, KeptError},
    page_about::{self, MadeFor, PageAbout},
};

/// Text for places that the framework writes out unescaped: `<title>` and `<textarea>`.
pub fn raw_text(text: String) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Sets the status of the page that is being rendered, unless the answer leads elsewhere anyway.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        let leads_elsewhere = response.0.read().is_ok_and(|parts| parts.headers.contains_key(header::LOCATION));
        if !leads_elsewhere {
            response.set_status(status);
        }
    }
}

/// The error of a form that is too long for the address, for the browser side.
pub fn kept_error() -> Option<String> {
    use_context::<Parts>()?.extensions.get::<KeptError>().map(|kept| kept.0.clone())
}

/// The address that the server sees holds the error whole.
pub fn whole_error(in_address: &str) -> String {
    in_address.to_owned()
}

/// Answers with a redirect instead of the page.
pub fn go(path: &str) {
    leptos_axum::redirect(path);
}

/// The address of something that a page asks for or sends, with whom the page is about.
pub fn of_page(address: &str) -> String {
    let about = use_context::<Parts>().and_then(|parts| parts.extensions.get::<MadeFor>()?.get());
    page_about::address(address, about)
}

/// Only a browser holds on to a page.
pub fn page_is_about(_about: Option<PageAbout>) {}

/// Only a browser leaves pages.
pub fn hold_page(_lets_go: impl Fn() -> bool + Copy + 'static) {}

/// Only a browser has a history.
pub fn follow_history(_is_at: impl Fn(&str) + 'static) {}

/// Only a browser waits for documents.
pub fn document_is_coming() -> bool {
    false
}

/// Only a browser prints.
pub fn print() {}

/// Only a browser sends forms by itself.
pub fn fields_of(_event: &web_sys::SubmitEvent) -> Option<String> {
    None
}

/// Only a browser sends forms by itself.
pub async fn post(_path: &str, _fields: &str) -> Result<String, AppError> {
    Err(AppError::Unavailable)
}

/// Only a browser has a clipboard.
pub async fn copy_text(_text: &str) -> bool {
    false
}
