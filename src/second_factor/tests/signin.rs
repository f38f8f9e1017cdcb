//! Giving it: at the sign-in, and to confirm who one is.

use futures::future::join_all;

use super::*;
use crate::{
    second_factor::{
        check,
        model::{AppCode, RecoveryCode},
    },
    server::database::Scope,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn password_alone_begins_no_session() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let visitor = app.visitor();
    let form = [("form[email]", OWNER), ("form[password]", PASSWORD), ("form[next]", "/team"), ("form[keep]", "true")];
    let answer = visitor.submit("/api/signin/in", &form, "/signin").await;
    assert_eq!(answer.location(), "/signin/second-factor");
    assert!(visitor.cookie("foyer").is_empty() && !is_in(&visitor).await);
    assert_eq!(visitor.follow(&answer).await.texts("h1"), ["Enter your second factor"]);
    let code = shown(&app, &owner).await;
    let answer = visitor.submit("/api/second_factor/enter", &[("form[code]", &code)], "/signin/second-factor").await;
    assert_eq!(answer.location(), "/team", "where they wanted to go");
    assert!(is_in(&visitor).await);
    let (kept, two): (bool, bool) =
        sqlx::query_as("SELECT expires_at - created_at > interval '2 days', two_factors FROM sessions ORDER BY created_at DESC LIMIT 1")
            .fetch_one(app.db())
            .await
            .unwrap();
    assert!(kept && two, "what was chosen before still counts");
    let started = app.audit_kinds(app.customer()).await.into_iter().filter(|kind| kind == "session.started").count();
    assert_eq!(started, 1);
    let over = visitor.get("/signin/second-factor").await;
    assert_eq!(over.texts("h1"), ["No code can be entered here"], "the step is used up");
    assert_eq!(over.texts("main .button-primary"), ["Sign in again"]);
}

