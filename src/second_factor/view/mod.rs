//! The pages of the second factor, and the card of the account page.

mod codes;
mod requirement;
mod setup_page;
mod step_page;

pub use requirement::RequirementCard;
pub use setup_page::SetupPage;
pub use step_page::StepPage;
