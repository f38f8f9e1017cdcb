//! Activity: the customer's own view of its trail. Every change in the portal leaves an entry that says who did what, when,
//! from which address, and what it was before; nobody can take one away without breaking the chain (docs/audit.md).
//!
//! The entries are written by `server/audit`, in the transaction of the change. A new kind of event needs its sentence in
//! `sentence` and its area in `model`; a test fails while it has none.

pub mod api;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod filter;
pub mod model;
#[cfg(feature = "ssr")]
pub(crate) mod rest;
#[cfg(feature = "ssr")]
mod sentence;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;
