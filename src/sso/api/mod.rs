//! Setting up the single sign-on, and signing in with it.

pub mod domains;
pub mod settings;
pub mod signin;
