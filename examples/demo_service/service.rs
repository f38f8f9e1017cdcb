//! What the product does, behind a gate that costs each route what it is worth.

use axum::{
    Extension, Json, Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    gate::{Caller, Gate, OnOutage, require_key},
    portal::Portal,
};

/// All routes.
pub fn routes(portal: Portal) -> Router {
    let gate = |scope, cost| Gate { portal: portal.clone(), scope, cost, on_outage: OnOutage::Refuse };
    // Says nothing about anybody, so it goes on without the portal.
    let open = Gate { on_outage: OnOutage::LetIn, ..gate("reports:read", 0) };
    Router::new()
        .route("/kinds", get(kinds).route_layer(from_fn_with_state(open, require_key)))
        .route("/reports", get(reports).route_layer(from_fn_with_state(gate("reports:read", 1), require_key)))
        .route("/events", post(take_events).route_layer(from_fn_with_state(gate("events:write", 10), require_key)))
}

async fn kinds() -> Json<Value> {
    Json(json!({ "kinds_of_reports": ["people", "funnel"] }))
}

async fn reports(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "customer": caller.customer_id, "reports": ["Weekly active people", "Funnel"] }))
}

async fn take_events(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "customer": caller.customer_id, "taken_with": caller.key_id, "kept": !caller.is_test }))
}
