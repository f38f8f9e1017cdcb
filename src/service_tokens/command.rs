//! `foyer token create | list | revoke`.

use clap::Subcommand;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    model::{NewToken, ServiceSecret, TokenScope, TokenState, lifetime},
    store::{self, TokenRow},
};
use crate::{
    ids::ServiceTokenId,
    server::{
        entropy::{Entropy, sha256},
        redis::{Redis, RedisAway},
    },
};

/// What to do with service tokens.
#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, this once.
    Create {
        /// What will use it, for example "Billing backend".
        #[arg(long)]
        name: String,
        /// What it may do; several times, or separated by commas.
        #[arg(long = "scope", required = true, value_delimiter = ',', value_parser = |text: &str| text.parse::<TokenScope>())]
        scopes: Vec<TokenScope>,
        /// When it stops working by itself: 90d, 12h; without it, when it is revoked.
        #[arg(long, value_parser = lifetime)]
        expires: Option<Duration>,
    },
    /// List all tokens, also those that no longer work.
    List,
    /// Revoke a token for good, and end the portal sessions that it opened.
    Revoke {
        /// As `foyer token list` shows it: svc-…
        id: ServiceTokenId,
    },
}

/// What there is to print.
pub(crate) struct Outcome {
    /// For people: standard error, so that a script gets nothing but what it asked for.
    pub(crate) note: String,
    /// What was asked for: standard output.
    pub(crate) answer: String,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Does it, as the role that owns the tables.
///
/// # Errors
/// If the input makes no sense, there is no such token, or the database does not answer.
pub(crate) async fn run(
    connection: &mut PgConnection,
    redis: &Redis,
    entropy: &Entropy,
    now: OffsetDateTime,
    command: TokenCommand,
) -> Result<Outcome, Failure> {
    match command {
        TokenCommand::Create { name, scopes, expires } => {
            let new = NewToken::parse(&name, scopes, expires.map(|lifetime| now + lifetime))?;
            let (id, secret) = (entropy.service_token_id(), ServiceSecret::of_random(&entropy.hex::<32>()));
            store::insert(connection, &id, &new, secret.recognisable(), &sha256(secret.reveal().as_bytes()), now).await?;
            tracing::info!(token = %id, name = new.name, scopes = ?new.scopes, "service token created");
            let note = format!("{id} “{}”. The token is shown this once: keep it where your back end reads its secrets.", new.name);
            Ok(Outcome { note, answer: secret.reveal().to_owned() })
        }
        TokenCommand::List => {
            let tokens = store::list(connection).await?;
            let note = if tokens.is_empty() { "No service token yet. foyer token create --help".to_owned() } else { String::new() };
            let lines: Vec<String> = tokens.into_iter().map(|token| line(&token, now)).collect();
            Ok(Outcome { note, answer: lines.join("\n") })
        }
        TokenCommand::Revoke { id } => {
            let name = store::revoke(connection, &id, now).await?.ok_or("there is no such token, or it is revoked already")?;
            tracing::info!(token = %id, name, "service token revoked");
            let note = match redis.announce_change_before_the_end().await {
                Ok(()) => format!("{id} “{name}” is refused from now on."),
                Err(RedisAway) => format!(
                    "{id} “{name}” is revoked. Redis did not answer, so nobody was told: processes of the portal refuse it within 5 s, \
                     and one that cannot reach PostgreSQL within 10 minutes. Stop such a process if that is too late."
                ),
            };
            Ok(Outcome { note, answer: String::new() })
        }
    }
}

/// A token in a line: the columns are separated by tabs.
fn line(token: &TokenRow, now: OffsetDateTime) -> String {
    let when = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_else(|| "never".to_owned());
    let state = TokenState::of(token.revoked_at, token.expires_at, now).as_str();
    [
        token.id.to_string(),
        state.to_owned(),
        token.name.clone(),
        format!("foyer_svc_{}…", token.prefix),
        token.scopes.join(","),
        format!("created {}", when(Some(token.created_at))),
        format!("expires {}", when(token.expires_at)),
        format!("used {}", when(token.last_used_at)),
    ]
    .join("\t")
}
