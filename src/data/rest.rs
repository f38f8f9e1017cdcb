//! The download of everything. A form posts here, because an export leaves a trace; the answer is the archive itself,
//! written while it is read.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};

use super::{archive::Export, events, pack::Packer, store};
use crate::{
    access::Permission,
    error::AppError,
    server::{
        caller::Caller,
        database::Scope,
        error_page::{self, WayOn},
        state::AppState,
    },
};

/// The routes of a customer's data.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/api/data/export", post(export))
}

async fn export(State(state): State<AppState>, parts: Parts) -> Response {
    match begin(&state, &parts).await {
        Ok(export) => {
            let name = format!("foyer-export-{}.zip", export.now.date());
            let (packer, body) = Packer::start(export.now);
            tokio::spawn(export.run(packer));
            archive_response(&name, body)
        }
        Err(error) => {
            error_page::respond(&state.leptos, &parts.headers, &error, WayOn { path: "/account/data", label: "Back to your data" })
        }
    }
}

/// Checks and notes the export before the first byte is sent. One at a time for each customer, a few for each process.
async fn begin(state: &AppState, parts: &Parts) -> Result<Export, AppError> {
    let caller = Caller::from_parts(parts, Permission::ManageData).await?;
    caller.check_fresh()?;
    let turn = Arc::clone(&state.exporting).try_acquire_owned().map_err(|_| AppError::TooMany { retry_after_seconds: 60 })?;
    let mut snapshot = state.database.begin(Scope::Snapshot(caller.customer_id())).await?;
    if !store::take_turn(&mut snapshot, caller.customer_id()).await? {
        return Err(AppError::Conflict("An export of your data is being made already. Wait until that download is finished.".to_owned()));
    }
    caller.begin().await?.commit(events::exported(&caller)).await?;
    Ok(Export {
        state: state.clone(),
        snapshot,
        turn,
        customer_id: caller.customer_id(),
        customer_name: caller.customer_name().to_owned(),
        requested_by: caller.email().to_owned(),
        now: caller.now(),
    })
}

fn archive_response(name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/zip")), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}
