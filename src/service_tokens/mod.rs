//! Service tokens: what the SaaS's own back end signs in to `/v1` with. A token belongs to the SaaS and to no customer, is
//! made and revoked on the command line (`foyer token`), and is shown once. The guard that checks it is
//! `server::service_caller`.
//!
//! ```text
//! active ── its time is over ──▶ expired
//!    └───── revoke ──────────────▶ revoked (final)
//! ```

#[cfg(feature = "ssr")]
mod command;
#[cfg(feature = "ssr")]
pub mod model;
#[cfg(feature = "ssr")]
mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;

#[cfg(feature = "ssr")]
pub(crate) use command::{TokenCommand, run};
