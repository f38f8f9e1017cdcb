//! Customers that let in nobody without, and the SaaS's own people.

use super::*;
use crate::access::Role;

async fn require(person: &Actor, required: &str) -> Answer {
    person.call("/api/second_factor/require", &[("required", required)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owner_with_a_second_factor_asks_everybody_for_one() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    assert_eq!(require(&app.admin().await, "true").await.status, StatusCode::FORBIDDEN);
    assert_eq!(require(&owner, "true").await.status, StatusCode::CONFLICT, "nobody locks themselves out");
    turn_on(&app, &owner).await;
    assert_eq!(require(&owner, "true").await.status, StatusCode::OK);
    assert!(is_in(&owner).await);
    assert_eq!(member.query("/api/home/find").await.json(), "SecondFactor");
    let page = member.get("/support").await;
    assert_eq!((page.status, page.location()), (StatusCode::FOUND, "/account/second-factor?required"));
    let page = member.follow(&page).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Acme asks everybody for a second factor"));
    assert!(page.texts(".sidebar-nav a").is_empty(), "nothing is offered that is not open");
    assert_eq!(member.get("/account/sessions").await.status, StatusCode::OK);
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds.last().map(String::as_str), Some("second_factor.required"));
    let mails: Vec<_> = mails_to(&app, "member@acme.example").await;
    assert_eq!(mails, ["Acme asks for a second factor"]);
    assert_eq!(app.sent_mails().iter().filter(|mail| mail.subject == "Acme asks for a second factor").count(), Role::ALL.len());
    turn_on(&app, &member).await;
    assert!(is_in(&member).await, "with a second factor it is open again");
    assert_eq!(require(&owner, "true").await.status, StatusCode::OK);
    let count = app.audit_kinds(app.customer()).await.iter().filter(|kind| *kind == "second_factor.required").count();
    assert_eq!(count, 1, "twice is once");
    assert_eq!(require(&owner, "false").await.status, StatusCode::OK);
    assert!(is_in(&app.billing().await).await);
    assert_eq!(app.audit_kinds(app.customer()).await.last().map(String::as_str), Some("second_factor.made_optional"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_without_its_field_switches_nothing_off() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    assert_eq!(require(&owner, "true").await.status, StatusCode::OK);
    let answer = owner.call("/api/second_factor/require", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "required");
    assert_eq!(app.audit_kinds(app.customer()).await.last().map(String::as_str), Some("second_factor.required"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_who_lacks_it_changes_their_password_and_nothing_opens() {
    const NEW: &str = "violet otter sings";
    let app = TestApp::start().await;
    let (member, elsewhere) = (app.member().await, app.member().await);
    sqlx::query("UPDATE customers SET second_factor_required = true").execute(app.db()).await.unwrap();
    let page = member.get("/account/password").await;
    assert_eq!((page.status, page.texts("h1")), (StatusCode::OK, vec!["Your password".to_owned()]));
    assert!(page.texts(".sidebar-nav a").is_empty(), "nothing is offered that is not open");
    let profile = member.get("/account/profile").await;
    assert_eq!(profile.location(), "/account/second-factor?required", "the profile stays closed");
    let form = [("form[current]", PASSWORD), ("form[password]", NEW)];
    let answer = member.submit("/api/signin/change_password", &form, "/account/password").await;
    assert_eq!(answer.location(), "/account/password?done=password-changed");
    assert!(member.follow(&answer).await.text().contains("Password changed."));
    assert_eq!(member.query("/api/home/find").await.json(), "SecondFactor", "it opens nothing else");
    assert_eq!(elsewhere.query("/api/home/find").await.json(), "SignIn", "other sessions end");
    assert_eq!(app.audit_kinds(app.customer()).await, ["password.changed"]);
    let again = app.visitor().call("/api/signin/in", &[("form[email]", "member@acme.example"), ("form[password]", NEW)]).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_who_lacks_it_goes_to_their_other_customer_or_out() {
    let app = TestApp::start().await;
    let member = app.member().await;
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Member).await;
    sqlx::query("UPDATE customers SET second_factor_required = true WHERE customer_id = $1")
        .bind(app.customer())
        .execute(app.db())
        .await
        .unwrap();
    assert!(!is_in(&member).await);
    let shell = member.query("/api/signin/shell").await.json();
    assert!(shell["locked"] == true && shell["customers"].as_array().is_some_and(|customers| customers.len() == 2), "{shell}");
    let switched = member.call("/api/signin/switch", &[("customer_id", &app.stranger_customer().to_string())]).await;
    assert_eq!(switched.status, StatusCode::OK);
    assert!(is_in(&member).await, "the other customer asks for nothing");
    member.call("/api/signin/switch", &[("customer_id", &app.customer().to_string())]).await;
    assert!(!is_in(&member).await);
    assert_eq!(member.call("/api/signin/out", &[]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_and_admins_see_who_has_one() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let has = async |viewer: &Actor| {
        let team = viewer.query("/api/team/list").await.json();
        let rows = team["members"]["rows"].as_array().unwrap().clone();
        let row = |email: &str| rows.iter().find(|row| row["email"] == email).unwrap()["second_factor"].clone();
        (row(OWNER), row("member@acme.example"))
    };
    assert_eq!(has(&app.admin().await).await, (true.into(), false.into()));
    assert_eq!(has(&app.member().await).await, (serde_json::Value::Null, serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_real_use_staff_needs_one() {
    let app = TestApp::start_with(|config| config.staff_needs_second_factor = true).await;
    let mia = app.staff().await;
    assert_eq!(mia.query("/api/staff/queue").await.json(), "SecondFactor");
    let page = mia.get("/staff/tickets").await;
    assert_eq!(page.location(), "/account/second-factor?required");
    assert_eq!(mia.follow(&page).await.status, StatusCode::OK);
    turn_on(&app, &mia).await;
    assert_eq!(mia.query("/api/staff/queue").await.status, StatusCode::OK);
}
