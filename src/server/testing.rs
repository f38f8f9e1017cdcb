//! Tests speak for a person: a portal of their own over real PostgreSQL and Redis, and people who use it.

mod database;
mod redis_wire;
mod waiting;
mod wire;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use scraper::{Html, Selector};
use sqlx::{
    PgPool,
    postgres::{PgPoolOptions, PgSslMode},
};
use time::{Duration, OffsetDateTime, macros::datetime};
use tokio::{net::TcpListener, sync::OnceCell};
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;
use uuid::Uuid;

pub use redis_wire::RedisWire;
pub use waiting::until;
pub use wire::Wire;

use database::TestDatabase;

use super::{
    clock::Clock,
    config::{Config, Purpose, SecretText},
    database::Database,
    entropy::{Entropy, sha256},
    mailer::{Mail, Mailer},
    redaction::redact,
    redis::Redis,
    router,
    state::AppState,
    worker,
};
use crate::{
    access::Role,
    ids::{CustomerId, ServiceTokenId, UserId},
    plan::Plan,
    service_tokens::{self, TokenCommand},
    signin::password,
};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A portal with a database of its own.
pub struct TestApp {
    state: AppState,
    portal: NormalizePath<Router>,
    migrator: PgPool,
    clock: Arc<Mutex<OffsetDateTime>>,
    mails: Arc<Mutex<Vec<Mail>>>,
    customer: CustomerId,
    stranger: CustomerId,
    wire: Wire,
    /// Dropped with the portal.
    _database: TestDatabase,
}

/// Somebody who uses the portal, signed in or not.
#[derive(Clone)]
pub struct Actor {
    portal: NormalizePath<Router>,
    cookies: Arc<Mutex<Vec<(String, String)>>>,
    /// The person; a visitor has none.
    pub user_id: Option<UserId>,
    /// Their address.
    pub email: String,
    peer: Option<SocketAddr>,
}

/// What the portal answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

#[expect(clippy::disallowed_methods, reason = "tests are told where their stores are")]
fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn redis_address() -> String {
    variable("TEST_REDIS_URL", "redis://127.0.0.1:63870/1")
}

impl TestApp {
    /// Starts a portal with two customers: Acme (pro), with a person of each role, and Stranger Ltd (free).
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a portal whose configuration the test has changed.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let database = TestDatabase::create(number).await;
        let options = database.options().options([("synchronous_commit", "off")]);
        let migrator = PgPoolOptions::new().max_connections(4).connect_lazy_with(options.clone());
        let (wire, port) = Wire::listen(options.get_port()).await;
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .acquire_timeout(std::time::Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_lazy_with(options.username("foyer_app").port(port).ssl_mode(PgSslMode::Disable));
        let clock = Arc::new(Mutex::new(datetime!(2026-11-23 09:00 UTC)));
        let mails = Arc::new(Mutex::new(vec![]));
        let redis_url = redis_address();
        let mut config = Config::read(Purpose::Demonstration, |variable| match variable {
            "DATABASE_URL" => Some("postgres://unused/unused".to_owned()),
            "REDIS_URL" => Some(redis_url.clone()),
            "APP_URL" => Some("http://127.0.0.1:3000".to_owned()),
            _ => None,
        })
        .unwrap();
        config.redis_prefix = format!("{}:", database.name());
        change(&mut config);
        let redis = Redis::connect(&SecretText::new(config.redis_url.reveal()), &config.redis_prefix).unwrap();
        let leptos = LeptosOptions::builder().output_name("foyer").site_root("target/site").build();
        let state = AppState::new(
            config,
            Database::from_pool(pool),
            redis,
            Clock::manual(clock.clone()),
            Entropy::seeded(u64::from(number)),
            Mailer::Memory(mails.clone()),
            leptos,
        );
        let (portal, nobody) = (router::portal(&state), CustomerId::from(Uuid::nil()));
        let mut app = Self { portal, state, migrator, clock, mails, customer: nobody, stranger: nobody, wire, _database: database };
        app.customer = app.insert_customer("Acme", Plan::Pro).await;
        app.stranger = app.insert_customer("Stranger Ltd", Plan::Free).await;
        for role in Role::ALL {
            let person = app.insert_person(&format!("{}@acme.example", role.as_str()), &format!("{} of Acme", role.label())).await;
            app.insert_membership(app.customer, person, role).await;
        }
        let stranger = app.insert_person("owner@stranger.example", "Stranger").await;
        app.insert_membership(app.stranger, stranger, Role::Owner).await;
        let mia = app.insert_person("mia@foyer.example", "Mia").await;
        sqlx::query("UPDATE users SET is_staff = true WHERE user_id = $1").bind(mia).execute(&app.migrator).await.unwrap();
        app
    }