/// What stands behind this in a mail that was sent; mails that are due together go out in any order.
fn in_mail(app: &TestApp, before: &str, length: usize) -> String {
    app.sent_mails().iter().find_map(|mail| mail.text.split_once(before)).map(|(_, after)| after[..length].to_owned()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mailed_code_and_new_password_do_not_get_around_it() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let visitor = app.visitor();
    visitor.call("/api/signin/ask_code", &[("form[email]", OWNER)]).await;
    app.run_worker().await;
    let mailed = in_mail(&app, "?code=", 6);
    let answer = visitor.call("/api/signin/enter_code", &[("form[code]", &mailed)]).await;
    assert_eq!(answer.json()["path"], "/signin/second-factor");
    assert!(!is_in(&visitor).await);
    visitor.call("/api/signin/forgot", &[("form[email]", OWNER)]).await;
    app.run_worker().await;
    let token = in_mail(&app, "/reset/", 64);
    let new = [("form[token]", token.as_str()), ("form[password]", "violet otter sings")];
    assert_eq!(visitor.call("/api/signin/reset", &new).await.status, StatusCode::OK);
    let code = shown(&app, &owner).await;
    assert_eq!(give_code(&visitor, &code).await.status, StatusCode::CONFLICT, "what was begun before is void");
    let visitor = app.visitor();
    let answer = visitor.call("/api/signin/in", &[("form[email]", OWNER), ("form[password]", "violet otter sings")]).await;
    assert_eq!(answer.json()["path"], "/signin/second-factor");
    assert_eq!(give_code(&visitor, &code).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_uses_of_one_code_one_wins() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let codes = turn_on(&app, &owner).await;
    let (user_id, now) = (owner.user_id.unwrap(), app.now());
    let code = AppCode::parse(&shown(&app, &owner).await).unwrap();
    let accepted = join_all((0..50).map(|_| async {
        let mut transaction = app.state().database.begin(Scope::Nobody).await.unwrap();
        let accepted = check::accept(&mut transaction, app.state(), user_id, &code, now).await.unwrap();
        transaction.commit().await.unwrap();
        accepted
    }));
    assert_eq!(accepted.await.into_iter().filter(|accepted| *accepted).count(), 1);
    let recovery = RecoveryCode::parse(&codes[3]).unwrap();
    let accepted = join_all((0..50).map(|_| async {
        let mut transaction = app.state().database.begin(Scope::Nobody).await.unwrap();
        let left = check::accept_recovery(&mut transaction, user_id, &recovery, now).await.unwrap();
        transaction.commit().await.unwrap();
        left
    }));
    assert_eq!(accepted.await.into_iter().flatten().collect::<Vec<_>>(), [9]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_that_was_seen_is_of_no_use_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let (first, second) = (app.visitor(), app.visitor());
    give_password(&first, OWNER).await;
    give_password(&second, OWNER).await;
    let earlier = seed(&app, &owner).await.code_at(app.now() - Duration::seconds(30));
    let code = shown(&app, &owner).await;
    assert_eq!(give_code(&first, &code).await.status, StatusCode::OK);
    assert_eq!(give_code(&second, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(give_code(&second, &earlier).await.status, StatusCode::UNPROCESSABLE_ENTITY, "nor one from before");
    app.advance(Duration::seconds(30));
    assert_eq!(give_code(&second, &shown(&app, &owner).await).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn recovery_code_lets_in_once_and_is_told() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let codes = turn_on(&app, &owner).await;
    let visitor = app.visitor();
    give_password(&visitor, OWNER).await;
    let typed = codes[7].to_lowercase().replace('-', " ");
    assert_eq!(give_recovery_code(&visitor, &typed).await.json()["path"], "/team");
    assert_eq!(visitor.query("/api/second_factor/find").await.json()["codes_left"], 9);
    let details: serde_json::Value =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind = 'session.started'").fetch_one(app.db()).await.unwrap();
    assert_eq!(details["second_factor"], "recovery code");
    assert!(mails_to(&app, OWNER).await.contains(&"A recovery code was used".to_owned()));
    let visitor = app.visitor();
    give_password(&visitor, OWNER).await;
    assert_eq!(give_recovery_code(&visitor, &typed).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn step_ends_with_its_time_its_tries_and_its_browser() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let (visitor, thief) = (app.visitor(), app.visitor());
    assert_eq!(give_code(&thief, "123456").await.status, StatusCode::CONFLICT, "without a first factor there is nothing");
    give_password(&visitor, OWNER).await;
    app.advance(Duration::minutes(10));
    assert_eq!(give_code(&visitor, &shown(&app, &owner).await).await.status, StatusCode::CONFLICT, "ten minutes");
    let guesser = app.visitor();
    give_password(&guesser, OWNER).await;
    for number in 0..5 {
        let wrong = if shown(&app, &owner).await == "111111" { "222222" } else { "111111" };
        assert_eq!(give_code(&guesser, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        app.advance(Duration::SECOND);
    }
    assert_eq!(give_code(&guesser, &shown(&app, &owner).await).await.status, StatusCode::CONFLICT, "five tries");
    let guesser = app.visitor();
    give_password(&guesser, OWNER).await;
    assert_eq!(give_code(&guesser, "111111").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(give_code(&guesser, "111111").await.status, StatusCode::TOO_MANY_REQUESTS, "signing in again gives no free tries");
    assert!(!is_in(&guesser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn confirmation_asks_for_both() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    app.advance(Duration::minutes(10));
    assert!(owner.get("/signin/confirm?next=/keys").await.text().contains("Code of your authenticator app"));
    let confirm =
        async |password: &str, code: &str| owner.call("/api/signin/confirm", &[("form[password]", password), ("form[code]", code)]).await;
    let field = |answer: Answer| answer.json()["Invalid"]["errors"][0]["field"].as_str().map(str::to_owned);
    let code = shown(&app, &owner).await;
    assert_eq!(field(confirm("not the password", &code).await).as_deref(), Some("password"));
    assert_eq!(field(confirm(PASSWORD, "").await).as_deref(), Some("code"));
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.json(), "FreshSignIn");
    assert_eq!(confirm(PASSWORD, &code).await.status, StatusCode::OK, "a wrong password has not used the code up");
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.status, StatusCode::OK);
    assert_eq!(field(confirm(PASSWORD, &code).await).as_deref(), Some("code"), "once");
}

const WARNING: &str = "Somebody is trying to get past your second factor";

async fn warnings(app: &TestApp) -> usize {
    mails_to(app, OWNER).await.iter().filter(|subject| *subject == WARNING).count()
}

/// Gives the password and then that many wrong codes, from an address of its own and as slowly as the limits ask for.
async fn try_wrongly(app: &TestApp, person: &Actor, from: &str, tries: usize) {
    let guesser = app.visitor().at(from);
    give_password(&guesser, OWNER).await;
    for _ in 0..tries {
        let wrong = if shown(app, person).await == "111111" { "222222" } else { "111111" };
        assert_eq!(give_code(&guesser, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        app.advance(Duration::minutes(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_is_told_once_a_day_that_somebody_tries_their_second_factor() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    try_wrongly(&app, &owner, "203.0.113.7", 2).await;
    try_wrongly(&app, &owner, "203.0.113.8", 2).await;
    assert_eq!(warnings(&app).await, 0, "whoever mistypes is not alarmed");
    try_wrongly(&app, &owner, "203.0.113.9", 1).await;
    assert_eq!(warnings(&app).await, 1, "the fifth, wherever it comes from and however long it waits");
    let mail = app.sent_mails().into_iter().find(|mail| mail.subject == WARNING).unwrap();
    for words in ["with your password", "5 wrong codes", "203.0.113.9", "Unknown browser", "http://127.0.0.1:3000/reset"] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    try_wrongly(&app, &owner, "203.0.113.10", 5).await;
    assert_eq!(warnings(&app).await, 1, "once a day");
    app.advance(Duration::DAY);
    try_wrongly(&app, &owner, "203.0.113.7", 5).await;
    assert_eq!(warnings(&app).await, 2, "the next day again");
    assert!(app.audit_kinds(app.customer()).await.iter().all(|kind| kind == "second_factor.turned_on"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn right_code_takes_wrong_ones_back() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let codes = turn_on(&app, &owner).await;
    for (number, recovery) in [None, Some(&codes[0])].into_iter().enumerate() {
        try_wrongly(&app, &owner, &format!("203.0.113.{number}"), 4).await;
        let visitor = app.visitor();
        give_password(&visitor, OWNER).await;
        let answer = match recovery {
            Some(code) => give_recovery_code(&visitor, code).await,
            None => give_code(&visitor, &shown(&app, &owner).await).await,
        };
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    assert_eq!(warnings(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_codes_in_an_open_session_are_told_as_well() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    for _ in 0..5 {
        let wrong = if shown(&app, &owner).await == "111111" { "222222" } else { "111111" };
        let answer = owner.call("/api/signin/confirm", &[("form[password]", PASSWORD), ("form[code]", wrong)]).await;
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "code", "{}", answer.text());
        app.advance(Duration::minutes(1));
    }
    assert_eq!(warnings(&app).await, 1);
}
