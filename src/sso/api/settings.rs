//! The connection of a customer to its provider, and whether there is any other way in.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use crate::{
    access::Permission,
    ids::{CustomerId, UserId},
    server::{
        caller::Caller,
        forms,
        rate_limit::{self, Limited},
        tx::TenantTx,
    },
    sso::{
        events::{self, After, Change},
        model::{CALLBACK_PATH, ClientSecret, Connection, DomainRow, Enforcement, NewConnection, RECORD_LABEL, RECORD_VALUE},
        provider::{self, Outbound},
        store::{self, ConnectionRow, ConnectionUpdate, DomainStored, OwnerRow},
    },
    ui::Done,
    when::When,
};
use crate::{
    error::AppError,
    sso::model::{ConnectionForm, EnforceForm, Settings},
};
#[cfg(feature = "ssr")]
use time::OffsetDateTime;

/// The page.
#[cfg(feature = "ssr")]
pub(super) const PAGE: &str = "/team/sso";

/// Everything that the settings page shows; never the client's secret.
#[server(prefix = "/api", endpoint = "sso/find", input = GetUrl)]
pub async fn find_sso() -> Result<Settings, AppError> {
    let caller = Caller::require(Permission::ManageSso).await?;
    let (customer, now) = (caller.customer_id(), caller.now());
    let mut read = caller.read().await?;
    let connection = store::find_connection(&mut read, customer).await?;
    let domains = store::list_domains(&mut read, customer).await?;
    let owners = store::owners(&mut read, customer).await?;
    let outside = store::count_outside(&mut read, customer).await?;
    Ok(Settings {
        enforcement: enforcement(&caller, connection.as_ref(), &domains, owners, outside),
        connection: connection.map(|row| Connection {
            issuer: row.issuer,
            client_id: row.client_id,
            role: row.role,
            read: When::new(row.discovered_at, now),
        }),
        callback_url: caller.state().config.link(CALLBACK_PATH),
        domains: domains.into_iter().map(|domain| shown(domain, now)).collect(),
    })
}

#[cfg(feature = "ssr")]
fn shown(domain: DomainStored, now: OffsetDateTime) -> DomainRow {
    DomainRow {
        record_name: format!("{RECORD_LABEL}.{}", domain.domain),
        record_value: format!("{RECORD_VALUE}{}", domain.token),
        domain: domain.domain,
        verified: domain.verified_at.map(|at| When::new(at, now)),
        checked: domain.checked_at.map(|at| When::new(at, now)),
        missing: domain.missing_since.map(|at| When::new(at, now)),
    }
}

#[cfg(feature = "ssr")]
fn enforcement(
    caller: &Caller,
    connection: Option<&ConnectionRow>,
    domains: &[DomainStored],
    owners: Vec<OwnerRow>,
    outside: i64,
) -> Enforcement {
    let named = |user: UserId| owners.iter().find(|owner| owner.user_id == user).map(|owner| owner.name.clone());
    let Some(connection) = connection else {
        return Enforcement::NotYet("Connect your provider first.".to_owned());
    };
    if let (Some(since), Some(break_glass)) = (connection.enforced_at, connection.break_glass) {
        return Enforcement::On { since: When::new(since, caller.now()), break_glass: named(break_glass).unwrap_or_default() };
    }
    if !domains.iter().any(|domain| domain.verified_at.is_some()) {
        return Enforcement::NotYet("Verify a domain first.".to_owned());
    }
    if !caller.by_sso() {
        return Enforcement::NotYet(
            "Sign out and sign in with single sign-on yourself, then come back: this shows that it works before it becomes the only way in.".to_owned(),
        );
    }
    let owners: Vec<(String, String)> =
        owners.into_iter().filter(|owner| owner.has_password).map(|owner| (owner.user_id.to_string(), owner.name)).collect();
    if owners.is_empty() {
        return Enforcement::NotYet(
            "One owner needs a password, to get in when the provider does not work. “Forgot your password?” on the sign-in page sets one."
                .to_owned(),
        );
    }
    Enforcement::Off { owners, outside }
}

