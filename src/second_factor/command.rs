//! `foyer second-factor reset`: for people who have lost their app and all recovery codes.

use clap::Subcommand;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{events, store};
use crate::{
    server::{
        audit::{self, Actor, ActorKind},
        config::Config,
        entropy::Entropy,
        outbox, session,
    },
    signin::list_customers,
};

/// What to do with second factors.
#[derive(Subcommand)]
pub(crate) enum SecondFactorCommand {
    /// Take the second factor of a person away, after making sure by another way that it is them who ask.
    Reset {
        /// The address they sign in with.
        email: String,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Does it, as the role that owns the tables, and gives the sentence to print. All sessions of the person end, they are told
/// by mail, and it stands in the trail of every customer they work for. The caller commits.
///
/// # Errors
/// If nobody has the address, they have no second factor, or the database does not answer.
pub(crate) async fn run(
    connection: &mut PgConnection,
    config: &Config,
    entropy: &Entropy,
    now: OffsetDateTime,
    command: SecondFactorCommand,
) -> Result<String, Failure> {
    let SecondFactorCommand::Reset { email } = command;
    let (user_id, name, email) = store::find_by_email(connection, &email.trim().to_lowercase()).await?.ok_or("nobody has this address")?;
    if !store::delete(connection, user_id).await? {
        return Err(format!("{email} has no second factor").into());
    }
    session::end_all(connection, user_id).await?;
    let event = events::reset(config, &name, &email);
    let actor = Actor { kind: ActorKind::System, user_id: None, name: "Operator".to_owned(), ip: String::new(), session_id: None };
    for customer in list_customers(connection, user_id).await? {
        audit::insert(connection, entropy.uuid(now), customer, &actor, &event, now).await?;
    }
    for notification in &event.notifications {
        outbox::insert(connection, None, notification, now, entropy.uuid(now)).await?;
    }
    Ok(format!("{email} has no second factor any more. All their sessions were ended, and they are told by e-mail."))
}
