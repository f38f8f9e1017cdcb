//! A form that narrows a list: it leads to the same page with its fields in the address.

use leptos::{
    ev::{self, SubmitEvent},
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{FormData, HtmlFormElement},
};
use leptos_router::{NavigateOptions, hooks::use_navigate, location::Url};

use super::button::{ButtonKind, ButtonLink, SubmitButton};
use crate::secret;

/// The form; the children are its fields and its button. Without JavaScript the browser does the same; empty fields stay out
/// of the address here, and so does what is secret in a key that somebody searches for.
#[component]
pub fn FilterForm(
    /// The page.
    path: &'static str,
    /// The names of the fields that count.
    fields: &'static [&'static str],
    /// The fields.
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let search = move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        let values = fields.iter().filter_map(|name| Some((name, data.get(name).as_string()?)));
        let query: Vec<String> = values
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", Url::escape(&secret::cut(&value))))
            .collect();
        let address = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
        navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let form = NodeRef::<html::Form>::new();
    // Back and forth in the history: what the person chose would outlast the values that the page gives its fields then.
    // An effect, because it runs in the browser only.
    Effect::new(move |_| {
        let moved = window_event_listener(ev::popstate, move |_| {
            if let Some(form) = form.try_get_untracked().flatten() {
                form.reset();
            }
        });
        on_cleanup(move || moved.remove());
    });
    view! {
        <form method="get" action=path role="search" on:submit=search node_ref=form>
            {children()}
        </form>
    }
}

/// The buttons of such a form.
#[component]
pub fn FilterActions(
    /// The page.
    path: &'static str,
    /// Whether there is something to clear, and no other button for it.
    clear: bool,
) -> impl IntoView {
    view! {
        <div class="filter-actions">
            <SubmitButton label="Filter" kind=ButtonKind::Secondary/>
            {clear.then(|| view! { <ButtonLink href=path label="Clear filters" kind=ButtonKind::Quiet/> })}
        </div>
    }
}
