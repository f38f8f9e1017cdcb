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
    let gate = |scope, cost| Gate { portal: portal.clone(), scope, cost, on_outage: OnOutage::Refuse };
    // Says nothing about anybody, so it goes on without the portal.
    let open = Gate { on_outage: OnOutage::LetIn, ..gate("reports:read", 0) };
    let service = Router::new()
        .route("/kinds", get(kinds).route_layer(from_fn_with_state(open, require_key)))
        .route("/reports", get(reports).route_layer(from_fn_with_state(gate("reports:read", 1), require_key)))
        .route("/events", post(take_events).route_layer(from_fn_with_state(gate("events:write", 10), require_key)));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 4000)).await?;
    println!("Serving /reports, /events and /kinds at http://{}; keys are checked at {address}", listener.local_addr()?);
    axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
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
