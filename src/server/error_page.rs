//! How routes beside the pages (downloads) answer with an error: a page for people, JSON for programs.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::{config::LeptosOptions, prelude::*};
use leptos_meta::HashedStylesheet;

use crate::error::AppError;

/// Where somebody goes on after an error.
#[derive(Clone, Copy, Debug)]
pub struct WayOn {
    /// A page of the portal.
    pub path: &'static str,
    /// Its name.
    pub label: &'static str,
}

/// The answer for an error. A browser whose person is not signed in goes to the sign-in and from there to `way_on`.
pub fn respond(options: &LeptosOptions, request: &HeaderMap, error: &AppError, way_on: WayOn) -> Response {
    let accepted = request.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_browser = accepted.is_some_and(|accept| accept.contains("text/html"));
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match error {
        AppError::SignIn if is_browser => return Redirect::to(&format!("/signin?next={}", way_on.path)).into_response(),
        AppError::FreshSignIn if is_browser => return Redirect::to(&format!("/signin/confirm?next={}", way_on.path)).into_response(),
        _ if is_browser => (status, Html(page(options.clone(), error, way_on))).into_response(),
        _ => (status, axum::Json(error)).into_response(),
    };
    if *error == AppError::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
    }
    response
}

fn page(options: LeptosOptions, error: &AppError, way_on: WayOn) -> String {
    let title = match error {
        AppError::NotFound => "Not found",
        AppError::Forbidden(_) | AppError::NotInSession(_) => "Not allowed",
        AppError::Unavailable => "Not reachable right now",
        _ => "This did not work",
    };
    let text = error.to_string();
    let forbidden = matches!(error, AppError::Forbidden(_));
    Owner::new().with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <title>{format!("{title} · Foyer")}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    <HashedStylesheet options id="foyer" />
                </head>
                <body>
                    <div class="narrow">
                        <main class="narrow-card" id="main">
                            <h1>{title}</h1>
                            <p>{text}</p>
                            {forbidden.then(|| view! { <p><a href="/team/roles">"What each role may do"</a></p> })}
                            <p><a class="button button-primary" href=way_on.path>{way_on.label}</a></p>
                        </main>
                    </div>
                </body>
            </html>
        }
        .to_html()
    })
}
