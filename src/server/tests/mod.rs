//! The platform from outside.

mod access_matrix;
mod audit;
pub(crate) mod dependencies;
pub(crate) mod endpoints;
mod outage;
mod round_trips;
mod security;
mod tenancy;
