//! Portal sessions: the SaaS's own back end opens the portal for somebody, limited to scopes and perhaps to one task.
//!
//! ```text
//! created ── swapped by POST within 15 minutes ──▶ used: a session of at most 24 hours, an hour without use
//!    └────── 15 minutes later ─────────────────────▶ no longer valid
//! ```
//! Opening the link changes nothing: programs follow links too. A session for a member acts as that person within its
//! scopes; one without a member is a guest, has exactly its scopes, and stands in the trail under the name of the service
//! token that opened it.

pub mod api;
#[cfg(feature = "ssr")]
mod events;
pub mod model;
#[cfg(feature = "ssr")]
mod request;
#[cfg(feature = "ssr")]
pub mod rest;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;
