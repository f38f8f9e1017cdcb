//! The three states of every page that reads data: waiting, failed, ready.

use super::{
    ask::AskView,
    button::{ButtonKind, ButtonLink},
    fetch::Fetch,
    icon::{Icon, IconView},
    side,
};
use crate::error::AppError;
use leptos::prelude::*;
use leptos_router::{
    hooks::use_location,
    location::{Location, Url},
};
use serde::{Serialize, de::DeserializeOwned};

/// Shows data once it is there, a skeleton until then, and what to do when it cannot be had. While data is read again the
/// earlier view stays. The server answers with the status of the error.
#[component]
pub fn Load<T, F>(
    /// The data.
    resource: Fetch<T>,
    /// Shows it.
    view: F,
    /// Whether the page has its heading outside of the data, so that a failure needs none of the first level.
    #[prop(optional)]
    headed: bool,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    let location = use_location();
    let ready = move || {
        let (view, location) = (view.clone(), location.clone());
        Suspend::new(async move {
            match resource.ready().await {
                Ok(data) => view(data),
                Err(error) => failed(error, &location, headed),
            }
        })
    };
    waiting(Box::new(ready))
}

fn waiting(ready: Box<dyn Fn() -> Suspend<AnyView> + Send + Sync>) -> AnyView {
    view! { <Transition fallback=|| view! { <Skeleton/> }>{ready}</Transition> }.into_any()
}

/// What is shown instead of the data.
fn failed(error: AppError, location: &Location, headed: bool) -> AnyView {
    if error == AppError::SecondFactor {
        side::go("/account/second-factor?required");
        return view! { <Skeleton/> }.into_any();
    }
    if error == AppError::SignIn && brings_form(location) {
        return session_ended(headed);
    }
    let way_in = match error {
        AppError::SignIn => Some("/signin"),
        AppError::FreshSignIn => Some("/signin/confirm"),
        AppError::SingleSignOn => Some("/signin/sso"),
        _ => None,
    };
    if let Some(way_in) = way_in {
        let here = format!("{}{}", location.pathname.get_untracked(), query(location));
        side::go(&format!("{way_in}?next={}", Url::escape(&here)));
        return view! { <Skeleton/> }.into_any();
    }
    side::set_status(error.status());
    let (title, retry) = match error {
        AppError::NotFound => ("Not found", false),
        AppError::Forbidden(_) | AppError::NotInSession(_) => ("Not allowed", false),
        AppError::NoCompany => ("No company", true),
        AppError::Unavailable | AppError::Unreachable => ("Not reachable right now", true),
        AppError::TooMany { .. } => ("Too many attempts", true),
        _ => ("This did not work", true),
    };
    let here = format!("{}{}", location.pathname.get_untracked(), query(location));
    // Whoever the SaaS sent here goes back there; the dashboard may not be open to them.
    let sent = matches!(error, AppError::NotInSession(_));
    let missing = if let AppError::Forbidden(permission) = error { Some(permission) } else { None };
    // Where the right can be asked for, asking is the first thing to do.
    let onward = if missing.is_some() { ButtonKind::Secondary } else { ButtonKind::Primary };
    view! {
        <div class="empty-state" role="alert">
            <span class="empty-state-icon"><IconView icon=Icon::Warning/></span>
            {if headed {
                view! { <h2 class="empty-state-title">{title}</h2> }.into_any()
            } else {
                view! { <h1 class="empty-state-title">{title}</h1> }.into_any()
            }}
            <p class="empty-state-text">{error.to_string()}</p>
            {missing.map(|permission| view! { <div class="empty-state-ask">{AskView::of(permission)}<p><a href="/team/roles">"What each role may do"</a></p></div> })}
            {(!sent).then(|| view! {
                <div class="empty-state-action">
                    {if retry {
                        view! { <ButtonLink href=here label="Try again" kind=ButtonKind::Primary external=true/> }
                    } else {
                        view! { <ButtonLink href="/" label="Go to the dashboard" kind=onward/> }
                    }}
                </div>
            })}
        </div>
    }
    .into_any()
}

/// Whether a form has come back to the page with an error, posted without JavaScript: the server leaves in the address only what
/// this browser has just sent.
fn brings_form(location: &Location) -> bool {
    location.search.get_untracked().trim_start_matches('?').split('&').any(|part| part.starts_with("__err="))
}

/// Stands where a form comes back to that was sent after the end of the session. The address of the page holds what was filled
/// in (server/typed_forms.rs), so the page stays: the way by the sign-in would lose it without a word.
fn session_ended(headed: bool) -> AnyView {
    side::set_status(AppError::SignIn.status());
    let title = "Your session has ended";
    view! {
        <div class="empty-state" role="alert">
            <span class="empty-state-icon"><IconView icon=Icon::Warning/></span>
            {if headed {
                view! { <h2 class="empty-state-title">{title}</h2> }.into_any()
            } else {
                view! { <h1 class="empty-state-title">{title}</h1> }.into_any()
            }}
            <p class="empty-state-text">
                "Nothing was changed. Sign in in a new tab, then reload this page within ten minutes: most forms come back filled in, \
                 except for long texts and passwords."
            </p>
            // With a way back it also leads out whose session the SaaS had opened.
            <div class="empty-state-action">
                <a class=ButtonKind::Primary.class(true, false) href="/signin?next=/" target="_blank">"Sign in in a new tab"</a>
            </div>
        </div>
    }
    .into_any()
}

/// The query of the page, without the error of a form that was sent from it: whoever comes back has not sent it again.
fn query(location: &Location) -> String {
    let search = location.search.get_untracked();
    let is_kept = |part: &&str| !matches!(part.split('=').next(), None | Some("" | "__path" | "__err"));
    let kept: Vec<&str> = search.trim_start_matches('?').split('&').filter(is_kept).collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}

/// Grey lines in the place of data that is being read.
#[component]
pub fn Skeleton(
    /// How many.
    #[prop(default = 6)]
    rows: u32,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">"Loading…"</span>
            {(0..rows).map(|_| view! { <span class="skeleton-line"></span> }).collect_view()}
        </div>
    }
}
