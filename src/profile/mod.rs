//! Your profile: a person's own name and the address they sign in with.
//!
//! The name changes at once. A new address is confirmed by the link in the mail to it; until then the old one stays in
//! force. There is one pending change per person, and a newer one replaces it.

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
