//! What all routes of `/v1` share: JSON in, JSON out, and one form of error, described in `docs/api.md`.

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::any,
};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::state::AppState;
use crate::error::AppError;

/// The largest JSON that is read, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Whether a path belongs to the API: its callers send a token with each request and never a cookie.
pub fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

/// Answers for addresses that are none.
pub fn routes() -> Router<AppState> {
    Router::new().route("/v1/{*rest}", any(not_found))
}

async fn not_found() -> ApiError {
    of_status(StatusCode::NOT_FOUND)
}

/// An error as programs read it: `{"error":{"code","message"}}`.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after_seconds: Option<u32>,
}

impl ApiError {
    /// An error; `code` never changes, the message is for people.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after_seconds: None }
    }

    /// The program calls too fast.
    pub fn too_many(retry_after_seconds: u32) -> Self {
        let message = format!("Too many calls. Wait for {retry_after_seconds} s, as Retry-After says, and call more slowly.");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
        Self { retry_after_seconds: Some(retry_after_seconds), ..error }
    }

    /// The error behind a status alone.
    pub fn of_status(status: StatusCode) -> Self {
        of_status(status)
    }

    /// The request was read and makes no sense; the message says which field, and what it should be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Unavailable => of_status(StatusCode::SERVICE_UNAVAILABLE),
            AppError::NotFound => of_status(StatusCode::NOT_FOUND),
            AppError::Internal { reference } => {
                let message = format!("Something went wrong on our side and nothing was changed. The log has it as {reference}.");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
            }
            other => Self::invalid(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        AppError::from(error).into()
    }
}

/// Reads a JSON body. Unknown fields are refused if the type says so (`deny_unknown_fields`).
///
/// # Errors
/// 415 for another content type, 413 for a body that is too large, 400 for what is no JSON, 422 for what is not the wanted
/// JSON.
pub async fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let bytes = to_bytes(body, BODY_LIMIT).await.map_err(|_| of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        if error.is_data() {
            ApiError::invalid(format!("The JSON is not what this address takes: {error}."))
        } else {
            ApiError::new(StatusCode::BAD_REQUEST, "invalid_json", format!("The body is not JSON: {error}."))
        }
    })
}

/// The error behind a status that no route gave: one of the layers around them did.
fn of_status(status: StatusCode) -> ApiError {
    let (code, message) = match status {
        StatusCode::NOT_FOUND => ("not_found", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This address does not answer to this method."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is larger than 64 KiB."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "Send JSON: Content-Type: application/json."),
        StatusCode::SERVICE_UNAVAILABLE => ("unavailable", "The portal cannot reach its data right now. Nothing was changed. Try again."),
        status if status.is_client_error() => ("bad_request", "The request could not be read."),
        _ => ("internal", "Something went wrong on our side and nothing was changed."),
    };
    ApiError::new(status, code, message)
}

/// Gives every answer of the API its form, also those that the layers around the routes give: JSON, kept by nobody.
pub async fn layer(request: Request, next: Next) -> Response {
    let is_api = is_api(request.uri().path());
    let response = next.run(request).await;
    if !is_api {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if json || !(parts.status.is_client_error() || parts.status.is_server_error()) {
        return Response::from_parts(parts, body);
    }
    let error = of_status(parts.status).into_response();
    for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
        parts.headers.remove(name);
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, error.into_body())
}
