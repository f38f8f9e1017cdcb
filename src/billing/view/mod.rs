//! The pages of billing.

mod invoices;
mod overview;
mod plans;

pub use overview::BillingPage;
pub use plans::PlanPage;
