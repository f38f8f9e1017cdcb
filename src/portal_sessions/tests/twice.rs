//! A guest whose button is pressed twice where there is no JavaScript to hold the second press back: known by the session alone.

use serde_json::json;
use time::Duration;

use super::{inside, start};
use crate::server::{
    entropy::sha256,
    testing::{Actor, Answer, TestApp},
};

const TASK: &str = "/flow/create_key";

async fn press(guest: &Actor) -> Answer {
    guest.submit("/api/keys/create", &[("form[name]", "CI")], TASK).await
}

/// The hashes of the keys that are not revoked.
async fn live(app: &TestApp) -> Vec<Vec<u8>> {
    sqlx::query_scalar("SELECT lookup_hash FROM api_keys WHERE status = 'active' ORDER BY created_at").fetch_all(app.db()).await.unwrap()
}

/// The hash of the secret on the page to which an answer leads.
async fn shown(guest: &Actor, answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.location(), TASK);
    let page = guest.follow(answer).await.text();
    // Elsewhere a key is cut short, by a sign that is no letter.
    let whole = |rest: &str| rest.get(..72).filter(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric())).map(str::to_owned);
    let secret = page.split("sk_live_").skip(1).find_map(whole).unwrap();
    sha256(format!("sk_live_{secret}").as_bytes()).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guest_who_presses_twice_has_the_one_key_that_is_shown() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "flow": "create_key" })).await;
    press(&guest).await;
    app.advance(Duration::seconds(1));
    let second = press(&guest).await;
    assert_eq!(live(&app).await, [shown(&guest, &second).await]);
    assert_eq!(app.audit_kinds(app.customer()).await[2..], ["key.created", "key.revoked", "key.created"]);
    app.advance(Duration::seconds(10));
    press(&guest).await;
    assert_eq!(live(&app).await.len(), 2, "too late for a second press");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_presses_of_a_guest_at_once_one_key_remains() {
    let (app, token) = start().await;
    let guest = inside(&app, &token, json!({ "flow": "create_key" })).await;
    futures::future::join_all((0..20).map(|_| press(&guest))).await;
    assert_eq!(live(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn same_form_of_another_guest_or_person_is_no_second_press() {
    let (app, token) = start().await;
    let mut at_once = vec![app.owner().await];
    for fields in
        [json!({ "flow": "create_key" }), json!({ "flow": "create_key" }), json!({ "flow": "create_key", "user": "owner@acme.example" })]
    {
        at_once.push(inside(&app, &token, fields).await);
    }
    for somebody in &at_once {
        press(somebody).await;
    }
    assert_eq!(live(&app).await.len(), at_once.len());
}
