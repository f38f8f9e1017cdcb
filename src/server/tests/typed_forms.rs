//! What was typed into a form without JavaScript comes back with errors that are none of a field.

use leptos::server_fn::error::ServerFnUrlError;
use scraper::Selector;

use crate::{
    access::Role,
    error::AppError,
    server::testing::{Actor, Answer, TestApp},
    typed::Returned,
};

/// The values of what a CSS selector finds.
fn values(page: &Answer, selector: &str) -> Vec<String> {
    let found = Selector::parse(selector).unwrap();
    page.html().select(&found).map(|field| field.attr("value").unwrap_or_default().to_owned()).collect()
}

/// The error in the address to which an answer leads.
fn in_address(answer: &Answer) -> String {
    let address: url::Url = answer.location().parse().unwrap();
    address.query_pairs().find(|(name, _)| name == "__err").unwrap().1.into_owned()
}

/// An owner of Acme who is one at Stranger Ltd, too, and has gone on to it while pages of Acme are open. With the end of the
/// addresses to which those post.
async fn gone_on(app: &TestApp) -> (Actor, String) {
    let owner = app.owner().await;
    app.insert_membership(app.stranger_customer(), owner.user_id.unwrap(), Role::Owner).await;
    owner.call("/api/signin/switch", &[("customer_id", &app.stranger_customer().to_string())]).await;
    (owner, format!("?company={}", app.customer()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_finds_the_team_full_types_no_address_anew() {
    let app = TestApp::start().await;
    let stranger = app.stranger().await;
    for email in ["a@new.example", "b@new.example"] {
        stranger.call("/api/team/invite", &[("form[email]", email), ("form[role]", "member")]).await;
    }
    let form = [("form[email]", "Carla@New.Example"), ("form[role]", "developer")];
    let page = stranger.follow(&stranger.submit("/api/team/invite", &form, "/team").await).await;
    assert!(page.text().contains("All 3 seats of the Free plan are taken"));
    assert_eq!(values(&page, "input[name='form[email]']"), ["Carla@New.Example"]);
    assert_eq!(values(&page, ".team-roles input[checked]"), ["developer"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ticket_of_a_page_that_was_left_behind_is_not_lost() {
    let app = TestApp::start().await;
    let (owner, company) = gone_on(&app).await;
    for message in ["Short.".to_owned(), "Größe ändern: é. ".repeat(300)] {
        let form = [("form[subject]", "Sizes"), ("form[message]", message.as_str())];
        let refused = owner.submit(&format!("/api/support/create{company}"), &form, "/support/new").await;
        assert!(refused.location().len() < 3_500, "{}", refused.location());
        let page = owner.follow(&refused).await;
        assert!(page.text().contains("You have gone on to Stranger Ltd"));
        assert_eq!(values(&page, "input[name='form[subject]']"), ["Sizes"]);
        let area = Selector::parse("textarea[name='form[message]']").unwrap();
        assert_eq!(page.html().select(&area).next().unwrap().text().collect::<String>(), message);
        // The browser side draws the same, from the address or from the head of the page.
        let head = Selector::parse("head meta[name=form-error]").unwrap();
        let head = page.html().select(&head).next().map(|meta| meta.attr("content").unwrap().to_owned());
        let Returned(error, typed) = ServerFnUrlError::decode_err(&head.unwrap_or_else(|| in_address(&refused)));
        assert!(matches!(error, AppError::Conflict(_)));
        assert_eq!(typed.value("message"), Some(message.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn details_of_one_company_are_not_offered_to_another() {
    let app = TestApp::start().await;
    let (owner, company) = gone_on(&app).await;
    let form = [("form[name]", "Acme Labs"), ("form[email]", "office@acme.example")];
    let page = owner.follow(&owner.submit(&format!("/api/account/update{company}"), &form, "/account").await).await;
    assert!(page.text().contains("You have gone on to Stranger Ltd"));
    assert_eq!(values(&page, "input[name='form[name]']"), ["Stranger Ltd"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_has_to_wait_types_the_address_only_once_and_no_page_holds_the_password() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let form = [("form[email]", "Olivia@Acme.Example"), ("form[password]", "not the password"), ("form[next]", "/keys")];
    let mut answer = visitor.submit("/api/signin/in", &form, "/signin").await;
    for _ in 0..20 {
        answer = visitor.submit("/api/signin/in", &form, "/signin").await;
    }
    let page = visitor.follow(&answer).await;
    assert!(page.text().contains("Too many attempts."), "{}", page.text());
    assert_eq!(values(&page, "input[name='form[email]']"), ["Olivia@Acme.Example"]);
    assert_eq!(values(&page, "input[name='form[password]']"), [""]);
    let Returned(_, typed) = ServerFnUrlError::decode_err(&in_address(&answer));
    assert_eq!((typed.value("email"), typed.value("password"), typed.value("next")), (Some("Olivia@Acme.Example"), None, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn text_that_another_browser_typed_is_not_shown() {
    let app = TestApp::start().await;
    let (owner, company) = gone_on(&app).await;
    let form = [("form[subject]", "Sizes"), ("form[message]", "Read this out.")];
    let refused = owner.submit(&format!("/api/support/create{company}"), &form, "/support/new").await;
    let admin = app.admin().await;
    assert_eq!(admin.follow(&refused).await.location(), "/support/new");
    let own = admin.submit(&format!("/api/support/create?company={}", app.stranger_customer()), &form, "/support/new").await;
    assert!(admin.follow(&own).await.text().contains("Read this out."), "their own is");
    assert_eq!(admin.follow(&refused).await.location(), "/support/new", "with a mark of their own neither");
}
