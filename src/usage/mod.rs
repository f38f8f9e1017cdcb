//! Usage: what the customer has used of its plan. Calls and storage are counted in Redis while the month runs and
//! stored per day in PostgreSQL; the people are counted where they are.
//!
//! To meter something else: a [`model::Metric`], its limit in `plan`, a CHECK in the migration.

pub mod api;
#[cfg(feature = "ssr")]
mod counters;
#[cfg(feature = "ssr")]
mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use api::{find_used, meters};
#[cfg(feature = "ssr")]
pub(crate) use counters::{read as read_counters, stored_calls};
#[cfg(feature = "ssr")]
pub(crate) use jobs::store_counters;
#[cfg(feature = "ssr")]
pub(crate) use store::Snapshot;
