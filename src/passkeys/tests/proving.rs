//! Signing in, and proving once more who one is.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_signs_in_and_nobody_types_an_address() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let visitor = app.visitor();
    let options = start(&visitor, "signin").await;
    assert_eq!((&options["userVerification"], &options["rpId"]), (&Value::from("required"), &Value::from("localhost")));
    assert_eq!(options["allowCredentials"], serde_json::json!([]), "nobody is told which passkeys there are");
    let answer = authenticator.get(&options);
    let form = [("form[answer]", answer.as_str()), ("form[next]", "/team"), ("form[keep]", "true")];
    let landed = visitor.call("/api/passkeys/signin", &form).await;
    assert_eq!((landed.status, &landed.json()["path"]), (StatusCode::OK, &Value::from("/team")));
    assert!(landed.headers["set-cookie"].to_str().unwrap().contains("Max-Age=2592000"), "kept for 30 days");
    assert_eq!(list(&visitor).await[0]["used"]["relative"], "just now");
    assert_eq!(app.audit_kinds(app.customer()).await, ["passkey.added", "session.started"]);
    let details: Value =
        sqlx::query_scalar("SELECT details FROM audit_events WHERE kind = 'session.started'").fetch_one(app.db()).await.unwrap();
    assert_eq!(details["by"], "passkey");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_in_leads_nowhere_else() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let visitor = app.visitor();
    let answer = authenticator.get(&start(&visitor, "signin").await);
    let landed = visitor.call("/api/passkeys/signin", &[("form[answer]", &answer), ("form[next]", "//evil.example")]).await;
    assert_eq!(landed.json()["path"], "/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_answers_to_one_challenge_one_wins() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let answer = authenticator.get(&start(&app.visitor(), "signin").await);
    let answers = futures::future::join_all((0..50).map(|number| {
        let (visitor, answer) = (app.visitor().at(&format!("198.51.{number}.7")), answer.clone());
        async move { finish(&visitor, "signin", &answer).await.status }
    }));
    let statuses = answers.await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 1);
    assert!(statuses.iter().all(|status| matches!(*status, StatusCode::OK | StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_that_does_not_count_signs_in_again_and_again() {
    let (app, mut authenticator) = (portal().await, Authenticator { counter: 0, ..Authenticator::new(1) });
    assert_eq!(add(&app.member().await, &mut authenticator).await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(sign_in(&app.visitor(), &mut authenticator).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn challenge_is_answered_once_in_time_and_for_its_purpose() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let (visitor, member) = (app.visitor(), app.member().await);
    let answer = authenticator.get(&start(&visitor, "signin").await);
    assert_eq!(finish(&visitor, "signin", &answer).await.status, StatusCode::OK);
    assert_eq!(finish(&app.visitor(), "signin", &answer).await.status, StatusCode::CONFLICT, "once");

    let answer = authenticator.get(&start(&app.visitor(), "signin").await);
    app.advance(Duration::minutes(5));
    assert_eq!(finish(&app.visitor(), "signin", &answer).await.status, StatusCode::CONFLICT, "in time");

    let answer = authenticator.get(&start(&member, "confirm").await);
    assert_eq!(finish(&app.visitor(), "signin", &answer).await.status, StatusCode::CONFLICT, "to confirm is not to sign in");
    let answer = authenticator.get(&start(&app.visitor(), "signin").await);
    assert_eq!(finish(&member, "confirm", &answer).await.status, StatusCode::CONFLICT);
    let forged = authenticator.get(&serde_json::json!({ "challenge": "AAAA" }));
    assert_eq!(finish(&app.visitor(), "signin", &forged).await.status, StatusCode::CONFLICT, "a challenge of one's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_is_wrong_with_a_passkey_the_answer_is_the_same() {
    let (app, authenticator) = portal_with_passkey().await;
    let mut owners = Authenticator::new(2);
    assert_eq!(add(&app.owner().await, &mut owners).await.status, StatusCode::OK);
    let unknown =
        sign_in(&app.visitor(), &mut Authenticator { user_handle: authenticator.user_handle.clone(), ..Authenticator::new(9) }).await;
    assert_eq!(unknown.status, StatusCode::CONFLICT);
    let lies: [fn(&mut Authenticator, &Authenticator); 7] = [
        |passkey, _| passkey.origin = "https://evil.example",
        |passkey, _| passkey.origin = "http://localhost:3001",
        |passkey, _| passkey.rp_id = "evil.example",
        |passkey, _| passkey.verifies = false,
        |passkey, owners| passkey.user_handle = owners.user_handle.clone(),
        |passkey, _| passkey.user_handle = Value::Null,
        |passkey, owners| passkey.key = owners.key.clone(),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let (mut lying, visitor) = (authenticator.clone(), app.visitor().at(&format!("198.51.{number}.7")));
        lie(&mut lying, &owners);
        let answer = sign_in(&visitor, &mut lying).await;
        assert_eq!((answer.status, answer.text()), (unknown.status, unknown.text()), "lie {number}");
        assert!(!is_signed_in(&visitor).await, "lie {number}");
    }
    assert!(!app.audit_kinds(app.customer()).await.contains(&"session.started".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_whose_counter_goes_back_is_refused_for_good_and_its_person_told() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let mut copy = authenticator.clone();
    assert_eq!(sign_in(&app.visitor(), &mut authenticator).await.status, StatusCode::OK);
    let thief = app.visitor();
    let answer = sign_in(&thief, &mut copy).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(!is_signed_in(&thief).await);
    assert_eq!(sign_in(&app.visitor(), &mut authenticator).await.text(), answer.text(), "nobody knows which is the copy");

    assert_eq!(mail(&app, "A passkey may have been copied").await.to, "member@acme.example");
    assert_eq!(app.audit_kinds(app.customer()).await, ["passkey.added", "session.started", "passkey.blocked"]);
    let member = app.member().await;
    assert_eq!(list(&member).await[0]["blocked"], true);
    assert!(member.get("/account/passkeys").await.text().contains("May have been copied"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_are_slowed_and_so_are_those_who_only_ask() {
    let (app, authenticator) = portal_with_passkey().await;
    let visitor = app.visitor().at("198.51.100.7");
    let mut wrong = Authenticator { verifies: false, ..authenticator };
    let mut statuses = vec![];
    for _ in 0..8 {
        statuses.push(sign_in(&visitor, &mut wrong).await.status);
    }
    assert_eq!(statuses[..5], [StatusCode::CONFLICT; 5]);
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));

    let asking = app.visitor().at("203.0.113.9");
    let answers = futures::future::join_all((0..310).map(|_| asking.call("/api/passkeys/start_signin", &[]))).await;
    assert!(answers.iter().any(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS));
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM passkey_challenges").fetch_one(app.db()).await.unwrap();
    assert!(kept < 310, "{kept}");
    assert_eq!(app.visitor().at("192.0.2.1").call("/api/passkeys/start_signin", &[]).await.status, StatusCode::OK, "others go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_confirms_who_it_is_also_without_a_password() {
    let (app, mut authenticator) = portal_with_passkey().await;
    sqlx::query("UPDATE users SET password_hash = NULL WHERE email = 'member@acme.example'").execute(app.db()).await.unwrap();
    let member = app.member().await;
    let stolen = member.copy();
    app.advance(Duration::minutes(10));
    let change = [("form[email]", "mo@new.example")];
    assert_eq!(member.call("/api/profile/change_email", &change).await.json(), "FreshSignIn");
    assert!(member.get("/signin/confirm?next=/account/profile").await.text().contains("Confirm with a passkey"));
    assert!(!app.owner().await.get("/signin/confirm").await.text().contains("Confirm with a passkey"), "offered to those who have one");

    let answer = authenticator.get(&start(&member, "confirm").await);
    let confirmed = member.call("/api/passkeys/confirm", &[("form[answer]", &answer), ("form[next]", "/account/profile")]).await;
    assert_eq!((confirmed.status, confirmed.location()), (StatusCode::OK, "/account/profile"));
    assert_eq!(member.call("/api/profile/change_email", &change).await.status, StatusCode::OK);
    assert!(!is_signed_in(&stolen).await, "the session has a new token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_elses_passkey_confirms_nothing() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let owner = app.owner().await;
    app.advance(Duration::minutes(10));
    let answer = authenticator.get(&start(&owner, "confirm").await);
    assert_eq!(finish(&owner, "confirm", &answer).await.status, StatusCode::CONFLICT);
    assert_eq!(owner.call("/api/keys/create", &[("form[name]", "CI")]).await.json(), "FreshSignIn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn challenges_are_cleared_away_at_their_end() {
    let app = portal().await;
    start(&app.visitor(), "signin").await;
    app.advance(Duration::minutes(6));
    app.run_worker().await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM passkey_challenges").fetch_one(app.db()).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_password_leaves_passkeys_and_names_them() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let visitor = app.visitor();
    visitor.call("/api/signin/forgot", &[("form[email]", "member@acme.example")]).await;
    let link = mail(&app, "Choose a new password").await;
    let token = &link.text.split("/reset/").nth(1).unwrap()[..64];
    let reset = visitor.call("/api/signin/reset", &[("form[token]", token), ("form[password]", "violet otter sings")]).await;
    assert!(reset.status.is_success() || reset.status.is_redirection(), "{}", reset.text());
    let mail = mail(&app, "Your password was changed").await;
    assert_eq!(mail.to, "member@acme.example");
    assert!(mail.text.contains("These passkeys of yours still sign in: “Laptop”."), "{}", mail.text);
    assert_eq!(sign_in(&visitor, &mut authenticator).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_counts_as_two_factors() {
    let (app, mut authenticator) = portal_with_passkey().await;
    sqlx::query("UPDATE customers SET second_factor_required = true").execute(app.db()).await.unwrap();
    let member = app.member().await;
    assert_eq!(member.query("/api/home/find").await.status, StatusCode::FORBIDDEN, "a password alone does not do here");
    let visitor = app.visitor();
    sign_in(&visitor, &mut authenticator).await;
    assert_eq!(visitor.query("/api/home/find").await.status, StatusCode::OK);
    let answer = authenticator.get(&start(&member, "confirm").await);
    finish(&member, "confirm", &answer).await;
    assert_eq!(member.query("/api/home/find").await.status, StatusCode::OK, "neither does it need another sign-in");
}
