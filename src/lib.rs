//! Foyer.
