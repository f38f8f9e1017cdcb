//! Only in a browser something is in front of the page; `modal_browser.rs` is the other half.

use leptos::web_sys::{Element, HtmlDetailsElement, HtmlDialogElement};

/// Nothing to show.
pub fn show(_details: &HtmlDetailsElement, _dialog: &HtmlDialogElement) {}

/// Nothing is drawn anew.
pub fn drawn_anew(_details: &HtmlDetailsElement, _dialog: &HtmlDialogElement) {}

/// Nothing was sent.
pub fn has_sent(_dialog: &Element, _fields: &str) -> bool {
    false
}

/// Nothing was sent.
pub fn form_has_sent(_place: &Element, _fields: &str) -> bool {
    false
}

/// Nothing was typed.
pub fn forget(_dialog: &HtmlDialogElement) {}
