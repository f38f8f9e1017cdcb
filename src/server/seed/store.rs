//! Every statement of the seed; those that bring a kept demo to today are in `renewal`. Rows travel as JSON in batches, which
//! keeps one statement per table; usage, more than a million rows, travels as arrays.

use sqlx::PgConnection;
use sqlx::types::Json;
use time::Date;
use uuid::Uuid;

use super::rows::Rows;

mod renewal;

pub(super) use renewal::*;

/// Rows per statement: large enough to make round trips cheap, small enough to stay far from any size limit.
const BATCH: usize = 2_000;

/// True if this person exists: the demo has been filled in before.
pub(super) async fn has_person(connection: &mut PgConnection, email: &str) -> sqlx::Result<bool> {
    let row = sqlx::query!(r#"SELECT EXISTS (SELECT 1 FROM users WHERE email = $1) AS "found!""#, email).fetch_one(connection).await?;
    Ok(row.found)
}

/// True if the database holds any customer or person.
pub(super) async fn has_anybody(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let row = sqlx::query!(r#"SELECT EXISTS (SELECT 1 FROM customers) OR EXISTS (SELECT 1 FROM users) AS "found!""#)
        .fetch_one(connection)
        .await?;
    Ok(row.found)
}

/// Writes customers and the people in them.
pub(super) async fn insert_customers(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    for batch in rows.customers.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO customers (customer_id, name, email, billing_email, plan, status, legal_name, address_line,
                                    postal_code, city, country, tax_id, created_at, updated_at)
             SELECT customer_id, name, email, billing_email, plan, status, legal_name, address_line,
                    postal_code, city, country, tax_id, created_at, updated_at
               FROM jsonb_populate_recordset(NULL::customers, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.users.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO users (user_id, email, name, password_hash, is_staff, created_at, updated_at)
             SELECT user_id, email, name, password_hash, is_staff, created_at, updated_at
               FROM jsonb_populate_recordset(NULL::users, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.memberships.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO memberships (customer_id, user_id, role, last_active_at, created_at)
             SELECT customer_id, user_id, role, last_active_at, created_at
               FROM jsonb_populate_recordset(NULL::memberships, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.invitations.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO invitations (invitation_id, customer_id, email, role, token_hash, invited_by,
                                      created_at, sent_at, expires_at)
             SELECT invitation_id, customer_id, email, role, token_hash, invited_by, created_at, sent_at, expires_at
               FROM jsonb_populate_recordset(NULL::invitations, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes subscriptions, invoices and their lines.
pub(super) async fn insert_billing(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    for batch in rows.subscriptions.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO subscriptions (subscription_id, customer_id, plan, status, amount, currency, payment_method,
                                        started_on, next_billing_on, created_at)
             SELECT subscription_id, customer_id, plan, status, amount, currency, payment_method,
                    started_on, next_billing_on, created_at
               FROM jsonb_populate_recordset(NULL::subscriptions, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.invoices.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO invoices (invoice_id, customer_id, number, status, currency, net, vat, total, vat_note,
                                   buyer_name, buyer_address, buyer_tax_id, buyer_email, issued_on, due_on,
                                   period_start, period_end, paid_on, payment_method, created_at)
             SELECT invoice_id, customer_id, number, status, currency, net, vat, total, vat_note,
                    buyer_name, buyer_address, buyer_tax_id, buyer_email, issued_on, due_on,
                    period_start, period_end, paid_on, payment_method, created_at
               FROM jsonb_populate_recordset(NULL::invoices, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.invoice_lines.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO invoice_lines (invoice_id, position, customer_id, description, quantity, unit_price, net,
                                        vat_rate_basis_points)
             SELECT invoice_id, position, customer_id, description, quantity, unit_price, net, vat_rate_basis_points
               FROM jsonb_populate_recordset(NULL::invoice_lines, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes API keys.
pub(super) async fn insert_keys(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    for batch in rows.api_keys.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO api_keys (key_id, customer_id, name, prefix, last_four, lookup_hash, status, created_by, created_at,
                                   last_used_at, last_used_ip, revoked_at, revoked_reason, environment, scopes,
                                   allowed_networks, calls_per_minute, expires_at, disabled_at, retires_at, rotated_to)
             SELECT key_id, customer_id, name, prefix, last_four, lookup_hash, status, created_by, created_at,
                    last_used_at, last_used_ip, revoked_at, revoked_reason, environment, scopes,
                    allowed_networks, calls_per_minute, expires_at, disabled_at, retires_at, rotated_to
               FROM jsonb_populate_recordset(NULL::api_keys, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.key_calls.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at)
             SELECT customer_id, key_id, hour, code, ip, calls, last_at
               FROM jsonb_populate_recordset(NULL::key_calls, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes tickets and their messages.
pub(super) async fn insert_tickets(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    for batch in rows.tickets.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO tickets (ticket_id, customer_id, subject, status, opened_by, created_at, updated_at, closed_at)
             SELECT ticket_id, customer_id, subject, status, opened_by, created_at, updated_at, closed_at
               FROM jsonb_populate_recordset(NULL::tickets, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    for batch in rows.ticket_messages.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO ticket_messages (message_id, ticket_id, customer_id, content, from_customer, author_id,
                                          author_name, created_at)
             SELECT message_id, ticket_id, customer_id, content, from_customer, author_id, author_name, created_at
               FROM jsonb_populate_recordset(NULL::ticket_messages, $1)",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes the trail, oldest first; the database makes the chain, as it does for the portal.
pub(super) async fn insert_activity(connection: &mut PgConnection, rows: &Rows) -> sqlx::Result<()> {
    for batch in rows.audit_events.chunks(BATCH) {
        sqlx::query!(
            "INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject,
                                       details, ip, session_id, created_at)
             SELECT audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject,
                    details, ip, session_id, created_at
               FROM jsonb_populate_recordset(NULL::audit_events, $1)
              ORDER BY customer_id, created_at, audit_event_id",
            Json(batch) as _
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// A run of usage rows, one array per column.
#[derive(Default)]
pub(super) struct UsageBatch {
    pub(super) customer_ids: Vec<Uuid>,
    pub(super) days: Vec<Date>,
    pub(super) api_calls: Vec<i64>,
    pub(super) storage_mb: Vec<i64>,
}

/// Writes both metrics of every day in the batch.
pub(super) async fn insert_usage(connection: &mut PgConnection, batch: &UsageBatch) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO usage_daily (customer_id, metric, day, quantity)
         SELECT customer_id, 'api_calls', day, quantity
           FROM unnest($1::uuid[], $2::date[], $3::bigint[]) AS calls (customer_id, day, quantity)
          UNION ALL
         SELECT customer_id, 'storage_mb', day, quantity
           FROM unnest($1::uuid[], $2::date[], $4::bigint[]) AS storage (customer_id, day, quantity)",
        &batch.customer_ids,
        &batch.days,
        &batch.api_calls,
        &batch.storage_mb
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A counter of the current month, as Redis should hold it.
pub(super) struct Counter {
    pub(super) customer_id: Uuid,
    pub(super) api_calls: i64,
    pub(super) storage_mb: i64,
}

/// What every customer has used since `month_start`: the sum of the calls, the last level of the storage.
pub(super) async fn list_counters(connection: &mut PgConnection, month_start: Date) -> sqlx::Result<Vec<Counter>> {
    sqlx::query_as!(
        Counter,
        r#"SELECT customer_id,
                  COALESCE(sum(quantity) FILTER (WHERE metric = 'api_calls'), 0)::bigint AS "api_calls!",
                  COALESCE((array_agg(quantity ORDER BY day DESC) FILTER (WHERE metric = 'storage_mb'))[1], 0) AS "storage_mb!"
             FROM usage_daily
            WHERE day >= $1
            GROUP BY customer_id"#,
        month_start
    )
    .fetch_all(connection)
    .await
}

/// Lets the planner know the new sizes at once, instead of after the next automatic run.
pub(super) async fn analyze(connection: &mut PgConnection) -> sqlx::Result<()> {
    // By name: of the whole database PostgreSQL would refuse its own tables, each with a warning.
    sqlx::query!(
        "ANALYZE customers, users, memberships, invitations, subscriptions, invoices, invoice_lines, api_keys, key_calls, tickets,
                 ticket_messages, audit_events, audit_heads, usage_daily"
    )
    .execute(connection)
    .await?;
    Ok(())
}
