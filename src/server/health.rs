//! Whether the process lives and whether it can serve.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::json;

use super::state::AppState;

/// `/livez` touches nothing; `/readyz` answers 503 while PostgreSQL is away. Redis away only degrades.
pub fn routes() -> Router<AppState> {
    Router::new().route("/livez", get(async || "ok")).route("/readyz", get(ready))
}

async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let (database, redis) = tokio::join!(state.database.is_up(), state.redis.is_up());
    let word = |up: bool| if up { "up" } else { "away" };
    let status = if database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "postgresql": word(database), "redis": word(redis) })))
}
