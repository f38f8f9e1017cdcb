//! What a page costs.

use std::time::Duration;

use crate::server::testing::{Actor, TestApp};

/// What the portal waits for while it answers; the rollback that ends the transaction goes out after the answer.
async fn waited_for(app: &TestApp, person: &Actor, path: &str) -> Vec<String> {
    for _ in 0..2 {
        // The first time prepares the statements, on the one connection that there is.
        app.wire().clear();
        person.get(path).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.wire().round_trips().into_iter().take_while(|text| text != "ROLLBACK").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn page_of_keys_waits_for_three_round_trips() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(waited_for(&app, &owner, "/keys").await, ["BEGIN READ ONLY", "statement", "statement"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dashboard_waits_for_three_round_trips() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    assert_eq!(waited_for(&app, &owner, "/").await, ["BEGIN READ ONLY", "statement", "statement"]);
}
