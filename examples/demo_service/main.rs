//! A product whose customers manage their API keys in the portal: it asks the portal about the key of each call, which also
//! counts the call against the customer's plan.
//!
//! Beside the demo `make demo-service` runs it; then:
//!
//! ```text
//! curl -H "Authorization: Bearer sk_live_…" http://127.0.0.1:4000/reports
//! ```
//!
//! It reads `PORTAL_URL`, where the portal is, and `PORTAL_TOKEN`, which `foyer token create --name Demo --scope keys:verify` prints.

mod gate;
mod portal;
mod service;

use std::{error::Error, net::SocketAddr};

use portal::Portal;

#[expect(clippy::disallowed_methods, reason = "this program is told by its environment where the portal is")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = variable("PORTAL_URL").unwrap_or_else(|| "http://127.0.0.1:3000".to_owned());
    let token = variable("PORTAL_TOKEN").ok_or("PORTAL_TOKEN is not set: foyer token create --name Demo --scope keys:verify")?;
    let service = service::routes(Portal::new(&address, token)?);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 4000)).await?;
    println!("Serving /reports, /events and /kinds at http://{}; keys are checked at {address}", listener.local_addr()?);
    axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
