//! The product of `examples/demo_service` beside a process of the portal.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    CEILING,
    portal::Portal,
    service,
    world::{Node, World},
};

/// The product at an address of its own.
struct Product {
    address: SocketAddr,
    http: reqwest::Client,
}

impl Product {
    /// Asks this process of the portal.
    async fn start(node: &Node) -> Self {
        let portal = Portal::new(&format!("http://127.0.0.1:{}", node.port), node.token.clone()).unwrap();
        let routes = service::routes(portal);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await });
        Self { address, http: reqwest::Client::new() }
    }

    /// Calls with a key: the status and the body.
    async fn call(&self, method: reqwest::Method, path: &str, key: &str) -> (u16, String) {
        let call = self.http.request(method, format!("http://{}{path}", self.address)).bearer_auth(key);
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str, key: &str) -> (u16, String) {
        self.call(reqwest::Method::GET, path, key).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn product_lets_good_keys_in_counts_their_calls_and_refuses_what_was_revoked() {
    let mut world = World::start().await;
    let mut node = world.serve().await;
    let product = Product::start(&node).await;
    let (id, key) = world.create_key(&node).await;
    let (status, body) = product.get("/reports", &key).await;
    assert!(status == 200 && body.contains("Weekly active people"), "{status} {body}");
    assert_eq!(product.call(reqwest::Method::POST, "/events", &key).await.0, 200);
    assert_eq!(product.get("/kinds", &key).await.0, 200);
    assert_eq!(world.counted_calls().await, 11, "a report is one call, events are ten, and their kinds are free");

    world.revoke_key(&node, &id).await;
    let began = Instant::now();
    let (status, body) = loop {
        let (status, body) = product.get("/reports", &key).await;
        if status == 401 || began.elapsed() > CEILING {
            break (status, body);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(status == 401 && body.contains("This key was revoked."), "{status} {body}");
    let (status, body) = product.get("/reports", "sk_live_nonsense").await;
    assert!(status == 401 && body.contains("unknown_key"), "{status} {body}");
    let without = product.http.get(format!("http://{}/reports", product.address)).send().await.unwrap();
    assert_eq!(without.status().as_u16(), 401);

    node.kill();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(product.get("/reports", &key).await.0, 503, "nobody gets in unknown");
    assert_eq!(product.get("/kinds", &key).await.0, 200, "what is public anyway goes on");
}
