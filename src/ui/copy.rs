//! Copying text. Without JavaScript the text is selected in its field and copied by hand.

use super::{
    icon::{Icon, IconView},
    side,
};
use leptos::{html, prelude::*};
use std::time::Duration;

/// How long the button says that it has copied.
const THANKS: Duration = Duration::from_secs(2);

/// A button that copies text.
#[component]
pub fn CopyButton(
    /// The text to copy.
    #[prop(into)]
    text: String,
    /// What the button says.
    #[prop(default = "Copy".to_owned(), into)]
    label: String,
    /// Called when there is no clipboard, to select the text instead.
    #[prop(optional, into)]
    instead: Option<Callback<()>>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let click = move |_| {
        if side::copy_text(&text) {
            copied.set(true);
            set_timeout(move || _ = copied.try_set(false), THANKS);
        } else if let Some(instead) = instead {
            instead.run(());
        }
    };
    view! {
        <button type="button" class="button button-secondary copy-button needs-script" on:click=click>
            <IconView icon=Icon::Copy/>
            <span class="button-label" aria-live="polite">{move || if copied.get() { "Copied".to_owned() } else { label.clone() }}</span>
        </button>
    }
}

/// A secret or link to take away: a field that selects itself, and a button.
#[component]
pub fn CopyField(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The text to copy.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            _ = field.focus();
            field.select();
        }
    };
    view! {
        <div class="copy-field">
            <label class="field-label">
                <span>{label}</span>
                <input class="input code" type="text" readonly=true value=value.clone() spellcheck="false" autocomplete="off"
                    node_ref=field on:focus=move |_| if let Some(field) = field.get_untracked() { field.select() }/>
            </label>
            <CopyButton text=value instead=Callback::new(move |()| select())/>
        </div>
    }
}
