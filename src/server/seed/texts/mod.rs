//! The words of the demo.

pub(super) mod people;
pub(super) mod places;
pub(super) mod topics;
pub(super) mod threads;
