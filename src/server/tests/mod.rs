//! The platform from outside.

mod round_trips;
mod security;
