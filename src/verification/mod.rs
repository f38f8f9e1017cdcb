//! Verification: the SaaS asks on each of its requests whether an API key is good (`POST /v1/keys/verify`, docs/api.md), and
//! secret scanners report keys that they found in public (`POST /v1/keys/leaked`).
//!
//! ```text
//! checksum ─▶ cache ─▶ PostgreSQL, many keys at once ─▶ verdict ─▶ limit of the minute ─▶ limit of the plan (Redis)
//!               ▲                                                                            │
//!  changes of keys: asked for each second, at once when Redis announces one        calls, last use: in batches
//! ```
//!
//! What a process remembers is believed for at most [`freshness::CEILING`] after PostgreSQL last confirmed it.

mod cache;
mod freshness;
mod histogram;
mod jobs;
mod leaks;
mod lookup;
mod meter;
pub mod model;
mod rates;
mod records;
mod rest;
mod store;
#[cfg(test)]
mod tests;
mod verifier;

pub(crate) use jobs::clear_records;
pub(crate) use leaks::routes as leak_routes;
pub(crate) use rest::routes;
