//! The secret of a key that was just made, shown once.

use leptos::{ev, html, prelude::*};

use crate::{error::AppError, keys::model::CreatedKey, ui::*};

/// Where the last answer to a form that makes keys stands.
type Answer = RwSignal<Option<Result<CreatedKey, AppError>>>;

/// Shows each new secret in front of the page, until it was copied or let go.
#[component]
pub(super) fn NewSecret(answer: Answer) -> impl IntoView {
    let created = move || answer.get().and_then(Result::ok);
    view! { {move || created().map(|created| view! { <SecretDialog created answer /> })} }
}

/// Asks before it closes without the secret having been copied.
#[component]
fn SecretDialog(created: CreatedKey, answer: Answer) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let copied = RwSignal::new(false);
    let asks = RwSignal::new(false);
    let question = NodeRef::<html::Div>::new();
    // What opened the dialog of the form. The page is drawn anew behind this one.
    let opener = StoredValue::new(None::<Focused>);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Not at once: the dialog of the form closes first.
            request_animation_frame(move || {
                opener.try_set_value(Focused::now());
                _ = dialog.show_modal();
            });
        }
    });
    let guard = window_event_listener(ev::beforeunload, move |event| {
        if !copied.try_get_untracked().unwrap_or(true) {
            event.prevent_default();
        }
    });
    on_cleanup(move || guard.remove());
    let let_go = move || {
        if let Some(dialog) = dialog.try_get_untracked().flatten() {
            dialog.close();
        }
        if let Some(opener) = opener.try_update_value(Option::take).flatten() {
            opener.restore();
        }
        answer.try_set(None);
    };
    let close = move || {
        if copied.get_untracked() {
            return let_go();
        }
        asks.set(true);
        if let Some(question) = question.get_untracked() {
            focus_first(&question);
        }
    };
    // The gesture that leads back, and the Escape key: not every browser tells a dialog of it once the focus is elsewhere.
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        close();
    };
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" {
            event.prevent_default();
            close();
        }
    });
    on_cleanup(move || escape.remove());
    let go_back = move || {
        asks.set(false);
        if let Some(dialog) = dialog.get_untracked() {
            _ = dialog.focus();
        }
    };
    let title = format!("Copy the key “{}” now", created.name);
    let heading = title.clone();
    view! {
        <dialog class="dialog-box" aria-label=title tabindex="-1" node_ref=dialog on:cancel=cancel on:close=move |_| let_go()>
            <div class="dialog-content">
                <h2 class="dialog-title">{heading}</h2>
                <p class="dialog-text">"It is shown this once and cannot be shown again. Keep it where your program reads its secrets, never in source code."</p>
                <SecretField label="API key" value=created.secret copied=Callback::new(move |()| {
                    copied.set(true);
                    asks.set(false);
                }) />
                <div role="alert" node_ref=question>
                    {move || asks.get().then(|| view! {
                        <Notice tone=Tone::Warn title="You have not copied the key">
                            <p>"Nobody can show it to you again. Without it you have to create another one."</p>
                            <div class="form-actions">
                                <Button label="Go back" on_click=Callback::new(move |()| go_back()) />
                                <Button label="Close without it" kind=ButtonKind::Danger on_click=Callback::new(move |()| let_go()) />
                            </div>
                        </Notice>
                    })}
                </div>
                {move || (!asks.get()).then(|| view! {
                    <div class="form-actions">
                        <Button label="Done" kind=ButtonKind::Primary on_click=Callback::new(move |()| close()) />
                    </div>
                })}
            </div>
        </dialog>
    }
}

/// The same without JavaScript: a page that asks whether it was copied before it leads on.
#[component]
pub(super) fn HandedOver(created: CreatedKey, #[prop(into)] page: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title=format!("Copy the key “{}” now", created.name)>
            <p>"It is shown this once and cannot be shown again. Keep it where your program reads its secrets, never in source code."</p>
            <Masked secret=created.secret />
            <form method="get" action=page>
                <label class="key-copied"><input type="checkbox" required=true />"I have copied the key"</label>
                <SubmitButton label="Done" kind=ButtonKind::Secondary />
            </form>
        </Notice>
    }
}

/// A secret behind a word that opens it.
#[component]
pub(super) fn Masked(secret: String) -> impl IntoView {
    view! {
        <details class="disclosure">
            <summary>"Show the key"</summary>
            <label class="field-label"><span class="sr-only">"API key"</span>
                <input class="input code" type="text" readonly=true value=secret spellcheck="false" autocomplete="off" />
            </label>
        </details>
    }
}
