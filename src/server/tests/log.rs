//! What the log says, and what it must not say.

use std::sync::{Mutex, Once};

use axum::http::StatusCode;
use serde_json::Value;
use time::macros::date;

use crate::{
    billing::tests::insert_invoice,
    server::{rate_limit, testing::TestApp},
};

/// What the whole process logs from the first test that listens, before it is cleaned.
#[derive(Clone, Copy)]
struct Log;

static HEARD: Mutex<Vec<u8>> = Mutex::new(vec![]);

fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false).with_writer(|| Log).init());
}

fn heard() -> String {
    String::from_utf8_lossy(&HEARD.lock().unwrap()).into_owned()
}

impl std::io::Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        HEARD.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn issued_secrets_are_in_no_log() {
    listen();
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let password = crate::server::testing::PASSWORD;
    let signed_in = visitor.call("/api/signin/in", &[("form[email]", "owner@acme.example"), ("form[password]", password)]).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split([';', '=']).nth(1).unwrap().to_owned();
    let key: Value = visitor.call("/api/keys/create", &[("form[name]", "CI")]).await.json();
    visitor.call("/api/team/invite", &[("form[email]", "ada@acme.example"), ("form[role]", "member")]).await;
    visitor.call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    app.run_worker().await;
    let links: Vec<String> =
        app.sent_mails().iter().flat_map(|mail| mail.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let tokens =
        links.iter().filter_map(|word| word.split_once("/invite/").or(word.split_once("/reset/"))).map(|(_, token)| token.to_owned());
    let secrets: Vec<String> = tokens.chain([cookie, key["secret"].as_str().unwrap().to_owned(), password.to_owned()]).collect();
    assert!(secrets.len() >= 5, "session, key, password, invitation, reset");
    for secret in &secrets {
        assert!(secret.len() > 16, "{secret}");
        visitor.get(&format!("/invite/{}", secret.replace(' ', "%20"))).await;
    }
    let log = heard();
    assert!(log.contains("key.created"), "the log was heard: {log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn failed_sign_in_is_logged_with_a_hash_of_its_account() {
    listen();
    let app = TestApp::start().await;
    for (email, times) in [("log-target@acme.example", 2), ("log-other@acme.example", 1)] {
        for _ in 0..times {
            let form = [("form[email]", email), ("form[password]", "not the password")];
            app.visitor().at("203.0.113.7").call("/api/signin/in", &form).await;
        }
        let log = heard();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&rate_limit::mark(email))).collect();
        assert_eq!(lines.iter().filter(|line| line.contains("a sign-in was refused")).count(), times, "{lines:?}");
        assert!(!log.contains(email), "the address itself is not logged");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operator_hears_once_whose_invoice_shows_boxes_and_not_whose_name() {
    listen();
    let app = TestApp::start().await;
    let invoice = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 10 - 01)).await;
    sqlx::query("UPDATE invoices SET buyer_name = $2 WHERE invoice_id = $1")
        .bind(invoice)
        .bind("株式会社")
        .execute(app.db())
        .await
        .unwrap();
    let answer = app.owner().await.get(&format!("/api/portal/invoices/{invoice}/download")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let log = heard();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("an invoice shows boxes")).collect();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(line.contains(&app.customer().to_string()) && line.contains(&invoice.to_string()), "{line}");
    assert!(line.contains("PDF_FONTS") && !log.contains("株式会社"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_refused_form_leaves_a_line_without_what_was_typed() {
    listen();
    let app = TestApp::start().await;
    let owner = app.owner().await.at("203.0.113.77");
    let lines = |words: &str| heard().lines().filter(|line| line.contains("203.0.113.77") && line.contains(words)).count();
    let form = [("form[email]", "probing-with-nonsense"), ("form[role]", "emperor")];
    assert_eq!(owner.call("/api/team/invite", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(lines("a form was refused"), 1);
    assert_eq!(owner.submit("/api/team/invite", &form, "/team").await.status, StatusCode::FOUND);
    assert_eq!(lines("a form was refused"), 2, "without JavaScript, too");
    assert_eq!(lines("\"email\""), 2, "which fields");
    let unreadable = owner.call("/api/support/create", &[("form[subject][]", "x")]).await;
    assert_eq!(unreadable.status, StatusCode::CONFLICT, "{}", unreadable.text());
    assert_eq!(lines("a form could not be read"), 1);
    let log = heard();
    assert!(!log.contains("probing-with-nonsense") && !log.contains("emperor"));
}
