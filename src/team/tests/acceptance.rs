//! The invited person's side.

use scraper::Selector;

use super::*;

async fn session_count(app: &TestApp, email: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM sessions s JOIN users u USING (user_id) WHERE u.email = $1")
        .bind(email)
        .fetch_one(app.db())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_person_chooses_a_password_and_is_in() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "developer").await;
    let ada = app.visitor();
    let page = ada.get(&format!("/invite/{token}")).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Join Acme", "Owner of Acme invited ada@new.example", "ada@new.example", "Developer", "in 7 days"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(accept(&ada, &token).await.status, StatusCode::OK);
    assert_eq!(ada.get("/keys").await.status, StatusCode::OK, "signed in, with the role of the invitation");
    assert_eq!(emails(&list(&ada, "query[q]=lovelace").await["members"]), ["ada@new.example"]);
    let visitor = app.visitor();
    let form = [("form[email]", "ada@new.example"), ("form[password]", "a long enough password")];
    assert_eq!(visitor.call("/api/signin/in", &form).await.status, StatusCode::OK, "the password is theirs from now on");
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.invited", "member.joined", "session.started"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn looking_at_an_invitation_uses_up_nothing() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    for _ in 0..3 {
        let page = app.visitor().get(&format!("/invite/{token}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
    }
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acceptance_works_without_javascript() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let ada = app.visitor();
    let path = format!("/invite/{token}");
    // The page sends no Referer, so neither does its form.
    let headers = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let short = [("form[token]", token.as_str()), ("form[name]", "Ada"), ("form[password]", "short")];
    let answer = ada.post_with("/api/team/accept", &short, &headers).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert!(answer.location().starts_with(&path), "{}", answer.location());
    let page = ada.follow(&answer).await;
    assert!(page.text().contains("at least 8 characters") && page.text().contains("value=\"Ada\"") && !page.text().contains("short"));
    let good = [("form[token]", token.as_str()), ("form[name]", "Ada"), ("form[password]", "long enough")];
    let answer = ada.post_with("/api/team/accept", &good, &headers).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "/?done=joined"));
    assert_eq!(ada.get("/team").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_names_and_passwords_use_up_nothing() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let long = "x".repeat(129);
    for (name, password) in [("", "long enough"), ("Ada", ""), ("Ada", "1234567"), ("Ada", &long), (&long, "long enough")] {
        let form = [("form[token]", token.as_str()), ("form[name]", name), ("form[password]", password)];
        assert_eq!(app.visitor().call("/api/team/accept", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {password}");
    }
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn name_is_kept_when_the_password_is_refused_without_javascript() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let (visitor, page) = (app.visitor(), format!("/invite/{token}"));
    let form = [("form[token]", token.as_str()), ("form[name]", "Ada Lovelace"), ("form[password]", "password1")];
    let refused = visitor.submit("/api/team/accept", &form, &page).await;
    let again = visitor.follow(&refused).await;
    assert!(again.text().contains("This password is among the first that others would try"));
    let html = again.html();
    let value = |field: &str| html.select(&Selector::parse(field).unwrap()).next().unwrap().attr("value").unwrap_or_default().to_owned();
    assert_eq!(value("[name='form[name]']"), "Ada Lovelace");
    assert_eq!(value("[name='form[password]']"), "");
    assert!(!refused.location().contains("password1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn used_truncated_and_unknown_links_look_alike() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::OK);
    let visitor = app.visitor();
    for wrong in [&token, &token[..31], "0123456789abcdef0123456789abcdef", "nonsense", "%00"] {
        let page = visitor.get(&format!("/invite/{wrong}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(page.texts("h1"), ["This invitation is no longer valid"], "{wrong}");
        assert!(!page.text().contains("Acme") && !page.text().contains("ada@new.example"));
        assert_eq!(accept(&visitor, wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn expired_link_names_whom_to_ask() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    app.advance(Duration::days(7));
    let visitor = app.visitor();
    let page = visitor.get(&format!("/invite/{token}")).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.texts("h1"), ["This invitation has expired"]);
    assert!(page.text().contains("Ask Owner of Acme for a new invitation to Acme"));
    assert_eq!(accept(&visitor, &token).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_uses_of_one_link_one_wins() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let visitors: Vec<Actor> = (0..50).map(|_| app.visitor()).collect();
    let answers = join_all(visitors.iter().map(|visitor| accept(visitor, &token))).await;
    let statuses: Vec<StatusCode> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(*status, StatusCode::OK | StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED)),
        "{statuses:?}"
    );
    assert_eq!(session_count(&app, "ada@new.example").await, 1);
    assert_eq!(list(&app.owner().await, "").await["seats"]["members"], 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_with_an_account_signs_in_first_and_joins_with_one_press() {
    let app = TestApp::start().await;
    let token = invited(&app, "owner@stranger.example", "billing").await;
    let page = app.visitor().get(&format!("/invite/{token}")).await;
    assert!(page.text().contains(&format!("href=\"/signin?next=/invite/{token}\"")));
    let takeover = accept(&app.visitor(), &token).await;
    assert_eq!(takeover.status, StatusCode::UNAUTHORIZED, "the link alone opens no existing account");
    let stranger = app.stranger().await;
    let page = stranger.get(&format!("/invite/{token}")).await;
    assert!(page.text().contains("You are signed in as Stranger"));
    assert_eq!(stranger.call("/api/team/accept", &[("form[token]", &token)]).await.status, StatusCode::OK);
    let team = list(&stranger, "").await;
    assert_eq!((&team["customer_name"], &team["rights"]["Own"]), (&"Acme".into(), &"billing".into()), "they land at the new customer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_signed_in_with_another_address_cannot_accept() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let stranger = app.stranger().await;
    let page = stranger.get(&format!("/invite/{token}")).await;
    assert!(page.text().contains("The invitation is for ada@new.example, and you are signed in as owner@stranger.example"));
    assert_eq!(accept(&stranger, &token).await.status, StatusCode::CONFLICT);
    let from = format!("/invite/{token}");
    let answer = stranger.submit("/api/signin/out", &[("next", &from)], &from).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, from.as_str()));
    assert!(stranger.follow(&answer).await.text().contains("Choose a password"));
    assert_eq!(accept(&stranger, &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn plan_that_shrank_stops_the_acceptance_and_keeps_the_invitation() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    set_plan(&app, "free").await;
    let answer = accept(&app.visitor(), &token).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("has no free seat"));
    set_plan(&app, "pro").await;
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acceptance_takes_one_connection_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let (by_nobody, by_sso) = (invited(&app, "ada@new.example", "member").await, invited(&app, "eve@new.example", "member").await);
    let joining = invited(&app, "owner@stranger.example", "member").await;
    let app = app.with_connections(1);
    assert_eq!(accept(&app.visitor(), &by_nobody).await.status, StatusCode::OK);
    assert_eq!(app.stranger().await.call("/api/team/accept", &[("form[token]", &joining)]).await.status, StatusCode::OK);
    // Whose session a provider began is nobody beyond its company.
    let member = app.member().await;
    sqlx::query("UPDATE sessions SET provider_customer_id = $1 WHERE user_id = $2")
        .bind(app.customer())
        .bind(member.user_id)
        .execute(app.db())
        .await
        .unwrap();
    assert_eq!(accept(&member, &by_sso).await.status, StatusCode::OK);
    assert_eq!(list(&member, "query[q]=eve%40new").await["members"]["total"], 1);
}
