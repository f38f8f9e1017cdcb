//! The pages of billing.

mod invoices;
mod overview;
mod plans;

pub use invoices::StateBadge;
pub use overview::{BillingPage, DownloadInvoiceTask};
pub use plans::{PlanPage, UpgradePlanTask};
