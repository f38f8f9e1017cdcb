//! The provider as the only way in, and the owner for emergencies.

use axum::http::StatusCode;

use super::Acme;
use crate::{access::Role, server::testing::PASSWORD};

impl Acme {
    /// The provider is the only way in, but for Acme's owner.
    async fn enforced() -> Self {
        let acme = Self::start().await;
        let second = acme.app.insert_person("second@acme.example", "Second owner").await;
        acme.app.insert_membership(acme.app.customer(), second, Role::Owner).await;
        let inside = acme.inside("s-second", "second@acme.example").await;
        let owner = acme.app.owner().await.user_id.unwrap().to_string();
        let answer = inside.call("/api/sso/enforce", &[("form[owner]", &owner)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        acme
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_locks_everybody_out() {
    let acme = Acme::start().await;
    let (owner, member) = (acme.app.owner().await, acme.app.member().await);
    let owner_id = owner.user_id.unwrap().to_string();
    let answer = owner.call("/api/sso/enforce", &[("form[owner]", &owner_id)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "not before one has come by the provider oneself: {}", answer.text());
    let inside = acme.inside("s-owner", "owner@acme.example").await;
    for nobody in ["", "nonsense", &member.user_id.unwrap().to_string(), &acme.app.stranger().await.user_id.unwrap().to_string()] {
        let answer = inside.call("/api/sso/enforce", &[("form[owner]", nobody)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{nobody}");
    }
    sqlx::query("UPDATE users SET password_hash = NULL WHERE user_id = $1").bind(owner.user_id).execute(acme.app.db()).await.unwrap();
    let answer = inside.call("/api/sso/enforce", &[("form[owner]", &owner_id)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "an owner without a password gets in no other way");
    assert_eq!(member.query("/api/signin/shell").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_with_a_password_is_led_to_the_provider() {
    let acme = Acme::enforced().await;
    let member = acme.app.visitor();
    let form = [("form[email]", "member@acme.example"), ("form[password]", PASSWORD)];
    assert_eq!(member.call("/api/signin/in", &form).await.status, StatusCode::OK, "the person is who they are");
    for path in ["/api/signin/shell", "/api/usage/find", "/api/team/list", "/api/keys/list"] {
        assert_eq!(member.query(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(member.call("/api/support/create", &[("form[subject]", "x"), ("form[message]", "y")]).await.status, StatusCode::FORBIDDEN);
    let page = member.get("/usage").await;
    assert_eq!((page.status, page.location()), (StatusCode::FOUND, "/signin/sso?next=%2Fusage"));
    let page = member.follow(&page).await;
    assert!(page.text().contains("Acme lets people in by its single sign-on only"), "{}", page.text());
    acme.inside("s-member", "member@acme.example").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_of_two_companies_goes_on_at_the_other() {
    let acme = Acme::enforced().await;
    let app = &acme.app;
    let member = app.member().await;
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Member).await;
    let page = member.get("/signin/sso").await;
    assert!(page.text().contains("Go to Stranger Ltd"));
    assert_eq!(member.call("/api/signin/switch", &[("customer_id", &app.stranger_customer().to_string())]).await.status, StatusCode::OK);
    assert_eq!(member.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
    let back = member.call("/api/signin/switch", &[("customer_id", &app.customer().to_string())]).await;
    assert_eq!(back.location(), "/signin/sso", "the switcher leads to the provider");
    assert_eq!(member.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd");
    let anew = app.visitor();
    anew.call("/api/signin/in", &[("form[email]", "member@acme.example"), ("form[password]", PASSWORD)]).await;
    assert_eq!(anew.query("/api/signin/shell").await.json()["customer_name"], "Stranger Ltd", "a sign-in begins where it can go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_for_emergencies_gets_in_with_the_password_and_opens_the_other_ways() {
    let acme = Acme::enforced().await;
    let owner = acme.app.visitor();
    owner.call("/api/signin/in", &[("form[email]", "owner@acme.example"), ("form[password]", PASSWORD)]).await;
    assert_eq!(owner.query("/api/sso/find").await.status, StatusCode::OK);
    let answer = owner.call("/api/sso/disconnect", &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    assert_eq!(owner.call("/api/sso/relax", &[]).await.status, StatusCode::OK);
    assert_eq!(acme.app.member().await.query("/api/signin/shell").await.status, StatusCode::OK);
    let kinds = acme.app.audit_kinds(acme.app.customer()).await;
    assert_eq!(kinds[kinds.len() - 1], "sso.relaxed");
    assert!(kinds.contains(&"sso.enforced".to_owned()));
    acme.app.run_worker().await;
    let told = acme.app.sent_mails();
    let told: Vec<_> = told.iter().filter(|mail| mail.to == "second@acme.example" && mail.text.contains("the only way in")).collect();
    assert_eq!(told.len(), 1, "all owners are told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_for_emergencies_cannot_be_lost() {
    let acme = Acme::enforced().await;
    let owner = acme.app.owner().await;
    let second = acme.inside("s-second", "second@acme.example").await;
    let user = owner.user_id.unwrap().to_string();
    for (path, form) in [
        ("/api/team/remove", vec![("form[user]", user.as_str())]),
        ("/api/team/role", vec![("form[user]", &user), ("form[role]", "admin")]),
    ] {
        let answer = second.call(path, &form).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{path}: {}", answer.text());
    }
    assert_eq!(owner.call("/api/team/leave", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(owner.query("/api/sso/find").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn disconnecting_signs_out_who_came_by_the_provider() {
    let acme = Acme::start().await;
    let inside = acme.inside("s-1", "member@acme.example").await;
    assert_eq!(acme.app.owner().await.call("/api/sso/disconnect", &[]).await.status, StatusCode::OK);
    assert_eq!(inside.query("/api/signin/shell").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!((acme.count("sso_connections").await, acme.count("sso_identities").await), (0, 0));
}
