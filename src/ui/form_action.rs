//! Forms that are plain posts and, once the page is alive, send themselves without leaving it.
//!
//! The framework's `ActionForm` makes a client of its own for every form: it decodes the fields into the function's
//! arguments, encodes them again and waits for the answer, all compiled anew for each. That was a fifth of the first load
//! (bench/bytes). Here every form sends its fields as they are through the same few functions; only its answer has a type.

use super::side;
use crate::error::AppError;
use leptos::{
    ev::SubmitEvent,
    prelude::*,
    serde_json,
    server::ServerActionError,
    server_fn::{
        ServerFn,
        error::{FromServerFnError, ServerFnErrorErr, ServerFnUrlError},
    },
    task::spawn_local,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A form's way to its server function, and the last answer. Small and copied freely.
pub struct FormAction<S: ServerFn<Error = AppError>>
where
    S::Output: Send + Sync + 'static,
{
    answer: RwSignal<Option<Result<S::Output, AppError>>>,
    sending: Sending,
}

/// What is the same for all forms.
#[derive(Clone, Copy)]
struct Sending {
    path: &'static str,
    pending: RwSignal<bool>,
    version: RwSignal<usize>,
}

impl<S: ServerFn<Error = AppError>> Clone for FormAction<S>
where
    S::Output: Send + Sync + 'static,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ServerFn<Error = AppError>> Copy for FormAction<S> where S::Output: Send + Sync + 'static {}

impl<S: ServerFn<Error = AppError>> FormAction<S>
where
    S::Output: Send + Sync + 'static,
{
    /// For a form of this page. Holds the error with which the form came back, if it was posted without JavaScript.
    #[expect(clippy::new_without_default, reason = "it reads where it is made: a default would hide that")]
    pub fn new() -> Self {
        let error = use_context::<ServerActionError>().filter(|error| error.path() == S::PATH);
        let error = error.map(|error| Err(ServerFnUrlError::decode_err(&side::whole_error(error.err()))));
        let sending = Sending { path: S::PATH, pending: RwSignal::new(false), version: RwSignal::new(0) };
        Self { answer: RwSignal::new(error), sending }
    }

    /// The last answer.
    pub fn value(&self) -> RwSignal<Option<Result<S::Output, AppError>>> {
        self.answer
    }

    /// Whether an answer is awaited.
    pub fn pending(&self) -> RwSignal<bool> {
        self.sending.pending
    }

    /// Counts the answers.
    pub fn version(&self) -> RwSignal<usize> {
        self.sending.version
    }
}

/// A form that sends its fields to a server function. The children are its fields and buttons.
#[component]
pub fn PostForm<S>(
    /// Where it is sent.
    action: FormAction<S>,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Error = AppError> + 'static,
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    let answered = move |answer: Result<String, AppError>| {
        let read = |text: String| serde_json::from_str(&text).map_err(unreadable);
        action.answer.try_set(Some(answer.and_then(read)));
    };
    form(action.sending, Arc::new(answered), children())
}

fn unreadable(error: serde_json::Error) -> AppError {
    AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
}

fn form(sending: Sending, answered: Arc<dyn Fn(Result<String, AppError>) + Send + Sync>, fields: AnyView) -> AnyView {
    let submit = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        // A second press while the answer is awaited is the same wish.
        let (false, Some(fields)) = (sending.pending.get_untracked(), side::fields_of(&event)) else { return };
        sending.pending.set(true);
        // The form may be drawn anew before the answer comes: its page still waits for it.
        let answered = Arc::clone(&answered);
        spawn_local(async move {
            let answer = side::post(sending.path, &fields).await;
            // The page may have been left meanwhile.
            sending.pending.try_set(false);
            answered(answer);
            sending.version.try_update(|version| *version += 1);
        });
    };
    view! { <form action=side::of_page(sending.path) method="post" on:submit=submit>{fields}</form> }.into_any()
}
