//! What happens to portal sessions.

use serde_json::json;

use super::model::Flow;
use crate::{
    ids::{PortalSessionId, ServiceTokenId},
    rights::Scopes,
    server::audit::Event,
};

/// For whom a session is, in words.
fn subject(person: Option<&str>) -> String {
    person.map_or_else(|| "Guest".to_owned(), str::to_owned)
}

pub(super) fn created(id: PortalSessionId, person: Option<&str>, scopes: Scopes, flow: Option<Flow>, token: &ServiceTokenId) -> Event {
    Event::new("portal_session.created", subject(person))
        .detail("portal_session_id", id.to_string())
        .detail("scopes", json!(scopes.words()))
        .detail("flow", flow.map(Flow::as_str))
        .detail("service_token_id", token.as_str())
}

pub(super) fn opened(id: PortalSessionId, person: Option<&str>) -> Event {
    Event::new("portal_session.opened", subject(person)).detail("portal_session_id", id.to_string())
}
