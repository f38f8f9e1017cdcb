//! Inviting, sending again, revoking.

use super::*;

async fn try_invite(actor: &Actor, email: &str, role: &str) -> Answer {
    actor.call("/api/team/invite", &[("form[email]", email), ("form[role]", role)]).await
}

async fn resend(actor: &Actor, invitation: &str) -> Answer {
    actor.call("/api/team/resend", &[("form[invitation]", invitation)]).await
}

async fn change_role(actor: &Actor, invitation: &str, role: &str) -> Answer {
    actor.call("/api/team/invited_role", &[("form[invitation]", invitation), ("form[role]", role)]).await
}

async fn revoke(actor: &Actor, invitation: &str) -> Answer {
    actor.call("/api/team/revoke", &[("form[invitation]", invitation)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invited_person_gets_a_mail_that_says_who_what_and_until_when() {
    let app = TestApp::start().await;
    invite(&app.admin().await, " Ada@New.Example ", "developer").await;
    app.run_worker().await;
    let mails = app.sent_mails();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].to.as_str(), mails[0].subject.as_str()), ("ada@new.example", "Join the customer portal of Acme"));
    for part in ["Admin of Acme invited you", "Your role: Developer.", "http://127.0.0.1:3000/invite/", "30 Nov 2026, 09:00 UTC"] {
        assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.invited"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn queue_entry_keeps_the_contract_and_only_the_hash_is_stored() {
    let app = TestApp::start().await;
    invite(&app.owner().await, "ada@new.example", "member").await;
    let (kind, payload): (String, Value) = sqlx::query_as("SELECT kind, payload FROM outbox").fetch_one(app.db()).await.unwrap();
    let url = payload["inviteUrl"].as_str().unwrap();
    let token = url.strip_prefix("http://127.0.0.1:3000/invite/").unwrap();
    assert_eq!((kind.as_str(), payload["email"].as_str().unwrap(), token.len()), ("team_invite", "ada@new.example", 32));
    let stored: Vec<u8> = sqlx::query_scalar("SELECT token_hash FROM invitations").fetch_one(app.db()).await.unwrap();
    assert_eq!(stored, crate::server::entropy::sha256(token.as_bytes()));
    let trail: String = sqlx::query_scalar("SELECT string_agg(a::text, ' ') FROM audit_events a").fetch_one(app.db()).await.unwrap();
    assert!(!trail.contains(token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_and_pending_address_are_told_apart_and_case_does_not_matter() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    invite(&owner, "ada@new.example", "member").await;
    for (email, sentence) in [("ADA@new.example", "already invited"), ("Member@Acme.example", "already on the team")] {
        let answer = try_invite(&owner, email, "member").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(sentence), "{}", answer.text());
    }
    app.run_worker().await;
    assert_eq!(app.sent_mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn double_submit_invites_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answers = join_all((0..10).map(|_| try_invite(&owner, "ada@new.example", "member"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY)));
    app.run_worker().await;
    assert_eq!(app.sent_mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_fields_come_back_with_what_was_typed() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.submit("/api/team/invite", &[("form[email]", "ada@"), ("form[role]", "root")], "/team").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let page = owner.follow(&answer).await;
    assert!(page.text().contains("Enter an address like") && page.text().contains("Choose one of the roles"));
    assert!(page.text().contains("value=\"ada@\""));
    for form in [&[][..], &[("form[email]", "ada@new.example")]] {
        assert_eq!(owner.call("/api/team/invite", form).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
    }
    let long = format!("{}@new.example", "a".repeat(300));
    assert_eq!(try_invite(&owner, &long, "member").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_invites_above_their_own_role() {
    let app = TestApp::start().await;
    assert_eq!(try_invite(&app.admin().await, "ada@new.example", "owner").await.status, StatusCode::FORBIDDEN);
    for actor in [app.billing().await, app.developer().await, app.member().await] {
        assert_eq!(try_invite(&actor, "ada@new.example", "member").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(try_invite(&app.visitor(), "ada@new.example", "member").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(try_invite(&app.owner().await, "ada@new.example", "owner").await.status, StatusCode::OK);
    let invitation = invitation_id(&app, "ada@new.example").await;
    assert_eq!(resend(&app.admin().await, &invitation).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn full_team_says_what_to_do_and_expiry_frees_the_seat_at_once() {
    let app = TestApp::start().await;
    let stranger = app.stranger().await;
    for email in ["a@new.example", "b@new.example"] {
        invite(&stranger, email, "member").await;
    }
    let answer = try_invite(&stranger, "c@new.example", "member").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("All 3 seats of the Free plan are taken") && answer.text().contains("upgrade to Pro for 50 seats"));
    let page = stranger.get("/team").await;
    assert_eq!(page.texts(".meter-foot p"), ["Limit reached", "1 person and 2 open invitations."]);
    assert!(!page.text().contains("All 3 seats") && page.text().contains("href=\"/billing/plan\""));
    let opener = async |person: &Actor, kind: &str| person.get("/team").await.texts(&format!(".page-header-actions summary.button-{kind}"));
    assert_eq!(opener(&stranger, "secondary").await, ["Invite a person"], "no seat is free for it");
    assert_eq!(opener(&app.owner().await, "primary").await, ["Invite a person"]);
    app.advance(Duration::days(7));
    let stranger = app.stranger().await;
    assert_eq!(try_invite(&stranger, "c@new.example", "member").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_invitations_never_overfill_a_team() {
    let app = TestApp::start().await;
    let stranger = app.stranger().await;
    let addresses: Vec<String> = (0..20).map(|number| format!("p{number}@new.example")).collect();
    let answers = join_all(addresses.iter().map(|email| try_invite(&stranger, email, "member"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 2);
    assert!(answers.iter().all(|answer| matches!(answer.status, StatusCode::OK | StatusCode::CONFLICT)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resend_sends_a_new_link_and_kills_the_old_one() {
    let app = TestApp::start().await;
    let old = invited(&app, "ada@new.example", "member").await;
    app.advance(Duration::days(6));
    let owner = app.owner().await;
    assert_eq!(resend(&owner, &invitation_id(&app, "ada@new.example").await).await.status, StatusCode::OK);
    let new = mailed_token(&app, "ada@new.example").await;
    assert_ne!(old, new);
    app.advance(Duration::days(6));
    let visitor = app.visitor();
    assert_eq!(accept(&visitor, &old).await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.get(&format!("/invite/{old}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(accept(&visitor, &new).await.status, StatusCode::OK, "the seven days count anew");
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.invited", "invitation.resent", "member.joined"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn expired_invitation_needs_a_seat_to_be_sent_again() {
    let app = TestApp::start().await;
    let stranger = app.stranger().await;
    invite(&stranger, "a@new.example", "member").await;
    let first = stranger.query("/api/team/list").await.json()["invitations"]["rows"][0]["invitation_id"].as_str().unwrap().to_owned();
    app.advance(Duration::days(8));
    let stranger = app.stranger().await;
    for email in ["b@new.example", "c@new.example"] {
        invite(&stranger, email, "member").await;
    }
    assert_eq!(resend(&stranger, &first).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn inviting_an_expired_address_again_renews_it() {
    let app = TestApp::start().await;
    let old = invited(&app, "ada@new.example", "member").await;
    app.advance(Duration::days(8));
    let new = invited(&app, "ada@new.example", "billing").await;
    assert_eq!(accept(&app.visitor(), &old).await.status, StatusCode::NOT_FOUND);
    assert_eq!(accept(&app.visitor(), &new).await.status, StatusCode::OK);
    assert_eq!(emails(&list(&app.owner().await, "query[role]=billing").await["members"]), ["ada@new.example", "billing@acme.example"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoked_invitation_is_dead_and_its_seat_free() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let (admin, invitation) = (app.admin().await, invitation_id(&app, "ada@new.example").await);
    assert_eq!(revoke(&admin, &invitation).await.status, StatusCode::OK, "any admin may revoke any invitation");
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::NOT_FOUND);
    assert_eq!(list(&admin, "").await["seats"]["invited"], 0);
    for again in [revoke(&admin, &invitation).await, resend(&admin, &invitation).await] {
        assert_eq!(again.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.invited", "invitation.revoked"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn role_of_a_pending_invitation_changes_and_its_link_stays() {
    let app = TestApp::start().await;
    let token = invited(&app, "ada@new.example", "member").await;
    let (admin, invitation) = (app.admin().await, invitation_id(&app, "ada@new.example").await);
    assert_eq!(change_role(&admin, &invitation, "billing").await.status, StatusCode::OK);
    assert_eq!(change_role(&admin, &invitation, "billing").await.status, StatusCode::OK, "a second press changes nothing");
    assert_eq!(change_role(&admin, &invitation, "owner").await.status, StatusCode::FORBIDDEN, "only an owner makes owners");
    assert_eq!(change_role(&admin, &invitation, "root").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change_role(&app.stranger().await, &invitation, "member").await.status, StatusCode::NOT_FOUND);
    assert_eq!(accept(&app.visitor(), &token).await.status, StatusCode::OK);
    assert_eq!(emails(&list(&admin, "query[role]=billing").await["members"]), ["ada@new.example", "billing@acme.example"]);
    assert_eq!(change_role(&admin, &invitation, "member").await.status, StatusCode::NOT_FOUND, "it is accepted");
    assert_eq!(app.audit_kinds(app.customer()).await, ["member.invited", "invitation.role_changed", "member.joined"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invitations_of_others_and_nonsense_are_not_found() {
    let app = TestApp::start().await;
    invite(&app.owner().await, "ada@new.example", "member").await;
    let foreign = invitation_id(&app, "ada@new.example").await;
    let stranger = app.stranger().await;
    for invitation in [foreign.as_str(), "00000000-0000-0000-0000-000000000000", "nonsense", ""] {
        assert_eq!(resend(&stranger, invitation).await.status, StatusCode::NOT_FOUND, "{invitation}");
        assert_eq!(revoke(&stranger, invitation).await.status, StatusCode::NOT_FOUND, "{invitation}");
    }
    assert_eq!(list(&app.owner().await, "").await["seats"]["invited"], 1);
}