/// Stores the connection, after the provider has been asked for its settings.
///
/// # Errors
/// `Invalid` beside the field that is wrong, with what the provider answered.
#[server(prefix = "/api", endpoint = "sso/connect")]
pub async fn connect_sso(#[server(default)] form: ConnectionForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let before = store::find_connection(&mut *caller.read().await?, caller.customer_id()).await?;
    let new = NewConnection::parse(&form, before.is_some())?;
    let_go_of_connection(&caller).await?;
    let document = ask(&caller, &new.issuer).await.map_err(|problem| beside_issuer(&form, problem))?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let before = store::find_connection(&mut tx, caller.customer_id()).await?;
    let client_secret = match (&new.client_secret, &before) {
        (Some(secret), _) => seal(&caller, secret),
        (None, Some(before)) => before.client_secret.clone(),
        (None, None) => return Err(AppError::invalid("client_secret", "Enter the client secret.")),
    };
    let update = ConnectionUpdate {
        customer: caller.customer_id(),
        issuer: &new.issuer,
        client_id: &new.client_id,
        client_secret: &client_secret,
        role: new.role,
        discovery: &document,
        now: caller.now(),
    };
    store::save_connection(&mut tx, update).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let after = After { issuer: &new.issuer, client_id: &new.client_id, role: new.role, new_secret: new.client_secret.is_some() };
    let event = events::connected(before.as_ref(), &after, &change(&caller, &owners));
    tx.commit(event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoConnected));
    Ok(())
}

/// Asks the provider for its settings again.
///
/// # Errors
/// `Conflict`, with what is wrong, in words.
#[server(prefix = "/api", endpoint = "sso/test")]
pub async fn test_sso() -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageSso).await?;
    let row = store::find_connection(&mut *caller.read().await?, caller.customer_id()).await?.ok_or_else(not_connected)?;
    let_go_of_connection(&caller).await?;
    let document = ask(&caller, &row.issuer).await.map_err(AppError::Conflict)?;
    let mut tx = caller.begin().await?;
    store::update_discovery(&mut tx, caller.customer_id(), &row.issuer, &document, caller.now()).await?;
    tx.commit_quiet("what the provider says about itself is no change of ours").await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoTested));
    Ok(())
}

/// Forgets the provider, and signs out everybody who came by it.
///
/// # Errors
/// `Conflict` while there is no other way in.
#[server(prefix = "/api", endpoint = "sso/disconnect")]
pub async fn disconnect_sso() -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let before = store::find_connection(&mut tx, caller.customer_id()).await?.ok_or_else(not_connected)?;
    if before.enforced_at.is_some() {
        return Err(AppError::Conflict("Open the other ways in first: the single sign-on is the only one.".to_owned()));
    }
    let sessions = store::end_sessions(&mut tx, caller.customer_id()).await?;
    store::delete_connection(&mut tx, caller.customer_id()).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let event = events::disconnected(&before, sessions, &change(&caller, &owners));
    tx.commit(event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoDisconnected));
    Ok(())
}

/// Makes the provider the only way in, but for one owner with a password: who gets in when it does not work.
///
/// # Errors
/// `Conflict` from a session that did not itself come from the provider: nobody is to lock themselves out.
#[server(prefix = "/api", endpoint = "sso/enforce")]
pub async fn enforce_sso(#[server(default)] form: EnforceForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    if !caller.by_sso() {
        return Err(AppError::Conflict("Sign in with single sign-on yourself first, to see that it works.".to_owned()));
    }
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let row = store::find_connection(&mut tx, caller.customer_id()).await?.ok_or_else(not_connected)?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let chosen = owners.iter().find(|owner| owner.has_password && owner.user_id.to_string() == form.owner);
    let chosen = chosen.ok_or_else(|| AppError::invalid("owner", "Choose an owner who has a password."))?;
    store::update_enforcement(&mut tx, caller.customer_id(), Some(chosen.user_id), caller.now()).await?;
    let before = row.break_glass.and_then(|user| owners.iter().find(|owner| owner.user_id == user));
    let event = events::enforced(before.map(|owner| owner.email.as_str()), &chosen.email, &change(&caller, &owners));
    tx.commit(event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoEnforced));
    Ok(())
}

