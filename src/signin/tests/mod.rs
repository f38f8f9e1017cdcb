//! Signing in and out as people do.

mod codes;
mod fresh;
mod limits;
mod page_about;
mod password;
mod sessions;

use axum::http::StatusCode;
use time::{Duration, OffsetDateTime};

use crate::{
    access::Role,
    server::testing::{PASSWORD, TestApp},
};

fn form<'a>(email: &'a str, password: &'a str, next: &'a str) -> [(&'a str, &'a str); 3] {
    [("form[email]", email), ("form[password]", password), ("form[next]", next)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visitor_is_sent_to_the_sign_in_and_back() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let answer = visitor.get("/keys?page=2").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(answer.location(), "/signin?next=%2Fkeys%3Fpage%3D2");
    let page = visitor.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Sign in"]);
    let answer = visitor.submit("/api/signin/in", &form("developer@acme.example", PASSWORD, "/keys"), "/signin").await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/keys"));
    assert_eq!(visitor.follow(&answer).await.texts("h1"), ["API keys"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_password_and_unknown_address_get_the_same_answer() {
    let app = TestApp::start().await;
    let wrong = app.visitor().call("/api/signin/in", &form("owner@acme.example", "wrong password", "")).await;
    let unknown = app.visitor().call("/api/signin/in", &form("nobody@acme.example", "wrong password", "")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.text().replace("owner@", "nobody@"), unknown.text());
    assert!(!wrong.headers.contains_key("set-cookie"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_in_leads_nowhere_outside() {
    let app = TestApp::start().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let answer = app.visitor().submit("/api/signin/in", &form("owner@acme.example", PASSWORD, next), "/signin").await;
        assert_eq!(answer.location(), "/", "{next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_form_without_javascript_names_the_fields() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let answer = visitor.submit("/api/signin/in", &form("olivia@", "", "/"), "/signin").await;
    let page = visitor.follow(&answer).await;
    let text = page.text();
    assert!(text.contains("Enter an address like name@company.com."), "{text}");
    assert!(text.contains("Enter your password."));
    assert!(text.contains("value=\"olivia@\""), "what was typed is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn signed_out_browser_is_a_visitor() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(owner.get("/keys").await.status, StatusCode::OK);
    let before = owner.clone();
    let stolen = app.visitor();
    let answer = owner.submit("/api/signin/out", &[], "/keys").await;
    assert_eq!(answer.location(), "/signin?done=signed-out");
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"storage\"");
    assert_eq!(before.get("/keys").await.status, StatusCode::FOUND);
    assert_eq!(stolen.get("/keys").await.status, StatusCode::FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forged_tokens_are_worthless() {
    let app = TestApp::start().await;
    for token in ["", "x", &"0".repeat(64), &"é".repeat(32)] {
        let visitor = app.visitor();
        let cookie = format!("foyer={token}");
        let headers = [("cookie", cookie.as_str()), ("accept", "application/json")];
        let answer = visitor.send(axum::http::Method::GET, "/api/keys/list", None, &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_of_two_customers_switches_between_them() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Developer).await;
    let id = app.stranger_customer().to_string();
    let answer = owner.submit("/api/signin/switch", &[("customer_id", &id)], "/keys").await;
    assert_eq!(answer.location(), "/");
    let shell = owner.query("/api/signin/shell").await.json();
    assert_eq!((shell["customer_name"].as_str(), shell["rights"]["Own"].as_str()), (Some("Stranger Ltd"), Some("developer")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_switches_to_a_customer_that_is_not_theirs() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for id in [app.stranger_customer().to_string(), "nonsense".to_owned(), String::new()] {
        let answer = owner.call("/api/signin/switch", &[("customer_id", &id)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn role_change_counts_with_the_next_request() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    assert_eq!(developer.query("/api/keys/list").await.status, StatusCode::OK);
    sqlx::query("UPDATE memberships SET role = 'member' WHERE user_id = $1").bind(developer.user_id).execute(app.db()).await.unwrap();
    assert_eq!(developer.query("/api/keys/list").await.status, StatusCode::FORBIDDEN);
    sqlx::query("DELETE FROM memberships WHERE user_id = $1").bind(developer.user_id).execute(app.db()).await.unwrap();
    assert_eq!(developer.query("/api/keys/list").await.json(), "NoCompany");
    let page = developer.get("/keys").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text().contains("Sign out"), "there is a way out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removed_person_goes_on_at_their_other_company() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    app.insert_membership(app.stranger_customer(), developer.user_id.unwrap(), Role::Developer).await;
    app.delete_membership(developer.user_id.unwrap()).await;
    let form = [("form[name]", "meant for Acme")];
    assert_eq!(developer.call("/api/keys/create", &form).await.status, StatusCode::FORBIDDEN, "never applied to the other company");
    assert_eq!(developer.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
    for _ in 0..50 {
        if developer.call("/api/keys/create", &[("form[name]", "CI")]).await.status == StatusCode::OK {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the session stays at the other company");
}

async fn reset_token(app: &TestApp) -> String {
    app.run_worker().await;
    let mail = app.sent_mails().pop().expect("a mail was sent");
    let link = mail.text.split("/reset/").nth(1).expect("the mail holds the link");
    link.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_field_of_each_way_in_has_the_focus() {
    let app = TestApp::start().await;
    for path in ["/signin", "/signin/code", "/signin/sso", "/reset"] {
        assert_eq!(app.visitor().get(path).await.texts("main input[type=email][autofocus]").len(), 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forgotten_password_is_replaced_by_mail_and_ends_all_sessions() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let visitor = app.visitor();
    let answer = visitor.submit("/api/signin/forgot", &[("form[email]", "Owner@Acme.example")], "/reset").await;
    assert_eq!(answer.location(), "/reset?done=reset-sent");
    let token = reset_token(&app).await;
    for _ in 0..2 {
        // Mail scanners open links; that uses nothing up.
        let page = visitor.get(&format!("/reset/{token}")).await;
        assert!(page.text().contains("New password"));
    }
    let form = [("form[token]", token.as_str()), ("form[password]", "a new password")];
    let answer = visitor.submit("/api/signin/reset", &form, &format!("/reset/{token}")).await;
    assert_eq!(answer.location(), "/signin?done=password-changed");
    assert_eq!(owner.get("/keys").await.status, StatusCode::FOUND, "old sessions have ended");
    let again = visitor.call("/api/signin/reset", &form).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "the link works once");
    let signed_in = visitor.call("/api/signin/in", &super::tests::form("owner@acme.example", "a new password", "")).await;
    assert_eq!(signed_in.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reset_link_ends_after_an_hour() {
    let app = TestApp::start().await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    app.advance(Duration::minutes(61));
    let page = app.visitor().get(&format!("/reset/{token}")).await;
    assert!(page.text().contains("has expired or was used already"));
    let form = [("form[token]", token.as_str()), ("form[password]", "a new password")];
    assert_eq!(app.visitor().call("/api/signin/reset", &form).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_address_gets_the_same_answer_and_no_mail() {
    let app = TestApp::start().await;
    let known = app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let unknown = app.visitor().call("/api/signin/forgot", &[("form[email]", "nobody@acme.example")]).await;
    assert_eq!((known.status, known.text()), (unknown.status, unknown.text()));
    app.run_worker().await;
    assert_eq!(app.sent_mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn short_password_comes_back_to_its_form_though_the_page_sends_no_referrer() {
    let app = TestApp::start().await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    let headers = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let form = [("form[token]", token.as_str()), ("form[password]", "short")];
    let visitor = app.visitor();
    let answer = visitor.post_with("/api/signin/reset", &form, &headers).await;
    assert!(answer.location().starts_with(&format!("/reset/{token}?")), "{}", answer.location());
    assert!(visitor.follow(&answer).await.text().contains("at least 8 characters"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_asked_for_by_somebody_else_leaves_the_first_one_working() {
    let app = TestApp::start().await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let first = reset_token(&app).await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let second = reset_token(&app).await;
    let reset = async |token: &str| {
        let form = [("form[token]", token), ("form[password]", "violet otter sings")];
        app.visitor().call("/api/signin/reset", &form).await.status
    };
    assert_eq!(reset(&first).await, StatusCode::OK);
    assert_eq!(reset(&second).await, StatusCode::CONFLICT, "a used link makes the others void");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn common_and_breached_passwords_are_refused() {
    let app = TestApp::start().await;
    app.visitor().call("/api/signin/forgot", &[("form[email]", "owner@acme.example")]).await;
    let token = reset_token(&app).await;
    for common in ["password1", "qwertyuiop", "owneracme", "acme2026", "ya43xsj1q"] {
        let answer = app.visitor().call("/api/signin/reset", &[("form[token]", &token), ("form[password]", common)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{common}");
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "password");
    }
    let page = app.visitor().get(&format!("/reset/{token}")).await;
    assert!(page.text().contains("New password"), "the link was not used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn hash_with_old_parameters_is_renewed_at_the_sign_in() {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::SaltString};
    let app = TestApp::start().await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    let hash = weak.hash_password(PASSWORD.as_bytes(), &SaltString::encode_b64(&[3; 16]).unwrap()).unwrap().to_string();
    let stored = async || -> String {
        sqlx::query_scalar("SELECT password_hash FROM users WHERE email = 'owner@acme.example'").fetch_one(app.db()).await.unwrap()
    };
    sqlx::query("UPDATE users SET password_hash = $1 WHERE email = 'owner@acme.example'").bind(&hash).execute(app.db()).await.unwrap();
    app.visitor().call("/api/signin/in", &form("owner@acme.example", "not the password", "")).await;
    assert_eq!(stored().await, hash, "only whoever knows the password renews its hash");
    for _ in 0..2 {
        assert_eq!(app.visitor().call("/api/signin/in", &form("owner@acme.example", PASSWORD, "")).await.status, StatusCode::OK);
        assert!(stored().await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
