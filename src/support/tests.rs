//! Tickets over real PostgreSQL and Redis.

use axum::http::StatusCode;
use time::Duration;

use crate::{
    access::Role,
    server::testing::{Actor, TestApp},
};

/// Opens a ticket as the hydrated page does.
async fn open(person: &Actor, subject: &str, message: &str) -> String {
    let answer = person.call("/api/support/create", &[("form[subject]", subject), ("form[message]", message)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json().as_str().unwrap().to_owned()
}

async fn reply(person: &Actor, id: &str, message: &str) -> crate::server::testing::Answer {
    person.call("/api/support/reply", &[("form[id]", id), ("form[message]", message)]).await
}

async fn thread(person: &Actor, id: &str) -> serde_json::Value {
    let answer = person.query(&format!("/api/support/find?id={id}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn count_tickets(app: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(app.db()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everybody_opens_reads_answers_and_closes() {
    let app = TestApp::start().await;
    for role in Role::ALL {
        let person = app.person(role).await;
        let id = open(&person, &format!("Question of {}", role.as_str()), "Why?").await;
        assert!(id.starts_with("ticket-"));
        assert_eq!(reply(&person, &id, "Any news?").await.status, StatusCode::OK);
        assert_eq!(person.call("/api/support/close", &[("id", &id)]).await.json()["ticket"]["status"], "Closed");
        assert_eq!(person.get(&format!("/support/{id}")).await.status, StatusCode::OK);
        assert_eq!(app.owner().await.get(&format!("/support/{id}")).await.status, StatusCode::OK, "colleagues see it");
    }
    let kinds = app.audit_kinds(app.customer()).await;
    assert_eq!(&kinds[..3], ["ticket.opened", "ticket.replied", "ticket.closed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visitor_is_asked_to_sign_in() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    assert_eq!(visitor.query("/api/support/list").await.status, StatusCode::UNAUTHORIZED);
    let form = [("form[subject]", "a"), ("form[message]", "b")];
    assert_eq!(visitor.call("/api/support/create", &form).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(count_tickets(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_ticket_does_not_exist() {
    let app = TestApp::start().await;
    let id = open(&app.owner().await, "Ours", "Secret").await;
    let stranger = app.stranger().await;
    let missing = stranger.query("/api/support/find?id=ticket-000000000000").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    for id in [id.as_str(), "ticket-", "x", "ticket-000000000000"] {
        let found = stranger.query(&format!("/api/support/find?id={id}")).await;
        assert_eq!((found.status, found.text()), (StatusCode::NOT_FOUND, missing.text()), "{id}");
        assert_eq!(reply(&stranger, id, "Hello").await.status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(stranger.call("/api/support/close", &[("id", id)]).await.status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(stranger.get(&format!("/support/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert!(!stranger.get("/support").await.text().contains("Ours"));
    let thread = thread(&app.owner().await, &id).await;
    assert_eq!((&thread["ticket"]["status"], &thread["messages"]["total"]), (&"Open".into(), &1.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_fields_are_named_and_nothing_is_opened() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (long_subject, long_message) = ("x".repeat(161), "x".repeat(10_001));
    let cases = [
        ("", "text", "subject"),
        ("a\nb", "text", "subject"),
        (&long_subject, "text", "subject"),
        ("s", "  ", "message"),
        ("s", &long_message, "message"),
        ("s", "a\u{0}b", "message"),
    ];
    for (subject, message, wrong) in cases {
        let answer = owner.call("/api/support/create", &[("form[subject]", subject), ("form[message]", message)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json()["Invalid"]["errors"][0]["field"], wrong);
    }
    let answer = owner.submit("/api/support/create", &[("form[subject]", "Import stops"), ("form[message]", "")], "/support/new").await;
    let page = owner.follow(&answer).await;
    assert!(page.text().contains("Message is empty. Fill it in."));
    assert!(page.text().contains("value=\"Import stops\""), "the draft is kept");
    assert_eq!(count_tickets(&app).await, 0);
    assert!(app.audit_kinds(app.customer()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_javascript_each_form_leads_to_the_thread() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let answer = owner.submit("/api/support/create", &[("form[subject]", "Import"), ("form[message]", "It stops.")], "/support/new").await;
    let path = answer.location().split('?').next().unwrap().to_owned();
    assert!(path.starts_with("/support/ticket-"), "{path}");
    let page = owner.follow(&answer).await;
    assert_eq!(page.texts("h1"), ["Import"]);
    assert!(page.text().contains("It stops."));
    let id = path.strip_prefix("/support/").unwrap();
    let answer = owner.submit("/api/support/reply", &[("form[id]", id), ("form[message]", "Still.")], &path).await;
    assert_eq!(answer.location(), format!("{path}?done=reply-sent"));
    let answer = owner.submit("/api/support/close", &[("id", id)], &path).await;
    assert_eq!(answer.location(), format!("{path}?done=ticket-closed"));
    assert!(owner.follow(&answer).await.text().contains("This ticket is closed. A reply opens it again."));
    let answer = owner.submit("/api/support/reply", &[("form[id]", id), ("form[message]", "Again.")], &path).await;
    assert_eq!(answer.location(), format!("{path}?done=ticket-reopened"));
    let answer = owner.submit("/api/support/reply", &[("form[id]", id), ("form[message]", "")], &path).await;
    assert!(owner.follow(&answer).await.text().contains("Message is empty. Fill it in."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reply_opens_a_closed_ticket_again() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let id = open(&owner, "Import", "It stops.").await;
    owner.call("/api/support/close", &[("id", &id)]).await;
    assert_eq!(owner.call("/api/support/close", &[("id", &id)]).await.status, StatusCode::CONFLICT);
    assert_eq!(reply(&owner, &id, "It stops again.").await.json()["ticket"]["status"], "Open");
    assert_eq!(app.audit_kinds(app.customer()).await, ["ticket.opened", "ticket.closed", "ticket.reopened"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn form_sent_twice_counts_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let form = [("form[subject]", "Import"), ("form[message]", "It stops.")];
    let answers = futures::future::join_all((0..10).map(|_| owner.call("/api/support/create", &form))).await;
    let id = answers[0].json().as_str().unwrap().to_owned();
    assert!(answers.iter().all(|answer| answer.json() == id.as_str()));
    assert_eq!(count_tickets(&app).await, 1);
    futures::future::join_all((0..10).map(|_| reply(&owner, &id, "Any news?"))).await;
    assert_eq!(thread(&owner, &id).await["messages"]["total"], 2);
    app.advance(Duration::seconds(10));
    reply(&owner, &id, "Any news?").await;
    reply(&app.admin().await, &id, "Any news?").await;
    assert_eq!(thread(&owner, &id).await["messages"]["total"], 4, "later, or from somebody else, it is meant");
    app.advance(Duration::seconds(10));
    open(&owner, "Import", "It stops.").await;
    assert_eq!(count_tickets(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_floods_the_support() {
    let app = TestApp::start().await;
    let (member, owner) = (app.member().await.at("203.0.113.7"), app.owner().await.at("203.0.113.7"));
    let ask = |number: usize| {
        let (member, subject) = (member.clone(), format!("Question {number}"));
        async move { member.call("/api/support/create", &[("form[subject]", &subject), ("form[message]", "Why?")]).await }
    };
    for number in 0..20 {
        assert_eq!(ask(number).await.status, StatusCode::OK, "{number}");
    }
    ask(20).await;
    let refused = ask(21).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = refused.json()["Invalid"]["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("You have opened many tickets within a short time. Add this to one of them, or send it in"), "{message}");
    let form = [("form[subject]", "Question 22"), ("form[message]", "It is urgent.")];
    let again = member.follow(&member.submit("/api/support/create", &form, "/support/new").await).await;
    assert!(again.text().contains("It is urgent.</textarea>") && again.text().contains("value=\"Question 22\""), "what was typed is kept");
    let id = open(&owner, "A colleague's question", "How?").await;
    for number in 0..60 {
        assert_eq!(reply(&member, &id, &format!("Message {number}")).await.status, StatusCode::OK, "{number}");
    }
    reply(&member, &id, "Message 60").await;
    assert_eq!(reply(&member, &id, "Message 61").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reply(&owner, &id, "Stop").await.status, StatusCode::OK, "nobody else is slowed down");
    app.advance(Duration::minutes(10));
    assert_eq!(ask(22).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn list_is_filtered_and_paged_with_the_latest_change_first() {
    let app = TestApp::start().await;
    let (owner, member) = (app.owner().await, app.member().await);
    for number in 0..26 {
        app.advance(Duration::minutes(1));
        open(&owner, &format!("Ticket {number}"), "text").await;
    }
    let closed = open(&member, "Member's", "text").await;
    member.call("/api/support/close", &[("id", &closed)]).await;
    let list = |path: &'static str| {
        let owner = owner.clone();
        async move { owner.query(path).await.json() }
    };
    let all = list("/api/support/list").await;
    assert_eq!((&all["tickets"]["total"], all["tickets"]["rows"].as_array().unwrap().len()), (&27.into(), 25));
    assert_eq!(all["counts"], serde_json::json!({ "open": 26, "pending": 0, "closed": 1 }));
    let subjects = |list: &serde_json::Value| {
        list["tickets"]["rows"].as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&list("/api/support/list?page=2").await), ["Ticket 1", "Ticket 0"]);
    assert_eq!(subjects(&list("/api/support/list?status=closed").await), ["Member's"]);
    assert_eq!(list("/api/support/list?mine=true").await["tickets"]["total"], 26);
    assert_eq!(list("/api/support/list?status=nonsense&page=0").await["tickets"]["total"], 27);
    let page = owner.get("/support?status=open&page=2").await;
    assert_eq!(page.texts("tbody th"), ["Ticket 0"]);
    assert_eq!(page.texts(".tabs [aria-current]"), ["Waiting for support26"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn empty_list_offers_the_first_ticket() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert!(owner.get("/support").await.text().contains("No ticket yet"));
    assert!(owner.get("/support?status=pending").await.text().contains("Nothing waits for you"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_are_text_and_their_addresses_links() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let message = "<script>alert(1)</script>\nSee https://docs.example/a?b=1&c=2. </textarea><img src=x onerror=alert(1)>";
    let id = open(&owner, "</title><script>alert(1)</script>", message).await;
    let page = owner.get(&format!("/support/{id}")).await;
    assert!(!page.text().contains("<script>alert") && !page.text().contains("<img src=x"), "{}", page.text());
    let links = page.html();
    let selector = scraper::Selector::parse(".message-text a").unwrap();
    let link = links.select(&selector).next().unwrap();
    assert_eq!(link.value().attr("href"), Some("https://docs.example/a?b=1&c=2"));
    assert!(link.value().attr("rel").unwrap().contains("noopener"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn staff_address_is_told_of_new_tickets() {
    let app = TestApp::start_with(|config| config.staff_email = Some("tickets@foyer.example".to_owned())).await;
    let id = open(&app.owner().await, "Import", "It stops.").await;
    app.run_worker().await;
    let mails = app.sent_mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "tickets@foyer.example"));
    assert!(mails[0].text.contains(&format!("/staff/tickets/{id}")) && mails[0].text.contains("> It stops."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn new_ticket_page_offers_only_what_the_role_may_do_itself() {
    let app = TestApp::start().await;
    let owner = app.owner().await.get("/support/new").await;
    assert!(owner.text().contains("Rotate an API key"));
    let member = app.member().await.get("/support/new").await;
    assert!(!member.text().contains("Rotate an API key") && !member.text().contains("Download an invoice"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_a_ticket_beyond_its_end_shows_the_oldest_messages() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let id = open(&owner, "Long", "The first message").await;
    let alone = owner.get(&format!("/support/{id}?page=9")).await;
    assert!(alone.text().contains("The first message"));
    sqlx::query(
        "INSERT INTO ticket_messages (message_id, customer_id, ticket_id, author_name, from_customer, content, created_at)
         SELECT gen_random_uuid(), customer_id, ticket_id, author_name, true, 'Message ' || n, created_at + n * interval '1 minute'
           FROM ticket_messages, generate_series(1, 50) n",
    )
    .execute(app.db())
    .await
    .unwrap();
    let page = owner.get(&format!("/support/{id}?page=9")).await;
    assert!(page.text().contains("The first message") && page.text().contains("51–51 of 51"));
    assert_eq!(page.texts(".conversation > li").len(), 1);
}
