//! Your data: a customer takes everything along, and leaves.
//!
//! The export is a ZIP archive that is written while it is read (`docs/export.md` describes the files). Deleting the
//! account has a grace period of 30 days:
//!
//! ```text
//! requested ── cancel, by any owner ──▶ canceled
//!     └── mails 7 days and 1 day before the end ── the end ──▶ completed: closed, erased
//! ```

pub mod api;
#[cfg(feature = "ssr")]
mod archive;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
mod pack;
#[cfg(feature = "ssr")]
pub(crate) mod rest;
#[cfg(feature = "ssr")]
mod sections;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use emails::render as render_email;
#[cfg(feature = "ssr")]
pub(crate) use jobs::close_due;
