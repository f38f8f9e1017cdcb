//! The way in without a password.

use futures::future::join_all;

use super::*;
use crate::server::testing::{Actor, Answer};

async fn ask(visitor: &Actor, email: &str) -> Answer {
    visitor.call("/api/signin/ask_code", &[("form[email]", email), ("form[next]", "/team")]).await
}

async fn enter(visitor: &Actor, code: &str) -> Answer {
    visitor.call("/api/signin/enter_code", &[("form[code]", code)]).await
}

/// The code of the newest mail.
async fn mailed_code(app: &TestApp) -> String {
    app.run_worker().await;
    let mail = app.sent_mails().pop().expect("a mail was sent");
    mail.text.split("?code=").nth(1).expect("the mail holds the link")[..6].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_signs_in_where_it_was_asked_for() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let answer =
        visitor.submit("/api/signin/ask_code", &[("form[email]", "Owner@acme.example"), ("form[next]", "/team")], "/signin/code").await;
    assert_eq!(answer.location(), "/signin/code/enter");
    let code = mailed_code(&app).await;
    for _ in 0..2 {
        // Mail scanners open links; that uses nothing up.
        let page = visitor.get(&format!("/signin/code/enter?code={code}")).await;
        assert!(page.text().contains(&format!("value=\"{code}\"")), "filled in, to be sent by a person");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
    }
    let typed = format!(" {}-{} ", &code[..3].to_lowercase(), &code[3..]);
    let answer = visitor
        .post_with("/api/signin/enter_code", &[("form[code]", &typed)], &[("accept", "text/html"), ("sec-fetch-site", "same-origin")])
        .await;
    assert_eq!(answer.location(), "/team");
    assert_eq!(visitor.follow(&answer).await.texts("h1"), ["Team"]);
    assert_eq!(app.audit_kinds(app.customer()).await, ["session.started"]);
    assert_eq!(visitor.call("/api/keys/create", &[("form[name]", "CI")]).await.status, StatusCode::OK, "the sign-in is fresh");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_is_of_no_use_in_another_browser() {
    let app = TestApp::start().await;
    let (owner, thief) = (app.visitor(), app.visitor());
    ask(&owner, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    let elsewhere = thief.get(&format!("/signin/code/enter?code={code}")).await;
    assert_eq!(
        (elsewhere.texts("h1"), elsewhere.texts("main .button-primary")),
        (vec!["No code can be entered here".to_owned()], vec!["Ask for a new code".to_owned()])
    );
    assert_eq!(owner.get("/signin/code/enter").await.texts("h1"), ["Enter your code"]);
    assert_eq!(enter(&thief, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    ask(&thief, "stranger@nowhere.example").await;
    assert_eq!(enter(&thief, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(enter(&owner, &code).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_wrong_tries_end_a_code() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    let wrong = if code == "AAAAAA" { "BBBBBB" } else { "AAAAAA" };
    for _ in 0..5 {
        assert_eq!(enter(&visitor, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    app.advance(Duration::minutes(2));
    assert_eq!(enter(&visitor, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(visitor.get("/signin/code/enter").await.text().contains("No code can be entered here"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_ends_after_ten_minutes() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    app.advance(Duration::minutes(10));
    assert_eq!(enter(&visitor, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_uses_of_one_code_one_wins() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    // From addresses of their own, so that the limits let them through.
    let copies: Vec<Actor> = (0..50).map(|number| visitor.copy().at(&format!("10.{number}.0.1"))).collect();
    let answers = join_all(copies.iter().map(|copy| enter(copy, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert!(answers.iter().all(|answer| !answer.status.is_server_error()));
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_wrong_tries_at_once_five_are_compared() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let copies: Vec<Actor> = (0..50).map(|number| visitor.copy().at(&format!("10.{number}.0.1"))).collect();
    join_all(copies.iter().map(|copy| enter(copy, "AAAAAA"))).await;
    let tries: i16 = sqlx::query_scalar("SELECT tries FROM signin_codes").fetch_one(app.db()).await.unwrap();
    assert_eq!(tries, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_address_gets_the_same_answer_row_and_page() {
    let app = TestApp::start().await;
    let (known, unknown) = (app.visitor(), app.visitor());
    let answers = (ask(&known, "owner@acme.example").await, ask(&unknown, "nobody@acme.example").await);
    assert_eq!((answers.0.status, answers.0.text()), (answers.1.status, answers.1.text()));
    assert_eq!(known.get("/signin/code/enter").await.texts("main"), unknown.get("/signin/code/enter").await.texts("main"));
    let wrong = (enter(&known, "AAAAAA").await, enter(&unknown, "AAAAAA").await);
    assert_eq!((wrong.0.status, wrong.0.text()), (wrong.1.status, wrong.1.text()));
    app.run_worker().await;
    assert_eq!(app.sent_mails().len(), 1);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM signin_codes").fetch_one(app.db()).await.unwrap();
    assert_eq!(rows, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_is_in_no_table_once_it_was_sent() {
    let app = TestApp::start().await;
    ask(&app.visitor(), "owner@acme.example").await;
    let code = mailed_code(&app).await;
    for table in ["signin_codes", "outbox", "audit_events"] {
        let statement = format!("SELECT count(*) FROM {table} AS t WHERE upper(t::text) LIKE '%' || $1 || '%'");
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(&code).fetch_one(app.db()).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_code_comes_back_to_its_form_though_the_page_sends_no_referrer() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let headers = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let answer = visitor.post_with("/api/signin/enter_code", &[("form[code]", "AAAAAA")], &headers).await;
    assert!(answer.location().starts_with("/signin/code/enter?"), "{}", answer.location());
    assert!(visitor.follow(&answer).await.text().contains("This code is wrong or no longer works."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_password_leaves_no_other_way_in() {
    let app = TestApp::start().await;
    let (thief, waiting) = (app.owner().await, app.visitor());
    thief.call("/api/profile/change_email", &[("form[email]", "thief@evil.example")]).await;
    app.run_worker().await;
    let mail = app.sent_mails().into_iter().find(|mail| mail.to == "thief@evil.example").unwrap();
    let link = mail.text.split("/profile/").nth(1).unwrap()[..64].to_owned();
    ask(&waiting, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    let form = [("form[token]", token.as_str()), ("form[password]", "violet otter sings")];
    assert_eq!(app.visitor().call("/api/signin/reset", &form).await.status, StatusCode::OK);
    assert_eq!(enter(&waiting, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the code is void");
    let confirmed = app.visitor().call("/api/profile/confirm_email", &[("form[token]", &link)]).await;
    assert_eq!(confirmed.status, StatusCode::CONFLICT, "the new address is void");
}

/// Waits until so many statements wait for a lock.
async fn until_waiting(app: &TestApp, statements: i64) {
    for _ in 0..200 {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND NOT granted",
        )
        .fetch_one(app.db())
        .await
        .unwrap();
        if waiting == statements {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{statements} statements should wait");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_made_void_while_it_was_checked_begins_no_session() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    ask(&visitor, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    let mut voiding = app.db().begin().await.unwrap();
    sqlx::query("DELETE FROM signin_codes").execute(&mut *voiding).await.unwrap();
    let entering = tokio::spawn(async move { enter(&visitor, &code).await });
    until_waiting(&app, 1).await;
    voiding.commit().await.unwrap();
    assert_eq!(entering.await.unwrap().status, StatusCode::UNPROCESSABLE_ENTITY);
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_that_a_code_begins_while_a_new_password_is_chosen_ends_with_all_others() {
    let app = TestApp::start().await;
    // The trail has a head, by which the sign-in is held up after it has used the code.
    app.owner().await.call("/api/profile/rename", &[("form[name]", "Olivia")]).await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    let thief = app.visitor();
    ask(&thief, "owner@acme.example").await;
    let code = mailed_code(&app).await;
    let mut head = app.db().begin().await.unwrap();
    sqlx::query("SELECT 1 FROM audit_heads WHERE customer_id = $1 FOR UPDATE").bind(app.customer()).fetch_one(&mut *head).await.unwrap();
    let browser = thief.clone();
    let entering = tokio::spawn(async move { enter(&browser, &code).await });
    until_waiting(&app, 1).await;
    let owner = app.visitor();
    let choosing = tokio::spawn(async move {
        owner.call("/api/signin/reset", &[("form[token]", token.as_str()), ("form[password]", "violet otter sings")]).await
    });
    until_waiting(&app, 2).await;
    head.commit().await.unwrap();
    assert_eq!(entering.await.unwrap().status, StatusCode::OK);
    assert_eq!(choosing.await.unwrap().status, StatusCode::OK);
    assert_eq!(thief.query("/api/home/find").await.status, StatusCode::UNAUTHORIZED);
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert_eq!(sessions, 0);
}
