//! A question or form in front of the page.
//!
//! It is a `<dialog>` inside a `<details>`: without JavaScript the summary opens it, styled as in front of the page; with
//! it the summary opens the same dialog as a modal one, with its focus trap and Escape key.

use super::{
    button::{ButtonKind, button_face},
    form::FormState,
    icon::{Icon, IconView},
    modal,
};
use leptos::{
    ev::{MouseEvent, PointerEvent},
    html,
    prelude::*,
};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
    location::Location,
};

/// Lets the content of a dialog close it.
#[derive(Clone, Copy)]
struct Closer(NodeRef<html::Dialog>);

impl Closer {
    fn close(self) {
        if let Some(dialog) = self.0.try_get_untracked().flatten() {
            dialog.close();
        }
    }

    /// Closes it each time its form succeeds; other dialogs may send the same with other hidden fields.
    fn after(self, form: FormState) {
        form.on_success(move || {
            if let Some(dialog) = self.0.try_get_untracked().flatten()
                && form.answered().with_untracked(|fields| modal::has_sent(&dialog, fields))
            {
                self.close();
                modal::forget(&dialog);
            }
        });
    }
}

/// Something that opens in front of the page. Not to be put inside a paragraph.
#[component]
pub fn Dialog(
    /// What the opening control says.
    #[prop(into)]
    label: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// Sentences below it.
    #[prop(optional, into)]
    text: String,
    /// How much the opening control asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// On the opening control.
    #[prop(optional_no_strip, into)]
    icon: Option<Icon>,
    /// For rows of tables.
    #[prop(optional)]
    small: bool,
    /// Shows only the icon of the opening control.
    #[prop(optional)]
    hide_label: bool,
    /// Whether the address asks for it to be open. A signal, because a page is built before its address has changed.
    #[prop(optional, into)]
    asked_for: Signal<bool>,
    /// The form inside: the dialog is open when it came back with an error, and closes when it succeeds.
    #[prop(optional)]
    form: Option<FormState>,
    /// The same for a form that many dialogs share: closes when it succeeds, but is not opened by its error.
    #[prop(optional)]
    close_with: Option<FormState>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let dialog = NodeRef::<html::Dialog>::new();
    let closer = Closer(dialog);
    provide_context(closer);
    let opened = asked_for.get_untracked() || form.is_some_and(|form| form.error().with_untracked(Option::is_some));
    if let Some(form) = form.or(close_with) {
        closer.after(form);
    }
    // What was opened before the page came to life becomes modal now.
    Effect::new(move |alive: Option<bool>| {
        let (Some(element), Some(shown)) = (details.get(), dialog.get()) else { return false };
        let first = alive != Some(true);
        let asked_for = asked_for.get();
        if first && shown.matches(":modal").unwrap_or(false) {
            modal::drawn_anew(&element, &shown);
        } else if asked_for || (first && element.open()) {
            // Not at once: a dialog that is not in the document yet cannot become modal.
            request_animation_frame(move || show(details, dialog));
        }
        true
    });
    let open = move |event: MouseEvent| {
        event.prevent_default();
        show(details, dialog);
    };
    let (location, navigate) = (use_location(), use_navigate());
    let closed = move |_| {
        // The browser tells of it some time later: it may have been opened anew, or drawn anew without it.
        let open = dialog.try_get_untracked().flatten().is_some_and(|dialog| dialog.open());
        if let (false, Some(Some(details))) = (open, details.try_get_untracked()) {
            details.set_open(false);
            // A dialog that is drawn anew opens with its error, but not once it was closed.
            if let Some(form) = form {
                form.leave();
            }
            // The address forgets it as well, or it would open whenever the page is drawn anew.
            if asked_for.try_get_untracked() == Some(true) {
                navigate(&without_dialog(&location), NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
            }
        }
    };
    // A press beside the dialog hits the dialog element itself: its content fills it.
    let press = move |event: PointerEvent| {
        if event.target() == event.current_target() {
            closer.close();
        }
    };
    let name = title.clone();
    view! {
        <details class="dialog" open=opened node_ref=details>
            <summary class=kind.class(small, hide_label) aria-haspopup="dialog" on:click=open>{button_face(icon, label, hide_label)}</summary>
            <dialog class="dialog-box" open=true aria-label=name node_ref=dialog on:close=closed on:pointerdown=press>
                <div class="dialog-content">
                    <h2 class="dialog-title">{title}</h2>
                    {(!text.is_empty()).then(|| view! { <p class="dialog-text">{text}</p> })}
                    {children()}
                    <button type="button" class="dialog-close needs-script" aria-label="Close" on:click=move |_| closer.close()>
                        <IconView icon=Icon::Close/>
                    </button>
                </div>
            </dialog>
        </details>
    }
}

fn show(details: NodeRef<html::Details>, dialog: NodeRef<html::Dialog>) {
    if let (Some(Some(details)), Some(Some(dialog))) = (details.try_get_untracked(), dialog.try_get_untracked()) {
        modal::show(&details, &dialog);
    }
}

/// The address of the page, without what opened a dialog and what a form brought back.
fn without_dialog(location: &Location) -> String {
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let stays = |part: &&str| !matches!(part.split('=').next(), None | Some("" | "open" | "done" | "__path" | "__err"));
    let query = search.trim_start_matches('?').split('&').filter(stays).collect::<Vec<_>>().join("&");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Closes the dialog around it. Without JavaScript a link to the page takes its place.
#[component]
pub fn DialogCancel(
    /// What it says.
    #[prop(default = "Cancel".to_owned(), into)]
    label: String,
) -> impl IntoView {
    let closer = use_context::<Closer>();
    let close = move |_| {
        if let Some(closer) = closer {
            closer.close();
        }
    };
    let page = without_dialog(&use_location());
    view! {
        <button type="button" class="button button-secondary needs-script" on:click=close>{label.clone()}</button>
        <a class="button button-secondary without-script" href=page>{label}</a>
    }
}
