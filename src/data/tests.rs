//! A customer's data as each role meets it, and what is left of a customer that has gone.

use axum::http::StatusCode;
use futures::future::join_all;
use sqlx::AssertSqlSafe;
use time::Duration;

use super::sections::SECTIONS;
use crate::{
    access::Role,
    server::{
        testing::{Actor, Answer, TestApp},
        tests::endpoints::Ids,
    },
};

mod deletion;
mod export;

async fn export(actor: &Actor) -> Answer {
    actor.call("/api/data/export", &[]).await
}

async fn close(actor: &Actor, company: &str) -> Answer {
    actor.call("/api/data/request_closure", &[("form[company]", company)]).await
}

async fn tenant_tables(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'customer_id' AND NOT a.attisdropped",
    )
    .fetch_all(app.db())
    .await
    .unwrap()
}
