//! Forms that are plain posts and, once the page is alive, send themselves without leaving it.
//!
//! The framework's `ActionForm` makes a client of its own for every form: it decodes the fields into the function's
//! arguments, encodes them again and waits for the answer, all compiled anew for each. That was a fifth of the first load
//! (bench/bytes). Here every form sends its fields as they are through the same few functions; only its answer has a type.

use super::side;
use crate::{
    error::AppError,
    typed::{Returned, Typed},
};
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
    /// The fields of those forms whose answers are awaited: each row of a list may send its own.
    under_way: RwSignal<Vec<String>>,
    /// The fields of the form that was answered last.
    answered: RwSignal<String>,
    version: RwSignal<usize>,
    /// Whether the person has left the form since that answer.
    left: RwSignal<bool>,
    typed: StoredValue<Typed>,
}

impl Sending {
    /// With the error with which the form came back, if it was posted without JavaScript.
    fn new(path: &'static str) -> (Self, Option<AppError>) {
        let error = use_context::<ServerActionError>().filter(|error| error.path() == path);
        let returned = error.map(|error| ServerFnUrlError::decode_err(&side::whole_error(error.err())));
        let (error, typed) = returned.map_or_else(Default::default, |Returned(error, typed)| (Some(error), typed));
        let sending = Self {
            path,
            under_way: RwSignal::new(vec![]),
            answered: RwSignal::new(String::new()),
            version: RwSignal::new(0),
            left: RwSignal::new(false),
            typed: StoredValue::new(typed),
        };
        (sending, error)
    }
}

/// Whether the form around a button waits for an answer.
#[derive(Clone, Copy)]
pub(super) struct FormPending(pub(super) RwSignal<bool>);

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
        let (sending, error) = Sending::new(S::PATH);
        Self { answer: RwSignal::new(error.map(Err)), sending }
    }

    /// The last answer.
    pub fn value(&self) -> RwSignal<Option<Result<S::Output, AppError>>> {
        self.answer
    }

    /// Whether an answer is awaited.
    pub fn pending(&self) -> Signal<bool> {
        let under_way = self.sending.under_way;
        Signal::derive(move || under_way.with(|under_way| !under_way.is_empty()))
    }

    /// The fields of the form that was answered last, as they were sent.
    pub fn answered(&self) -> RwSignal<String> {
        self.sending.answered
    }

    /// Whether the person has left the form since it was answered last.
    pub fn left(&self) -> RwSignal<bool> {
        self.sending.left
    }

    /// What was typed into a form that came back with an error of none of its fields.
    pub fn typed(&self) -> StoredValue<Typed> {
        self.sending.typed
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
    let pending = FormPending(RwSignal::new(false));
    provide_context(pending);
    form(action.sending, pending, Arc::new(answered), children())
}

fn unreadable(error: serde_json::Error) -> AppError {
    AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
}

type Answered = Arc<dyn Fn(Result<String, AppError>) + Send + Sync>;

fn form(sending: Sending, FormPending(pending): FormPending, answered: Answered, fields: AnyView) -> AnyView {
    let submit = move |event: SubmitEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let Some(fields) = side::fields_of(&event) else { return };
        // A second press while the answer is awaited is the same wish, and so is one after a press before the page was alive.
        if pending.get_untracked()
            || side::document_is_coming()
            || sending.under_way.with_untracked(|under_way| under_way.contains(&fields))
        {
            return;
        }
        pending.set(true);
        sending.under_way.update(|under_way| under_way.push(fields.clone()));
        // The form may be drawn anew before the answer comes: its page still waits for it.
        let answered = Arc::clone(&answered);
        spawn_local(async move {
            let answer = side::post(sending.path, &fields).await;
            // The page may have been left meanwhile.
            pending.try_set(false);
            sending.under_way.try_update(|under_way| under_way.retain(|sent| *sent != fields));
            sending.answered.try_set(fields);
            // It belonged to the answer before.
            sending.typed.try_set_value(Typed::default());
            answered(answer);
            sending.left.try_set(false);
            sending.version.try_update(|version| *version += 1);
        });
    };
    view! { <form action=side::of_page(sending.path) method="post" on:submit=submit>{fields}</form> }.into_any()
}
