//! All routes and the layers around them.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::Response,
};
use leptos::{nonce::Nonce, prelude::*};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower::{Layer, util::MapRequestLayer};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType},
    limit::RequestBodyLimitLayer,
    normalize_path::{NormalizePath, NormalizePathLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};

use super::{development_inbox, form_errors, health, refused_forms, return_url, scope, security, state::AppState, v1};
use crate::{
    activity,
    app::{App, shell},
    billing, data,
    error::AppError,
    portal_sessions, verification,
};

/// The largest form or JSON that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 256 * 1024;

/// A page or an answer takes no longer than this.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// The addresses of the pages. Looked for once in a process: while leptos looks for them, a page that is being rendered on
/// another thread never gets its data (leptos issue 4773).
pub(super) static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The whole portal as one service: every page, server function, route and file.
pub fn portal(state: &AppState) -> NormalizePath<Router> {
    // A trailing slash would reach leptos' fallback without its guards, so it is cut off before routing.
    NormalizePathLayer::trim_trailing_slash().layer(routes(state))
}

fn routes(state: &AppState) -> Router {
    let options = state.leptos.clone();
    let files = format!("/{}", options.site_pkg_dir);
    let shell_options = options.clone();
    let router = Router::new()
        .leptos_routes_with_context(state, PAGES.clone(), provide_request, move || shell(shell_options.clone()))
        .merge(health::routes())
        .merge(development_inbox::routes(&state.config))
        .merge(billing::rest::routes())
        .merge(activity::rest::routes())
        .merge(data::rest::routes())
        .merge(portal_sessions::rest::routes())
        .merge(verification::leak_routes())
        .merge(v1::routes())
        .nest_service(&files, packaged_files(&options))
        .fallback(leptos_axum::file_and_error_handler_with_context::<AppState, _>(provide_request, shell));
    // The layers stand around one service instead of around each route: a request copies what is inside of each layer.
    Router::new()
        .fallback_service(router.with_state(state.clone()))
        .layer(middleware::from_fn(answer_status))
        .layer(middleware::from_fn(return_url::lead_back))
        .layer(middleware::from_fn_with_state(state.clone(), form_errors::layer))
        .layer(middleware::from_fn_with_state(state.clone(), scope::layer))
        .layer(middleware::from_fn_with_state(state.clone(), security::same_origin))
        .layer(CompressionLayer::new().compress_when(not_compressed_yet()))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(v1::layer))
        // Around the layers that answer themselves, so that no answer goes without (ASVS 5.0, 3.4).
        .layer(middleware::from_fn_with_state(state.clone(), security::headers))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(MapRequestLayer::new(forget_request_id))
        // After the layers: it does without them.
        .merge(verification::routes(state))
}

/// The browser's files: their names change with their content, so they may be kept for ever.
fn packaged_files(options: &LeptosOptions) -> Router {
    let folder = format!("{}/{}", options.site_root, options.site_pkg_dir);
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    Router::new()
        .fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip())
        .layer(middleware::map_response(move |mut response: Response| {
            let forever = forever.clone();
            async move {
                if response.status().is_success() {
                    response.headers_mut().insert(header::CACHE_CONTROL, forever);
                }
                response
            }
        }))
        .layer(SetResponseHeaderLayer::if_not_present(header::VARY, HeaderValue::from_static("accept-encoding")))
}

/// PDFs and archives are compressed already. WebAssembly is compressed when a release is built; that of a development build
/// would take seconds of each first load.
fn not_compressed_yet() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/wasm"))
}

/// Gives leptos the nonce of this answer instead of one of its own. Runs for pages and server functions alike.
fn provide_request() {
    if let Some(nonce) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Nonce>().cloned()) {
        provide_context(nonce);
    }
}

/// Request ids are ours: one sent from outside could forge log lines.
fn forget_request_id(mut request: Request) -> Request {
    request.headers_mut().remove("x-request-id");
    request
}

/// The span of a request in the log. The query is left out: it may hold what somebody typed.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let path = request.uri().path();
    let path = match path.split('/').nth(1) {
        // The rest of these paths is a secret.
        Some(area @ ("invite" | "profile" | "reset" | "session")) => format!("/{area}/…"),
        _ => path.to_owned(),
    };
    tracing::info_span!("request", id, method = %request.method(), path)
}

/// leptos answers every error of a server function with 500; the error itself knows its status.
async fn answer_status(request: Request, next: Next) -> Response {
    let ip = refused_forms::sender(&request);
    let response = next.run(request).await;
    if let Some(error) = refused_forms::error_of_redirect(response.headers()) {
        refused_forms::note(&error, &ip);
    }
    let failed = HeaderName::from_static("serverfnerror");
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !response.headers().contains_key(&failed) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes) {
        refused_forms::note(&error, &ip);
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
        if let AppError::TooMany { retry_after_seconds } = error {
            parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
    }
    Response::from_parts(parts, Body::from(bytes))
}
