//! Who may do what, for every way into the portal.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use leptos::server_fn::axum::server_fn_paths;

use super::endpoints::{Allowed, Endpoint, FUNCTIONS, Ids, PAGES, ROUTES};
use crate::{
    access::Role,
    server::{
        router::PAGES as PAGES_OF_ROUTER,
        testing::{Actor, TestApp},
    },
};

/// The rows without their queries.
fn named(rows: impl Iterator<Item = &'static str>) -> BTreeSet<String> {
    rows.map(|path| path.split('?').next().unwrap().to_owned()).collect()
}

#[test]
fn every_server_function_has_a_row() {
    let registered: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(named(FUNCTIONS.iter().map(|row| row.path)), registered);
    for (path, method) in server_fn_paths() {
        let row = FUNCTIONS.iter().find(|row| row.path.split('?').next() == Some(path)).unwrap();
        assert_eq!(row.method, method, "{path}");
    }
}

#[test]
fn every_page_has_a_row() {
    let pages: BTreeSet<String> = PAGES_OF_ROUTER.iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(named(PAGES.iter().map(|(route, _)| *route)), pages);
}

#[test]
fn every_other_route_has_a_row() {
    let mut routes = BTreeSet::new();
    for (path, text) in super::dependencies::sources() {
        if !path.contains("/tests") {
            routes.extend(text.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    assert_eq!(named(ROUTES.iter().map(|(route, _)| *route)), routes);
}

/// How the person is turned away from an endpoint; `None` if they are let in.
async fn turned_away(actor: &Actor, endpoint: &Endpoint, ids: &Ids) -> Option<StatusCode> {
    let answer = endpoint.send(actor, ids).await;
    let away = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    let to_signin = answer.location().starts_with("/signin?next=");
    let server_error = answer.status.is_server_error();
    assert!(!server_error, "{} gave {}: {}", endpoint.path, answer.status, answer.text());
    match answer.status {
        _ if to_signin => Some(StatusCode::UNAUTHORIZED),
        status if away.contains(&status) => Some(status),
        _ => None,
    }
}

async fn check(endpoint: &Endpoint) {
    let app = TestApp::start().await;
    let ids = Ids::of_acme(&app).await;
    let path = endpoint.path;
    let visitor = turned_away(&app.visitor(), endpoint, &ids).await;
    let expected = (endpoint.allowed != Allowed::Everyone).then_some(StatusCode::UNAUTHORIZED);
    assert_eq!(visitor, expected, "a visitor at {path}");
    for role in Role::ALL {
        let actor = app.person(role).await;
        match endpoint.allowed {
            Allowed::Everyone | Allowed::SignedIn => assert_eq!(turned_away(&actor, endpoint, &ids).await, None, "{role} at {path}"),
            Allowed::With(permission) => {
                let expected = (!role.can(permission)).then_some(StatusCode::FORBIDDEN);
                assert_eq!(turned_away(&actor, endpoint, &ids).await, expected, "{role} at {path}");
            }
            Allowed::Service => {
                assert_eq!(turned_away(&actor, endpoint, &ids).await, Some(StatusCode::UNAUTHORIZED), "{role} at {path}");
            }
            Allowed::Staff => {
                assert_eq!(endpoint.send(&actor, &ids).await.status, StatusCode::NOT_FOUND, "{role} at {path}");
            }
        }
    }
    let staff = turned_away(&app.staff().await, endpoint, &ids).await;
    match endpoint.allowed {
        Allowed::With(_) => assert!(staff.is_some() || !path.starts_with("/api/"), "staff at {path} belong to no customer"),
        Allowed::Service => assert_eq!(staff, Some(StatusCode::UNAUTHORIZED), "staff at {path}"),
        Allowed::Everyone | Allowed::SignedIn | Allowed::Staff => assert_eq!(staff, None, "staff at {path}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn functions_let_in_whom_they_should() {
    for endpoint in FUNCTIONS {
        check(endpoint).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_and_routes_let_in_whom_they_should() {
    for (_, endpoint) in PAGES.iter().chain(ROUTES) {
        check(endpoint).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_has_one_heading_of_the_first_level_also_for_whom_it_refuses() {
    let app = TestApp::start().await;
    let ids = Ids::of_acme(&app).await;
    let member = app.member().await;
    for (route, endpoint) in PAGES {
        let page = endpoint.send(&member, &ids).await;
        if page.status.is_redirection() {
            continue;
        }
        let headings = page.texts("h1, h2");
        let first = page.texts("h1");
        assert_eq!(first.len(), 1, "{route}: {first:?}");
        assert_eq!(headings.first(), first.first(), "{route}: nothing stands above it: {headings:?}");
    }
    for (path, title) in [("/keys", "API keys"), ("/billing", "Billing"), ("/billing/plan", "Change plan"), ("/activity", "Activity")] {
        let page = member.get(path).await;
        assert_eq!(
            (page.status, page.texts("main h1, main h2")),
            (StatusCode::FORBIDDEN, vec![title.to_owned(), "Not allowed".to_owned()]),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn customer_that_asks_for_a_second_factor_opens_nothing_without() {
    let app = TestApp::start().await;
    let ids = Ids::of_acme(&app).await;
    sqlx::query("UPDATE customers SET second_factor_required = true").execute(app.db()).await.unwrap();
    let all = FUNCTIONS.iter().chain(PAGES.iter().map(|(_, page)| page)).chain(ROUTES.iter().map(|(_, route)| route));
    // The frame says who and where one is, and which ways out there are.
    for endpoint in all.filter(|endpoint| matches!(endpoint.allowed, Allowed::With(_)) && endpoint.path != "/api/signin/shell") {
        let owner = app.owner().await;
        let answer = endpoint.send(&owner, &ids).await;
        let led_away = answer.location().starts_with("/account/second-factor?required");
        assert!(led_away || answer.status == StatusCode::FORBIDDEN, "{}: {} {}", endpoint.path, answer.status, answer.text());
    }
    let kinds = app.audit_kinds(app.customer()).await;
    assert!(kinds.is_empty(), "{kinds:?}");
}
