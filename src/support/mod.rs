//! Support: tickets that a customer's people open, and the conversation in them.
//!
//! ```text
//! open (waits for support) ── support answers ──▶ pending (waits for the customer)
//!   ▲  ▲                                            │        │
//!   │  └───────────── customer replies ─────────────┘        │ either side closes
//!   └──────────────── customer replies ──── closed ◀─────────┘
//! ```
//! Everybody of a customer sees all its tickets. Support's side is `staff/`.

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
pub(crate) use {
    emails::render as render_email,
    events::closed as closed_event,
    store::{Contact, NewMessage, contact, find_for_update, insert_message, set_status, thread, was_just_written},
};
