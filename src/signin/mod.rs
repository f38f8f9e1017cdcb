//! Sign-in: who you are, how you come in, how you get out, and which of your customers you work for.

pub mod api;
#[cfg(feature = "ssr")]
mod breached;
#[cfg(feature = "ssr")]
pub(crate) mod device;
#[cfg(feature = "ssr")]
pub mod emails;
#[cfg(feature = "ssr")]
mod events;
pub mod model;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub(crate) mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use {
    api::{Identified, SecondFactor, begin, enter},
    events::{Proof, started},
    store::{delete_other_sessions, find_person_by_id, list_customers},
};
