//! What pages read from server functions; `fetch_server.rs` is the other half.
//!
//! The framework makes a resource, a request and a reader of answers anew for each type of data, which was a seventh of
//! the first load (bench/bytes). Here all data takes one way through the framework as text, and is read where it is shown.

use std::{fmt, future::Future, marker::PhantomData, pin::Pin, str::FromStr};

use leptos::{
    prelude::*,
    serde_json,
    server_fn::{
        ServerFn,
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};

use super::side;
use crate::error::AppError;

/// What a page reads from one server function. Small and copied freely.
pub struct Fetch<T> {
    answer: Resource<Answer, codee::string::FromToStringCodec>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetch<T> {}

/// A `Result<T, AppError>` whose data was not read yet.
#[derive(Clone)]
enum Answer {
    Data(String),
    Failure(AppError),
}

/// The form in which the server puts it into the page: serde's JSON of a `Result`.
impl FromStr for Answer {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Self, serde_json::Error> {
        match text.strip_prefix(r#"{"Ok":"#).and_then(|rest| rest.strip_suffix('}')) {
            Some(data) => Ok(Self::Data(data.to_owned())),
            None => serde_json::from_str::<Result<(), AppError>>(text)
                .map(|result| Self::Failure(result.err().unwrap_or(AppError::Unavailable))),
        }
    }
}

/// The framework asks for both directions; only the server writes pages.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(text) => write!(f, r#"{{"Ok":{text}}}"#),
            Self::Failure(error) => f.write_str(&serde_json::to_string(&Err::<(), _>(error)).unwrap_or_default()),
        }
    }
}

impl<T: DeserializeOwned> Fetch<T> {
    /// What this function answers; asked for again when its arguments change.
    pub fn new<S>(ask: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: ServerFn<Output = T, Error = AppError> + Serialize,
    {
        Self::again(|| 0, ask)
    }

    /// What this function answers; asked for again when its arguments change, and after each answer to a form, whose
    /// versions `answers` adds up.
    pub fn again<S>(answers: impl Fn() -> usize + Send + Sync + 'static, ask: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: ServerFn<Output = T, Error = AppError> + Serialize,
    {
        let address = move || (answers(), format!("{}?{}", S::PATH, serde_qs::to_string(&ask()).unwrap_or_default()));
        Self { answer: answer(Box::new(address)), of: PhantomData }
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// The function's error, or `Unreachable` if the portal cannot be reached.
    pub async fn ready(self) -> Result<T, AppError> {
        let answer = self.answer.await;
        match &answer {
            Answer::Data(text) => serde_json::from_str(text).map_err(|error| unreadable(&error)),
            Answer::Failure(error) => Err(error.clone()),
        }
    }
}

/// Asks once more for something that a page shows.
///
/// # Errors
/// The function's error, or `Unreachable` if the portal cannot be reached.
pub async fn ask_again<S>(of: S) -> Result<S::Output, AppError>
where
    S: ServerFn<Error = AppError> + Serialize,
    S::Output: DeserializeOwned,
{
    let text = side::get(&format!("{}?{}", S::PATH, serde_qs::to_string(&of).unwrap_or_default())).await?;
    serde_json::from_str(&text).map_err(|error| unreadable(&error))
}

type Address = Box<dyn Fn() -> (usize, String) + Send + Sync>;

fn answer(address: Address) -> Resource<Answer, codee::string::FromToStringCodec> {
    let ask = |(_, address): (usize, String)| -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        // There is one thread in a browser.
        Box::pin(SendWrapper::new(async move {
            match side::get(&address).await {
                Ok(text) => Answer::Data(text),
                Err(error) => Answer::Failure(error),
            }
        }))
    };
    Resource::new_str(address, ask)
}

fn unreadable(error: &serde_json::Error) -> AppError {
    AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
}
