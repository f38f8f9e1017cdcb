//! The trail: a chain that nobody breaks unseen, and no secret in it.

use axum::http::StatusCode;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::{
    ids::CustomerId,
    server::{
        audit::verify::{KeptHeads, VerifyError, list_heads, verify},
        database::Scope,
        testing::{Actor, TestApp},
    },
};

/// What `foyer audit verify` prints, and whether it ends well.
async fn verified(app: &TestApp, only: Option<CustomerId>) -> (String, bool) {
    verified_against(app, only, &KeptHeads::default()).await
}

async fn verified_against(app: &TestApp, only: Option<CustomerId>, kept: &KeptHeads) -> (String, bool) {
    let mut output = vec![];
    let result = verify(app.db(), only, kept, &mut output).await;
    assert!(matches!(result, Ok(()) | Err(VerifyError::Broken(_))), "{result:?}");
    (String::from_utf8(output).unwrap(), result.is_ok())
}

async fn heads(app: &TestApp) -> String {
    let mut output = vec![];
    list_heads(app.db(), &mut output).await.unwrap();
    String::from_utf8(output).unwrap()
}

async fn create_keys(owner: &Actor, count: usize) {
    for number in 0..count {
        let answer = owner.call("/api/keys/create", &[("form[name]", &format!("Key {number}"))]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

/// Runs statements as the role that owns the tables.
async fn tamper(app: &TestApp, statements: &str) {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(app.db()).await.unwrap();
}

async fn id_of(app: &TestApp, number: i64) -> Uuid {
    sqlx::query_scalar("SELECT audit_event_id FROM audit_events WHERE customer_id = $1 AND chain_number = $2")
        .bind(app.customer())
        .bind(number)
        .fetch_one(app.db())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_changes_at_once_make_fifty_links_without_a_gap() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let stranger = app.stranger().await;
    // Changes that hold different rows of the customer while they wait for the head; none of them is limited in number.
    let changes = (0..50).map(|number| {
        let (owner, name) = (owner.clone(), format!("Acme {number}"));
        let (from, to) = if number % 2 == 0 { ("enterprise", "pro") } else { ("pro", "enterprise") };
        async move {
            let answer = match number % 3 {
                0 => owner.call("/api/keys/create", &[("form[name]", "CI")]).await,
                1 => owner.call("/api/account/update", &[("form[name]", &name), ("form[email]", "office@acme.example")]).await,
                _ => owner.call("/api/billing/change_plan", &[("form[plan]", to), ("form[from]", from)]).await,
            };
            answer.status
        }
    });
    let (statuses, ()) = tokio::join!(futures::future::join_all(changes), create_keys(&stranger, 3));
    assert!(statuses.iter().all(|status| !status.is_server_error()), "{statuses:?}");
    let numbers: Vec<i64> = sqlx::query_scalar("SELECT chain_number FROM audit_events WHERE customer_id = $1 ORDER BY 1")
        .bind(app.customer())
        .fetch_all(app.db())
        .await
        .unwrap();
    assert!(numbers.len() >= 34, "{numbers:?}");
    assert!(numbers.iter().zip(1..).all(|(number, expected)| *number == expected), "{numbers:?}");
    let (printed, whole) = verified(&app, None).await;
    assert!(whole, "{printed}");
    assert_eq!(printed, format!("customers: 2, rows: {}, broken: 0\n", numbers.len() + 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn change_that_holds_the_customers_row_never_waits_for_one_that_needs_it() {
    const INSERT: &str = "INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_name, kind, subject, created_at)
        VALUES (gen_random_uuid(), $1, 'system', 'x', 'key.created', 'x', now())";
    let app = TestApp::start().await;
    let (database, customer) = (app.state().database.clone(), app.customer());
    let mut holder = database.begin(Scope::Customer(customer)).await.unwrap();
    sqlx::query("SELECT 1 FROM customers FOR UPDATE").execute(&mut *holder).await.unwrap();
    let other = tokio::spawn(async move {
        let mut transaction = database.begin(Scope::Customer(customer)).await?;
        sqlx::query(INSERT).bind(customer).execute(&mut *transaction).await?;
        transaction.commit().await
    });
    // Time for the other to come as far as it can.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    sqlx::query(INSERT).bind(customer).execute(&mut *holder).await.unwrap();
    holder.commit().await.unwrap();
    other.await.unwrap().unwrap();
    assert!(verified(&app, None).await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_keys_at_once_each_has_its_link() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let creations = futures::future::join_all((0..50).map(|_| owner.call("/api/keys/create", &[("form[name]", "CI")]))).await;
    assert!(creations.iter().all(|answer| answer.status == StatusCode::OK));
    assert_eq!(verified(&app, None).await, ("customers: 2, rows: 50, broken: 0\n".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn verifier_names_the_first_row_that_was_tampered_with() {
    let cases = [
        ("UPDATE audit_events SET subject = 'Key 9' WHERE chain_number = 3", 3, true, "was changed after it was written"),
        (
            "UPDATE audit_events SET details = details || '{\"prefix\": \"00000000\"}' WHERE chain_number IN (3, 5)",
            3,
            true,
            "was changed after it was written",
        ),
        ("UPDATE audit_events SET created_at = created_at + interval '1 microsecond' WHERE chain_number = 4", 4, true, "was changed"),
        ("UPDATE audit_events SET session_id = NULL WHERE chain_number = 4", 4, true, "was changed"),
        ("DELETE FROM audit_events WHERE chain_number = 2", 2, false, "is missing"),
        ("DELETE FROM audit_events WHERE chain_number = 1", 1, false, "is missing"),
        (
            "UPDATE audit_events SET chain_number = 1000 WHERE chain_number = 3;
             UPDATE audit_events SET chain_number = 3 WHERE chain_number = 4;
             UPDATE audit_events SET chain_number = 4 WHERE chain_number = 1000",
            3,
            true,
            "was reordered: it was written as number 4",
        ),
        ("DELETE FROM audit_events WHERE chain_number > 4", 5, false, "is missing, and so is everything after it up to number 6"),
        ("DELETE FROM audit_heads", 1, false, "comes after the head of the chain, which was set back"),
        (
            "UPDATE audit_events SET subject = 'x' WHERE chain_number = 3;
             UPDATE audit_events e SET hash = audit_event_hash(e) WHERE chain_number = 3",
            4,
            true,
            "does not follow from the row before it",
        ),
    ];
    let app = TestApp::start().await;
    create_keys(&app.owner().await, 6).await;
    create_keys(&app.stranger().await, 1).await;
    tamper(&app, "CREATE TABLE kept AS SELECT * FROM audit_events; CREATE TABLE kept_heads AS SELECT * FROM audit_heads").await;
    let ids = [Uuid::nil(), id_of(&app, 1).await, id_of(&app, 2).await, id_of(&app, 3).await, id_of(&app, 4).await];
    for (statements, number, names_id, expected) in cases {
        tamper(&app, statements).await;
        let (printed, whole) = verified(&app, Some(app.customer())).await;
        assert!(!whole, "{statements}");
        assert!(printed.starts_with(&format!("customer {}: row number {number} ", app.customer())), "{statements}: {printed}");
        assert!(printed.contains(expected), "{statements}: {printed}");
        if names_id {
            let standing = if expected.contains("reordered") { ids[4] } else { ids[usize::try_from(number).unwrap()] };
            assert!(printed.contains(&standing.to_string()), "{statements}: {printed}");
        }
        assert!(printed.ends_with(", broken: 1\n"), "{printed}");
        restore(&app).await;
        assert!(verified(&app, None).await.1, "whole again after {statements}");
    }
}

/// Puts the rows back as they were.
async fn restore(app: &TestApp) {
    let columns = "audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id,
                   created_at, chain_version, chain_number, previous_hash, hash";
    let statements = format!(
        "TRUNCATE audit_events; DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads;
         ALTER TABLE audit_events DISABLE TRIGGER chain;
         INSERT INTO audit_events ({columns}) SELECT {columns} FROM kept;
         ALTER TABLE audit_events ENABLE TRIGGER chain"
    );
    tamper(app, &statements).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn chain_that_was_made_anew_shows_against_heads_kept_elsewhere() {
    let app = TestApp::start().await;
    create_keys(&app.owner().await, 3).await;
    let kept = KeptHeads::parse(&heads(&app).await).unwrap();
    create_keys(&app.owner().await, 2).await;
    assert_eq!(verified_against(&app, None, &kept).await, ("customers: 2, rows: 5, broken: 0\n".to_owned(), true));
    // The owner of the database takes the second entry out and makes every hash after it anew.
    let rewrite = "CREATE TABLE copy AS SELECT * FROM audit_events WHERE subject <> 'Key 1' ORDER BY chain_number;
        DELETE FROM audit_events; DELETE FROM audit_heads;
        INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id, created_at)
        SELECT audit_event_id, customer_id, actor_kind, actor_user_id, actor_name, kind, subject, details, ip, session_id, created_at FROM copy";
    tamper(&app, rewrite).await;
    assert!(verified(&app, None).await.1, "the database alone cannot tell");
    let (printed, whole) = verified_against(&app, None, &kept).await;
    assert!(!whole && printed.contains("row number 3 ") && printed.contains("the chain was rewritten"), "{printed}");
    tamper(&app, "DELETE FROM audit_events WHERE chain_number > 2").await;
    tamper(
        &app,
        "UPDATE audit_heads SET (chain_number, hash) = (SELECT chain_number, hash FROM audit_events ORDER BY chain_number DESC LIMIT 1)",
    )
    .await;
    let (printed, whole) = verified_against(&app, None, &kept).await;
    assert!(!whole && printed.contains("row number 3 is missing, and so is everything after it up to number 3"), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn long_trail_is_checked_in_batches() {
    let app = TestApp::start().await;
    let fill = "INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_name, kind, subject, details, created_at)
        SELECT gen_random_uuid(), $1, 'system', 'Prüfung \"1\"', 'key.created', 'n' || n, jsonb_build_object('ü', n, 'a', jsonb_build_array(null, true, E'\\t\"x')), now()
          FROM generate_series(1, 2500) n ORDER BY n";
    sqlx::query(fill).bind(app.customer()).execute(app.db()).await.unwrap();
    assert_eq!(verified(&app, None).await, ("customers: 2, rows: 2500, broken: 0\n".to_owned(), true));
    tamper(&app, "DELETE FROM audit_events WHERE chain_number = 1000").await;
    assert!(verified(&app, None).await.0.contains("row number 1000 is missing"));
    let unknown = verify(app.db(), Some(CustomerId::from(Uuid::nil())), &KeptHeads::default(), &mut vec![]).await;
    assert!(matches!(unknown, Err(VerifyError::UnknownCustomer(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn application_can_only_add_to_the_end_of_its_own_chain() {
    let app = TestApp::start().await;
    create_keys(&app.owner().await, 2).await;
    let before = heads(&app).await;
    for forbidden in [
        "UPDATE audit_events SET subject = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE audit_heads SET chain_number = 0",
        "DELETE FROM audit_heads",
        "INSERT INTO audit_heads SELECT customer_id, 9, hash FROM audit_heads",
        "ALTER TABLE audit_events DISABLE TRIGGER chain",
    ] {
        let mut transaction = app.state().database.begin(Scope::Customer(app.customer())).await.unwrap();
        assert!(sqlx::query(AssertSqlSafe(forbidden)).execute(&mut *transaction).await.is_err(), "{forbidden}");
    }
    // Not even with numbers and hashes of its own choice, or a table of its own in the way.
    let mut transaction = app.state().database.begin(Scope::Customer(app.customer())).await.unwrap();
    let statements = "CREATE TEMP TABLE audit_heads (customer_id uuid, chain_number bigint, hash bytea)";
    sqlx::query(statements).execute(&mut *transaction).await.unwrap();
    let insert = "INSERT INTO public.audit_events (audit_event_id, customer_id, actor_kind, actor_name, kind, subject, created_at, chain_version, chain_number, previous_hash, hash)
        VALUES (gen_random_uuid(), $1, 'system', 'x', 'key.created', 'x', now(), 7, 1, sha256('x'), sha256('x'))";
    sqlx::query(insert).bind(app.customer()).execute(&mut *transaction).await.unwrap();
    let smuggled = sqlx::query(insert).bind(app.stranger_customer()).execute(&mut *transaction).await;
    assert!(smuggled.is_err(), "no entry in another customer's trail");
    drop(transaction);
    assert_eq!(heads(&app).await, before, "what is not committed moves no head");
    let mut transaction = app.state().database.begin(Scope::Customer(app.customer())).await.unwrap();
    sqlx::query(insert).bind(app.customer()).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(verified(&app, None).await, ("customers: 2, rows: 3, broken: 0\n".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_stored_column_is_hashed() {
    let app = TestApp::start().await;
    let columns: Vec<String> = sqlx::query_scalar(
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'audit_events' AND is_generated = 'NEVER' ORDER BY 1",
    )
    .fetch_all(app.db())
    .await
    .unwrap();
    // A new column needs a new version of the encoding.
    let hashed = [
        "actor_kind",
        "actor_name",
        "actor_user_id",
        "audit_event_id",
        "chain_number",
        "chain_version",
        "created_at",
        "customer_id",
        "details",
        "hash",
        "ip",
        "kind",
        "previous_hash",
        "session_id",
        "subject",
    ];
    assert_eq!(columns, hashed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kinds_of_actor_are_those_of_the_table() {
    let app = TestApp::start().await;
    for kind in crate::server::audit::ActorKind::ALL {
        let insert = "INSERT INTO audit_events (audit_event_id, customer_id, actor_kind, actor_name, kind, subject, created_at)
            VALUES (gen_random_uuid(), $1, $2, 'x', 'key.created', 'x', now())";
        sqlx::query(insert).bind(app.customer()).bind(kind.as_str()).execute(app.db()).await.unwrap();
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
}

/// Every change that takes words from people, with a secret among the words.
async fn paste_everywhere(app: &TestApp, secret: &str) {
    let owner = app.owner().await;
    let words = format!("It is {secret}");
    let answers = [
        owner.call("/api/keys/create", &[("form[name]", secret)]).await,
        owner.call("/api/support/create", &[("form[subject]", &words), ("form[message]", &words)]).await,
        owner.call("/api/account/update", &[("form[name]", &words), ("form[email]", "office@acme.example")]).await,
    ];
    for answer in answers {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let answer = owner.call("/activity/export", &[("format", "csv")]).await;
    assert!(!answer.text().contains(secret), "the export");
    assert!(!owner.query("/api/activity/list").await.text().contains(secret), "the page");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pasted_secret_never_enters_the_trail() {
    let app = TestApp::start().await;
    let secrets =
        [format!("sk_live_{}", "0a".repeat(32)), "0123456789abcdef".repeat(4), "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()];
    for secret in &secrets {
        paste_everywhere(&app, secret).await;
    }
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds.len(), 12, "{kinds:?}");
    let trail: String = sqlx::query_scalar("SELECT string_agg(concat_ws(' ', actor_name, subject, details), ' ') FROM audit_events")
        .fetch_one(app.db())
        .await
        .unwrap();
    assert!(secrets.iter().all(|secret| !trail.contains(secret)), "{trail}");
    assert!(trail.contains("sk_live_0a0a0a0a…"), "the prefix, by which people recognize a key, stays");
    assert!(verified(&app, None).await.1);
}
