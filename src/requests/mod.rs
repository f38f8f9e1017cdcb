//! Access requests: somebody asks for a right that their role does not include. Those who manage the team grant it,
//! which changes the person's role, or decline it.
//!
//! ```text
//! pending ── grant ──▶ granted
//!    ├────── decline ─▶ declined
//!    └────── withdraw ▶ withdrawn      and all of them vanish with the person's membership
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
