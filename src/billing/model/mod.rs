//! Billing rules: the states of an invoice, which plan a customer may change to, and what that costs.

mod invoice;
mod plan_change;

pub use invoice::*;
pub use plan_change::*;
