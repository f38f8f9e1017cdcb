//! What an export holds: one table of columns and rows for each kind of thing. Never a secret, nor the hash of one.
//!
//! To add a section: its statement here and its columns in `docs/export.md`.

use futures::stream::BoxStream;
use serde_json::Value;
use sqlx::PgConnection;

use crate::ids::CustomerId;

/// Reads the rows of a section, one after the other.
type Rows = for<'c> fn(&'c mut PgConnection, CustomerId) -> BoxStream<'c, sqlx::Result<Value>>;

/// One kind of thing.
pub(super) struct Section {
    /// The name of its files, without their ending.
    pub(super) name: &'static str,
    /// Its columns, in the order of the CSV file.
    pub(super) columns: &'static [&'static str],
    /// Its rows as JSON objects with these columns.
    pub(super) rows: Rows,
}

macro_rules! section {
    ($name:literal, $columns:expr, $statement:tt) => {
        Section {
            name: $name,
            columns: &$columns,
            rows: |connection, customer| sqlx::query_scalar!($statement, customer.as_uuid()).fetch(connection),
        }
    };
}

/// Everything, in the order of the archive.
pub(super) const SECTIONS: [Section; 16] = [
    section!(
        "account",
        [
            "customer_id",
            "name",
            "email",
            "billing_email",
            "plan",
            "status",
            "legal_name",
            "address_line",
            "postal_code",
            "city",
            "country",
            "tax_id",
            "second_factor_required",
            "created_at",
        ],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT customer_id, name, email, billing_email, plan, status, legal_name, address_line, postal_code, city, country, tax_id,
                   second_factor_required, created_at
              FROM customers
             WHERE customer_id = $1
        ) t"#
    ),
    section!(
        "people",
        ["user_id", "name", "email", "role", "joined_at", "last_active_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT u.user_id, u.name, u.email, m.role, m.created_at AS joined_at, m.last_active_at
              FROM memberships m
              JOIN users u ON u.user_id = m.user_id
             WHERE m.customer_id = $1
             ORDER BY m.created_at, u.user_id
        ) t"#
    ),
    section!(
        "invitations",
        ["invitation_id", "email", "role", "invited_by", "created_at", "sent_at", "expires_at", "accepted_at", "revoked_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT invitation_id, email, role, invited_by, created_at, sent_at, expires_at, accepted_at, revoked_at
              FROM invitations
             WHERE customer_id = $1
             ORDER BY created_at, invitation_id
        ) t"#
    ),
    section!(
        "access_requests",
        ["request_id", "user_id", "permission", "reason", "status", "decided_by", "decided_at", "created_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT request_id, user_id, permission, reason, status, decided_by, decided_at, created_at
              FROM access_requests
             WHERE customer_id = $1
             ORDER BY created_at, request_id
        ) t"#
    ),
    section!(
        "api_keys",
        [
            "key_id",
            "name",
            "prefix",
            "last_four",
            "environment",
            "status",
            "scopes",
            "allowed_networks",
            "calls_per_minute",
            "created_by",
            "created_at",
            "expires_at",
            "rotated_to",
            "retires_at",
            "last_used_at",
            "last_used_ip",
            "disabled_at",
            "revoked_at",
            "revoked_reason",
            "leaked_at",
            "leaked_url",
        ],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT key_id, name, prefix, last_four, environment, status, scopes, allowed_networks, calls_per_minute, created_by,
                   created_at, expires_at, rotated_to, retires_at, last_used_at, last_used_ip, disabled_at, revoked_at, revoked_reason,
                   leaked_at, leaked_url
              FROM api_keys
             WHERE customer_id = $1
             ORDER BY created_at, key_id
        ) t"#
    ),
    section!(
        "key_calls",
        ["key_id", "hour", "code", "ip", "calls", "last_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT key_id, hour, code, ip, calls, last_at
              FROM key_calls
             WHERE customer_id = $1
             ORDER BY key_id, hour, code, ip
        ) t"#
    ),
    section!(
        "subscriptions",
        [
            "subscription_id",
            "plan",
            "status",
            "amount",
            "currency",
            "payment_method",
            "started_on",
            "next_billing_on",
            "ended_at",
            "created_at",
        ],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT subscription_id, plan, status, amount, currency, payment_method, started_on, next_billing_on, ended_at, created_at
              FROM subscriptions
             WHERE customer_id = $1
             ORDER BY created_at, subscription_id
        ) t"#
    ),
    section!(
        "usage",
        ["metric", "day", "quantity"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT metric, day, quantity
              FROM usage_daily
             WHERE customer_id = $1
             ORDER BY metric, day
        ) t"#
    ),
    section!(
        "invoices",
        [
            "invoice_id",
            "number",
            "status",
            "currency",
            "net",
            "vat",
            "total",
            "vat_note",
            "buyer_name",
            "buyer_address",
            "buyer_tax_id",
            "buyer_email",
            "issued_on",
            "due_on",
            "period_start",
            "period_end",
            "paid_on",
            "payment_method",
            "created_at",
        ],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT invoice_id, number, status, currency, net, vat, total, vat_note, buyer_name, buyer_address, buyer_tax_id, buyer_email,
                   issued_on, due_on, period_start, period_end, paid_on, payment_method, created_at
              FROM invoices
             WHERE customer_id = $1
             ORDER BY issued_on, invoice_id
        ) t"#
    ),
    section!(
        "invoice_lines",
        ["invoice_id", "position", "description", "quantity", "unit_price", "net", "vat_rate_basis_points"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT invoice_id, position, description, quantity, unit_price, net, vat_rate_basis_points
              FROM invoice_lines
             WHERE customer_id = $1
             ORDER BY invoice_id, position
        ) t"#
    ),
    section!(
        "tickets",
        ["ticket_id", "subject", "status", "opened_by", "created_at", "updated_at", "closed_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT ticket_id, subject, status, opened_by, created_at, updated_at, closed_at
              FROM tickets
             WHERE customer_id = $1
             ORDER BY created_at, ticket_id
        ) t"#
    ),
    section!(
        "ticket_messages",
        ["message_id", "ticket_id", "content", "from_customer", "author_id", "author_name", "created_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT message_id, ticket_id, content, from_customer, author_id, author_name, created_at
              FROM ticket_messages
             WHERE customer_id = $1
             ORDER BY ticket_id, created_at, message_id
        ) t"#
    ),
    section!(
        "sso_connections",
        ["issuer", "client_id", "role", "enforced_at", "break_glass_user_id", "created_at", "updated_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT issuer, client_id, role, enforced_at, break_glass_user_id, created_at, updated_at
              FROM sso_connections
             WHERE customer_id = $1
        ) t"#
    ),
    section!(
        "sso_domains",
        ["domain", "verified_at", "checked_at", "missing_since", "created_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT domain, verified_at, checked_at, missing_since, created_at
              FROM sso_domains
             WHERE customer_id = $1
             ORDER BY domain
        ) t"#
    ),
    section!(
        "sso_identities",
        ["issuer", "subject", "user_id", "created_at", "last_used_at"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT issuer, subject, user_id, created_at, last_used_at
              FROM sso_identities
             WHERE customer_id = $1
             ORDER BY created_at, issuer, subject
        ) t"#
    ),
    section!(
        "trail",
        ["audit_event_id", "created_at", "actor_kind", "actor_user_id", "actor_name", "kind", "subject", "details", "ip"],
        r#"SELECT to_jsonb(t) AS "row!" FROM (
            SELECT audit_event_id, created_at, actor_kind, actor_user_id, actor_name, kind, subject, details, ip
              FROM audit_events
             WHERE customer_id = $1
             ORDER BY created_at, chain_number
        ) t"#
    ),
];
