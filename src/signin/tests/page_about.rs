//! Pages that stay open while somebody goes on to another company in another window.

use axum::http::StatusCode;

use crate::{
    access::Role,
    server::testing::{Actor, TestApp},
};

type Fields = &'static [(&'static str, &'static str)];

/// The address to which a form of a page is sent.
async fn action(person: &Actor, page: &str, endpoint: &str) -> String {
    let answer = person.get(page).await;
    assert_eq!(answer.status, StatusCode::OK, "{page}");
    let text = answer.text();
    let from = text.find(&format!("action=\"{endpoint}")).unwrap_or_else(|| panic!("{page} has no form for {endpoint}"));
    let rest = text.get(from + "action=\"".len()..).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().replace("&amp;", "&")
}

/// An owner who is one at Stranger Ltd, too, and has opened pages of Acme before going on to it.
async fn owner_of_two(app: &TestApp) -> Actor {
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Owner).await;
    owner
}

async fn go_on(app: &TestApp, owner: &Actor) {
    let id = app.stranger_customer().to_string();
    assert_eq!(owner.call("/api/signin/switch", &[("customer_id", &id)]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_of_a_page_that_was_left_behind_changes_nothing() {
    let app = TestApp::start().await;
    let owner = owner_of_two(&app).await;
    let forms: [(&str, &str, Fields); 4] = [
        ("/account", "/api/account/update", &[("form[name]", "Acme Labs"), ("form[email]", "office@acme.example")]),
        ("/team", "/api/team/invite", &[("form[email]", "new@acme.example"), ("form[role]", "member")]),
        ("/keys", "/api/keys/create", &[("form[name]", "Production")]),
        ("/support/new", "/api/support/create", &[("form[subject]", "A question"), ("form[message]", "Of Acme.")]),
    ];
    let mut actions = vec![];
    for (page, endpoint, _) in forms {
        actions.push(action(&owner, page, endpoint).await);
    }
    go_on(&app, &owner).await;
    let before = app.audit_kinds(app.stranger_customer()).await;
    for (action, (page, _, fields)) in actions.iter().zip(forms) {
        let answer = owner.call(action, fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{action}");
        assert!(answer.text().contains("You have gone on to Stranger Ltd"), "{}", answer.text());
        let back = owner.follow(&owner.submit(action, fields, page).await).await;
        assert!(back.text().contains("You have gone on to Stranger Ltd"), "{page} without JavaScript");
    }
    assert_eq!(app.audit_kinds(app.stranger_customer()).await, before);
    // Opened anew, the page is about the other one, and its forms work.
    let fresh = action(&owner, "/keys", "/api/keys/create").await;
    assert_eq!(owner.call(&fresh, &[("form[name]", "Production")]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_that_was_left_behind_is_not_filled_with_another_company() {
    let app = TestApp::start().await;
    let owner = owner_of_two(&app).await;
    let here = format!("company={}", app.customer());
    go_on(&app, &owner).await;
    for read in ["/api/signin/shell", "/api/home/find", "/api/usage/meters", "/api/keys/list"] {
        assert_eq!(owner.query(&format!("{read}?{here}")).await.status, StatusCode::CONFLICT, "{read}");
        let there = format!("{read}?company={}", app.stranger_customer());
        assert_eq!(owner.query(&there).await.status, StatusCode::OK, "{read}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn open_page_of_a_removed_person_does_not_lead_its_forms_elsewhere() {
    let app = TestApp::start().await;
    let developer = app.developer().await;
    app.insert_membership(app.stranger_customer(), developer.user_id.unwrap(), Role::Developer).await;
    let create = action(&developer, "/keys", "/api/keys/create").await;
    app.delete_membership(developer.user_id.unwrap()).await;
    let poll = format!("/api/usage/meters?company={}", app.customer());
    assert_eq!(developer.query(&poll).await.status, StatusCode::CONFLICT);
    // What follows an answer would have followed by now.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let at: uuid::Uuid = sqlx::query_scalar("SELECT active_customer_id FROM sessions WHERE user_id = $1")
        .bind(developer.user_id)
        .fetch_one(app.db())
        .await
        .unwrap();
    assert_eq!(at, app.customer().as_uuid(), "the poll of an old page does not move the session");
    assert_ne!(developer.call(&create, &[("form[name]", "meant for Acme")]).await.status, StatusCode::OK);
    assert_eq!(developer.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_somebody_else_who_has_signed_out_changes_nothing() {
    let app = TestApp::start().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let create = action(&owner, "/keys", "/api/keys/create").await;
    let read = create.replace("/api/keys/create", "/api/keys/list");
    assert_eq!(owner.query(&read).await.status, StatusCode::OK);
    // The same browser, in which somebody else of the same company has signed in.
    let before = app.audit_kinds(app.customer()).await;
    for answer in [admin.call(&create, &[("form[name]", "Production")]).await, admin.query(&read).await] {
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.text().contains("has signed in since this page was opened"), "{}", answer.text());
    }
    assert_eq!(app.audit_kinds(app.customer()).await, before);
    let fresh = action(&admin, "/keys", "/api/keys/create").await;
    assert_eq!(admin.call(&fresh, &[("form[name]", "Production")]).await.status, StatusCode::OK);
}
