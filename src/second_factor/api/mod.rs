//! Setting up and giving the second factor.

pub mod requirement;
pub mod setup;
pub mod step;
