//! The staff's queue over real PostgreSQL and Redis.

use axum::http::StatusCode;
use time::Duration;

use crate::{
    access::Role,
    server::testing::{Actor, Answer, TestApp},
};

async fn open(person: &Actor, subject: &str) -> String {
    let answer = person.call("/api/support/create", &[("form[subject]", subject), ("form[message]", "It stops.")]).await;
    answer.json().as_str().unwrap().to_owned()
}

async fn answer(staff: &Actor, id: &str, message: &str) -> Answer {
    staff.call("/api/staff/answer", &[("form[id]", id), ("form[message]", message)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answer_reaches_the_customer_by_mail_and_in_the_thread() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let id = open(&member, "Import").await;
    let mia = app.staff().await;
    let thread = answer(&mia, &id, "Please try again.").await.json();
    assert_eq!(thread["ticket"]["status"], "Pending");
    app.run_worker().await;
    let mails = app.sent_mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "member@acme.example"));
    assert!(mails[0].text.contains("> Please try again.") && mails[0].text.contains(&format!("/support/{id}")));
    assert!(mails[0].text.contains("because you opened this ticket."), "{}", mails[0].text);
    let page = member.get(&format!("/support/{id}")).await;
    assert!(page.text().contains("Please try again.") && page.text().contains("Waiting for you"));
    assert_eq!(page.texts(".message-staff .message-author"), ["Mia"]);
    assert_eq!(app.audit_kinds(app.customer()).await, ["ticket.opened", "ticket.replied"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answer_goes_to_the_contact_address_when_the_person_has_left() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let id = open(&member, "Import").await;
    sqlx::query("DELETE FROM memberships WHERE user_id = $1").bind(member.user_id).execute(app.db()).await.unwrap();
    let contact: String =
        sqlx::query_scalar("SELECT email FROM customers WHERE customer_id = $1").bind(app.customer()).fetch_one(app.db()).await.unwrap();
    answer(&app.staff().await, &id, "Please try again.").await;
    app.run_worker().await;
    let mails = app.sent_mails();
    let told: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(told, [contact.as_str()]);
    assert!(mails[0].text.contains("because this is the contact address of the company"), "{}", mails[0].text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn to_customers_people_and_visitors_there_is_no_queue() {
    let app = TestApp::start().await;
    let id = open(&app.owner().await, "Import").await;
    for role in Role::ALL {
        let person = app.person(role).await;
        for path in ["/staff/tickets".to_owned(), format!("/staff/tickets/{id}")] {
            let page = person.get(&path).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!page.text().contains("staff-header"), "{path}");
        }
        assert_eq!(person.query("/api/staff/queue").await.status, StatusCode::NOT_FOUND);
        assert_eq!(person.query("/api/staff/person").await.status, StatusCode::NOT_FOUND);
        assert_eq!(person.query(&format!("/api/staff/ticket?id={id}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(answer(&person, &id, "Hello").await.status, StatusCode::NOT_FOUND);
        assert_eq!(person.call("/api/staff/close", &[("id", &id)]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(app.visitor().query("/api/staff/queue").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.visitor().get("/staff/tickets").await.location(), "/signin?next=%2Fstaff%2Ftickets");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn queue_holds_all_customers_with_the_longest_waiting_first() {
    let app = TestApp::start().await;
    let first = open(&app.owner().await, "First").await;
    app.advance(Duration::hours(1));
    open(&app.stranger().await, "Second").await;
    app.advance(Duration::hours(1));
    let again = [("form[id]", first.as_str()), ("form[message]", "Hello?")];
    app.owner().await.call("/api/support/reply", &again).await;
    let mia = app.staff().await;
    let page = mia.get("/staff/tickets").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert_eq!(page.texts("tbody th"), ["First", "Second"], "asking again does not lose the place");
    assert_eq!(page.texts("tbody td[data-label=Customer]"), ["Acme", "Stranger Ltd"]);
    assert_eq!(page.texts("tbody time"), ["2 hours ago", "1 hour ago"]);
    answer(&mia, &first, "Done.").await;
    assert_eq!(mia.get("/staff/tickets").await.texts("tbody th"), ["Second"]);
    assert_eq!(mia.get("/staff/tickets?status=pending").await.texts("tbody th"), ["First"]);
    assert!(mia.get("/staff/tickets?status=closed").await.text().contains("No tickets here"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answered_ticket_waits_for_support_again_after_a_reply() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let id = open(&owner, "Import").await;
    let mia = app.staff().await;
    answer(&mia, &id, "Please try again.").await;
    app.advance(Duration::hours(3));
    let owner = app.owner().await;
    let reply = [("form[id]", id.as_str()), ("form[message]", "It works, thank you.")];
    assert_eq!(owner.call("/api/support/reply", &reply).await.json()["ticket"]["status"], "Open");
    let mia = app.staff().await;
    assert_eq!(mia.get("/staff/tickets").await.texts("tbody time"), ["just now"]);
    assert_eq!(mia.call("/api/staff/close", &[("id", &id)]).await.json()["ticket"]["status"], "Closed");
    assert_eq!(mia.call("/api/staff/close", &[("id", &id)]).await.status, StatusCode::CONFLICT);
    assert_eq!(answer(&mia, &id, "One more thing.").await.json()["ticket"]["status"], "Pending");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_answers_change_nothing_and_double_ones_count_once() {
    let app = TestApp::start().await;
    let id = open(&app.owner().await, "Import").await;
    let mia = app.staff().await;
    assert_eq!(answer(&mia, &id, " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer(&mia, &id, &"x".repeat(10_001)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for id in ["ticket-000000000000", "x", ""] {
        assert_eq!(answer(&mia, id, "Hello").await.status, StatusCode::NOT_FOUND);
        assert_eq!(mia.query(&format!("/api/staff/ticket?id={id}")).await.status, StatusCode::NOT_FOUND);
    }
    futures::future::join_all((0..5).map(|_| answer(&mia, &id, "Please try again."))).await;
    app.run_worker().await;
    assert_eq!(app.sent_mails().len(), 1);
    let found = mia.query(&format!("/api/staff/ticket?id={id}")).await.json();
    assert_eq!((&found["thread"]["messages"]["total"], &found["customer"]), (&2.into(), &"Acme".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_the_answer_leads_back_to_the_ticket() {
    let app = TestApp::start().await;
    let id = open(&app.owner().await, "Import").await;
    let (mia, path) = (app.staff().await, format!("/staff/tickets/{id}"));
    let answer = mia.submit("/api/staff/answer", &[("form[id]", &id), ("form[message]", "Please try again.")], &path).await;
    assert_eq!(answer.location(), format!("{path}?done=reply-sent"));
    let page = mia.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Import"]);
    assert!(page.text().contains("Please try again.") && page.text().contains("Waiting for customer"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_one_of_the_staff_answers_in_nobody_elses_name() {
    let app = TestApp::start().await;
    let id = open(&app.member().await, "Import").await;
    let noah = app.insert_person("noah@foyer.example", "Noah").await;
    sqlx::query("UPDATE users SET is_staff = true WHERE user_id = $1").bind(noah).execute(app.db()).await.unwrap();
    let (mia, noah) = (app.staff().await, app.sign_in("noah@foyer.example", None).await);
    let reply = mia.action(&format!("/staff/tickets/{id}"), "/api/staff/answer").await;
    let form = [("form[id]", id.as_str()), ("form[message]", "Please try again.")];
    let refused = noah.call(&reply, &form).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("Noah has signed in since this page was opened"), "{}", refused.text());
    assert_eq!(app.audit_kinds(app.customer()).await, ["ticket.opened"]);
    assert_eq!(mia.call(&reply, &form).await.status, StatusCode::OK);
}
