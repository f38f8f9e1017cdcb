//! Each of the two walls between customers holds alone. Every statement of the program, as `.sqlx` describes it, is run
//! twice against a database in which Acme has a row in every table: once as the role that owns the tables, so that only the
//! statement's own filter stands between the customers, and once as the application in the scope of Stranger Ltd with that
//! filter taken out, so that only row-level security does. Both must find and change exactly the same rows.
//!
//! Parameters are written into the text: those of the filter are Stranger's id, those compared with a column are what Acme
//! has there, so that a statement without any wall does reach Acme's rows. That it does is part of the test.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{
    endpoints::Ids,
    statements::{Statement, filters, is_word, statements, tables_of, without_filters},
    tenancy::tenant_tables,
};
use crate::{
    ids::CustomerId,
    server::{database::Scope, testing::TestApp},
};

/// Statements with a filter for which reaching Acme's rows without any wall does not show, and why. Each entry is a part of
/// one statement.
const DO_NOT_SHOW: &[(&str, &str)] = &[
    ("EXISTS (SELECT 1 FROM customers WHERE customer_id = $1 AND status <> 'closed')", "Stranger Ltd exists as well"),
    ("AND second_factor_required <> $2", "changes nothing that Acme has already"),
];

/// Statements on tables of customers without a filter of their own, and who runs them; in a customer's scope they show
/// nothing of others all the same.
const NO_FILTER: &[(&str, &str)] = &[
    ("DELETE FROM outbox WHERE outbox_id IN", "the worker"),
    ("UPDATE outbox SET attempts = attempts + 1, failed_at", "the worker"),
    ("UPDATE outbox SET attempts = attempts + 1, next_attempt_at", "the worker"),
    ("UPDATE outbox SET queued_at", "the worker"),
    ("UPDATE outbox SET sent_at", "the worker"),
    ("FROM outbox WHERE outbox_id = $1", "the worker"),
    ("FROM outbox WHERE sent_at IS NULL", "the worker"),
    ("DELETE FROM key_calls WHERE", "the worker"),
    ("DELETE FROM sso_signins WHERE state_hash IN", "the worker"),
    ("FROM sso_domains WHERE verified_at IS NOT NULL AND recheck_at <= $1", "the worker"),
    ("AS \"key_id: KeyId\" FROM ( SELECT customer_id, key_id, expires_at", "the worker"),
    ("UPDATE api_keys k SET last_used_at", "verification"),
    ("WITH held AS ( SELECT key_id FROM api_keys", "verification"),
    ("WITH ORDINALITY AS wanted (customer_id, period, number) LEFT JOIN usage_snapshots", "verification"),
    ("DELETE FROM portal_sessions WHERE portal_session_id IN", "the worker"),
    ("FROM closures WHERE closes_at <= $1", "the worker"),
    ("FROM customers WHERE customer_id > $1", "the worker"),
    ("FROM tickets t JOIN customers c ON c.customer_id = t.customer_id WHERE t.ticket_id = $1", "staff"),
    ("AS \"closed!\" FROM tickets", "staff"),
    ("LEFT JOIN users u ON u.user_id = t.opened_by WHERE t.status = $1", "staff"),
    ("LEFT JOIN users u ON u.user_id = t.opened_by WHERE t.status = 'open'", "staff"),
    ("FROM usage_daily WHERE day >= $1 GROUP BY customer_id", "foyer seed"),
    ("DELETE FROM usage_daily d USING unnest", "foyer seed"),
    ("SELECT DISTINCT ON (u.email)", "foyer seed"),
    ("FROM invoices WHERE number ~", "foyer seed"),
    ("UPDATE subscriptions s SET next_billing_on", "foyer seed"),
    ("OR EXISTS (SELECT 1 FROM users) AS \"found!\"", "foyer seed"),
    ("FROM audit_heads ORDER BY customer_id", "foyer audit"),
    ("FROM open_session(", "whoever holds the token; has a column named like a table"),
];

/// Statements that store rows for whoever has the key, which in another customer's scope is nobody.
const STORES_NOTHING: &[(&str, &str)] = &[("INSERT INTO key_calls", "verification")];

