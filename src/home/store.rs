//! The one statement of the dashboard.

use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{ids::CustomerId, usage::Snapshot};

/// The dashboard as stored. Lists come as JSON, so that one round trip brings all of them.
pub(super) struct DashboardRow {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) billing_email: Option<String>,
    pub(super) past_due: i64,
    pub(super) created_at: OffsetDateTime,
    pub(super) closes_at: Option<OffsetDateTime>,
    pub(super) amount: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) next_billing_on: Option<Date>,
    pub(super) payment_method: Option<String>,
    pub(super) members: i64,
    pub(super) invited: i64,
    pub(super) invoices: Option<Json<Vec<InvoiceRow>>>,
    pub(super) oldest_past_due: Option<Json<InvoiceRow>>,
    pub(super) team: Json<Vec<MemberRow>>,
    pub(super) keys: Option<Json<Vec<KeyRow>>>,
    pub(super) tickets: Json<Vec<TicketRow>>,
    pub(super) snapshots: Json<Vec<Snapshot>>,
}

#[derive(Deserialize)]
pub(super) struct InvoiceRow {
    pub(super) id: Uuid,
    pub(super) number: String,
    /// Days since 1970-01-01, as in the two below.
    pub(super) issued: i32,
    pub(super) due: i32,
    /// When the period begins that it charges for.
    pub(super) begins: i32,
    pub(super) total: i64,
    pub(super) currency: String,
    pub(super) status: String,
}

#[derive(Deserialize)]
pub(super) struct MemberRow {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: String,
    /// Unix time in seconds, as in all rows below.
    pub(super) seen: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) last_four: Option<String>,
    pub(super) used: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct TicketRow {
    pub(super) id: String,
    pub(super) subject: String,
    pub(super) status: String,
    pub(super) updated: i64,
}

/// What the role may see besides the rest.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    pub(super) billing: bool,
    pub(super) keys: bool,
}

/// Everything on the dashboard of a customer that PostgreSQL holds.
#[expect(clippy::too_many_lines, reason = "one statement, list by list")]
pub(super) async fn find(
    connection: &mut PgConnection,
    customer: CustomerId,
    sight: Sight,
    now: OffsetDateTime,
    month: &str,
) -> sqlx::Result<Option<DashboardRow>> {
    sqlx::query_as!(
        DashboardRow,
        r#"SELECT c.name, c.email, c.billing_email, c.created_at,
                  (SELECT count(*) FROM invoices WHERE customer_id = $1 AND status = 'open' AND due_on < $5) AS "past_due!",
                  (SELECT closes_at FROM closures WHERE customer_id = $1 AND canceled_at IS NULL AND completed_at IS NULL) AS closes_at,
                  s.amount AS "amount?", s.currency AS "currency?",
                  s.next_billing_on AS "next_billing_on?", s.payment_method AS "payment_method?",
                  (SELECT count(*) FROM memberships WHERE customer_id = $1) AS "members!",
                  (SELECT count(*) FROM invitations
                    WHERE customer_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $4) AS "invited!",
                  CASE WHEN $2 THEN (
                      SELECT COALESCE(json_agg(i), '[]')
                        FROM (SELECT invoice_id AS id, number, issued_on - DATE '1970-01-01' AS issued, due_on - DATE '1970-01-01' AS due,
                                     period_start - DATE '1970-01-01' AS begins, total, currency, status
                                FROM invoices
                               WHERE customer_id = $1
                               ORDER BY issued_on DESC, invoice_id DESC
                               LIMIT 12) AS i)
                  END AS "invoices: Json<Vec<InvoiceRow>>",
                  CASE WHEN $2 THEN (
                      SELECT to_json(o)
                        FROM (SELECT invoice_id AS id, number, issued_on - DATE '1970-01-01' AS issued, due_on - DATE '1970-01-01' AS due,
                                     period_start - DATE '1970-01-01' AS begins, total, currency, status
                                FROM invoices
                               WHERE customer_id = $1 AND status = 'open' AND due_on < $5
                               ORDER BY due_on, issued_on, invoice_id
                               LIMIT 1) AS o)
                  END AS "oldest_past_due: Json<InvoiceRow>",
                  (SELECT COALESCE(json_agg(t), '[]')
                     FROM (SELECT u.name, u.email, m.role, floor(extract(epoch FROM m.last_active_at))::bigint AS seen
                             FROM (SELECT user_id, role, last_active_at
                                     FROM memberships
                                    WHERE customer_id = $1
                                    ORDER BY last_active_at DESC NULLS LAST, user_id
                                    LIMIT 8) AS m
                             JOIN users u ON u.user_id = m.user_id
                            ORDER BY m.last_active_at DESC NULLS LAST, m.user_id) AS t) AS "team!: Json<Vec<MemberRow>>",
                  CASE WHEN $3 THEN (
                      SELECT COALESCE(json_agg(k), '[]')
                        FROM (SELECT key_id AS id, name, prefix, last_four, floor(extract(epoch FROM last_used_at))::bigint AS used
                                FROM api_keys
                               WHERE customer_id = $1
                                 AND status = 'active'
                                 AND disabled_at IS NULL
                                 AND COALESCE(LEAST(expires_at, retires_at) > $4, true)
                               ORDER BY created_at DESC, key_id
                               LIMIT 8) AS k)
                  END AS "keys: Json<Vec<KeyRow>>",
                  (SELECT COALESCE(json_agg(t), '[]')
                     FROM (SELECT ticket_id AS id, subject, status, floor(extract(epoch FROM updated_at))::bigint AS updated
                             FROM tickets
                            WHERE customer_id = $1
                            ORDER BY updated_at DESC, ticket_id
                            LIMIT 10) AS t) AS "tickets!: Json<Vec<TicketRow>>",
                  (SELECT COALESCE(json_agg(s), '[]')
                     FROM (SELECT metric, quantity, floor(extract(epoch FROM seen_at))::bigint AS seen
                             FROM usage_snapshots
                            WHERE customer_id = $1
                              AND period = $6) AS s) AS "snapshots!: Json<Vec<Snapshot>>"
             FROM customers c
             LEFT JOIN subscriptions s ON s.customer_id = $1 AND s.status <> 'ended' AND $2
            WHERE c.customer_id = $1"#,
        customer.as_uuid(),
        sight.billing,
        sight.keys,
        now,
        now.date(),
        month
    )
    .fetch_optional(connection)
    .await
}
