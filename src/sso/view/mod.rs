//! The pages of single sign-on.

mod domains;
mod settings;
mod signin_page;

pub use settings::SsoPage;
pub use signin_page::{SignInBySsoPage, StartForm};
