//! The command line: `foyer serve | worker | migrate | audit | seed | token | second-factor | demo`.

use std::{future::IntoFuture, net::SocketAddr, path::PathBuf, process::ExitCode, str::FromStr, time::Duration};

use axum::{ServiceExt, extract::Request};
use clap::{Parser, Subcommand};
use leptos::config::get_configuration;
use sqlx::{PgPool, postgres::PgConnectOptions, postgres::PgPoolOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{
    audit::verify::{self, KeptHeads},
    clock::Clock,
    config::{Config, Purpose},
    database::Database,
    entropy::Entropy,
    mailer::Mailer,
    redis::Redis,
    router, seed,
    state::AppState,
    telemetry, worker,
};
use crate::{
    ids::CustomerId,
    second_factor::{self, SecondFactorCommand},
    service_tokens::{self, TokenCommand},
};

/// A self-service customer portal for B2B SaaS.
#[derive(Parser)]
#[command(name = "foyer", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal and do the background work.
    Serve {
        /// Leave the background work to `foyer worker`.
        #[arg(long)]
        without_worker: bool,
    },
    /// Do the background work only: mails and schedules.
    Worker,
    /// Bring the database to this version's schema.
    Migrate,
    /// Check that every customer's trail is as it was written.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Fill an empty database with demo data.
    Seed,
    /// Make, list and revoke the tokens that your own back end signs in to /v1 with.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Help people who have lost their second factor.
    SecondFactor {
        #[command(subcommand)]
        command: SecondFactorCommand,
    },
    /// Migrate, seed and serve with demo data; mails stay in /dev/mail.
    Demo,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Follow the chain of each customer; name the first broken row of each and end with a failure if there is one.
    Verify {
        /// Only this customer.
        #[arg(long)]
        customer: Option<CustomerId>,
        /// A file of heads that `foyer audit heads` printed earlier and that was kept elsewhere.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
    /// Print where each chain ends (customer, number, hash), to be kept outside of the database.
    Heads,
}

/// How long requests that are under way at a stop may take to finish.
const DRAIN: Duration = Duration::from_secs(20);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line.
///
/// Not an async function, and never inlined: whoever polls a future compiles all of it, and `main` would compile the
/// whole portal a second time.
#[inline(never)]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("foyer: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(execute(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("foyer: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn execute(command: Command) -> Result<(), Failure> {
    let purpose = match command {
        Command::Demo | Command::Seed | Command::Migrate | Command::Audit(_) | Command::Token { .. } | Command::SecondFactor { .. } => {
            Purpose::Demonstration
        }
        Command::Serve { .. } | Command::Worker => Purpose::Production,
    };
    let config = Config::read(purpose, environment)?;
    telemetry::start(config.log_json);
    match command {
        Command::Serve { without_worker } => serve(state(config)?, !without_worker, || {}).await,
        Command::Worker => work(state(config)?).await,
        Command::Migrate => migrate(&config).await.map(drop),
        Command::Audit(command) => audit(&config, command).await,
        Command::Seed => fill(config).await,
        Command::Token { command } => token(&config, command).await,
        Command::SecondFactor { command } => second_factor(&config, command).await,
        Command::Demo => demo(config).await,
    }
}

fn state(config: Config) -> Result<AppState, Failure> {
    let database = Database::connect(&config.database_url, config.database_connections)?;
    let redis = Redis::connect(&config.redis_url, &config.redis_prefix)?;
    let mailer = Mailer::new(&config.mail, &database)?;
    let mut leptos = get_configuration(None)?.leptos_options;
    leptos.site_addr = config.listen;
    Ok(AppState::new(config, database, redis, Clock::system(), Entropy::system(), mailer, leptos))
}

async fn migrate(config: &Config) -> Result<PgPool, Failure> {
    let pool = owner(config).await?;
    sqlx::migrate!().run(&pool).await?;
    Ok(pool)
}

