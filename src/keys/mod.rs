//! API keys: what a customer's programs sign in with. A key belongs to the customer, is shown once, can be rotated with
//! an overlap and revoked for good.
//!
//! ```text
//! active ── rotate ──▶ active until the overlap ends ──▶ expired
//!    └───── revoke ─────────────┴──▶ revoked (final)
//! ```

pub mod api;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use emails::render as render_email;
#[cfg(feature = "ssr")]
pub(crate) use store::recipients;
