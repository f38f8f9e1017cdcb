//! The platform that no slice owns: configuration, database, sessions, tenancy, trail, notifications, HTTP.

pub mod address;
pub mod audit;
pub mod background;
pub mod browser_secret;
pub mod caller;
pub mod clock;
pub mod command;
pub mod config;
mod cookie;
pub mod database;
pub mod development_inbox;
pub mod emails;
pub mod entropy;
pub mod error_page;
pub mod flash;
pub mod form_errors;
pub mod forms;
pub mod health;
pub mod housekeeping;
pub mod mailer;
pub mod outbox;
pub mod pace;
pub mod pdf;
pub mod place;
pub mod queue;
pub mod rate_limit;
pub mod redaction;
pub mod redis;
pub mod refused_forms;
pub mod return_url;
pub mod router;
pub mod scope;
pub mod sealed;
pub mod security;
pub mod seed;
pub mod service_caller;
pub mod session;
pub mod signatures;
pub mod state;
pub mod telemetry;
pub mod tx;
pub mod typed_forms;
pub mod v1;
pub mod worker;

#[cfg(test)]
pub mod testing;
#[cfg(test)]
pub(crate) mod tests;
