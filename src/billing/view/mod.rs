//! The pages of billing.

mod invoices;
mod overview;
mod plans;

pub use overview::{BillingPage, DownloadInvoiceTask};
pub use plans::{PlanPage, UpgradePlanTask};