    /// The same portal with a pool of so many connections.
    pub fn with_connections(mut self, connections: u32) -> Self {
        self.state.database = self.state.database.with_connections(connections);
        self.portal = router::portal(&self.state);
        self
    }

    /// Serves the portal on a socket, as in real use, and gives its address.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = axum::ServiceExt::<Request<Body>>::into_make_service_with_connect_info::<SocketAddr>(self.portal.clone());
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    }

    /// The process's shared parts.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The database as the role that owns it, for builders.
    pub fn db(&self) -> &PgPool {
        &self.migrator
    }

    /// What the portal asked PostgreSQL; the test's own builders are not heard.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Acme.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Stranger Ltd.
    pub fn stranger_customer(&self) -> CustomerId {
        self.stranger
    }

    /// The time in this portal.
    pub fn now(&self) -> OffsetDateTime {
        *self.clock.lock().unwrap()
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        *self.clock.lock().unwrap() += duration;
    }

    /// Stores a customer with a subscription to its plan.
    pub async fn insert_customer(&self, name: &str, plan: Plan) -> CustomerId {
        let now = self.now();
        let id = CustomerId::from(self.state.entropy.uuid(now));
        sqlx::query("INSERT INTO customers (customer_id, name, email, plan, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)")
            .bind(id)
            .bind(name)
            .bind(format!("office@{}.example", name.split(' ').next().unwrap().to_lowercase()))
            .bind(plan.as_str())
            .bind(now)
            .execute(&self.migrator)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO subscriptions (subscription_id, customer_id, plan, status, amount, currency, payment_method, started_on, next_billing_on, created_at)
             VALUES ($1, $2, $3, 'active', $4, 'USD', 'Visa ending 4242', '2026-01-01', '2026-12-01', $5)",
        )
        .bind(self.state.entropy.uuid(now))
        .bind(id)
        .bind(plan.as_str())
        .bind(plan.price().minor)
        .bind(now)
        .execute(&self.migrator)
        .await
        .unwrap();
        id
    }

    /// Stores a person, with [`PASSWORD`].
    pub async fn insert_person(&self, email: &str, name: &str) -> UserId {
        static HASH: OnceCell<String> = OnceCell::const_new();
        let hash = HASH.get_or_init(|| async { password::hash_with(PASSWORD, &[1; 16]).unwrap() }).await;
        let id = UserId::from(self.state.entropy.uuid(self.now()));
        sqlx::query("INSERT INTO users (user_id, email, name, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)")
            .bind(id)
            .bind(email)
            .bind(name)
            .bind(hash)
            .bind(self.now())
            .execute(&self.migrator)
            .await
            .unwrap();
        id
    }

    /// Makes a person a member of a customer.
    pub async fn insert_membership(&self, customer: CustomerId, user: UserId, role: Role) {
        sqlx::query("INSERT INTO memberships (customer_id, user_id, role, last_active_at, created_at) VALUES ($1, $2, $3, $4, $4)")
            .bind(customer)
            .bind(user)
            .bind(role.as_str())
            .bind(self.now())
            .execute(&self.migrator)
            .await
            .unwrap();
    }

    /// Takes somebody out of the first customer, behind the back of the portal.
    pub async fn delete_membership(&self, user: UserId) {
        sqlx::query("DELETE FROM memberships WHERE customer_id = $1 AND user_id = $2")
            .bind(self.customer())
            .bind(user)
            .execute(&self.migrator)
            .await
            .unwrap();
    }

    /// Makes a service token with these scopes, as `foyer token create` does: its id and the token.
    pub async fn service_token(&self, scopes: &[&str]) -> (ServiceTokenId, String) {
        let scopes = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        let command = TokenCommand::Create { name: "Billing backend".to_owned(), scopes, expires: None };
        let mut connection = self.migrator.acquire().await.unwrap();
        let token = service_tokens::run(&mut connection, &self.state.redis, &self.state.entropy, self.now(), command).await.unwrap().answer;
        let id = sqlx::query_scalar("SELECT service_token_id FROM service_tokens WHERE token_hash = $1")
            .bind(sha256(token.as_bytes()).as_slice())
            .fetch_one(&self.migrator)
            .await
            .unwrap();
        (id, token)
    }

    /// Revokes a service token, as `foyer token revoke` does.
    pub async fn revoke_service_token(&self, id: ServiceTokenId) {
        let mut connection = self.migrator.acquire().await.unwrap();
        let command = TokenCommand::Revoke { id };
        service_tokens::run(&mut connection, &self.state.redis, &self.state.entropy, self.now(), command).await.unwrap();
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Actor {
        Actor { portal: self.portal.clone(), cookies: Arc::default(), user_id: None, email: String::new(), peer: None }
    }

    /// The person with this address, signed in at a customer.
    pub async fn sign_in(&self, email: &str, customer: Option<CustomerId>) -> Actor {
        let user: UserId =
            sqlx::query_scalar("SELECT user_id FROM users WHERE email = $1").bind(email).fetch_one(&self.migrator).await.unwrap();
        let now = self.now();
        let token = self.state.entropy.hex::<32>();
        sqlx::query(
            "INSERT INTO sessions (session_id, token_hash, user_id, active_customer_id, authenticated_at, created_at, last_seen_at, expires_at, idle_seconds)
             VALUES ($1, $2, $3, $4, $5, $5, $5, $6, 3600)",
        )
        .bind(self.state.entropy.uuid(now))
        .bind(sha256(token.as_bytes()).as_slice())
        .bind(user)
        .bind(customer)
        .bind(now)
        .bind(now + Duration::days(1))
        .execute(&self.migrator)
        .await
        .unwrap();
        let cookies = Arc::new(Mutex::new(vec![("foyer".to_owned(), token)]));
        Actor { portal: self.portal.clone(), cookies, user_id: Some(user), email: email.to_owned(), peer: None }
    }

    /// Acme's person with this role.
    pub async fn person(&self, role: Role) -> Actor {
        self.sign_in(&format!("{}@acme.example", role.as_str()), Some(self.customer)).await
    }

    /// Acme's owner.
    pub async fn owner(&self) -> Actor {
        self.person(Role::Owner).await
    }

    /// Acme's admin.
    pub async fn admin(&self) -> Actor {
        self.person(Role::Admin).await
    }

    /// Acme's person for billing.
    pub async fn billing(&self) -> Actor {
        self.person(Role::Billing).await
    }

    /// Acme's developer.
    pub async fn developer(&self) -> Actor {
        self.person(Role::Developer).await
    }

    /// Acme's member without further rights.
    pub async fn member(&self) -> Actor {
        self.person(Role::Member).await
    }

    /// The owner of another customer.
    pub async fn stranger(&self) -> Actor {
        self.sign_in("owner@stranger.example", Some(self.stranger)).await
    }

    /// Mia of the staff.
    pub async fn staff(&self) -> Actor {
        self.sign_in("mia@foyer.example", None).await
    }

    /// Does all background work that is due.
    pub async fn run_worker(&self) {
        worker::run_once(&self.state).await.unwrap();
    }

    /// The mails that were sent so far.
    pub fn sent_mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// What happened at a customer, in order. Whoever asks also makes sure that the trail holds no secret.
    pub async fn audit_kinds(&self, customer: CustomerId) -> Vec<String> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT kind, concat_ws(' ', actor_name, subject, details, ip) FROM audit_events WHERE customer_id = $1 ORDER BY chain_number",
        )
        .bind(customer)
        .fetch_all(&self.migrator)
        .await
        .unwrap();
        for (kind, text) in &rows {
            assert_eq!(redact(text), *text, "{kind} holds what looks like a secret");
        }
        rows.into_iter().map(|(kind, _)| kind).collect()
    }
}

