//! Setting up and giving the second factor.

pub mod step;
