//! A PostgreSQL, a Redis, a customer with a developer, and processes of the portal.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, postgres::PgPoolOptions};
use time::OffsetDateTime;

/// The developer's session token.
const SESSION: &str = "5e55105e55105e55105e55105e55105e55105e55105e55105e55105e55105e55";

const CUSTOMER: &str = "019637bf-1605-7d8a-82b5-0f713491d6f3";

pub struct World {
    folder: PathBuf,
    postgresql_port: u16,
    redis_port: u16,
    redis: Option<Child>,
    database: PgPool,
    token: String,
}

/// One process of the portal.
pub struct Node {
    process: Child,
    pub port: u16,
    pub token: String,
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// PostgreSQL does not run as root.
fn as_postgres(program: &str) -> Command {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let newest = folders.filter(|folder| folder.join("initdb").exists()).max();
    let path = newest.map_or_else(|| PathBuf::from(program), |folder| folder.join(program));
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn succeed(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// Waits until at least a minute of the month is left, because calls are counted by the month.
#[expect(clippy::disallowed_methods, reason = "the processes go by the machine's clock")]
async fn wait_for_a_month_with_a_minute() {
    let month = |time: SystemTime| OffsetDateTime::from(time).month();
    while month(SystemTime::now()) != month(SystemTime::now() + Duration::from_secs(60)) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl World {
    pub async fn start() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("foyer-verification-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        if is_root() {
            succeed(Command::new("chown").arg("postgres:").arg(&folder));
        }
        let data = folder.join("postgresql");
        succeed(
            as_postgres("initdb").args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N", "-D"]).arg(&data),
        );
        let postgresql_port = free_port();
        let address = format!("postgres://postgres@127.0.0.1:{postgresql_port}/postgres");
        let database = PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect_lazy(&address).unwrap();
        let mut world = Self { folder, postgresql_port, redis_port: free_port(), redis: None, database, token: String::new() };
        world.start_postgresql();
        world.start_redis().await;
        for statement in [
            "CREATE ROLE foyer_migrator LOGIN CREATEDB",
            "CREATE ROLE foyer_app LOGIN NOBYPASSRLS NOCREATEDB",
            "CREATE DATABASE foyer OWNER foyer_migrator",
        ] {
            sqlx::query(statement).execute(&world.database).await.unwrap();
        }
        let address = format!("postgres://foyer_migrator@127.0.0.1:{postgresql_port}/foyer");
        world.database = PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect_lazy(&address).unwrap();
        succeed(&mut world.foyer(&["migrate"], 0));
        let made =
            world.foyer(&["token", "create", "--name", "Back end", "--scope", "keys:verify"], 0).stdout(Stdio::piped()).output().unwrap();
        world.token = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        world.insert_people().await;
        wait_for_a_month_with_a_minute().await;
        world
    }

    async fn insert_people(&self) {
        let statements = [
            "INSERT INTO customers (customer_id, name, email, plan, created_at, updated_at)
             VALUES ($1, 'Acme', 'office@acme.example', 'free', now(), now())",
            "INSERT INTO users (user_id, email, name, created_at, updated_at) SELECT $1, 'dev@acme.example', 'Dev', now(), now()",
            "INSERT INTO memberships (customer_id, user_id, role, created_at) SELECT $1, $1, 'developer', now()",
        ];
        for statement in statements {
            sqlx::query(statement).bind(CUSTOMER.parse::<uuid::Uuid>().unwrap()).execute(&self.database).await.unwrap();
        }
        sqlx::query(
            "INSERT INTO sessions (session_id, token_hash, user_id, active_customer_id, authenticated_at, created_at, last_seen_at, expires_at, idle_seconds)
             SELECT $1, $2, $1, $1, now(), now(), now(), now() + interval '1 day', 3600",
        )
        .bind(CUSTOMER.parse::<uuid::Uuid>().unwrap())
        .bind(Sha256::digest(SESSION.as_bytes()).as_slice())
        .execute(&self.database)
        .await
        .unwrap();
    }

    fn foyer(&self, arguments: &[&str], port: u16) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_foyer"));
        let server = format!("127.0.0.1:{}/foyer", self.postgresql_port);
        command
            .args(arguments)
            .env("DATABASE_URL", format!("postgres://foyer_app@{server}"))
            .env("MIGRATION_DATABASE_URL", format!("postgres://foyer_migrator@{server}"))
            .env("REDIS_URL", format!("redis://127.0.0.1:{}/0", self.redis_port))
            .env("LISTEN", format!("127.0.0.1:{port}"))
            .env("APP_URL", format!("http://127.0.0.1:{port}"))
            .env("SECRET_KEY", "0".repeat(64))
            .env("SMTP_URL", "smtp://127.0.0.1:1")
            .env("MAIL_FROM", "Foyer <portal@example.com>")
            .env("SELLER_NAME", "Example Inc.")
            .env("SELLER_ADDRESS", "1 Main Street")
            .env("SELLER_EMAIL", "billing@example.com")
            .env("LEPTOS_OUTPUT_NAME", "foyer")
            .env("RUST_LOG", "error")
            .stdout(Stdio::null());
        command
    }

    /// Starts a process of the portal and waits until it is ready.
    pub async fn serve(&mut self) -> Node {
        let port = free_port();
        let process = self.foyer(&["serve"], port).spawn().unwrap();
        let node = Node { process, port, token: self.token.clone() };
        for _ in 0..200 {
            if node.send("GET", "/readyz", &[], "").is_some_and(|(status, _)| status == 200) {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("foyer serve is not ready after 10 s");
    }

    pub fn start_postgresql(&self) {
        let options = format!("-p {} -h 127.0.0.1 -c unix_socket_directories='' -c fsync=off", self.postgresql_port);
        let log = self.folder.join("postgresql.log");
        succeed(
            as_postgres("pg_ctl").arg("-D").arg(self.folder.join("postgresql")).arg("-l").arg(log).args(["-w", "-o", &options, "start"]),
        );
    }

    pub fn stop_postgresql(&self) {
        succeed(as_postgres("pg_ctl").arg("-D").arg(self.folder.join("postgresql")).args(["-m", "immediate", "-w", "stop"]));
    }

    pub async fn start_redis(&mut self) {
        let port = self.redis_port.to_string();
        let folder: &Path = &self.folder;
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let redis = Command::new("redis-server").args(arguments).current_dir(folder).stdout(Stdio::null()).spawn().unwrap();
        self.redis = Some(redis);
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", self.redis_port)).is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("redis-server is not ready after 5 s");
    }

    pub fn stop_redis(&mut self) {
        if let Some(mut redis) = self.redis.take() {
            redis.kill().unwrap();
            redis.wait().unwrap();
        }
    }

    fn redis(&self) -> redis::Client {
        redis::Client::open(format!("redis://127.0.0.1:{}/0", self.redis_port)).unwrap()
    }

    pub async fn empty_redis(&self) {
        let mut connection = self.redis().get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await.unwrap();
    }

    /// What the customer's counter of this month holds.
    pub async fn counted_calls(&self) -> i64 {
        let mut connection = self.redis().get_multiplexed_async_connection().await.unwrap();
        let names: Vec<String> =
            redis::cmd("KEYS").arg(format!("usage:{CUSTOMER}:api_calls:*")).query_async(&mut connection).await.unwrap();
        redis::cmd("GET").arg(&names[0]).query_async(&mut connection).await.unwrap()
    }

    /// Makes a key as the developer does: its id and the key.
    pub async fn create_key(&self, node: &Node) -> (String, String) {
        let (status, made) = node.post_form("/api/keys/create", "form[name]=CI").unwrap();
        assert_eq!(status, 200, "{made}");
        let made: Value = serde_json::from_str(&made).unwrap();
        let key = made["secret"].as_str().unwrap().to_owned();
        let id = sqlx::query_scalar("SELECT key_id FROM api_keys WHERE lookup_hash = $1")
            .bind(Sha256::digest(key.as_bytes()).as_slice())
            .fetch_one(&self.database)
            .await
            .unwrap();
        (id, key)
    }

    /// Revokes it, as the developer does.
    pub async fn revoke_key(&self, node: &Node, id: &str) {
        let (status, answer) = node.post_form("/api/keys/revoke", &format!("form[id]={id}&form[reason]=Leaked")).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    /// Disables or enables it, as the developer does.
    pub async fn switch_key(&self, node: &Node, to: &str, id: &str) {
        let (status, answer) = node.post_form(&format!("/api/keys/{to}"), &format!("id={id}")).unwrap();
        assert_eq!(status, 200, "{answer}");
    }

    pub async fn sql(&self, statement: &'static str, key: &str) {
        sqlx::query(statement).bind(key).execute(&self.database).await.unwrap();
    }

    pub async fn recorded_calls(&self, key: &str) -> i64 {
        sqlx::query_scalar("SELECT COALESCE(sum(calls), 0)::bigint FROM key_calls WHERE key_id = $1")
            .bind(key)
            .fetch_one(&self.database)
            .await
            .unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop_redis();
        let _ = as_postgres("pg_ctl").arg("-D").arg(self.folder.join("postgresql")).args(["-m", "immediate", "-w", "stop"]).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Node {
    /// What this process says about a key.
    pub async fn code(&self, key: &str) -> String {
        let (status, verdict) = self.verify(json!({ "key": key })).await;
        assert_eq!(status, 200, "{verdict}");
        verdict["code"].as_str().unwrap().to_owned()
    }

    pub async fn verify(&self, question: Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let (status, body) = self.send("POST", "/v1/keys/verify", &headers, &question.to_string()).unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    fn post_form(&self, path: &str, form: &str) -> Option<(u16, String)> {
        let cookie = format!("foyer={SESSION}");
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.send("POST", path, &headers, form)
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) {
        succeed(Command::new("kill").arg(self.process.id().to_string()));
        self.process.wait().unwrap();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
