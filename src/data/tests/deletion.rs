//! Leaving, from the wish to the end.

use super::*;

fn subjects(app: &TestApp) -> Vec<(String, String)> {
    let mut mails: Vec<(String, String)> = app.sent_mails().into_iter().map(|mail| (mail.to, mail.subject)).collect();
    mails.sort();
    mails
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deletion_is_announced_and_carried_out() {
    let app = TestApp::start().await;
    Ids::of_acme(&app).await;
    let owner = app.owner().await;
    assert_eq!(close(&owner, "Acm").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(close(&owner, "acme").await.status, StatusCode::OK);
    let told = |count: usize, subject: &str| {
        let expected = vec![("owner@acme.example".to_owned(), subject.to_owned()); count];
        assert_eq!(subjects(&app), expected);
    };
    app.run_worker().await;
    told(1, "Acme will be deleted on 23 Dec 2026, 09:00 UTC");
    for role in Role::ALL {
        assert!(app.person(role).await.get("/").await.text().contains("This account is deleted on 23 Dec 2026"), "{role}");
    }
    app.advance(Duration::days(22));
    app.run_worker().await;
    told(1, "Acme will be deleted on 23 Dec 2026, 09:00 UTC");
    for days in [1, 6] {
        app.advance(Duration::days(days));
        app.run_worker().await;
        app.run_worker().await;
    }
    told(3, "Acme will be deleted on 23 Dec 2026, 09:00 UTC");
    app.advance(Duration::DAY);
    let member = app.member().await;
    app.run_worker().await;
    app.run_worker().await;
    let last = app.sent_mails().pop().unwrap();
    assert_eq!((last.to.as_str(), last.subject.as_str()), ("owner@acme.example", "The account of Acme was deleted"));
    assert_eq!(member.query("/api/home/find").await.status, StatusCode::UNAUTHORIZED, "sessions have ended");
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds, ["account.deletion_requested", "account.deletion_announced", "account.deletion_announced", "account.closed"]);
    let by: String =
        sqlx::query_scalar("SELECT actor_kind FROM audit_events WHERE kind = 'account.closed'").fetch_one(app.db()).await.unwrap();
    assert_eq!(by, "system");
    assert_eq!(app.stranger().await.get("/").await.status, StatusCode::OK, "others go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_deleted_customer_only_invoices_and_the_trail_are_left() {
    const KEPT: [&str; 7] = ["customers", "invoices", "invoice_lines", "audit_events", "audit_heads", "closures", "outbox"];
    let app = TestApp::start().await;
    Ids::of_acme(&app).await;
    let both = app.developer().await;
    app.insert_membership(app.stranger_customer(), both.user_id.unwrap(), Role::Developer).await;
    let member = app.member().await;
    member.call("/api/profile/change_email", &[("form[email]", "mo@new.example")]).await;
    close(&app.owner().await, "Acme").await;
    app.advance(Duration::days(30));
    let both = app.sign_in(&both.email, Some(app.customer())).await;
    app.run_worker().await;
    for table in tenant_tables(&app).await {
        let statement = format!("SELECT count(*) FROM {table} WHERE customer_id = $1");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).bind(app.customer()).fetch_one(app.db()).await.unwrap();
        assert_eq!(rows > 0, KEPT.contains(&table.as_str()), "{table}");
    }
    let invoices: i64 = sqlx::query_scalar("SELECT count(*) FROM invoice_lines").fetch_one(app.db()).await.unwrap();
    assert_eq!(invoices, 1);
    let (status, email): (String, String) = sqlx::query_as("SELECT status, email FROM customers WHERE customer_id = $1")
        .bind(app.customer())
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!((status.as_str(), email.as_str()), ("closed", ""));
    // People who belong to nobody else are forgotten; those who do, and the staff, are not.
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM users ORDER BY name").fetch_all(app.db()).await.unwrap();
    assert_eq!(names, ["Developer of Acme", "Erased person", "Erased person", "Erased person", "Erased person", "Mia", "Stranger"]);
    let person_tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'user_id' AND c.relname <> 'users'",
    )
    .fetch_all(app.db())
    .await
    .unwrap();
    for table in person_tables {
        let statement = format!("SELECT count(*) FROM {table} WHERE user_id = $1");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(statement)).bind(member.user_id).fetch_one(app.db()).await.unwrap();
        assert_eq!(rows, 0, "{table} holds something of a person who was erased");
    }
    assert_eq!(both.query("/api/home/find").await.status, StatusCode::UNAUTHORIZED);
    let again = app.sign_in("developer@acme.example", Some(app.stranger_customer())).await;
    assert_eq!(again.get("/").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_owner_cancels_until_the_end() {
    let app = TestApp::start().await;
    let ada = app.insert_person("ada@acme.example", "Ada").await;
    app.insert_membership(app.customer(), ada, Role::Owner).await;
    close(&app.owner().await, "Acme").await;
    app.advance(Duration::days(29));
    let ada = app.sign_in("ada@acme.example", Some(app.customer())).await;
    assert_eq!(app.admin().await.call("/api/data/cancel_closure", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.stranger().await.call("/api/data/cancel_closure", &[]).await.status, StatusCode::CONFLICT, "has none of their own");
    assert_eq!(ada.call("/api/data/cancel_closure", &[]).await.status, StatusCode::OK);
    assert_eq!(ada.call("/api/data/cancel_closure", &[]).await.status, StatusCode::CONFLICT);
    app.advance(Duration::days(2));
    app.run_worker().await;
    assert_eq!(app.member().await.get("/").await.status, StatusCode::OK);
    assert_eq!(app.audit_kinds(app.customer()).await, ["account.deletion_requested", "account.deletion_canceled"]);
    let canceled = subjects(&app).into_iter().filter(|(_, subject)| subject == "Acme will not be deleted").count();
    assert_eq!(canceled, 2, "both owners are told");
    assert_eq!(close(&app.owner().await, "Acme").await.status, StatusCode::OK, "it can be asked for again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_wishes_at_once_one_counts() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answers = join_all((0..50).map(|_| close(&owner, "Acme"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert_eq!(app.audit_kinds(app.customer()).await, ["account.deletion_requested"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_close_once() {
    let app = TestApp::start().await;
    close(&app.owner().await, "Acme").await;
    app.advance(Duration::days(30));
    let done = join_all((0..4).map(|_| crate::data::close_due(app.state()))).await;
    assert!(done.into_iter().all(|done| done.is_ok()));
    assert_eq!(app.audit_kinds(app.customer()).await, ["account.deletion_requested", "account.closed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_deletion_is_asked_for_and_canceled() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let page = owner.get("/account/data").await.text();
    assert!(page.contains("5 people lose access") && page.contains("Export everything"), "{page}");
    let answer = owner.submit("/api/data/request_closure", &[("form[company]", "Other")], "/account/data").await;
    assert!(owner.follow(&answer).await.text().contains("to confirm."));
    let answer = owner.submit("/api/data/request_closure", &[("form[company]", "Acme")], "/account/data").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/account/data?done=closure-requested"));
    assert!(owner.follow(&answer).await.text().contains("Cancel the deletion"));
    let answer = owner.submit("/api/data/cancel_closure", &[], "/account/data").await;
    assert_eq!(answer.location(), "/account/data?done=closure-canceled");
}
