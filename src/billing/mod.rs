//! What the customer pays for: the plan, its price and next charge, the invoices and their documents.
//!
//! The built-in billing applies a change of plan at once. No money is moved here; what is charged is what the
//! subscription says on its billing day.

pub mod api;
pub mod model;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) mod document;
#[cfg(feature = "ssr")]
pub(crate) mod events;
#[cfg(feature = "ssr")]
mod pdf;
#[cfg(feature = "ssr")]
mod present;
#[cfg(feature = "ssr")]
pub(crate) mod rest;
#[cfg(feature = "ssr")]
pub(crate) mod store;
#[cfg(all(test, feature = "ssr"))]
pub(crate) mod tests;
