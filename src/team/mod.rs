//! Team: who belongs to the customer, as what, and who is invited.
//!
//! An invitation holds a seat from the moment it is sent until it is accepted, revoked or seven days old. Its states:
//! `pending → accepted | revoked | expired`, and a resend makes an expired one pending again with a new link.

#[cfg(feature = "ssr")]
mod emails;
#[cfg(feature = "ssr")]
mod events;
#[cfg(feature = "ssr")]
mod store;

pub mod api;
pub mod model;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use api::members::give_role;
#[cfg(feature = "ssr")]
pub(crate) use emails::render as render_email;
#[cfg(feature = "ssr")]
pub(crate) use store::{has_seat, insert_member, lock, take_invitation};

#[cfg(all(test, feature = "ssr"))]
mod tests;
