//! What happens to a second factor.

use serde_json::json;

use crate::server::{config::Config, outbox::Notification};

/// Tells the person that somebody signed in with one of their recovery codes.
pub(super) fn recovery_used(config: &Config, name: &str, email: &str, left: i64) -> Notification {
    let payload = json!({ "email": email, "name": name, "left": left, "url": config.link("/account/second-factor") });
    Notification::new("recovery_code_used", payload)
}
