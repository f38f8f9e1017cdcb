//! What components need from the browser; `side_server.rs` is the other half.

use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast, JsValue},
    web_sys,
};

/// Text for places that the server has to escape by hand; the browser takes it as it is.
pub fn raw_text(text: String) -> String {
    text
}

/// Only the server answers with a status.
pub fn set_status(_status: u16) {}

/// Leaves for another page; the state of this one is of no more use.
pub fn go(path: &str) {
    _ = window().location().set_href(path);
}

/// Puts text on the clipboard. False where the browser does not offer one (pages that came over plain HTTP).
pub fn copy_text(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    let there = !AsRef::<JsValue>::as_ref(&clipboard).is_undefined();
    if there {
        _ = clipboard.write_text(text);
    }
    there
}

/// Moves the focus to the first wrong field of the form around an element, once the page has been updated.
pub fn focus_first_invalid(inside: &web_sys::Element) {
    if let Ok(Some(form)) = inside.closest("form") {
        focus_on(form, "[aria-invalid=true]");
    }
}

/// Moves the focus to the first wrong field inside an element, or to its first field or button.
pub fn focus_first(inside: &web_sys::Element) {
    let wrong = inside.query_selector("[aria-invalid=true]").ok().flatten().is_some();
    let field = if wrong { "[aria-invalid=true]" } else { "input:not([type=hidden]), textarea, select, button" };
    focus_on(inside.clone(), field);
}

fn focus_on(inside: web_sys::Element, selector: &'static str) {
    request_animation_frame(move || {
        let field = inside.query_selector(selector).ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = field.focus();
        }
    });
}
