//! Buttons, and links that look like them.

use super::{
    form::FormState,
    form_action::FormPending,
    icon::{Icon, IconView},
};
use leptos::{ev::MouseEvent, prelude::*};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// One of several things to do.
    #[default]
    Secondary,
    /// Takes something away.
    Danger,
    /// Leads to the question before something is taken away for good.
    Final,
    /// Beside the point, there when needed.
    Quiet,
}

impl ButtonKind {
    /// The classes of a button of this kind.
    pub fn class(self, small: bool, hide_label: bool) -> String {
        let kind = match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button button-secondary",
            Self::Danger => "button button-danger",
            Self::Final => "button button-secondary button-final",
            Self::Quiet => "button button-quiet",
        };
        let small = if small { " button-small" } else { "" };
        let bare = if hide_label { " button-bare" } else { "" };
        format!("{kind}{small}{bare}")
    }
}

/// Icon and words of a button; hidden words are still read aloud.
pub fn button_face(icon: Option<Icon>, label: impl IntoView + 'static, hide_label: bool) -> impl IntoView {
    view! {
        {icon.map(|icon| view! { <IconView icon/> })}
        <span class=if hide_label { "sr-only" } else { "button-label" }>{label}</span>
    }
}

/// A button that acts in the browser; whatever it does must also be possible without it.
#[component]
pub fn Button(
    /// What it does.
    #[prop(into)]
    label: Signal<String>,
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// Called on a click.
    #[prop(optional, into)]
    on_click: Option<Callback<()>>,
    /// While true the button does nothing.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// Before the words.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// Shows only the icon.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    let click = move |_| {
        if let (false, Some(call)) = (pending.get_untracked(), on_click) {
            call.run(());
        }
    };
    view! {
        <button type="button" class=kind.class(small, hide_label) aria-disabled=move || pending.get().then_some("true") on:click=click>
            {button_face(icon, move || label.get(), hide_label)}
        </button>
    }
}

/// The button that sends its form. While the answer is awaited it says so, keeps the focus and sends nothing twice.
#[component]
pub fn SubmitButton(
    /// What sending the form does.
    #[prop(into)]
    label: String,
    /// What it says while the answer is awaited.
    #[prop(optional, into)]
    pending_label: String,
    /// The form's state, which knows whether an answer is awaited.
    #[prop(optional)]
    form: Option<FormState>,
    /// The same, where there is no form state.
    #[prop(optional, into)]
    pending: Option<Signal<bool>>,
    /// How much it asks for attention.
    #[prop(default = ButtonKind::Primary)]
    kind: ButtonKind,
    /// Sent with the form when this button was used.
    #[prop(optional, into)]
    name: Option<String>,
    /// The value of `name`.
    #[prop(optional, into)]
    value: Option<String>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// Before the words.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// Shows only the icon.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    // Each row of a list has a form of its own with the same action.
    let own = use_context::<FormPending>().map(|FormPending(pending)| pending.into());
    let pending = pending.or(own).or(form.map(|form| form.pending())).unwrap_or_default();
    let pending_label = if pending_label.is_empty() { label.clone() } else { pending_label };
    let click = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };
    let words = move || if pending.get() { pending_label.clone() } else { label.clone() };
    view! {
        <button type="submit" class=kind.class(small, hide_label) name=name value=value
            aria-disabled=move || pending.get().then_some("true") on:click=click>
            {button_face(icon, words, hide_label)}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn ButtonLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// What is there.
    #[prop(into)]
    label: String,
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// Before the words.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// For addresses that are not pages of the portal.
    #[prop(optional)]
    external: bool,
    /// For files.
    #[prop(optional)]
    download: bool,
    /// Shows only the icon.
    #[prop(optional)]
    hide_label: bool,
) -> impl IntoView {
    view! {
        <a href=href class=kind.class(small, hide_label) rel=external.then_some("external") download=download>
            {button_face(icon, label, hide_label)}
        </a>
    }
}
