//! Pages that stay open while the SaaS lets somebody else in, in the same browser, or a guest's while a person signs in.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{inside, start};
use crate::server::testing::{Actor, TestApp};

const CREATE: &str = "/api/keys/create";
const FORM: [(&str, &str); 1] = [("form[name]", "CI")];

fn task() -> Value {
    json!({ "flow": "create_key", "return_url": "https://app.saas.example/settings" })
}

async fn is_refused(app: &TestApp, person: &Actor, action: &str, because: &str) {
    let before = app.audit_kinds(app.customer()).await;
    let answer = person.call(action, &FORM).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert!(answer.text().contains(because), "{}", answer.text());
    assert_eq!(app.audit_kinds(app.customer()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_a_guest_makes_no_key_in_the_name_of_who_signed_in() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, task()).await;
    let create = guest.action("/flow/create_key", CREATE).await;
    is_refused(&app, &app.owner().await, &create, "has signed in since this page was opened").await;
    assert_eq!(guest.call(&create, &FORM).await.status, StatusCode::OK, "the guest whose page it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_another_guest_or_person_is_told_from_where_the_portal_was_opened() {
    let (app, token) = start().await;
    let said = "The portal was opened from app.saas.example in this browser since this page was opened.";
    let former =
        [inside(&app, &token, task()).await.action("/flow/create_key", CREATE).await, app.owner().await.action("/keys", CREATE).await];
    let guest = inside(&app, &token, task()).await;
    for create in &former {
        is_refused(&app, &guest, create, said).await;
    }
    let own = former[1].replace(CREATE, "/api/second_factor/start");
    is_refused(&app, &guest, &own, said).await;
    let nowhere = inside(&app, &token, json!({ "flow": "create_key" })).await;
    is_refused(&app, &nowhere, &former[0], "The portal was opened in this browser since this page was opened.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_a_person_goes_on_in_a_session_that_the_saas_opened_for_them() {
    let (app, token) = start().await;
    let create = app.owner().await.action("/keys", CREATE).await;
    let sent_here = inside(&app, &token, json!({ "flow": "create_key", "user": "owner@acme.example" })).await;
    assert_eq!(sent_here.call(&create, &FORM).await.status, StatusCode::OK);
}
