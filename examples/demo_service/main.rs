//! A product whose customers manage their API keys in the portal: it asks the portal about the key of each call, which also
//! counts the call against the customer's plan.
//!
//! ```text
//! PORTAL_TOKEN=$(foyer token create --name Demo --scope keys:verify) cargo run --example demo_service --features ssr
//! curl -H "Authorization: Bearer sk_live_…" http://127.0.0.1:4000/reports
//! ```

mod gate;
mod portal;

use std::{error::Error, net::SocketAddr};

use axum::{
    Extension, Json, Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use gate::{Caller, Gate, OnOutage, require_key};
use portal::Portal;
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "this program is told by its environment where the portal is")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = variable("PORTAL_URL").unwrap_or_else(|| "http://127.0.0.1:3000".to_owned());
    let token = variable("PORTAL_TOKEN").ok_or("PORTAL_TOKEN is not set: foyer token create --name Demo --scope keys:verify")?;
    let portal = Portal::new(&address, token)?;
    let gate = |scope, cost, on_outage| Gate { portal: portal.clone(), scope, cost, on_outage };
    let service = Router::new()
        .route("/reports", get(reports).route_layer(from_fn_with_state(gate("reports:read", 1, OnOutage::Refuse), require_key)))
        .route("/events", post(take_events).route_layer(from_fn_with_state(gate("events:write", 10, OnOutage::Refuse), require_key)))
        .route("/regions", get(regions).route_layer(from_fn_with_state(gate("reports:read", 1, OnOutage::LetIn), require_key)));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 4000)).await?;
    println!("Serving /reports, /events and /regions at http://{}; keys are checked at {address}", listener.local_addr()?);
    axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

async fn reports(Extension(caller): Extension<Caller>) -> Json<Value> {
    // A test key shows the form of an answer, and nothing of the customer's.
    let reports = if caller.is_test { ["Example", "Another example"] } else { ["Weekly active people", "Funnel"] };
    Json(json!({ "customer": caller.customer_id, "reports": reports }))
}

/// What anybody may know: with the portal away the answer is the same, only uncounted.
async fn regions() -> Json<Value> {
    Json(json!(["eu-central", "us-east"]))
}

async fn take_events(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "customer": caller.customer_id, "taken_with": caller.key_id }))
}
