//! Handing mails over: to a mail server, and to the development inbox.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;
use crate::server::{
    config::{MailConfig, SmtpConfig},
    mailer::Mailer,
    outbox::BACKOFF,
};

/// A worker whose mails go to the mail server at this port.
fn with_mail_server(app: &TestApp, port: u16) -> AppState {
    let config = MailConfig::Smtp(SmtpConfig {
        url: SecretText::new(format!("smtp://127.0.0.1:{port}")),
        from: "Foyer <portal@foyer.example>".to_owned(),
    });
    let mut state = app.state().clone();
    state.mailer = Mailer::new(&config, &state.database).unwrap();
    state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn failed_mail_is_tried_again_ever_later_and_given_up() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let state = with_mail_server(&app, 1);
    for (failures, wait) in (1..).zip(BACKOFF) {
        run_once(&state).await.unwrap();
        run_once(&state).await.unwrap();
        let row = stored(&app, id).await;
        assert_eq!((row.attempts, row.failed), (failures, false));
        app.advance(wait);
    }
    run_once(&state).await.unwrap();
    let row = stored(&app, id).await;
    assert!(row.failed && row.attempts == 8 && row.payload == json!({}));
    app.run_worker().await;
    assert!(recipients(&app).is_empty());
}

/// A mail server for one conversation: answers RCPT as told and hands over what it was sent.
async fn mail_server(answer_to_rcpt: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let conversation = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.split();
        let mut lines = BufReader::new(reader).lines();
        let (mut heard, mut in_data) = (String::new(), false);
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            let answer = match line.as_str() {
                "." => {
                    in_data = false;
                    "250 kept\r\n"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                line if line.starts_with("RCPT") => answer_to_rcpt,
                "QUIT" => break,
                _ => "250 fine\r\n",
            };
            writer.write_all(answer.as_bytes()).await.unwrap();
            if answer.starts_with("250 kept") || answer.starts_with("550") {
                break;
            }
        }
        heard
    });
    (port, conversation)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mail_server_is_handed_the_mail_with_its_lasting_id() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("olivia@northwind.example")).await;
    let (port, conversation) = mail_server("250 fine\r\n").await;
    run_once(&with_mail_server(&app, port)).await.unwrap();
    let heard = conversation.await.unwrap();
    assert!(heard.contains("RCPT TO:<olivia@northwind.example>"), "{heard}");
    assert!(heard.contains(&format!("Message-ID: <{id}@foyer.example>")), "{heard}");
    assert!(stored(&app, id).await.sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mail_to_an_unknown_mailbox_is_not_tried_again() {
    let app = TestApp::start().await;
    let id = notify(&app, reset("nobody@northwind.example")).await;
    let (port, conversation) = mail_server("550 no such mailbox\r\n").await;
    run_once(&with_mail_server(&app, port)).await.unwrap();
    conversation.await.unwrap();
    let row = stored(&app, id).await;
    assert!(row.failed && !row.sent && row.payload == json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn development_inbox_shows_mails_as_they_were_sent() {
    let app = TestApp::start().await;
    let mut state = app.state().clone();
    state.mailer = Mailer::new(&MailConfig::DevelopmentInbox, &state.database).unwrap();
    let mut payload = reset("olivia@northwind.example");
    payload["name"] = json!("<script>alert(1)</script>");
    let id = notify(&app, payload).await;
    run_once(&state).await.unwrap();
    let visitor = app.visitor();
    let list = visitor.get("/dev/mail").await.text();
    assert!(list.contains("olivia@northwind.example") && list.contains(&id.to_string()), "{list}");
    for path in [format!("/dev/mail/{id}"), format!("/dev/mail/{id}/html")] {
        let answer = visitor.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
        assert!(answer.text().contains("href=\"http://127.0.0.1:3000/reset/5ec2e7\""), "{}", answer.text());
    }
    let html = visitor.get(&format!("/dev/mail/{id}/html")).await;
    assert!(html.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    assert_eq!(visitor.get("/dev/mail/00000000-0000-0000-0000-000000000000").await.status, 404);
    assert_eq!(visitor.get("/dev/mail/x").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn development_inbox_does_not_exist_in_real_use() {
    let smtp = SmtpConfig { url: SecretText::new("smtp://127.0.0.1:1"), from: "Foyer <portal@foyer.example>".to_owned() };
    let app = TestApp::start_with(|config| config.mail = MailConfig::Smtp(smtp)).await;
    assert_eq!(app.visitor().get("/dev/mail").await.status, 404);
}
