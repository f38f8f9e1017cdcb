//! A small drop-down of links and forms. Opens, closes and works without JavaScript.

use super::{
    button::ButtonKind,
    icon::{Icon, IconView},
};
use leptos::{ev::KeyboardEvent, html, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_router::hooks::use_location;

/// A `<details>` that closes with Escape and when another page is opened. A press beside it closes it too: its summary
/// covers the page while it is open.
pub fn drop_down(class: &'static str, summary_class: impl Into<String>, face: AnyView, panel: AnyView) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let path = use_location().pathname;
    // Not at the first run: it may have been opened before the page was alive.
    Effect::new(move |earlier: Option<()>| {
        path.track();
        if let (Some(()), Some(details)) = (earlier, details.get_untracked()) {
            details.set_open(false);
        }
    });
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close(details);
        }
    };
    view! {
        <details class=class node_ref=details on:keydown=key>
            <summary class=summary_class.into()>{face}</summary>
            <div class="menu-panel">{panel}</div>
        </details>
    }
}

/// Closes it and gives the focus back to what opened it.
fn close(details: NodeRef<html::Details>) {
    let Some(details) = details.get_untracked().filter(|details| details.open()) else { return };
    details.set_open(false);
    let summary = details.query_selector("summary").ok().flatten();
    if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<HtmlElement>().ok()) {
        _ = summary.focus();
    }
}

/// A drop-down; the children are links and forms with buttons of class `menu-item`.
#[component]
pub fn Menu(
    /// What is in it; read aloud, shown unless `icon` stands for it.
    #[prop(into)]
    label: String,
    /// Stands for the words.
    #[prop(optional)]
    icon: Option<Icon>,
    /// Links and forms.
    children: Children,
) -> impl IntoView {
    let bare = icon.is_some();
    let face = view! {
        {icon.map(|icon| view! { <IconView icon/> })}
        <span class=if bare { "sr-only" } else { "button-label" }>{label}</span>
        {(!bare).then(|| view! { <IconView icon=Icon::ChevronDown/> })}
    };
    drop_down("menu", ButtonKind::Quiet.class(true, bare), face.into_any(), children().into_any())
}
