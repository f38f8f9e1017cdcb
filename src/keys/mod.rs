//! API keys: what a customer's programs sign in with. A key belongs to the customer and survives its maker, is shown once, can
//! be limited, switched off, rotated with an overlap and revoked for good (docs/keys.md). `model/life.rs` draws its states.

pub mod api;
#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use emails::render as render_email;
#[cfg(feature = "ssr")]
pub(crate) use jobs::announce_ends;
#[cfg(feature = "ssr")]
pub(crate) use store::{list_made_by, recipients};