/// What is known of the customer whose rows must not be reached.
struct Victim {
    id: CustomerId,
    tables: Vec<String>,
    rows: HashMap<String, Value>,
}

impl Victim {
    /// Acme with a row in every table.
    async fn of(app: &TestApp) -> Self {
        Ids::of_acme(app).await;
        assert!(app.owner().await.call("/api/profile/rename", &[("form[name]", "Olivia of Acme")]).await.status.is_success());
        let owner: uuid::Uuid = app.owner().await.user_id.unwrap().as_uuid();
        for statement in [
            "INSERT INTO closures (closure_id, customer_id, requested_by, requested_at, closes_at) VALUES (gen_random_uuid(), $1, $2, now(), now() + interval '9 days')",
            "INSERT INTO usage_daily (customer_id, metric, day, quantity) SELECT $1, 'api_calls', '2026-11-01', 7 WHERE $2::uuid IS NOT NULL",
            "INSERT INTO usage_snapshots (customer_id, metric, period, quantity, seen_at) SELECT $1, 'api_calls', '2026-11', 7, now() WHERE $2::uuid IS NOT NULL",
            "INSERT INTO key_calls (customer_id, key_id, hour, code, ip, calls, last_at) SELECT $1, 'key-aaaaaaaaaaaa', '2026-11-23 08:00Z', 'valid', '', 7, now() WHERE $2::uuid IS NOT NULL",
            "INSERT INTO outbox (outbox_id, customer_id, kind, payload, created_at, next_attempt_at) SELECT gen_random_uuid(), $1, 'x', '{\"email\":\"x@acme.example\"}', now(), now() WHERE $2::uuid IS NOT NULL",
        ] {
            sqlx::query(statement).bind(app.customer()).bind(owner).execute(app.db()).await.unwrap();
        }
        let (tables, mut rows) = (tenant_tables(app).await, HashMap::new());
        for table in &tables {
            let statement = format!("SELECT to_jsonb(t) FROM {table} t WHERE customer_id = $1 LIMIT 1");
            let row: Option<Value> =
                sqlx::query_scalar(AssertSqlSafe(statement)).bind(app.customer()).fetch_optional(app.db()).await.unwrap();
            rows.insert(table.clone(), row.unwrap_or_else(|| panic!("give Acme a row in {table}")));
        }
        let member = rows["memberships"]["user_id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap();
        sqlx::query(
            "INSERT INTO sessions (session_id, token_hash, user_id, active_customer_id, authenticated_at, created_at, last_seen_at, expires_at, idle_seconds)
             VALUES (gen_random_uuid(), sha256('m'), $1, $2, now(), now(), now(), now() + interval '1 day', 3600)",
        )
        .bind(member)
        .bind(app.customer())
        .execute(app.db())
        .await
        .unwrap();
        let row = sqlx::query_scalar("SELECT to_jsonb(u) FROM users u WHERE user_id = $1").bind(member).fetch_one(app.db()).await.unwrap();
        rows.insert("users".to_owned(), row);
        Self { id: app.customer(), tables, rows }
    }

    /// What Acme has in this column of the tables that the statement names.
    fn value(&self, text: &str, column: &str) -> Option<String> {
        tables_of(text, self.rows.keys())
            .iter()
            .filter_map(|table| self.rows[*table].get(column))
            .find(|value| !value.is_null())
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The statement with values in the place of its parameters; `own` stands for those of the filter.
    fn fill(&self, statement: &Statement, text: &str, own: CustomerId) -> String {
        let filters: Vec<usize> = filters(&statement.text).into_iter().map(|(_, number)| number).collect();
        (1..=statement.types.len()).rev().fold(text.to_owned(), |text, number| {
            let value = if filters.contains(&number) { format!("'{own}'::uuid") } else { self.literal(statement, number) };
            text.replace(&format!("${number}"), &value)
        })
    }

    fn literal(&self, statement: &Statement, number: usize) -> String {
        let (text, kind) = (&statement.text, statement.types[number - 1].as_str());
        let (element, array) = kind.strip_suffix("Array").map_or((kind, false), |element| (element, true));
        let name = match element {
            "Int8" => "bigint",
            "Int4" => "integer",
            "Int2" => "smallint",
            "Bool" => "boolean",
            other => other,
        };
        let cast = if array { format!("::{name}[]") } else { format!("::{name}") };
        let places: Vec<&str> = text.match_indices(&format!("${number}")).map(|(at, _)| before_row(text[..at].trim_end())).collect();
        let after = text.split(&format!("${number}::")).nth(1).unwrap_or_default();
        if after.trim_start_matches(is_word).trim_start_matches("[]").starts_with(" IS NULL") {
            return format!("NULL{cast}");
        }
        let ends = |operator: &str| {
            places.iter().find_map(|before| before.strip_suffix(operator)).map(|before| {
                let before = before.trim_end();
                &before[before.trim_end_matches(is_word).len()..]
            })
        };
        let equal = ends("= ANY (").or(ends("=")).and_then(|column| self.value(text, column));
        let value = match (equal, element) {
            (Some(value), _) => value,
            (None, "Uuid") if ends(">").is_some() => "00000000-0000-0000-0000-000000000000".to_owned(),
            (None, "Uuid") => self.id.to_string(),
            (None, "Timestamptz" | "Date") if ends(">").or(ends(">=")).is_some() => "2000-01-01".to_owned(),
            (None, "Timestamptz" | "Date") => "2100-01-01".to_owned(),
            (None, "Int8" | "Int4" | "Int2") if ends("OFFSET").or(ends(">")).is_some() => "0".to_owned(),
            (None, "Int8" | "Int4" | "Int2") => "1000".to_owned(),
            (None, "Text") if places.iter().any(|before| before.ends_with("END = ANY (")) => "active".to_owned(),
            (None, "Text") if ends("ILIKE").is_some() => "%".to_owned(),
            (None, "Bool") => "false".to_owned(),
            (None, "Jsonb") => format!("[{{\"customer_id\":\"{}\"}}]", self.id),
            (None, _) => String::new(),
        };
        if array { format!("ARRAY['{value}']{cast}") } else { format!("'{value}'{cast}") }
    }
}

/// Of `(a, b) > ($1, $2)` both parameters stand behind the sign.
fn before_row(before: &str) -> &str {
    let row = before.rfind('(').map(|at| before[..at].trim_end()).filter(|outside| outside.ends_with(['<', '>']));
    row.filter(|_| before.ends_with(['(', ','])).unwrap_or(before)
}

/// What a statement finds or changes, sorted, or the error that it ends with.
async fn outcome(connection: &mut PgConnection, text: &str) -> Result<Vec<String>, String> {
    let reads = text.starts_with("SELECT") || text.starts_with("WITH");
    let returning = if reads || text.contains(" RETURNING ") { "" } else { " RETURNING *" };
    let whole = if reads {
        format!("SELECT to_jsonb(r)::text FROM ({text}) r")
    } else {
        format!("WITH r AS ({text}{returning}) SELECT to_jsonb(r)::text FROM r")
    };
    match sqlx::query(AssertSqlSafe(whole)).fetch_all(connection).await {
        Ok(rows) => {
            let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            rows.sort();
            Ok(rows)
        }
        Err(error) => {
            Err(error.as_database_error().map_or_else(|| error.to_string(), |error| format!("{:?} {}", error.code(), error.message())))
        }
    }
}

/// Runs as the role that owns the tables: behind no wall but the statement's own.
async fn as_owner(app: &TestApp, text: &str) -> Result<Vec<String>, String> {
    let mut transaction = app.db().begin().await.unwrap();
    outcome(&mut transaction, text).await
}

/// Runs as the application in the scope of Stranger Ltd.
async fn as_stranger(app: &TestApp, text: &str) -> Result<Vec<String>, String> {
    let mut transaction = app.state().database.begin(Scope::Customer(app.stranger_customer())).await.unwrap();
    outcome(&mut transaction, text).await
}

/// Whether the list names the statement; notes which entries were used.
fn listed(list: &[(&'static str, &str)], text: &str, used: &mut Vec<&'static str>) -> bool {
    let entry = list.iter().find(|(part, _)| text.contains(part));
    used.extend(entry.map(|(part, _)| *part));
    entry.is_some()
}

/// The statements that find or change other rows behind row-level security alone than behind their filter alone, and
/// those that would without any wall.
async fn compare(app: &TestApp, victim: &Victim) -> (Vec<String>, Vec<String>) {
    let own = app.stranger_customer();
    let (mut differ, mut reach) = (vec![], vec![]);
    for statement in statements().iter().filter(|statement| !filters(&statement.text).is_empty()) {
        let bare = victim.fill(statement, &without_filters(&statement.text), own);
        let filtered = as_owner(app, &victim.fill(statement, &statement.text, own)).await;
        assert!(filtered.is_ok(), "{filtered:?}: {}", victim.fill(statement, &statement.text, own));
        if as_stranger(app, &bare).await != filtered {
            differ.push(statement.text.clone());
        }
        if as_owner(app, &bare).await != filtered {
            reach.push(statement.text.clone());
        }
    }
    (differ, reach)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_statement_without_its_filter_stays_within_the_customer() {
    let app = TestApp::start().await;
    let victim = Victim::of(&app).await;
    let (differ, reach) = compare(&app, &victim).await;
    assert!(differ.is_empty(), "row-level security alone lets through:\n{}", differ.join("\n"));
    let mut used = vec![];
    let all = statements();
    let silent = all.iter().filter(|statement| !filters(&statement.text).is_empty() && !reach.contains(&statement.text));
    let silent: Vec<&str> = silent.map(|statement| statement.text.as_str()).filter(|text| !listed(DO_NOT_SHOW, text, &mut used)).collect();
    assert!(silent.is_empty(), "these prove nothing, as they reach Acme without any wall neither:\n{}", silent.join("\n"));
    assert_eq!(used.len(), DO_NOT_SHOW.len(), "{used:?}");
    assert!(reach.len() > 80, "{}", reach.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn test_of_the_wall_notices_that_it_is_gone() {
    let app = TestApp::start().await;
    let victim = Victim::of(&app).await;
    for table in &victim.tables {
        sqlx::query(AssertSqlSafe(format!("DROP POLICY own_customer ON {table}"))).execute(app.db()).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE POLICY none ON {table} TO foyer_app USING (true)"))).execute(app.db()).await.unwrap();
    }
    let (differ, reach) = compare(&app, &victim).await;
    let unnoticed: Vec<&String> = reach.iter().filter(|text| !differ.contains(text)).collect();
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statements_without_a_filter_are_known_and_show_nothing_of_others() {
    let app = TestApp::start().await;
    let victim = Victim::of(&app).await;
    let (mut used, mut unknown) = (vec![], vec![]);
    for statement in statements() {
        let text = statement.text.as_str();
        let other = text.starts_with("INSERT") || text.starts_with("ANALYZE") || !filters(text).is_empty();
        if other || tables_of(text, victim.tables.iter()).is_empty() {
            continue;
        }
        if !listed(NO_FILTER, text, &mut used) {
            unknown.push(text.to_owned());
        }
        let found = as_stranger(&app, &victim.fill(&statement, text, app.stranger_customer())).await;
        assert!(!found.iter().flatten().any(|row| row.to_lowercase().contains("acme") || row.contains(&victim.id.to_string())), "{text}");
    }
    assert!(unknown.is_empty(), "add a filter, or who runs them to the list:\n{}", unknown.join("\n"));
    assert_eq!(used.len(), NO_FILTER.len(), "{used:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_stored_for_another_customer() {
    let app = TestApp::start().await;
    let victim = Victim::of(&app).await;
    let (mut wrong, mut used) = (vec![], vec![]);
    for statement in statements().iter().filter(|statement| statement.text.starts_with("INSERT")) {
        let text = statement.text.as_str();
        let table = tables_of(text, victim.tables.iter());
        if !table.iter().any(|table| text.starts_with(&format!("INSERT INTO {table} "))) {
            continue;
        }
        let stored = as_stranger(&app, &victim.fill(statement, text, victim.id)).await;
        let refused = stored.as_ref().is_err_and(|error| error.contains("row-level security"));
        let stores_nothing = stored == Ok(vec![]) && listed(STORES_NOTHING, text, &mut used);
        if !(refused || stores_nothing) {
            wrong.push(format!("{stored:?}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(used.len(), STORES_NOTHING.len(), "{used:?}");
}
