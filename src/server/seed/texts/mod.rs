//! The words of the demo.

pub(super) mod people;
pub(super) mod places;
pub(super) mod threads;
pub(super) mod topics;
