//! A database for each test: a copy of the migrated one, gone when the tests are over.

use std::{
    io::Write,
    process::{ChildStdin, Command, Stdio},
    str::FromStr,
    sync::LazyLock,
    thread,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;

use super::variable;
use crate::server::entropy::sha256;

/// The database of one test. A test that fails leaves it for whoever looks into the failure, until the next run.
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// Copies the migrated database.
    pub async fn create(number: u32) -> Self {
        let name = format!("foyer_test_{}_{number}", std::process::id());
        let template = template().await;
        let mut connection = PgConnection::connect_with(&server()).await.unwrap();
        run(&mut connection, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        connection.close().await.unwrap();
        Self { name }
    }

    /// Its name, which no other test has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How its owner connects to it.
    pub fn options(&self) -> PgConnectOptions {
        server().database(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the next run drops the database of this test, {}", self.name);
        } else if let Some(mut statements) = DROPPER.as_ref() {
            // Whatever does not get there waits for the next run.
            _ = statements.write_all(format!("DROP DATABASE IF EXISTS {};\n", self.name).as_bytes());
        }
    }
}

/// Takes the statements that drop what is no longer needed, and runs them when this process has ended, however it ends. Not
/// while tests run: file systems are slow to make files where some were deleted a moment ago, and each test makes three
/// hundred (with ext4 PostgreSQL took twice the time for all of a test).
static DROPPER: LazyLock<Option<ChildStdin>> = LazyLock::new(|| {
    Command::new("sh")
        .args(["-c", r#"statements=$(cat); printf '%s\n' "$statements" | psql -X -q -d "$0""#, &address()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
        .and_then(|mut child| child.stdin.take())
});

fn address() -> String {
    variable("TEST_DATABASE_URL", "postgres://foyer_migrator@127.0.0.1:54870/postgres")
}

/// The server, as the role that owns what tests make.
fn server() -> PgConnectOptions {
    PgConnectOptions::from_str(&address()).unwrap()
}

/// The migrated database that every test copies; made once for each version of the schema.
async fn template() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let made = TEMPLATE.get_or_init(|| async {
        let migrator = sqlx::migrate!();
        let checksums: Vec<u8> = migrator.iter().flat_map(|migration| migration.checksum.iter().copied()).collect();
        let name = format!("foyer_template_{}", hex::encode(&sha256(&checksums)[..6]));
        let mut connection = PgConnection::connect_with(&server()).await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(7283)").execute(&mut connection).await.unwrap();
        drop_leftovers(&mut connection).await;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if !exists {
            let unfinished = format!("{name}_unfinished");
            run(&mut connection, format!("DROP DATABASE IF EXISTS {unfinished}")).await;
            run(&mut connection, format!("CREATE DATABASE {unfinished}")).await;
            let mut fresh = PgConnection::connect_with(&server().database(&unfinished)).await.unwrap();
            migrator.run(&mut fresh).await.unwrap();
            fresh.close().await.unwrap();
            run(&mut connection, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
        }
        name
    });
    made.await.clone()
}

/// Drops the databases of test processes that are gone.
async fn drop_leftovers(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'foyer\\_test\\_%'")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    for name in names {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            run(connection, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}
