//! The invoice as a file.

use axum::http::{StatusCode, header};
use scraper::Selector;
use time::macros::date;
use uuid::Uuid;

use super::insert_invoice;
use crate::{access::Role, server::testing::TestApp};

fn path(id: impl std::fmt::Display) -> String {
    format!("/api/portal/invoices/{id}/download")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn billing_downloads_a_pdf_under_the_invoices_name() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "INV-2026-000042", date!(2026 - 10 - 01)).await;
    let answer = app.billing().await.get(&path(id)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let header = |name| answer.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(header(header::CONTENT_TYPE), "application/pdf");
    assert_eq!(header(header::CONTENT_DISPOSITION), "attachment; filename=\"invoice-INV-2026-000042.pdf\"");
    assert_eq!(header(header::CACHE_CONTROL), "private, no-store");
    assert_eq!(header(header::CONTENT_LENGTH), answer.body.len().to_string());
    assert!(answer.body.starts_with(b"%PDF-") && answer.body.len() > 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_invoice_is_the_same_file_for_everybody() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 10 - 01)).await;
    let first = app.owner().await.get(&path(id)).await;
    app.advance(time::Duration::days(100));
    let again = app.billing().await.get(&path(id)).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(first.body == again.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_cannot_lead_out_of_the_file_name() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "../a\"; x=\r\n€/1", date!(2026 - 10 - 01)).await;
    let answer = app.owner().await.get(&path(id)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"invoice-..-a---x-----1.pdf\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_foreign_and_malformed_ids_answer_alike() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "INV-OF-ACME", date!(2026 - 10 - 01)).await;
    let stranger = app.stranger().await;
    let foreign = stranger.get(&path(id)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert!(!foreign.text().contains("INV-OF-ACME"));
    for other in [path(Uuid::nil()), path("1"), path("%2e%2e"), path("00000000-0000-0000-0000-00000000000g")] {
        let answer = stranger.get(&other).await;
        assert_eq!((answer.status, answer.texts("main")), (StatusCode::NOT_FOUND, foreign.texts("main")), "{other}");
    }
    assert_eq!(foreign.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(foreign.texts("h1").join(" ").contains("Not found"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn roles_without_billing_are_refused_whether_or_not_it_exists() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 10 - 01)).await;
    for role in [Role::Developer, Role::Member] {
        let person = app.person(role).await;
        for id in [id, Uuid::nil()] {
            assert_eq!(person.get(&path(id)).await.status, StatusCode::FORBIDDEN, "{role}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn visitors_sign_in_first() {
    let app = TestApp::start().await;
    let id = insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 10 - 01)).await;
    let answer = app.visitor().get(&path(id)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/signin?next=/billing"));
    assert_eq!(app.visitor().query(&path(id)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn link_of_a_page_that_was_left_behind_tells_where_the_person_has_gone_on_to() {
    let app = TestApp::start().await;
    insert_invoice(&app, app.customer(), "INV-1", date!(2026 - 10 - 01)).await;
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Owner).await;
    let mut links = vec![];
    for (page, link) in [("/", ".home-tasks a"), ("/", ".home-invoice a"), ("/billing", ".billing-wanted a"), ("/billing", "tbody a")] {
        let html = owner.get(page).await.html();
        let link = html.select(&Selector::parse(&format!("{link}[download]")).unwrap()).next().unwrap();
        links.push(link.attr("href").unwrap().to_owned());
    }
    for link in &links {
        assert_eq!(owner.get(link).await.status, StatusCode::OK, "{link}");
    }
    let there = app.stranger_customer().to_string();
    assert_eq!(owner.call("/api/signin/switch", &[("customer_id", &there)]).await.status, StatusCode::OK);
    for link in &links {
        let answer = owner.get(link).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{link}");
        assert!(answer.text().contains("You have gone on to Stranger Ltd"), "{}", answer.text());
    }
}
