//! Turning it on and off, and the recovery codes.

use super::*;
use crate::access::Role;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn app_counts_from_its_first_right_code_on() {
    let app = TestApp::start().await;
    let (owner, elsewhere) = (app.owner().await, app.owner().await);
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Member).await;
    assert_eq!(owner.call("/api/second_factor/start", &[]).await.status, StatusCode::OK);
    let own = owner.query("/api/second_factor/find").await.json();
    assert_eq!(own["enrolment"]["secret"].as_str(), Some(seed(&app, &owner).await.in_groups().as_str()));
    assert_eq!(give_password(&app.visitor(), OWNER).await.json()["path"], "/team", "not in force yet");
    let code = shown(&app, &owner).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for typed in ["", "12345", wrong] {
        let answer = owner.call("/api/second_factor/turn_on", &[("form[code]", typed)]).await;
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], "code", "{typed}");
    }
    let before = owner.copy();
    let answer = owner.call("/api/second_factor/turn_on", &[("form[code]", &code)]).await;
    assert_eq!(answer.json().as_array().map(Vec::len), Some(10));
    assert!(is_in(&owner).await);
    assert!(!is_in(&before).await, "the old token is dead");
    assert!(!is_in(&elsewhere).await, "other sessions end");
    let own = owner.query("/api/second_factor/find").await.json();
    assert!(own["since"].is_object() && own["enrolment"].is_null() && own["codes_left"] == 10, "{own}");
    for customer in [app.customer(), app.stranger_customer()] {
        let kinds = app.audit_kinds(customer).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "second_factor.turned_on").count(), 1, "{kinds:?}");
    }
    assert_eq!(mails_to(&app, OWNER).await, ["Your second factor is on"]);
    let again = owner.call("/api/second_factor/start", &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "nobody replaces the app in force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn secret_waits_fifteen_minutes_and_is_stored_sealed() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    owner.call("/api/second_factor/start", &[]).await;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed_secret FROM second_factors").fetch_one(app.db()).await.unwrap();
    let member = app.member().await.user_id.unwrap();
    assert!(Seed::open(&app.state().config.sealer, member, &sealed).is_none(), "it opens for its person only");
    app.advance(Duration::minutes(15) + Duration::SECOND);
    assert!(owner.query("/api/second_factor/find").await.json()["enrolment"].is_null());
    let owner = app.owner().await;
    let late = owner.call("/api/second_factor/turn_on", &[("form[code]", &shown(&app, &owner).await)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    owner.call("/api/second_factor/start", &[]).await;
    owner.call("/api/second_factor/cancel", &[]).await;
    assert!(owner.query("/api/second_factor/find").await.json()["enrolment"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_of_it_changes_without_a_fresh_sign_in() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    app.advance(Duration::minutes(6));
    for path in ["start", "turn_on", "turn_off", "renew_codes"] {
        let answer = owner.call(&format!("/api/second_factor/{path}"), &[("form[code]", "123456")]).await;
        assert_eq!(answer.json(), "FreshSignIn", "{path}");
    }
    let required = owner.call("/api/second_factor/require", &[("required", "true")]).await;
    assert_eq!(required.json(), "FreshSignIn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn turned_off_it_asks_no_more_and_the_person_is_told() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let codes = turn_on(&app, &owner).await;
    let visitor = app.visitor();
    give_password(&visitor, OWNER).await;
    assert_eq!(owner.call("/api/second_factor/turn_off", &[]).await.status, StatusCode::OK);
    assert!(is_in(&owner).await);
    let late = give_recovery_code(&visitor, &codes[0]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "what waited for it is over");
    assert_eq!(give_password(&app.visitor(), OWNER).await.json()["path"], "/team");
    assert!(app.audit_kinds(app.customer()).await.contains(&"second_factor.turned_off".to_owned()));
    assert!(mails_to(&app, OWNER).await.contains(&"Your second factor is off".to_owned()));
    let two: bool = sqlx::query_scalar("SELECT bool_or(two_factors) FROM sessions").fetch_one(app.db()).await.unwrap();
    assert!(!two, "no session holds two factors any more");
    assert_eq!(owner.call("/api/second_factor/turn_off", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(owner.call("/api/second_factor/renew_codes", &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_recovery_codes_end_the_old_ones() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let old = turn_on(&app, &owner).await;
    let answer = owner.call("/api/second_factor/renew_codes", &[]).await;
    let new: Vec<String> = serde_json::from_value(answer.json()).unwrap();
    assert!(new.len() == 10 && old.iter().all(|code| !new.contains(code)));
    let visitor = app.visitor();
    give_password(&visitor, OWNER).await;
    assert_eq!(give_recovery_code(&visitor, &old[0]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(give_recovery_code(&visitor, &new[0]).await.status, StatusCode::OK);
    assert!(app.audit_kinds(app.customer()).await.contains(&"second_factor.codes_renewed".to_owned()));
    assert!(mails_to(&app, OWNER).await.contains(&"You have new recovery codes".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_whole_way_is_plain_forms_and_codes_are_shown_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let page = "/account/second-factor";
    let answer = owner.submit("/api/second_factor/start", &[], page).await;
    let shown_page = owner.follow(&answer).await;
    assert!(shown_page.texts("h2").contains(&"Set up your authenticator app".to_owned()));
    assert!(shown_page.text().contains("viewBox=\"0 0 ") && !shown_page.text().contains("style=\""));
    let refused = owner.submit("/api/second_factor/turn_on", &[("form[code]", "12")], page).await;
    assert!(owner.follow(&refused).await.text().contains("Enter the six digits"));
    let code = shown(&app, &owner).await;
    let answer = owner.submit("/api/second_factor/turn_on", &[("form[code]", &code)], page).await;
    assert_eq!(answer.location(), "/account/second-factor?done=second-factor-on");
    assert_eq!(owner.follow(&answer).await.texts(".second-factor-codes li").len(), 10);
    assert!(owner.follow(&answer).await.texts(".second-factor-codes li").is_empty(), "shown once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn recovery_codes_are_shown_to_nobody_else_and_on_no_other_page() {
    let app = TestApp::start().await;
    let (owner, page) = (app.owner().await, "/account/second-factor");
    turn_on(&app, &owner).await;
    let answer = owner.submit("/api/second_factor/renew_codes", &[], page).await;
    let once = owner.cookie("foyer-once");
    assert!(!once.is_empty());
    let other = app.admin().await;
    other.set_cookie("foyer-once", &once);
    assert!(other.get(page).await.texts(".second-factor-codes li").is_empty(), "somebody else");
    assert_eq!(owner.get("/keys").await.status, StatusCode::OK);
    assert_eq!(owner.follow(&answer).await.texts(".second-factor-codes li").len(), 10, "another page does not take them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operator_takes_it_away_from_whoever_has_lost_everything() {
    use crate::second_factor::command::{SecondFactorCommand, run};
    let app = TestApp::start().await;
    let owner = app.owner().await;
    turn_on(&app, &owner).await;
    let mut connection = app.db().acquire().await.unwrap();
    let (config, entropy) = (&app.state().config, &app.state().entropy);
    let mut reset = async |email: &str| {
        let command = SecondFactorCommand::Reset { email: email.to_owned() };
        run(&mut connection, config, entropy, app.now(), command).await.map_err(|error| error.to_string())
    };
    assert_eq!(reset("nobody@acme.example").await.unwrap_err(), "nobody has this address");
    assert!(reset("admin@acme.example").await.unwrap_err().contains("has no second factor"));
    assert!(reset("Owner@acme.example").await.unwrap().contains("no second factor any more"));
    assert!(!is_in(&owner).await, "all sessions end");
    assert_eq!(give_password(&app.visitor(), OWNER).await.json()["path"], "/team");
    assert!(app.audit_kinds(app.customer()).await.contains(&"second_factor.reset".to_owned()));
    assert!(mails_to(&app, OWNER).await.contains(&"Your second factor was taken away".to_owned()));
}
