//! The pages of the second factor.

mod step_page;

pub use step_page::StepPage;
