//! What was typed into a form that comes back without JavaScript.

use leptos::server_fn::error::ServerFnUrlError;
use redis::AsyncCommands;
use scraper::Selector;

use crate::{
    error::AppError,
    server::{
        config::SecretText,
        forms::local_path,
        testing::{Actor, Answer, PASSWORD, TestApp},
    },
    typed::Returned,
};

/// What an address may be long behind proxies, with room for the rest of it.
const SHORT: usize = 3_500;

/// A ticket whose subject is missing, posted without JavaScript.
async fn open_without_subject(person: &Actor, message: &str, from: &str) -> Answer {
    person.submit("/api/support/create", &[("form[subject]", ""), ("form[message]", message)], from).await
}

fn long_text() -> String {
    "Größe ändern: é\n".repeat(313).chars().take(5_000).collect()
}

fn message_of(page: &Answer) -> String {
    page.html().select(&Selector::parse("textarea[name='form[message]']").unwrap()).next().unwrap().text().collect()
}

/// Where an answer leads within the portal.
fn path_of(answer: &Answer) -> String {
    answer.location().trim_start_matches("http://127.0.0.1:3000").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn long_text_comes_back_by_a_short_address() {
    let app = TestApp::start().await;
    let (member, text) = (app.member().await, long_text());
    let refused = open_without_subject(&member, &text, "/support/new?from=menu").await;
    assert!(refused.location().len() < 300 && refused.location().contains("from=menu"), "{}", refused.location());
    let page = member.follow(&refused).await;
    assert_eq!(message_of(&page), text);
    assert!(page.text().contains("Subject is empty."));
    // The browser side draws the same from the head of the page, because the address does not hold it.
    let head =
        page.html().select(&Selector::parse("head meta[name=form-error]").unwrap()).next().unwrap().attr("content").unwrap().to_owned();
    let Returned(error, _) = ServerFnUrlError::decode_err(&head);
    let fields = error.fields().unwrap();
    assert_eq!(fields.value("message"), Some(text.as_str()));
    // Opened anew it is still there, and so is what is sent from there.
    assert_eq!(message_of(&member.follow(&refused).await), text);
    let again = open_without_subject(&member, &format!("{text}!"), &path_of(&refused)).await;
    assert_eq!(again.location().matches("__err").count(), 1, "{}", again.location());
    assert_eq!(message_of(&member.follow(&again).await), format!("{text}!"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn longest_message_comes_back_in_any_script() {
    let app = TestApp::start().await;
    let (member, text) = (app.member().await, "🦦".repeat(10_000));
    let refused = open_without_subject(&member, &text, "/support/new").await;
    assert_eq!(message_of(&member.follow(&refused).await), text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn short_text_needs_no_store() {
    let app = TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await;
    let member = app.member().await;
    let page = member.follow(&open_without_subject(&member, "Grüße", "/support/new").await).await;
    assert_eq!(message_of(&page), "Grüße");
    assert!(page.texts("head meta[name=form-error]").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_the_form_comes_back_without_its_longest_text() {
    let app = TestApp::start_with(|config| config.redis_url = SecretText::new("redis://127.0.0.1:1/0")).await;
    let member = app.member().await;
    let subject = "s".repeat(161);
    let form = [("form[subject]", subject.as_str()), ("form[message]", &long_text())];
    let refused = member.submit("/api/support/create", &form, "/support/new").await;
    assert!(refused.location().len() < SHORT, "{}", refused.location());
    let page = member.follow(&refused).await;
    assert!(page.text().contains("Subject has 161 characters. Shorten it to 160."), "{}", page.text());
    assert!(page.text().contains(&subject));
    assert_eq!(message_of(&page), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kept_text_is_shown_to_nobody_else() {
    let app = TestApp::start().await;
    let (member, text) = (app.member().await, long_text());
    let refused = open_without_subject(&member, &text, "/support/new").await;
    let address = path_of(&refused);
    let (admin, stranger) = (app.admin().await, app.stranger().await);
    // With an error of their own that is kept as well, and with the mark of the other one.
    open_without_subject(&admin, &text.replace('ö', "oe"), "/support/new").await;
    let marked = app.stranger().await;
    marked.set_cookie("foyer-error", &member.cookie("foyer-error"));
    for other in [admin, stranger, marked, app.visitor()] {
        let answer = other.get(&address).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/support/new"), "{}", other.email);
    }
    assert_eq!(message_of(&member.get(&address).await), text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn text_that_is_no_longer_kept_leaves_the_page_without_an_error() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let refused = open_without_subject(&member, &long_text(), "/support/new").await;
    let mut redis = app.state().redis.connection();
    let kept: Vec<String> = redis.keys(app.state().redis.key("form_error:*")).await.unwrap();
    assert_eq!(kept.len(), 1);
    let seconds: i64 = redis.ttl(&kept[0]).await.unwrap();
    assert!((590..=600).contains(&seconds), "{seconds}");
    redis.del::<_, ()>(&kept[0]).await.unwrap();
    let answer = member.follow(&refused).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/support/new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visitors_and_repeated_posts_fill_no_store() {
    let app = TestApp::start().await;
    let (member, visitor) = (app.member().await, app.visitor());
    for number in 0..3 {
        open_without_subject(&member, &format!("{}{number}", long_text()), "/support/new").await;
        visitor.set_cookie("foyer", &"ab".repeat(32));
        let email = format!("{}{number}", "x".repeat(9_000));
        let refused = visitor.submit("/api/signin/forgot", &[("form[email]", email.as_str())], "/signin/forgot").await;
        assert!(refused.location().contains("__err") && refused.location().len() < SHORT, "{}", refused.location());
    }
    let kept: Vec<String> = app.state().redis.connection().keys(app.state().redis.key("form_error:*")).await.unwrap();
    assert_eq!(kept.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn error_put_behind_a_real_one_is_not_shown() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let real = path_of(&owner.submit("/api/keys/create", &[("form[name]", "")], "/keys").await);
    let forged = AppError::Conflict("Call +1 555 0100 and read out your password.".to_owned());
    let forged = ServerFnUrlError::new("/api/keys/create", forged).to_url(&format!("http://127.0.0.1:3000{real}")).unwrap();
    let answer = owner.get(&format!("{}?{}", forged.path(), forged.query().unwrap())).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/keys"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_in_leads_to_no_error_that_somebody_made_up() {
    let app = TestApp::start().await;
    let forged = AppError::Conflict("Call +1 555 0100 and read out your password.".to_owned());
    let forged = ServerFnUrlError::new("/api/keys/create", forged).to_url("http://127.0.0.1:3000/keys?q=a").unwrap();
    let next = format!("{}?{}", forged.path(), forged.query().unwrap());
    let visitor = app.visitor();
    let form = [("form[email]", "owner@acme.example"), ("form[password]", PASSWORD), ("form[next]", next.as_str())];
    let answer = visitor.submit("/api/signin/in", &form, "/signin").await;
    assert_eq!(answer.location(), "/keys?q=a");
    assert_eq!(visitor.cookie("foyer-error"), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn address_without_its_error_leads_nowhere_else() {
    let visitor = TestApp::start().await.visitor();
    for outside in ["/\\evil.example?__err=x", "//evil.example?__err=x", "/.//evil.example?__err=x", "/%2e//evil.example?__err=x"] {
        let answer = visitor.get(outside).await;
        assert_eq!((answer.status.as_u16(), local_path(answer.location())), (303, Some(answer.location())), "{outside}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_sent_after_the_end_of_a_session_comes_back_after_the_sign_in() {
    let app = TestApp::start().await;
    let member = app.member().await;
    sqlx::query("DELETE FROM sessions").execute(app.db()).await.unwrap();
    let refused = open_without_subject(&member, "Grüße", "/support/new?from=menu").await;
    let page = member.follow(&refused).await;
    assert_eq!((page.status.as_u16(), page.texts(".empty-state-title")), (401, vec!["Your session has ended".to_owned()]));
    assert!(page.texts("textarea").is_empty(), "a form for nobody could be sent by anybody");
    member.set_cookie("foyer", &app.member().await.cookie("foyer"));
    let page = member.follow(&refused).await;
    assert_eq!((page.status.as_u16(), message_of(&page).as_str()), (200, "Grüße"));
    let form = [("form[subject]", "Greetings"), ("form[message]", "Grüße")];
    let sent = member.submit("/api/support/create", &form, &path_of(&refused)).await;
    assert!(sent.location().contains("done="), "{}", sent.location());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_within_what_a_page_shows_comes_back_after_the_sign_in_as_well() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let form = [("form[subject]", "Greetings"), ("form[message]", "Grüße")];
    let ticket = format!("/support/{}", member.call("/api/support/create", &form).await.json().as_str().unwrap());
    let id = ticket.rsplit('/').next().unwrap();
    sqlx::query("DELETE FROM sessions").execute(app.db()).await.unwrap();
    let refused = member.submit("/api/support/reply", &[("form[id]", id), ("form[message]", "Noch einmal")], &ticket).await;
    let page = member.follow(&refused).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Your session has ended".to_owned()]));
    assert!(!page.text().contains("Greetings"));
    member.set_cookie("foyer", &app.member().await.cookie("foyer"));
    let page = member.follow(&refused).await;
    assert_eq!((page.status.as_u16(), message_of(&page).as_str()), (200, "Noch einmal"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_opened_after_the_end_of_a_session_leads_to_the_sign_in() {
    let visitor = TestApp::start().await.visitor();
    assert_eq!(visitor.get("/support/new?from=menu").await.location(), "/signin?next=%2Fsupport%2Fnew%3Ffrom%3Dmenu");
    let forged = visitor.get("/support/new?from=menu&__err=x").await;
    assert_eq!(visitor.follow(&forged).await.location(), "/signin?next=%2Fsupport%2Fnew%3Ffrom%3Dmenu", "nobody sent a form");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn long_name_comes_back_to_the_page_of_an_invitation() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    admin.call("/api/team/invite", &[("form[email]", "nora@acme.example"), ("form[role]", "member")]).await;
    app.run_worker().await;
    let mail = app.sent_mails().pop().unwrap();
    let page = mail.text.split_whitespace().find_map(|word| word.strip_prefix("http://127.0.0.1:3000")).unwrap().to_owned();
    let token = page.rsplit('/').next().unwrap();
    let name = "n".repeat(1_500);
    let form = [("form[token]", token), ("form[name]", name.as_str()), ("form[password]", "violet otter sings")];
    // These pages send no referrer.
    let browser = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let refused = app.visitor().post_with("/api/team/accept", &form, &browser).await;
    assert!(refused.location().starts_with(&format!("{page}?")), "{}", refused.location());
}
