//! What pages read from server functions, while the server renders them; `fetch_browser.rs` is the other half.

use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::AppError;

/// What a page reads from one server function. Small and copied freely.
pub struct Fetch<T: Send + Sync + 'static>(Resource<Result<T, AppError>>);

impl<T: Send + Sync> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync> Copy for Fetch<T> {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned> Fetch<T> {
    /// What this function answers; asked for again when its arguments change.
    pub fn new<S>(ask: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: ServerFn<Output = T, Error = AppError> + 'static,
    {
        Self::again(|| 0, ask)
    }

    /// What this function answers; asked for again when its arguments change, and after each answer to a form, whose
    /// versions `answers` adds up.
    pub fn again<S>(_answers: impl Fn() -> usize + Send + Sync + 'static, ask: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: ServerFn<Output = T, Error = AppError> + 'static,
    {
        // What it waits for can take tens of kilobytes, which the framework would move ten times a page.
        Self(Resource::new(|| (), move |()| Box::pin(untrack(&ask).run_body())))
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// The function's error.
    pub async fn ready(self) -> Result<T, AppError> {
        self.0.await
    }
}

/// Asks once more for something that a page shows: only a browser does.
///
/// # Errors
/// The function's error.
pub async fn ask_again<S>(of: S) -> Result<S::Output, AppError>
where
    S: ServerFn<Error = AppError>,
{
    of.run_body().await
}
