//! Foyer: a self-service customer portal for B2B SaaS, compiled twice: for the server and for the browser.
#![recursion_limit = "256"]
#![cfg_attr(test, expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly"))]

pub mod access;
pub mod error;
pub mod field;
pub mod ids;
pub mod money;
pub mod number;
pub mod page;
pub mod plan;
pub mod when;
