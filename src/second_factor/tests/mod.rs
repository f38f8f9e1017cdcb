//! The second factor as people use it.

mod requirement;
mod setup;
mod signin;

use axum::http::StatusCode;
use time::Duration;

use super::seed::Seed;
use crate::server::testing::{Actor, Answer, PASSWORD, TestApp};

const OWNER: &str = "owner@acme.example";

/// The secret that the person's app holds.
async fn seed(app: &TestApp, person: &Actor) -> Seed {
    let user_id = person.user_id.unwrap();
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT sealed_secret FROM second_factors WHERE user_id = $1").bind(user_id).fetch_one(app.db()).await.unwrap();
    Seed::open(&app.state().config.sealer, user_id, &sealed).unwrap()
}

/// What the person's app shows now.
async fn shown(app: &TestApp, person: &Actor) -> String {
    seed(app, person).await.code_at(app.now())
}

/// Sets the second factor up, gives the recovery codes, and lets the code that was used for it pass.
async fn turn_on(app: &TestApp, person: &Actor) -> Vec<String> {
    assert_eq!(person.call("/api/second_factor/start", &[]).await.status, StatusCode::OK);
    let answer = person.call("/api/second_factor/turn_on", &[("form[code]", &shown(app, person).await)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    app.advance(Duration::seconds(30));
    serde_json::from_value(answer.json()).unwrap()
}

/// Signs in by password: the first factor.
async fn give_password(visitor: &Actor, email: &str) -> Answer {
    visitor.call("/api/signin/in", &[("form[email]", email), ("form[password]", PASSWORD), ("form[next]", "/team")]).await
}

async fn give_code(visitor: &Actor, code: &str) -> Answer {
    visitor.call("/api/second_factor/enter", &[("form[code]", code)]).await
}

async fn give_recovery_code(visitor: &Actor, code: &str) -> Answer {
    visitor.call("/api/second_factor/enter", &[("form[recovery]", code)]).await
}

async fn is_in(visitor: &Actor) -> bool {
    visitor.query("/api/home/find").await.status == StatusCode::OK
}

/// The subjects of the mails to an address, all that are waiting included.
async fn mails_to(app: &TestApp, email: &str) -> Vec<String> {
    app.run_worker().await;
    app.sent_mails().into_iter().filter(|mail| mail.to == email).map(|mail| mail.subject).collect()
}
