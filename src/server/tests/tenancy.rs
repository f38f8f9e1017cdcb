//! Two customers side by side, and the two walls between them.

use axum::http::StatusCode;
use sqlx::AssertSqlSafe;

use super::endpoints::{Allowed, FUNCTIONS, Ids, PAGES, ROUTES};
use crate::{
    ids::CustomerId,
    server::{database::Scope, testing::TestApp},
};

/// Tables whose rows belong to a customer.
pub async fn tenant_tables(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'customer_id' AND NOT a.attisdropped
         ORDER BY 1",
    )
    .fetch_all(app.db())
    .await
    .unwrap()
}

/// All that is stored about a customer.
async fn state(app: &TestApp, customer: CustomerId) -> Vec<(String, String)> {
    let mut state = vec![];
    for table in tenant_tables(app).await {
        let statement = format!("SELECT COALESCE(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t WHERE customer_id = $1");
        let rows: String = sqlx::query_scalar(AssertSqlSafe(statement)).bind(customer).fetch_one(app.db()).await.unwrap();
        state.push((table, rows));
    }
    state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stranger_reads_changes_and_downloads_nothing_of_acme() {
    let app = TestApp::start().await;
    let (acme, missing) = (Ids::of_acme(&app).await, Ids::missing());
    let before = state(&app, app.customer()).await;
    let all = FUNCTIONS.iter().chain(PAGES.iter().map(|(_, page)| page)).chain(ROUTES.iter().map(|(_, route)| route));
    for endpoint in all.filter(|endpoint| endpoint.path != "/api/signin/out") {
        let stranger = app.stranger().await;
        let foreign = endpoint.send(&stranger, &acme).await;
        assert!(!foreign.text().to_lowercase().contains("acme"), "{} shows something of Acme", endpoint.path);
        if endpoint.takes_id() && !matches!(endpoint.allowed, Allowed::Everyone | Allowed::Service) {
            assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{}", endpoint.path);
            let unknown = endpoint.send(&stranger, &missing).await;
            assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", endpoint.path);
            if endpoint.path.starts_with("/api/") {
                assert_eq!(foreign.text(), unknown.text(), "{}: another's id answers like one that does not exist", endpoint.path);
            }
        }
    }
    assert_eq!(state(&app, app.customer()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn statement_that_forgets_its_filter_sees_and_changes_nothing_of_others() {
    let app = TestApp::start().await;
    Ids::of_acme(&app).await;
    let before = state(&app, app.customer()).await;
    for table in tenant_tables(&app).await {
        for scope in [Scope::Nobody, Scope::Customer(app.stranger_customer())] {
            let mut transaction = app.state().database.begin(scope).await.unwrap();
            let statement = format!("SELECT count(*) FROM {table} WHERE customer_id = $1");
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).bind(app.customer()).fetch_one(&mut *transaction).await.unwrap();
            assert_eq!(seen, 0, "{table} in {scope:?}");
            let statement = format!("UPDATE {table} SET customer_id = customer_id");
            // Some tables the application may not change at all.
            if let Ok(done) = sqlx::query(AssertSqlSafe(statement)).execute(&mut *transaction).await {
                let own = format!("SELECT count(*) FROM {table} WHERE customer_id = $1");
                let own: i64 = sqlx::query_scalar(AssertSqlSafe(own)).bind(app.stranger_customer()).fetch_one(app.db()).await.unwrap();
                let expected = if matches!(scope, Scope::Nobody) { 0 } else { own };
                assert_eq!(i64::try_from(done.rows_affected()).unwrap(), expected, "{table} in {scope:?}");
            }
        }
    }
    let mut transaction = app.state().database.begin(Scope::Customer(app.stranger_customer())).await.unwrap();
    let smuggled = sqlx::query("UPDATE customers SET customer_id = $1").bind(app.customer()).execute(&mut *transaction).await;
    assert!(smuggled.is_err(), "no row moves to another customer");
    assert_eq!(state(&app, app.customer()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_table_of_a_customer_is_behind_the_wall() {
    let app = TestApp::start().await;
    let tables = tenant_tables(&app).await;
    assert!(tables.len() >= 12, "{tables:?}");
    for table in tables {
        let (enabled, forced, policies, indexed): (bool, bool, i64, bool) = sqlx::query_as(
            "SELECT c.relrowsecurity, c.relforcerowsecurity,
                    (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
                    EXISTS (SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                             WHERE i.indrelid = c.oid AND a.attname = 'customer_id')
             FROM pg_class c WHERE c.oid = $1::regclass",
        )
        .bind(&table)
        .fetch_one(app.db())
        .await
        .unwrap();
        assert!(enabled && forced, "{table}: row-level security is on and forced");
        assert!(policies >= 1, "{table} has a policy");
        assert!(indexed, "{table} has an index that begins with customer_id");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn application_owns_nothing_and_cannot_pass_the_wall() {
    let app = TestApp::start().await;
    let (strong, owned): (bool, i64) = sqlx::query_as(
        "SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb,
                (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid)
         FROM pg_roles r WHERE r.rolname = 'foyer_app'",
    )
    .fetch_one(app.db())
    .await
    .unwrap();
    assert!(!strong);
    assert_eq!(owned, 0);
    let views: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
            AND NOT COALESCE('security_invoker=true' = ANY (reloptions), false)",
    )
    .fetch_one(app.db())
    .await
    .unwrap();
    assert_eq!(views, 0, "a view reads with the rights of who asks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn application_makes_nobody_staff() {
    let app = TestApp::start().await;
    for statement in [
        "UPDATE users SET is_staff = true",
        "INSERT INTO users (user_id, email, name, is_staff, created_at, updated_at)
         VALUES (gen_random_uuid(), 'eve@foyer.example', 'Eve', true, now(), now())",
    ] {
        let mut transaction = app.state().database.begin(Scope::Customer(app.customer())).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *transaction).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "insufficient privilege: {statement}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn functions_with_their_owners_rights_are_taken_in_by_nobody() {
    let app = TestApp::start().await;
    let functions: Vec<(String, Option<String>, bool)> = sqlx::query_as(
        "SELECT p.oid::regprocedure::text,
                (SELECT setting FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%'),
                has_function_privilege('public', p.oid, 'EXECUTE')
         FROM pg_proc p
         WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
         ORDER BY 1",
    )
    .fetch_all(app.db())
    .await
    .unwrap();
    assert!(functions.len() >= 4, "{functions:?}");
    for (function, search_path, for_everybody) in functions {
        assert!(search_path.is_some_and(|path| path.ends_with(", pg_temp")), "{function}: temporary tables are searched last");
        assert!(!for_everybody, "{function}: whoever may call it is named");
    }
}
