//! Records of proved domains, looked for again by the worker.

use axum::http::StatusCode;
use futures::future::join_all;
use time::Duration;

use super::Acme;
use crate::sso::recheck_domains;

const DOMAIN: [(&str, &str); 1] = [("form[domain]", "acme.example")];

impl Acme {
    async fn counts(&self) -> bool {
        let answer = self.app.visitor().call("/api/sso/start", &[("form[email]", "a@acme.example")]).await;
        answer.status == StatusCode::OK
    }

    /// What happened to the domain after it was verified, and who did it.
    async fn trail(&self) -> Vec<(String, String)> {
        sqlx::query_as(
            "SELECT kind, actor_kind || ' ' || actor_name FROM audit_events WHERE kind LIKE 'sso.domain%' ORDER BY chain_number OFFSET 2",
        )
        .fetch_all(self.app.db())
        .await
        .unwrap()
    }

    async fn pass(&self, duration: Duration) {
        self.app.advance(duration);
        self.app.run_worker().await;
    }

    fn mailed(&self, subject: &str) -> Vec<String> {
        let mails = self.app.sent_mails().into_iter().filter(|mail| mail.subject == subject);
        let mut to: Vec<String> = mails.map(|mail| mail.to).collect();
        to.sort();
        to
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn domain_whose_record_is_gone_for_a_day_is_no_longer_proved() {
    let acme = Acme::start().await;
    acme.names.clear();
    acme.pass(Duration::days(6)).await;
    assert!(acme.trail().await.is_empty(), "looked for once a week");
    acme.pass(Duration::DAY).await;
    let missed = ("sso.domain_missed".to_owned(), "system Foyer".to_owned());
    assert_eq!(acme.trail().await, std::slice::from_ref(&missed));
    assert_eq!(acme.mailed("The record of acme.example is missing"), ["admin@acme.example", "owner@acme.example"]);
    assert!(acme.counts().await, "a mistake can be put right");
    let page = acme.app.owner().await.get("/team/sso").await.text();
    assert!(page.contains("The record is missing") && page.contains("_foyer-challenge.acme.example"));
    acme.pass(Duration::hours(23)).await;
    assert!(acme.counts().await);
    acme.pass(Duration::HOUR).await;
    assert!(!acme.counts().await, "two looks a day apart");
    assert_eq!(acme.trail().await, [missed, ("sso.domain_lost".to_owned(), "system Foyer".to_owned())]);
    assert_eq!(acme.mailed("acme.example is no longer verified"), ["admin@acme.example", "owner@acme.example"]);
    let mail = acme.app.sent_mails().into_iter().find(|mail| mail.subject == "acme.example is no longer verified").unwrap();
    for words in ["Nobody new joins Acme", "a code by e-mail", "_foyer-challenge.acme.example", "foyer-verification=", "/team/sso"] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    acme.pass(Duration::days(30)).await;
    assert_eq!(acme.trail().await.len(), 2, "what is not proved is not looked for");
    let owner = acme.app.owner().await;
    acme.make_record(&owner, "acme.example").await;
    assert_eq!(owner.call("/api/sso/verify_domain", &DOMAIN).await.status, StatusCode::OK);
    assert!(acme.counts().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn member_who_came_by_the_domain_stays_signed_in_when_it_is_lost() {
    let acme = Acme::start().await;
    acme.app.advance(Duration::days(8) - Duration::minutes(20));
    acme.names.clear();
    acme.app.run_worker().await;
    acme.app.advance(Duration::DAY - Duration::minutes(10));
    let member = acme.inside("s-1", "member@acme.example").await;
    acme.pass(Duration::minutes(10)).await;
    assert!(!acme.counts().await);
    assert_eq!(member.query("/api/home/find").await.status, StatusCode::OK);
    let owner = acme.app.owner().await;
    acme.verify(&owner, "acme.test").await;
    let again = acme.app.visitor();
    let address = acme.begin(&again, "anybody@acme.test").await;
    let back = acme.provider.sign_in(&address, acme.app.now(), super::Says::that("s-1", "member@acme.example"));
    assert_eq!(again.get(&back).await.location(), "/usage", "by another domain they come in as whom they are known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn record_that_is_put_back_within_a_day_keeps_the_domain() {
    let acme = Acme::start().await;
    acme.names.clear();
    acme.pass(Duration::days(7)).await;
    acme.make_record(&acme.app.owner().await, "acme.example").await;
    acme.pass(Duration::days(1)).await;
    acme.names.clear();
    acme.pass(Duration::days(6)).await;
    assert!(acme.counts().await);
    acme.pass(Duration::days(1)).await;
    assert!(acme.counts().await, "it is missed for the first time again");
    let kinds: Vec<String> = acme.trail().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["sso.domain_missed", "sso.domain_missed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn name_server_that_is_away_takes_no_domain() {
    let acme = Acme::start().await;
    acme.names.fail(true);
    for days in [7, 1, 1, 30] {
        acme.pass(Duration::days(days)).await;
    }
    let asked = acme.names.asked();
    acme.pass(Duration::minutes(50)).await;
    assert_eq!(acme.names.asked(), asked, "it is left alone for an hour");
    acme.pass(Duration::minutes(10)).await;
    assert!(acme.names.asked() > asked);
    assert!(acme.trail().await.is_empty() && acme.counts().await);
    acme.names.fail(false);
    acme.pass(Duration::HOUR).await;
    assert!(acme.trail().await.is_empty() && acme.counts().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_side_by_side_look_once() {
    let acme = Acme::start().await;
    let workers = async || join_all((0..8).map(|_| recheck_domains(acme.app.state()))).await;
    acme.app.advance(Duration::days(7));
    let asked = acme.names.asked();
    assert!(workers().await.into_iter().all(|done| done.is_ok()));
    assert_eq!(acme.names.asked(), asked + 1);
    acme.names.clear();
    for days in [7, 1] {
        acme.app.advance(Duration::days(days));
        assert!(workers().await.into_iter().all(|done| done.is_ok()));
    }
    let kinds: Vec<String> = acme.trail().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["sso.domain_missed", "sso.domain_lost"]);
    acme.app.run_worker().await;
    assert_eq!(acme.mailed("acme.example is no longer verified").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mail_says_who_still_gets_in_where_there_is_no_other_way() {
    let acme = Acme::start().await;
    let by_sso = acme.inside("o-1", "owner@acme.example").await;
    let owner = acme.app.owner().await.user_id.unwrap().to_string();
    assert_eq!(by_sso.call("/api/sso/enforce", &[("form[owner]", &owner)]).await.status, StatusCode::OK);
    acme.names.clear();
    acme.pass(Duration::days(7)).await;
    let mail = acme.app.sent_mails().into_iter().find(|mail| mail.subject == "The record of acme.example is missing").unwrap();
    assert!(mail.text.contains("nobody can sign in any more but owner@acme.example"), "{}", mail.text);
}
