//! Copying text. Without JavaScript the text is selected in its field and copied by hand.

use super::{
    icon::{Icon, IconView},
    side,
};
use leptos::{html, prelude::*, task::spawn_local};
use std::time::Duration;

/// How long the button says that it has copied: as long as a notice stands, so that whoever reads slowly sees it, too.
const THANKS: Duration = Duration::from_secs(8);

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
    /// Called once it is on the clipboard.
    #[prop(optional, into)]
    done: Option<Callback<()>>,
    /// Whether it has the focus when the dialog around it opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let click = move |_| {
        let text = text.clone();
        // The page may have been left meanwhile.
        spawn_local(async move {
            if side::copy_text(&text).await {
                copied.try_set(true);
                _ = done.map(|done| done.try_run(()));
                set_timeout(move || _ = copied.try_set(false), THANKS);
            } else {
                _ = instead.map(|instead| instead.try_run(()));
            }
        });
    };
    view! {
        <button type="button" class="button button-secondary copy-button needs-script" autofocus=autofocus on:click=click>
            <IconView icon=Icon::Copy/>
            <span class="button-label" aria-live="polite">{move || if copied.get() { "Copied".to_owned() } else { label.clone() }}</span>
        </button>
    }
}

/// A secret to take away: masked until somebody asks to see it, with a button that copies it either way. It needs JavaScript.
#[component]
pub fn SecretField(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    value: String,
    /// Called once it was copied.
    #[prop(into)]
    copied: Callback<()>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let shown = RwSignal::new(false);
    let instead = move |()| {
        shown.set(true);
        if let Some(field) = field.get_untracked() {
            _ = field.focus();
            field.select();
        }
    };
    view! {
        <div class="copy-field">
            <label class="field-label">
                <span>{label}</span>
                <input class="input code" type=move || if shown.get() { "text" } else { "password" } readonly=true value=value.clone()
                    spellcheck="false" autocomplete="off" node_ref=field on:copy=move |_| copied.run(())
                    on:focus=move |_| if let Some(field) = field.get_untracked() { field.select() }/>
            </label>
            <button type="button" class="button button-secondary" aria-pressed=move || shown.get().to_string()
                on:click=move |_| shown.update(|shown| *shown = !*shown)>
                {move || if shown.get() { "Hide" } else { "Show" }}
            </button>
            <CopyButton text=value autofocus=true instead=Callback::new(instead) done=copied/>
        </div>
    }
}

/// Text to take away: a field that selects itself, and a button.
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