/// Service tokens are made by the role that owns the tables: the portal itself can only verify them.
async fn token(config: &Config, command: TokenCommand) -> Result<(), Failure> {
    let (pool, redis) = (owner(config).await?, Redis::connect(&config.redis_url, &config.redis_prefix)?);
    let outcome = service_tokens::run(&mut *pool.acquire().await?, &redis, &Entropy::system(), Clock::system().now(), command).await?;
    if !outcome.note.is_empty() {
        eprintln!("{}", outcome.note);
    }
    if !outcome.answer.is_empty() {
        println!("{}", outcome.answer);
    }
    Ok(())
}

async fn second_factor(config: &Config, command: SecondFactorCommand) -> Result<(), Failure> {
    let mut transaction = owner(config).await?.begin().await?;
    let said = second_factor::run(&mut transaction, config, &Entropy::system(), Clock::system().now(), command).await?;
    transaction.commit().await?;
    println!("{said}");
    Ok(())
}

async fn audit(config: &Config, command: AuditCommand) -> Result<(), Failure> {
    let pool = owner(config).await?;
    let output = &mut std::io::stdout();
    match command {
        AuditCommand::Heads => verify::list_heads(&pool, output).await?,
        AuditCommand::Verify { customer, heads } => {
            let kept = match heads {
                Some(path) => KeptHeads::parse(&std::fs::read_to_string(path)?)?,
                None => KeptHeads::default(),
            };
            verify::verify(&pool, customer, &kept, output).await?;
        }
    }
    Ok(())
}

/// The database as the role that owns the tables.
async fn owner(config: &Config) -> Result<PgPool, Failure> {
    let Some(url) = &config.migration_database_url else {
        return Err("MIGRATION_DATABASE_URL is not set: the address of the database as the role that owns the tables".into());
    };
    let options = PgConnectOptions::from_str(url.reveal())?.application_name("foyer migrate");
    Ok(PgPoolOptions::new().max_connections(2).connect_with(options).await?)
}

async fn fill(config: Config) -> Result<(), Failure> {
    seed::check_address(&config)?;
    let pool = migrate(&config).await?;
    let redis = Redis::connect(&config.redis_url, &config.redis_prefix)?;
    seed::run(&pool, &redis, &config.key_brand, Clock::system().now()).await?;
    Ok(())
}

async fn demo(config: Config) -> Result<(), Failure> {
    println!("Preparing the demo data …");
    fill(config.clone()).await?;
    let address = config.app_url.clone();
    serve(state(config)?, true, move || {
        println!("\nThe portal is ready at {address}\n\nSign in with password {}:", seed::PASSWORD);
        for (email, what) in seed::PEOPLE {
            println!("  {email:<26} {what}");
        }
        println!("\nMails arrive at {address}dev/mail. Ctrl-C stops the portal; its data is kept.");
    })
    .await
}

async fn serve(state: AppState, with_worker: bool, ready: impl FnOnce()) -> Result<(), Failure> {
    let stop = stop_on_signal()?;
    let listener = tokio::net::TcpListener::bind(state.config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}. Set PORT to a free port.", state.config.listen))?;
    let background = with_worker.then(|| tokio::spawn(worker::run(state.clone(), stop.clone())));
    tracing::info!(address = %state.config.listen, "serving");
    ready();
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(router::portal(&state));
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        served = server.into_future() => served?,
        // A connection that is kept open without a request does not hold up the stop.
        () = async { stop.cancelled().await; tokio::time::sleep(DRAIN).await } => {}
    }
    if let Some(background) = background {
        background.await?;
    }
    state.background.finish().await;
    state.disconnect().await;
    tracing::info!("stopped");
    Ok(())
}

async fn work(state: AppState) -> Result<(), Failure> {
    worker::run(state.clone(), stop_on_signal()?).await;
    state.disconnect().await;
    Ok(())
}

/// Cancelled by SIGTERM or Ctrl-C; requests and jobs that are under way finish first.
fn stop_on_signal() -> Result<CancellationToken, Failure> {
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stopping.cancel();
    });
    Ok(stop)
}
