//! What stands in the tab of the browser.

use axum::http::StatusCode;

use crate::server::testing::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_about_something_unknown_has_a_title() {
    const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";
    let app = TestApp::start().await;
    let (owner, mia) = (app.owner().await, app.staff().await);
    for (viewer, under, title) in [
        (&owner, "/keys", "API key · Foyer"),
        (&owner, "/team", "Team member · Foyer"),
        (&owner, "/support", "Ticket · Foyer"),
        (&mia, "/staff/tickets", "Ticket · Foyer"),
    ] {
        let page = viewer.get(&format!("{under}/{UNKNOWN}")).await;
        assert_eq!((page.status, page.texts("title")), (StatusCode::NOT_FOUND, vec![title.to_owned()]), "{under}");
    }
    let page = owner.get(&format!("/team/{}", owner.user_id.unwrap())).await;
    assert_eq!(page.texts("title"), ["Owner of Acme · Foyer"], "what is known has its own");
}
