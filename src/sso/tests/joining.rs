//! Who becomes whom when they first come by the provider.

use serde_json::json;

use super::{Acme, failed};
use crate::{access::Role, sso::tests::provider::Says};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_person_joins_with_the_role_of_newcomers_and_managers_are_told() {
    let acme = Acme::start().await;
    let told = acme.app.sent_mails().len();
    let inside = acme.inside("s-new", "ada@acme.example").await;
    let shell = inside.query("/api/signin/shell").await.json();
    assert_eq!((&shell["person_name"], &shell["person_email"]), (&json!("Ada Byron"), &json!("ada@acme.example")));
    assert_eq!(shell["rights"]["Own"], "member", "{shell}");
    assert_eq!(acme.app.audit_kinds(acme.app.customer()).await.last().unwrap(), "sso.joined");
    acme.app.run_worker().await;
    let mails = acme.app.sent_mails();
    let mut to: Vec<&str> = mails[told..].iter().filter(|mail| mail.subject.contains("joined")).map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["admin@acme.example", "owner@acme.example"]);
    // A second time there is nothing to join.
    acme.inside("s-new", "ada@acme.example").await;
    assert_eq!(acme.app.audit_kinds(acme.app.customer()).await.last().unwrap(), "session.started");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_keeps_the_role_and_is_known_by_issuer_and_subject() {
    let acme = Acme::start().await;
    let inside = acme.inside("s-1", "admin@acme.example").await;
    assert_eq!(inside.query("/api/signin/shell").await.json()["rights"]["Own"], "admin");
    assert_eq!(acme.app.audit_kinds(acme.app.customer()).await.last().unwrap(), "sso.linked");
    // The address may change at the provider, even to somebody else's: the subject counts.
    for email in ["renamed@acme.example", "owner@acme.example"] {
        let same = acme.inside("s-1", email).await;
        assert_eq!(same.query("/api/signin/shell").await.json()["person_email"], "admin@acme.example");
    }
    let answer = acme.come(&acme.app.visitor(), Says::that("s-2", "admin@acme.example")).await;
    assert_eq!(failed(&answer), "other", "whoever gets the address next is not the same person");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invitation_gives_its_role_and_is_used_up() {
    let acme = Acme::start().await;
    let owner = acme.app.owner().await;
    let form = [("form[email]", "ada@acme.example"), ("form[role]", "billing")];
    assert_eq!(owner.call("/api/team/invite", &form).await.status, 200);
    let inside = acme.inside("s-new", "ada@acme.example").await;
    assert_eq!(inside.query("/api/signin/shell").await.json()["rights"]["Own"], "billing");
    let open: i64 =
        sqlx::query_scalar("SELECT count(*) FROM invitations WHERE accepted_at IS NULL").fetch_one(acme.app.db()).await.unwrap();
    assert_eq!(open, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn full_team_takes_nobody_in() {
    let acme = Acme::start().await;
    sqlx::query("UPDATE customers SET plan = 'free' WHERE customer_id = $1")
        .bind(acme.app.customer())
        .execute(acme.app.db())
        .await
        .unwrap();
    let before = acme.count("users").await;
    assert_eq!(failed(&acme.come(&acme.app.visitor(), Says::that("s-new", "ada@acme.example")).await), "full");
    assert_eq!((acme.count("users").await, acme.count("sso_identities").await), (before, 0));
    acme.inside("s-1", "member@acme.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn removed_person_comes_back_by_invitation_only() {
    let acme = Acme::start().await;
    let inside = acme.inside("s-new", "ada@acme.example").await;
    let owner = acme.app.owner().await;
    let ada: uuid::Uuid =
        sqlx::query_scalar("SELECT user_id FROM users WHERE email = 'ada@acme.example'").fetch_one(acme.app.db()).await.unwrap();
    assert_eq!(owner.call("/api/team/remove", &[("form[user]", &ada.to_string())]).await.status, 200);
    assert_eq!(inside.query("/api/signin/shell").await.status, 403);
    assert_eq!(failed(&acme.come(&acme.app.visitor(), Says::that("s-new", "ada@acme.example")).await), "removed");
    assert_eq!(owner.call("/api/team/invite", &[("form[email]", "ada@acme.example"), ("form[role]", "member")]).await.status, 200);
    acme.inside("s-new", "ada@acme.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_of_another_company_joins_and_keeps_what_is_theirs() {
    let acme = Acme::start().await;
    let app = &acme.app;
    let ada = app.insert_person("ada@acme.example", "Ada of Stranger").await;
    app.insert_membership(app.stranger_customer(), ada, Role::Owner).await;
    let inside = acme.inside("s-ada", "ada@acme.example").await;
    let shell = inside.query("/api/signin/shell").await.json();
    assert_eq!((&shell["person_name"], shell["customers"].as_array().unwrap().len()), (&json!("Ada of Stranger"), 1));
    let at_home = app.sign_in("ada@acme.example", Some(app.stranger_customer())).await;
    assert_eq!(at_home.query("/api/signin/shell").await.json()["customers"].as_array().unwrap().len(), 2);
}
