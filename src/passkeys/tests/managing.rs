//! Adding, renaming and removing.

use super::*;
use crate::access::Role;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn person_adds_a_passkey_and_is_told() {
    let (app, mut authenticator) = (portal().await, Authenticator::new(1));
    let member = app.member().await;
    assert!(member.get("/account/passkeys").await.text().contains("No passkey yet"));
    let options = start(&member, "adding").await;
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required", "nobody types an address to sign in with it");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["excludeCredentials"], serde_json::json!([]));
    assert_eq!(finish(&member, "add", &authenticator.create(&options)).await.status, StatusCode::OK);
    let passkeys = list(&member).await;
    assert_eq!((passkeys.len(), &passkeys[0]["name"], &passkeys[0]["used"]), (1, &Value::from("Laptop"), &Value::Null));
    assert!(member.get("/account/passkeys").await.texts("tbody th")[0].contains("Laptop"));
    assert_eq!(start(&member, "adding").await["excludeCredentials"].as_array().unwrap().len(), 1, "no second one on the same device");

    let mail = mail(&app, "A passkey was added").await;
    assert_eq!(mail.to, "member@acme.example");
    assert!(mail.text.contains("“Laptop”") && mail.text.contains("If it was not you"), "{}", mail.text);
    assert_eq!(app.audit_kinds(app.customer()).await, ["passkey.added"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_is_renamed_and_removed() {
    let (app, mut authenticator) = portal_with_passkey().await;
    let member = app.member().await;
    let id = list(&member).await[0]["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let renamed = member.call("/api/passkeys/rename", &[("form[id]", &id), ("form[name]", " Work laptop ")]).await;
        assert_eq!(renamed.status, StatusCode::OK);
    }
    let unnamed = member.call("/api/passkeys/rename", &[("form[id]", &id), ("form[name]", " ")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(list(&member).await[0]["name"], "Work laptop");

    assert_eq!(member.call("/api/passkeys/remove", &[("id", &id)]).await.status, StatusCode::OK);
    assert_eq!(member.call("/api/passkeys/remove", &[("id", &id)]).await.status, StatusCode::NOT_FOUND);
    assert!(list(&member).await.is_empty());
    assert_eq!(sign_in(&app.visitor(), &mut authenticator).await.status, StatusCode::CONFLICT);
    assert_eq!(mail(&app, "A passkey was removed").await.to, "member@acme.example");
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(kinds, ["passkey.added", "passkey.renamed", "passkey.removed"], "the same name again leaves no trace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn colleague_does_not_see_or_change_it() {
    let (app, _) = portal_with_passkey().await;
    let id = list(&app.member().await).await[0]["id"].as_str().unwrap().to_owned();
    let owner = app.owner().await;
    assert!(list(&owner).await.is_empty());
    assert_eq!(owner.call("/api/passkeys/rename", &[("form[id]", &id), ("form[name]", "Mine")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(owner.call("/api/passkeys/remove", &[("id", &id)]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(list(&app.member().await).await[0]["name"], "Laptop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn six_minutes_after_the_sign_in_nothing_is_added_or_removed() {
    let (app, _) = portal_with_passkey().await;
    let member = app.member().await;
    let id = list(&member).await[0]["id"].as_str().unwrap().to_owned();
    app.advance(Duration::minutes(6));
    for answer in [
        member.call("/api/passkeys/start_adding", &[]).await,
        finish(&member, "add", "").await,
        member.call("/api/passkeys/remove", &[("id", &id)]).await,
    ] {
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::UNAUTHORIZED, "\"FreshSignIn\""));
    }
    let posted = member.submit("/api/passkeys/remove", &[("id", &id)], "/account/passkeys").await;
    assert_eq!(posted.location(), "/signin/confirm?next=%2Faccount%2Fpasskeys");
    assert_eq!(list(&member).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn challenge_of_a_new_passkey_is_answered_once_in_time_and_in_its_session() {
    let (app, mut authenticator) = (portal().await, Authenticator::new(1));
    let member = app.member().await;
    let options = start(&member, "adding").await;
    let answer = authenticator.create(&options);
    assert_eq!(finish(&app.member().await, "add", &answer).await.status, StatusCode::CONFLICT, "another session of the same person");
    assert_eq!(finish(&app.owner().await, "add", &answer).await.status, StatusCode::CONFLICT);
    assert_eq!(finish(&member, "add", &answer).await.status, StatusCode::OK);
    assert_eq!(finish(&member, "add", &answer).await.status, StatusCode::CONFLICT, "once");

    let mut late = Authenticator::new(2);
    let answer = late.create(&start(&member, "adding").await);
    app.advance(Duration::minutes(5));
    assert_eq!(finish(&member, "add", &answer).await.status, StatusCode::CONFLICT);
    assert_eq!(list(&member).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn passkey_made_elsewhere_or_for_anybody_is_refused() {
    let app = portal().await;
    let member = app.member().await;
    let lies: [fn(&mut Authenticator); 4] = [
        |passkey| passkey.origin = "https://evil.example",
        |passkey| passkey.origin = "http://localhost:3001",
        |passkey| passkey.rp_id = "evil.example",
        |passkey| passkey.verifies = false,
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let mut authenticator = Authenticator::new(1);
        lie(&mut authenticator);
        assert_eq!(add(&member, &mut authenticator).await.status, StatusCode::CONFLICT, "lie {number}");
    }
    for nonsense in ["{}", "nonsense", "[1]"] {
        assert_eq!(finish(&member, "add", nonsense).await.status, StatusCode::CONFLICT, "{nonsense}");
    }
    assert!(list(&member).await.is_empty());
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn same_passkey_belongs_to_one_person_only() {
    let (app, mut authenticator) = portal_with_passkey().await;
    assert_eq!(add(&app.owner().await, &mut authenticator).await.status, StatusCode::CONFLICT);
    assert!(list(&app.owner().await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_first_passkey_is_refused_also_when_several_come_at_once() {
    let app = portal().await;
    let member = app.member().await;
    for number in 0..19 {
        assert_eq!(add(&member, &mut Authenticator::new(number)).await.status, StatusCode::OK, "{number}");
    }
    // Each browser has been told what to ask for while there was room.
    let mut asked = vec![];
    for number in 100..104 {
        asked.push(Authenticator::new(number).create(&start(&member, "adding").await));
    }
    let answers = futures::future::join_all(asked.iter().map(|answer| {
        let member = member.clone();
        async move { finish(&member, "add", answer).await.status }
    }));
    let added = answers.await.into_iter().filter(|status| *status == StatusCode::OK).count();
    assert_eq!((added, list(&member).await.len()), (1, 20));
    assert!(member.get("/account/passkeys").await.text().contains("You have 20 passkeys"));
    assert_eq!(member.call("/api/passkeys/start_adding", &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_at_an_ip_address_says_that_it_needs_a_domain() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let page = member.get("/account/passkeys").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Passkeys need a domain name") && !page.text().contains("Add a passkey"));
    assert_eq!(member.call("/api/passkeys/start_adding", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(app.visitor().call("/api/passkeys/start_signin", &[]).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_list_and_the_removal_are_plain_forms() {
    let (app, _) = portal_with_passkey().await;
    let member = app.member().await;
    let page = member.get("/account/passkeys").await;
    assert!(page.text().contains("Your browser needs JavaScript to make a passkey."));
    let id = list(&member).await[0]["id"].as_str().unwrap().to_owned();
    let renamed = member.submit("/api/passkeys/rename", &[("form[id]", &id), ("form[name]", "Phone")], "/account/passkeys").await;
    assert_eq!(renamed.location(), "/account/passkeys?done=saved");
    let removed = member.submit("/api/passkeys/remove", &[("id", &id)], "/account/passkeys").await;
    assert_eq!(removed.location(), "/account/passkeys?done=passkey-removed");
    assert!(member.follow(&removed).await.text().contains("Passkey removed."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn staff_without_a_company_have_passkeys_and_are_told() {
    let (app, mut authenticator) = (portal().await, Authenticator::new(1));
    let mia = app.staff().await;
    assert_eq!(mia.get("/account/passkeys").await.status, StatusCode::OK);
    assert_eq!(add(&mia, &mut authenticator).await.status, StatusCode::OK);
    assert_eq!(mail(&app, "A passkey was added").await.to, "mia@foyer.example");
    let answer = sign_in(&app.visitor(), &mut authenticator).await;
    assert_eq!(answer.json()["path"], "/staff/tickets");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_way_in_is_noted_at_every_company_of_its_person() {
    let app = portal().await;
    let member = app.member().await;
    app.insert_membership(app.stranger_customer(), member.user_id.unwrap(), Role::Member).await;
    assert_eq!(add(&member, &mut Authenticator::new(1)).await.status, StatusCode::OK);
    for customer in [app.customer(), app.stranger_customer()] {
        assert_eq!(app.audit_kinds(customer).await, ["passkey.added"]);
    }
}
