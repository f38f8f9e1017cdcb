//! The secret of a key that was just made, shown once.

use leptos::{ev, html, prelude::*};

use crate::{error::AppError, keys::model::CreatedKey, portal_sessions::model::DONE_PAGE, ui::*};

/// Where the last answer to a form that makes keys stands.
type Answer = RwSignal<Option<Result<CreatedKey, AppError>>>;

/// What a secret comes with wherever it is shown.
const SHOWN_ONCE: &str =
    "It is shown this once and cannot be shown again. Keep it where your program reads its secrets, never in source code.";

/// Keeps a secret in sight until it was copied, or somebody said that they go on without it.
#[derive(Clone, Copy)]
struct Guard {
    copied: RwSignal<bool>,
    asks: RwSignal<bool>,
    question: NodeRef<html::Div>,
}

impl Guard {
    /// As long as the component stands that makes it, nobody leaves the page without being asked.
    fn new() -> Self {
        let guard = Self { copied: RwSignal::new(false), asks: RwSignal::new(false), question: NodeRef::new() };
        hold_page(move || guard.lets_go());
        guard
    }

    fn note_copied(self) {
        self.copied.set(true);
        self.asks.set(false);
    }

    /// Whether the secret may go. If not, asks.
    fn lets_go(self) -> bool {
        let copied = self.copied.try_get_untracked().unwrap_or(true);
        if !copied {
            self.asks.set(true);
            if let Some(question) = self.question.get_untracked() {
                focus_first(&question);
            }
        }
        copied
    }

    /// Lets it go, copied or not.
    fn give_up(self) {
        self.copied.try_set(true);
    }
}

/// While a key is being made, nobody leaves the page without being asked: its secret comes with the answer and never again.
pub(super) fn hold_for_secret(pending: Signal<bool>) {
    Effect::new(move |_| {
        if pending.get() {
            hold_page(move || !pending.try_get_untracked().unwrap_or(false));
        }
    });
}

/// Shows each new secret in front of the page, until it was copied or let go.
#[component]
pub(super) fn NewSecret(answer: Answer, pending: Signal<bool>) -> impl IntoView {
    hold_for_secret(pending);
    let created = move || answer.get().and_then(Result::ok);
    view! { {move || created().map(|created| view! { <SecretDialog created answer /> })} }
}

/// The dialog around a secret.
#[derive(Clone, Copy)]
struct Shown {
    guard: Guard,
    dialog: NodeRef<html::Dialog>,
    /// What opened the dialog of the form. The page is drawn anew behind this one.
    opener: StoredValue<Option<Focused>>,
    answer: Answer,
}

impl Shown {
    fn new(answer: Answer) -> Self {
        let shown = Self { guard: Guard::new(), dialog: NodeRef::new(), opener: StoredValue::new(None), answer };
        Effect::new(move |_| {
            if let Some(dialog) = shown.dialog.get() {
                // Not at once: the dialog of the form closes first.
                request_animation_frame(move || {
                    shown.opener.try_set_value(Focused::now());
                    _ = dialog.show_modal();
                });
            }
        });
        // The Escape key: not every browser tells a dialog of it once the focus is elsewhere.
        let escape = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                event.prevent_default();
                shown.close();
            }
        });
        on_cleanup(move || escape.remove());
        shown
    }

    /// Closes it, or asks.
    fn close(self) {
        if self.guard.lets_go() {
            self.let_go();
        }
    }

    fn let_go(self) {
        self.guard.give_up();
        if let Some(dialog) = self.dialog.try_get_untracked().flatten() {
            dialog.close();
        }
        if let Some(opener) = self.opener.try_update_value(Option::take).flatten() {
            opener.restore();
        }
        self.answer.try_set(None);
    }

    /// The browser has closed it: some do so without asking when a key or a gesture comes twice.
    fn was_closed(self) {
        if let (false, Some(Some(dialog))) = (self.guard.copied.try_get_untracked().unwrap_or(true), self.dialog.try_get_untracked()) {
            _ = dialog.show_modal();
        }
        self.close();
    }

    fn go_back(self) {
        self.guard.asks.set(false);
        if let Some(dialog) = self.dialog.get_untracked() {
            _ = dialog.focus();
        }
    }
}

