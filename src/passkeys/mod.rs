//! Passkeys: signing in with a fingerprint, a face or the PIN of a device instead of a password (WebAuthn level 3).
//!
//! A passkey is a key pair that a device or a password manager holds for this portal and nobody else. The portal keeps the
//! public half. A person may have several, and needs to type nothing to sign in with one.

pub mod api;
#[cfg(feature = "ssr")]
mod ceremony;
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
pub(crate) use {
    emails::render as render_email,
    store::{has_any, list_working},
};
