//! The team as each role meets it.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::Value;
use time::Duration;

use crate::{
    access::{Permission, Role},
    ids::UserId,
    server::testing::{Actor, Answer, TestApp},
};

mod acceptance;
mod invitations;
mod members;
mod pages;

/// Invites somebody and expects it to work.
async fn invite(actor: &Actor, email: &str, role: &str) {
    let answer = actor.call("/api/team/invite", &[("form[email]", email), ("form[role]", role)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

/// The token in the newest mail to an address.
async fn mailed_token(app: &TestApp, email: &str) -> String {
    app.run_worker().await;
    let mails = app.sent_mails();
    let mail = mails.iter().rev().find(|mail| mail.to == email).expect("a mail was sent");
    mail.text.split("/invite/").nth(1).expect("the mail holds a link")[..32].to_owned()
}

/// Invites somebody and gives the token of the mail.
async fn invited(app: &TestApp, email: &str, role: &str) -> String {
    invite(&app.owner().await, email, role).await;
    mailed_token(app, email).await
}

/// Accepts as a new person.
async fn accept(visitor: &Actor, token: &str) -> Answer {
    let form = [("form[token]", token), ("form[name]", "Ada Lovelace"), ("form[password]", "a long enough password")];
    visitor.call("/api/team/accept", &form).await
}

/// What `/api/team/list` answers, with a query such as `query[q]=ada`.
async fn list(actor: &Actor, query: &str) -> Value {
    let answer = actor.query(&format!("/api/team/list?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Addresses in a list.
fn emails(rows: &Value) -> Vec<String> {
    rows["rows"].as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect()
}

/// The id of the open invitation of an address.
async fn invitation_id(app: &TestApp, email: &str) -> String {
    let list = list(&app.owner().await, "").await;
    let rows = list["invitations"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["email"] == email).unwrap()["invitation_id"].as_str().unwrap().to_owned()
}

fn id(actor: &Actor) -> String {
    actor.user_id.unwrap().to_string()
}

async fn role_of(app: &TestApp, user: UserId) -> Option<String> {
    sqlx::query_scalar("SELECT role FROM memberships WHERE customer_id = $1 AND user_id = $2")
        .bind(app.customer())
        .bind(user)
        .fetch_optional(app.db())
        .await
        .unwrap()
}

async fn owners(app: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM memberships WHERE customer_id = $1 AND role = 'owner'")
        .bind(app.customer())
        .fetch_one(app.db())
        .await
        .unwrap()
}

/// A second owner of Acme.
async fn second_owner(app: &TestApp) -> Actor {
    let user = app.insert_person("otto@acme.example", "Otto").await;
    app.insert_membership(app.customer(), user, Role::Owner).await;
    app.sign_in("otto@acme.example", Some(app.customer())).await
}

async fn set_plan(app: &TestApp, plan: &str) {
    sqlx::query("UPDATE customers SET plan = $2 WHERE customer_id = $1").bind(app.customer()).bind(plan).execute(app.db()).await.unwrap();
}
