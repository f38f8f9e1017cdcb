//! The dashboard: where the customer stands and what can be done at once, on one page and from one statement.

pub mod api;
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;
