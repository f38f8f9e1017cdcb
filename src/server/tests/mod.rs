//! The platform from outside.

mod outage;
mod round_trips;
mod security;