/// Asks before it closes without the secret having been copied.
#[component]
fn SecretDialog(created: CreatedKey, answer: Answer) -> impl IntoView {
    let shown = Shown::new(answer);
    let guard = shown.guard;
    // The gesture that leads back.
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        shown.close();
    };
    let title = format!("Copy the key “{}” now", created.name);
    let heading = title.clone();
    view! {
        <dialog class="dialog-box" aria-label=title tabindex="-1" node_ref=shown.dialog on:cancel=cancel on:close=move |_| shown.was_closed()>
            <div class="dialog-content">
                <h2 class="dialog-title">{heading}</h2>
                <p class="dialog-text">{SHOWN_ONCE}</p>
                <SecretField label="API key" value=created.secret copied=Callback::new(move |()| guard.note_copied()) />
                <Question guard stay=Callback::new(move |()| shown.go_back()) leave="Close without it" on_leave=Callback::new(move |()| shown.let_go()) />
                {move || (!guard.asks.get()).then(|| view! {
                    <div class="form-actions">
                        <Button label="Done" kind=ButtonKind::Primary on_click=Callback::new(move |()| shown.close()) />
                    </div>
                })}
            </div>
        </dialog>
    }
}

/// What is asked of whoever goes on without having copied the secret.
#[component]
fn Question(guard: Guard, stay: Callback<()>, leave: &'static str, on_leave: Callback<()>) -> impl IntoView {
    view! {
        <div role="alert" node_ref=guard.question>
            {move || guard.asks.get().then(|| view! {
                <Notice tone=Tone::Warn title="You have not copied the key">
                    <p>"Nobody can show it to you again. Without it you have to create another one."</p>
                    <div class="form-actions">
                        <Button label="Go back" on_click=stay />
                        <Button label=leave kind=ButtonKind::Danger on_click=on_leave />
                    </div>
                </Notice>
            })}
        </div>
    }
}

/// The secret in the page of a task, and the way on; asks as the dialog does.
#[component]
pub(super) fn CopyTask(created: CreatedKey) -> impl IntoView {
    let guard = Guard::new();
    let leave = move || {
        guard.give_up();
        go(DONE_PAGE);
    };
    let done = move || {
        if guard.lets_go() {
            leave();
        }
    };
    view! {
        <div class="stack">
            <Notice tone=Tone::Warn title=format!("Copy the key “{}” now", created.name)>
                <p>{SHOWN_ONCE}</p>
                <SecretField label="API key" value=created.secret copied=Callback::new(move |()| guard.note_copied()) />
            </Notice>
            <Question guard stay=Callback::new(move |()| guard.asks.set(false)) leave="Go on without it" on_leave=Callback::new(move |()| leave()) />
            {move || (!guard.asks.get()).then(|| view! {
                <p><Button label="I have copied the key" kind=ButtonKind::Primary on_click=Callback::new(move |()| done()) /></p>
            })}
        </div>
    }
}

/// The same without JavaScript: a page that asks whether it was copied before it leads on.
#[component]
pub(super) fn HandedOver(created: CreatedKey, #[prop(into)] page: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title=format!("Copy the key “{}” now", created.name)>
            <p>{SHOWN_ONCE}</p>
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
fn Masked(secret: String) -> impl IntoView {
    view! {
        <details class="disclosure">
            <summary>"Show the key"</summary>
            <label class="field-label"><span class="sr-only">"API key"</span>
                <input class="input code" type="text" readonly=true value=secret spellcheck="false" autocomplete="off" />
            </label>
        </details>
    }
}
