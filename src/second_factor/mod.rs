//! The second factor: codes of an authenticator app beside the password, recovery codes for the day on which the app is
//! lost, and customers that let in nobody without.
//!
//! Whoever has one gives it at every sign-in by password or mailed code, and whenever they confirm who they are. A passkey
//! and a customer's own identity provider are two factors by themselves.

pub mod api;
#[cfg(feature = "ssr")]
mod check;
#[cfg(feature = "ssr")]
mod command;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
pub mod model;
#[cfg(feature = "ssr")]
mod picture;
#[cfg(feature = "ssr")]
mod refusal;
#[cfg(feature = "ssr")]
mod seed;
#[cfg(feature = "ssr")]
mod step;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use {
    check::accept,
    command::{SecondFactorCommand, run},
    emails::render as render_email,
    refusal::refuse,
    step::{Step, ask},
    store::is_on,
};
