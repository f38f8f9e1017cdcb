//! Staff: the SaaS's own people, who answer the tickets of all customers. To everybody else these pages do not exist.

pub mod api;
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
pub mod view;
