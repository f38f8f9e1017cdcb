//! Single sign-on: the people of a customer sign in with its own identity provider (OpenID Connect Core 1.0).
//!
//! Whoever runs the provider can say that anybody signed in. So it is believed for one customer only, about addresses of
//! domains that this customer has proved to own, and a session that it begins reaches nothing beyond this customer.
//!
//! ```text
//! start ──▶ provider ──▶ callback ─┬─ identity known ───────────────▶ session
//!  state, nonce, PKCE              ├─ member with this address ─────▶ identity noted ──▶ session
//!  bound to the browser            └─ nobody yet ──▶ joins the team ─▶ identity noted ──▶ session
//! ```

pub mod api;
#[cfg(feature = "ssr")]
mod arrival;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
mod provider;
#[cfg(feature = "ssr")]
mod recheck;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use store::{bar, check_loss};
#[cfg(feature = "ssr")]
pub(crate) use {emails::render as render_email, jobs::recheck_domains};
