//! What a form knows about its action: whether an answer is awaited, what was wrong, what had been typed.

use super::{
    Done,
    ask::AskLink,
    badge::{Notice, Tone},
    button::ButtonKind,
    focus::focus_first_invalid,
    form_action::FormAction,
    modal,
    toast::use_toast,
};
use crate::{error::AppError, typed::Typed};
use leptos::{html, prelude::*, server_fn::ServerFn};

/// The state of a form, from its action. Small and copied freely.
#[derive(Clone, Copy)]
pub struct FormState {
    error: Signal<Option<AppError>>,
    pending: Signal<bool>,
    succeeded: Signal<bool>,
    answered: RwSignal<String>,
    left: RwSignal<bool>,
    typed: StoredValue<Typed>,
}

impl FormState {
    /// The state of the form that sends this action.
    pub fn of<S>(action: FormAction<S>) -> Self
    where
        S: ServerFn<Error = AppError> + 'static,
        S::Output: Send + Sync + 'static,
    {
        let (value, left) = (action.value(), action.left());
        let error = move || value.with(|value| value.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
        Self {
            error: Signal::derive(move || if left.get() { None } else { error() }),
            left,
            pending: action.pending(),
            answered: action.answered(),
            succeeded: Signal::derive(move || value.with(|value| matches!(value, Some(Ok(_))))),
            typed: action.typed(),
        }
    }

    /// Whether an answer is awaited.
    pub fn pending(&self) -> Signal<bool> {
        self.pending
    }

    /// The fields of the form that was answered last, as they were sent.
    pub(super) fn answered(&self) -> RwSignal<String> {
        self.answered
    }

    /// What went wrong the last time.
    pub fn error(&self) -> Signal<Option<AppError>> {
        self.error
    }

    /// Forgets what went wrong: whoever has left the form is not led back to it.
    pub(super) fn leave(&self) {
        self.left.try_set(true);
        self.typed.try_set_value(Typed::default());
    }

    /// Whether the last answer was good.
    pub fn succeeded(&self) -> Signal<bool> {
        self.succeeded
    }

    /// What is wrong with a field.
    pub fn message(&self, field: &str) -> Signal<Option<String>> {
        let (error, field) = (self.error, field.to_owned());
        Signal::derive(move || {
            error.with(|error| error.as_ref().and_then(AppError::fields).and_then(|fields| fields.message(&field).map(str::to_owned)))
        })
    }

    /// What had been typed into a field of a form that came back without JavaScript, else the stored value.
    pub fn value(&self, field: &str, stored: &str) -> String {
        self.error.with_untracked(|error| {
            let read = error.as_ref().and_then(AppError::fields).and_then(|fields| fields.value(field));
            self.typed.with_value(|typed| read.or_else(|| typed.value(field)).unwrap_or(stored).to_owned())
        })
    }

    /// Shows a notice each time the action succeeds in the browser; a plain form post has `?done=…` instead.
    pub fn announce(self, done: Done) -> Self {
        let toast = use_toast();
        self.on_success(move || toast.done(done));
        self
    }

    /// Calls back each time the action succeeds in the browser.
    pub fn on_success(&self, call: impl Fn() + Send + Sync + 'static) {
        let succeeded = self.succeeded;
        // The first run only learns the state of things: a page may be drawn again after the success it shows.
        Effect::new(move |earlier: Option<()>| {
            if succeeded.get() && earlier.is_some() {
                call();
            }
        });
    }
}

/// Says what went wrong with the form as a whole and what to do; messages of fields stand beside the fields. Moves the
/// focus to the first wrong field.
#[component]
pub fn FormError(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    // All rows of a list share one action: the error of one is none of the others'.
    let own = move || {
        let place = place.get();
        form.answered.with(|fields| fields.is_empty() || place.is_some_and(|place| modal::form_has_sent(&place, fields)))
    };
    Effect::new(move |earlier: Option<()>| {
        let invalid = form.error.with(|error| matches!(error, Some(AppError::Invalid(_))));
        if let (true, Some(()), Some(place)) = (invalid, earlier, place.get_untracked()) {
            focus_first_invalid(&place);
        }
    });
    view! {
        <div class="form-error" role="alert" node_ref=place>
            {move || form.error.get().filter(|_| own()).map(|error| view! { <ErrorNotice error/> })}
        </div>
    }
}

/// An error as a sentence that says what to do.
#[component]
pub fn ErrorNotice(
    /// The error.
    error: AppError,
) -> impl IntoView {
    // In a tab of its own, so that what was filled in here stays.
    let aside = match error {
        AppError::FreshSignIn => Some((
            "Confirm that it is you",
            "Your sign-in is more than five minutes old. What you filled in stays here: confirm in a new tab, then send it again.",
            "/signin/confirm",
            "Confirm in a new tab",
        )),
        // With a way back it also leads out whose session the SaaS had opened.
        AppError::SignIn => Some((
            "Your session has ended",
            "What you filled in stays here. Sign in in a new tab if you have not done so since, then send it again.",
            "/signin?next=/",
            "Sign in in a new tab",
        )),
        _ => None,
    };
    if let Some((title, text, href, label)) = aside {
        return view! {
            <Notice tone=Tone::Warn title>
                <p>{text}</p>
                <p><a class=ButtonKind::Secondary.class(true, false) href=href target="_blank">{label}</a></p>
            </Notice>
        }
        .into_any();
    }
    let tone = if matches!(error, AppError::LimitReached(_) | AppError::NotInSession(_) | AppError::TooMany { .. }) {
        Tone::Warn
    } else {
        Tone::Bad
    };
    let ask = if let AppError::Forbidden(permission) = error { Some(view! { <p><AskLink permission/></p> }) } else { None };
    view! { <Notice tone><p>{error.to_string()}</p>{ask}</Notice> }.into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_to_prove_who_they_are_does_it_beside_the_form() {
        for (error, href) in [(AppError::FreshSignIn, "/signin/confirm"), (AppError::SignIn, "/signin?next=/")] {
            let notice = Owner::new().with(|| view! { <ErrorNotice error /> }.to_html());
            for part in [&format!("href=\"{href}\""), "target=\"_blank\"", "What you filled in stays here"] {
                assert!(notice.contains(part), "{part}: {notice}");
            }
        }
    }
}
