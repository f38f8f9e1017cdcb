//! The platform from outside.

mod access_matrix;
mod audit;
pub(crate) mod dependencies;
pub(crate) mod endpoints;
mod form_errors;
mod log;
mod one_wall;
mod outage;
mod pool;
mod round_trips;
mod security;
mod statements;
mod tenancy;
mod titles;
mod typed_forms;
