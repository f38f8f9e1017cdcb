//! Billing rules: the states of an invoice, which plan a customer may change to, and what that costs.

mod invoice;
mod plan_change;
mod plan_preview;
mod summary;

pub use invoice::*;
pub use plan_change::*;
pub use plan_preview::*;
pub use summary::*;
