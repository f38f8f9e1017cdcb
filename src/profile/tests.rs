//! The profile as its person meets it, and a new address as everybody else does.

use axum::http::StatusCode;
use futures::future::join_all;
use time::Duration;

use crate::{
    access::Role,
    server::testing::{Actor, Answer, TestApp},
};

const OLD: &str = "member@acme.example";
const NEW: &str = "mo@new.example";

async fn ask(actor: &Actor, email: &str) -> Answer {
    actor.call("/api/profile/change_email", &[("form[email]", email)]).await
}

async fn confirm(actor: &Actor, token: &str) -> Answer {
    actor.call("/api/profile/confirm_email", &[("form[token]", token)]).await
}

/// The token in the newest link mailed to an address.
async fn mailed_token(app: &TestApp, email: &str) -> String {
    app.run_worker().await;
    let mails = app.sent_mails();
    let mail = mails.iter().rev().find(|mail| mail.to == email && mail.text.contains("/profile/")).expect("a link was mailed");
    mail.text.split("/profile/").nth(1).unwrap()[..64].to_owned()
}

async fn email_of(app: &TestApp, actor: &Actor) -> String {
    sqlx::query_scalar("SELECT email FROM users WHERE user_id = $1").bind(actor.user_id).fetch_one(app.db()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn name_changes_at_once_for_every_role() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let person = app.person(role).await;
        let answer = person.call("/api/profile/rename", &[("form[name]", "  Robin Berg ")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{role}: {}", answer.text());
        assert_eq!(person.query("/api/signin/shell").await.json()["person_name"], "Robin Berg");
        assert_eq!(person.call("/api/profile/rename", &[("form[name]", "")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        person.call("/api/profile/rename", &[("form[name]", "Robin Berg")]).await;
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["profile.renamed"; 5], "the same again leaves no trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_address_counts_from_its_confirmation_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let (member, elsewhere) = (app.member().await, app.member().await);
    assert_eq!(ask(&member, " Mo@New.example").await.status, StatusCode::OK);
    let token = mailed_token(&app, NEW).await;
    assert_eq!(email_of(&app, &member).await, OLD, "the old one stays in force");
    assert!(app.sent_mails().iter().any(|mail| mail.to == OLD && mail.subject == "A new sign-in address was asked for"));
    assert!(member.get("/account/profile").await.text().contains("mo@new.example waits for its confirmation"));

    for _ in 0..3 {
        let page = app.visitor().get(&format!("/profile/{token}")).await;
        assert!(page.text().contains("Confirm the address") && page.text().contains(NEW), "looking uses nothing up");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
    }
    assert_eq!(confirm(&member, &token).await.status, StatusCode::OK);
    assert_eq!(email_of(&app, &member).await, NEW);
    assert_eq!(member.query("/api/profile/find").await.json()["email"], NEW, "this browser goes on");
    assert_eq!(elsewhere.query("/api/profile/find").await.status, StatusCode::UNAUTHORIZED, "others have ended");
    app.run_worker().await;
    let last = app.sent_mails().pop().unwrap();
    assert_eq!((last.to.as_str(), last.subject.as_str()), (OLD, "Your sign-in address was changed"));
    assert_eq!(app.audit_kinds(app.customer()).await, ["profile.email_change_requested", "profile.email_changed"]);
    assert_eq!(confirm(&member, &token).await.status, StatusCode::CONFLICT, "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_company_of_the_person_has_the_new_address_in_its_trail() {
    let app = TestApp::start().await;
    let member = app.member().await;
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Member).await;
    ask(&member, NEW).await;
    let token = mailed_token(&app, NEW).await;
    assert_eq!(confirm(&member, &token).await.status, StatusCode::OK);
    assert_eq!(app.audit_kinds(app.customer()).await, ["profile.email_change_requested", "profile.email_changed"]);
    assert_eq!(app.audit_kinds(app.stranger_customer()).await, ["profile.email_changed"]);
    app.run_worker().await;
    assert_eq!(app.sent_mails().iter().filter(|mail| mail.subject == "Your sign-in address was changed").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_works_in_another_browser_and_dies_after_half_an_hour() {
    let app = TestApp::start().await;
    let member = app.member().await;
    ask(&member, NEW).await;
    let token = mailed_token(&app, NEW).await;
    app.advance(Duration::minutes(30));
    assert_eq!(confirm(&app.visitor(), &token).await.status, StatusCode::CONFLICT);
    let member = app.member().await;
    ask(&member, NEW).await;
    let token = mailed_token(&app, NEW).await;
    app.advance(Duration::minutes(29));
    assert_eq!(confirm(&app.visitor(), &token).await.status, StatusCode::OK);
    assert_eq!(email_of(&app, &member).await, NEW);
    assert_eq!(member.query("/api/profile/find").await.status, StatusCode::UNAUTHORIZED, "every session ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn code_mailed_to_the_old_address_is_void() {
    let app = TestApp::start().await;
    let (member, waiting) = (app.member().await, app.visitor());
    waiting.call("/api/signin/ask_code", &[("form[email]", OLD)]).await;
    app.run_worker().await;
    let code = app.sent_mails().pop().unwrap().text.split("?code=").nth(1).unwrap()[..6].to_owned();
    ask(&member, NEW).await;
    let token = mailed_token(&app, NEW).await;
    assert_eq!(confirm(&member, &token).await.status, StatusCode::OK);
    let entered = waiting.call("/api/signin/enter_code", &[("form[code]", &code)]).await;
    assert_eq!(entered.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn newer_request_and_a_cancel_kill_the_earlier_link() {
    let app = TestApp::start().await;
    let member = app.member().await;
    ask(&member, "first@new.example").await;
    let first = mailed_token(&app, "first@new.example").await;
    ask(&member, NEW).await;
    let second = mailed_token(&app, NEW).await;
    assert_eq!(confirm(&member, &first).await.status, StatusCode::CONFLICT);
    assert_eq!(member.call("/api/profile/cancel_email", &[]).await.status, StatusCode::OK);
    assert_eq!(confirm(&member, &second).await.status, StatusCode::CONFLICT);
    assert_eq!(email_of(&app, &member).await, OLD);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn taken_address_is_found_out_by_nobody_and_refused_at_the_end() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let (taken, free) = (ask(&member, "owner@stranger.example").await, ask(&member, NEW).await);
    assert_eq!((taken.status, taken.text()), (free.status, free.text()));
    ask(&member, "owner@stranger.example").await;
    let token = mailed_token(&app, "owner@stranger.example").await;
    assert_eq!(confirm(&member, &token).await.status, StatusCode::CONFLICT);
    assert_eq!(email_of(&app, &member).await, OLD);
    assert_eq!(member.query("/api/profile/find").await.status, StatusCode::OK, "no session ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_people_who_want_one_address_do_not_both_get_it() {
    let app = TestApp::start().await;
    let (member, developer) = (app.member().await, app.developer().await);
    ask(&member, NEW).await;
    let first = mailed_token(&app, NEW).await;
    ask(&developer, NEW).await;
    let second = mailed_token(&app, NEW).await;
    let answers = join_all([(&member, &first), (&developer, &second)].map(|(actor, token)| confirm(actor, token))).await;
    let mut statuses: Vec<StatusCode> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_confirmations_at_once_one_wins() {
    let app = TestApp::start().await;
    ask(&app.member().await, NEW).await;
    let token = mailed_token(&app, NEW).await;
    let answers = join_all((0..50).map(|_| {
        let visitor = app.visitor();
        let token = token.clone();
        async move { confirm(&visitor, &token).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, StatusCode::OK | StatusCode::CONFLICT)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn confirmation_takes_one_connection_whoever_is_signed_in() {
    let app = TestApp::start().await;
    ask(&app.member().await, NEW).await;
    let token = mailed_token(&app, NEW).await;
    let app = app.with_connections(1);
    let (owner, member) = (app.owner().await, app.member().await);
    assert_eq!(confirm(&owner, "0").await.status, StatusCode::CONFLICT);
    assert_eq!(confirm(&member, &token).await.status, StatusCode::OK);
    assert_eq!(member.query("/api/profile/find").await.json()["email"], NEW, "this browser goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forged_tokens_answer_like_expired_ones_and_none_is_stored() {
    let app = TestApp::start().await;
    ask(&app.member().await, NEW).await;
    let token = mailed_token(&app, NEW).await;
    let expected = confirm(&app.visitor(), &"0".repeat(64)).await;
    for forged in ["", "x", &token[..63], &token.to_uppercase()] {
        let answer = confirm(&app.visitor(), forged).await;
        assert_eq!((answer.status, answer.text()), (expected.status, expected.text()), "{forged}");
        let page = app.visitor().get(&format!("/profile/{}", if forged.is_empty() { "-" } else { forged })).await.text();
        assert!(page.contains("expired or was used already"), "{forged}");
    }
    for table in ["email_changes", "audit_events", "outbox"] {
        let statement = format!("SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%' || $1 || '%'");
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(&token).fetch_one(app.db()).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixth_address_of_a_day_waits_for_tomorrow() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for n in 0..5 {
        assert_eq!(ask(&member, &format!("mo{n}@new.example")).await.status, StatusCode::OK);
    }
    app.advance(Duration::hours(21));
    let refused = ask(&app.member().await, NEW).await;
    assert_eq!((refused.status, refused.json()["TooMany"]["retry_after_seconds"].as_i64()), (StatusCode::TOO_MANY_REQUESTS, Some(10_800)));
    assert_eq!(refused.headers["retry-after"], "10800");
    assert_eq!(ask(&app.developer().await, NEW).await.status, StatusCode::OK, "others are not held up");
    app.advance(Duration::hours(3));
    assert_eq!(ask(&app.member().await, NEW).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_that_is_none_or_the_same_is_refused_beside_its_field() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for wrong in ["", "mo@", OLD, "Member@Acme.Example"] {
        assert_eq!(ask(&member, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(app.visitor().call("/api/profile/change_email", &[("form[email]", NEW)]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_whole_way_is_plain_forms() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let answer = member.submit("/api/profile/change_email", &[("form[email]", NEW)], "/account/profile").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/account/profile?done=link-sent"));
    let token = mailed_token(&app, NEW).await;
    let page = format!("/profile/{token}");
    let answer = member.submit("/api/profile/confirm_email", &[("form[token]", &token)], &page).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/account/profile?done=email-changed"));
    let again = member.submit("/api/profile/confirm_email", &[("form[token]", &token)], &page).await;
    assert!(again.location().starts_with(&page), "{}", again.location());
    assert!(member.follow(&again).await.text().contains("expired or was used already"));
}