impl Actor {
    /// The same person at another network address.
    pub fn at(mut self, address: &str) -> Self {
        self.peer = Some(SocketAddr::new(address.parse().unwrap(), 40_000));
        self
    }

    /// Another browser with the same cookies: whoever stole them.
    pub fn copy(&self) -> Self {
        let cookies = self.cookies.lock().unwrap().clone();
        Self { cookies: Arc::new(Mutex::new(cookies)), ..self.clone() }
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[("accept", "text/html")]).await
    }

    /// Calls a reading server function as a hydrated page does.
    pub async fn query(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[("accept", "application/json")]).await
    }

    /// Calls a server function as a hydrated page does.
    pub async fn call(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(path, form, &[("accept", "application/json"), ("sec-fetch-site", "same-origin")]).await
    }

    /// Posts a form as a browser without JavaScript does, from a page.
    pub async fn submit(&self, path: &str, form: &[(&str, &str)], from: &str) -> Answer {
        let referer = format!("http://127.0.0.1:3000{from}");
        self.post_with(path, form, &[("accept", "text/html"), ("sec-fetch-site", "same-origin"), ("referer", &referer)]).await
    }

    /// Posts a form with headers of one's own.
    pub async fn post_with(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, path, Some(body), headers).await
    }

    /// Calls `/v1` as the SaaS's own back end does.
    pub async fn post_json(&self, path: &str, token: &str, body: impl Into<String>) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.send(Method::POST, path, Some(body.into()), &headers).await
    }

    /// The address to which a form of a page is sent.
    pub async fn action(&self, page: &str, endpoint: &str) -> String {
        let answer = self.get(page).await;
        let text = answer.text();
        let from = text.find(&format!("action=\"{endpoint}"));
        let from = from.unwrap_or_else(|| panic!("{page} has no form for {endpoint}, but says {}: {text}", answer.status));
        let rest = text.get(from + "action=\"".len()..).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().replace("&amp;", "&")
    }

    /// Goes where an answer leads.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        let location = answer.location();
        self.get(location.strip_prefix("http://127.0.0.1:3000").unwrap_or(location)).await
    }

    /// Sends a request with this person's cookies, and keeps the cookies of the answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<String> = self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let mut request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let response = self.portal.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The value of one of this browser's cookies.
    pub fn cookie(&self, name: &str) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().find(|(kept, _)| kept == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Gives this browser a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.keep(&format!("{name}={value}"));
    }

    /// Posts to a download and leaves its body unread.
    pub async fn open(&self, path: &str) -> axum::response::Response {
        let cookies: Vec<String> = self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::post(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies.join("; "));
        self.portal.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().map(Body::new)
    }

    fn keep(&self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        cookies.retain(|(kept, _)| kept != name);
        if !cookie.contains("Max-Age=0") {
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The page.
    pub fn html(&self) -> Html {
        Html::parse_document(&self.text())
    }

    /// The texts of all elements that the CSS selector finds, with white space joined.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        self.html().select(&selector).map(text).collect()
    }

    /// Where the answer leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |location| location.to_str().unwrap())
    }
}