/// Opens the other ways in again.
///
/// # Errors
/// `Conflict` if they are open.
#[server(prefix = "/api", endpoint = "sso/relax")]
pub async fn relax_sso() -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let row = store::find_connection(&mut tx, caller.customer_id()).await?;
    let break_glass = row.and_then(|row| row.break_glass);
    let break_glass = break_glass.ok_or_else(|| AppError::Conflict("The other ways in are open already.".to_owned()))?;
    store::update_enforcement(&mut tx, caller.customer_id(), None, caller.now()).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let email = owners.iter().find(|owner| owner.user_id == break_glass).map(|owner| owner.email.as_str()).unwrap_or_default();
    let event = events::relaxed(email, &change(&caller, &owners));
    tx.commit(event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoRelaxed));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) fn change<'a>(caller: &'a Caller, owners: &'a [OwnerRow]) -> Change<'a> {
    Change { customer_name: caller.customer_name(), actor_name: caller.name(), url: caller.state().config.link(PAGE), owners }
}

/// Gives the request's connection to the database back before somebody outside is asked, who may take seconds; the next
/// read or change gets one again.
#[cfg(feature = "ssr")]
pub(super) async fn let_go_of_connection(caller: &Caller) -> Result<(), AppError> {
    let tx: TenantTx = caller.begin().await?;
    tx.commit_quiet("nothing was changed yet").await
}

#[cfg(feature = "ssr")]
async fn ask(caller: &Caller, issuer: &str) -> Result<serde_json::Value, String> {
    let account = format!("settings {}", caller.customer_id());
    rate_limit::attempt(caller.request(), Limited::Sso, &account).await.map_err(|error| error.to_string())?;
    let asked = provider::discover(Outbound::of(&caller.state().config), issuer).await;
    asked.map_err(|problem| {
        tracing::info!(customer = %caller.customer_id(), %problem, "a provider could not be used");
        problem.to_string()
    })
}

#[cfg(feature = "ssr")]
fn beside_issuer(form: &ConnectionForm, problem: String) -> AppError {
    let mut errors = crate::error::FieldErrors::new();
    errors.keep("issuer", &form.issuer);
    errors.keep("client_id", &form.client_id);
    errors.keep("role", &form.role);
    errors.add("issuer", problem);
    AppError::Invalid(errors)
}

#[cfg(feature = "ssr")]
fn not_connected() -> AppError {
    AppError::Conflict("No provider is connected. Enter its issuer and save first.".to_owned())
}

/// Where a client's secret belongs: sealed for one customer, it cannot be opened for another.
#[cfg(feature = "ssr")]
fn place(customer: CustomerId) -> String {
    format!("oidc:{customer}")
}

#[cfg(feature = "ssr")]
fn seal(caller: &Caller, secret: &ClientSecret) -> Vec<u8> {
    caller.state().config.sealer.seal(caller.entropy(), &place(caller.customer_id()), secret.reveal().as_bytes())
}

/// The secret of a customer's client; none if it was sealed under another `SECRET_KEY`.
#[cfg(feature = "ssr")]
pub(super) fn unseal(config: &crate::server::config::Config, customer: CustomerId, sealed: &[u8]) -> Option<ClientSecret> {
    let opened = config.sealer.open(&place(customer), sealed)?;
    String::from_utf8(opened).ok().map(ClientSecret::new)
}
