//! Dialogs in front of the page; `modal_server.rs` is the other half.

use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlDetailsElement, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement, UrlSearchParams},
};

use super::focus::{focus_first, listed};

/// Holds what a dialog is about that is in front of the page.
const ABOUT: &str = "data-about";

/// Makes the dialog modal. It must not be open for that, and the details around it must be open to show it. Whoever is in it
/// stays where they are: they may be typing.
pub fn show(details: &HtmlDetailsElement, dialog: &HtmlDialogElement) {
    _ = details.set_attribute(ABOUT, &about(dialog));
    details.set_open(true);
    let inside = document().active_element().filter(|element| dialog.contains(Some(element)));
    dialog.close();
    _ = dialog.show_modal();
    match inside.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        Some(control) => _ = control.focus(),
        None => focus_first(dialog),
    }
}

/// Whether the fields that were sent are those of the form in this dialog: each row of a list sends the same, with another id.
pub fn has_sent(dialog: &Element, fields: &str) -> bool {
    UrlSearchParams::new_with_str(fields).is_ok_and(|sent| hidden(dialog).all(|input| sent.get(&input.name()) == Some(input.value())))
}

/// The same of the form around something; what stands in none is of all of them.
pub fn form_has_sent(place: &Element, fields: &str) -> bool {
    place.closest("form").ok().flatten().is_none_or(|form| has_sent(&form, fields))
}

/// Puts the fields back to what they were: the next time the dialog asks about something else.
pub fn forget(dialog: &HtmlDialogElement) {
    if let Some(form) = dialog.query_selector("form").ok().flatten().and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        form.reset();
    }
}

/// The hidden fields that say what a form is about; scripts fill in or switch off the others.
fn hidden(dialog: &Element) -> impl Iterator<Item = HtmlInputElement> {
    dialog.query_selector_all("input[type=hidden][value]:not([value=''], :disabled)").into_iter().flat_map(listed)
}

/// What a dialog asks, and about what: each row of a list asks the same.
fn about(dialog: &HtmlDialogElement) -> String {
    let title = dialog.query_selector("h2").ok().flatten().and_then(|title| title.text_content());
    title.into_iter().chain(hidden(dialog).map(|input| input.value())).collect::<Vec<_>>().join("\n")
}

/// A list was drawn anew while one of its dialogs was in front of the page. Rows take the place of those before: a dialog that
/// now belongs to another row makes way for the one that asks what was being asked.
pub fn drawn_anew(details: &HtmlDetailsElement, dialog: &HtmlDialogElement) {
    let asked = details.get_attribute(ABOUT).unwrap_or_default();
    if asked == about(dialog) {
        // Its attributes were set anew, by which it no longer closes with Escape.
        show(details, dialog);
        return;
    }
    dialog.close();
    details.set_open(false);
    forget(dialog);
    let mut all = document().query_selector_all("details.dialog > dialog").into_iter().flat_map(listed::<HtmlDialogElement>);
    let moved = all.find(|other| about(other) == asked);
    if let Some(dialog) = moved
        && let Some(details) = dialog.parent_element().and_then(|parent| parent.dyn_into::<HtmlDetailsElement>().ok())
    {
        show(&details, &dialog);
    }
}
