//! The way to a customer's provider and back.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::AppError,
    sso::model::{BeforeStart, StartForm},
};
#[cfg(feature = "ssr")]
use crate::{
    error::FieldErrors,
    field::EmailAddress,
    server::{
        browser_secret,
        caller::{SignedIn, Visitor},
        entropy::sha256,
        forms,
        rate_limit::{self, Limited},
    },
    signin::model::CustomerChoice,
    sso::{
        api::settings::unseal,
        arrival::{self, Refused},
        model::{Domain, Failure},
        provider::{self, Answer, Binding, Outbound, Problem, Provider, Question, Vouched},
        store::{self, ConnectionRow, SignInInsert, UsedSignIn},
    },
};
#[cfg(feature = "ssr")]
use time::{Duration, OffsetDateTime};

/// So long the browser may take to the provider and back.
#[cfg(feature = "ssr")]
const LIFETIME: Duration = Duration::minutes(10);

/// So long what a provider says about itself is used without asking again.
#[cfg(feature = "ssr")]
const REREAD: Duration = Duration::HOUR;

/// All questions to a provider together take no longer.
#[cfg(feature = "ssr")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// What is known about whoever opens the page, if they are signed in: their address, and which customers they can enter
/// in this session.
#[server(prefix = "/api", endpoint = "sso/before_start", input = GetUrl)]
pub async fn find_before_start() -> Result<BeforeStart, AppError> {
    let Some(signed_in) = SignedIn::find().await? else { return Ok(BeforeStart::default()) };
    let session = signed_in.session();
    let customers: Vec<CustomerChoice> = serde_json::from_value(session.customers.clone()).unwrap_or_default();
    Ok(BeforeStart {
        email: session.user_email.clone(),
        closed: session.customer_name.clone().filter(|_| session.needs_sso),
        others: customers.into_iter().filter(|customer| session.needs_sso && !customer.needs_sso).collect(),
    })
}

/// Leads to the provider of the customer to whom the address's domain belongs. The answer tells nothing about the address:
/// whether its domain has a provider is no secret.
///
/// # Errors
/// `Invalid` if the domain has none; `Conflict` if the provider cannot be used.
#[server(prefix = "/api", endpoint = "sso/start")]
pub async fn start_sso(#[server(default)] form: StartForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let email = EmailAddress::parse(&form.email).map_err(|message| wrong(&form, message))?;
    let nothing = || {
        wrong(&form, "No company has set up single sign-on for addresses of this domain. Sign in with your password or a code.".to_owned())
    };
    let domain = Domain::of(&email).ok_or_else(nothing)?;
    rate_limit::attempt(visitor.request(), Limited::Sso, domain.as_str()).await?;
    // Whoever came by a provider confirms there, whatever their address is.
    let bound = if form.fresh { SignedIn::require_at_customer().await?.bound_to() } else { None };
    let mut transaction = if let Some(customer) = bound { visitor.begin_at(customer).await? } else { visitor.begin().await? };
    let opened = if bound.is_some() { bound } else { store::open_domain(&mut transaction, &domain).await? };
    let customer = opened.ok_or_else(nothing)?;
    let row = store::find_connection(&mut transaction, customer).await?.ok_or_else(nothing)?;
    transaction.rollback().await?;
    let (provider, news) = up_to_date(&visitor, &row).await.map_err(|problem| {
        tracing::warn!(%customer, %problem, "a provider cannot be used");
        AppError::Conflict("Your company’s provider cannot be reached. Try again in a minute, or sign in another way.".to_owned())
    })?;
    let browser = browser_secret::find(&visitor.state().config).unwrap_or_else(|| visitor.state().entropy.hex::<32>());
    let state = visitor.state().entropy.hex::<32>();
    let question = Question {
        client_id: &row.client_id,
        state: &state,
        binding: &Binding::of(&browser, &state),
        email: email.as_str(),
        fresh: form.fresh,
    };
    let address = provider.address(&visitor.state().config, &question).map_err(|problem| AppError::Conflict(problem.to_string()))?;
    let mut transaction = visitor.begin_at(customer).await?;
    if let Some(document) = news {
        store::update_discovery(&mut transaction, customer, &row.issuer, &document, visitor.now()).await?;
    }
    let signin = SignInInsert {
        state_hash: sha256(state.as_bytes()),
        browser_hash: sha256(browser.as_bytes()),
        customer,
        issuer: &row.issuer,
        keep: form.keep,
        fresh: form.fresh,
        next: forms::local_path(&form.next).unwrap_or("/"),
        now: visitor.now(),
        expires_at: visitor.now() + LIFETIME,
    };
    store::insert_signin(&mut transaction, signin).await?;
    transaction.commit().await?;
    browser_secret::keep(&visitor.state().config, &browser, LIFETIME);
    forms::leave_for(&address);
    Ok(())
}

/// The provider as it was read lately, or as it is now, with what is to be kept. One that does not answer right now is
/// used as it was.
#[cfg(feature = "ssr")]
async fn up_to_date(visitor: &Visitor, row: &ConnectionRow) -> Result<(Provider, Option<serde_json::Value>), Problem> {
    let outbound = Outbound::of(&visitor.state().config);
    let issuer = provider::issuer(&row.issuer)?;
    if visitor.now() - row.discovered_at > REREAD {
        match provider::discover(outbound, &row.issuer).await {
            Ok(document) => return Ok((Provider::read(outbound, &document, &issuer)?, Some(document))),
            Err(problem) => tracing::warn!(%problem, issuer = row.issuer, "a provider's settings could not be read again"),
        }
    }
    Ok((Provider::read(outbound, &row.discovery, &issuer)?, None))
}

#[cfg(feature = "ssr")]
fn wrong(form: &StartForm, message: String) -> AppError {
    let mut errors = FieldErrors::new();
    errors.keep("email", &form.email);
    errors.add("email", message);
    AppError::Invalid(errors)
}

/// Where a provider sends the browser back to: signs in and leads on, or to a page that says why not. The only GET that
/// changes something: providers send no other. So it counts once, within ten minutes, in the browser that began it, and
/// what it changes is only what the person was asked for a moment ago.
///
/// # Errors
/// Never: the answer always leads to a page.
#[server(prefix = "/signin", endpoint = "sso/callback", input = GetUrl)]
pub async fn finish_sso(
    #[server(default)] state: String,
    #[server(default)] code: String,
    #[server(default)] iss: String,
    #[server(default)] error: String,
) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let returned = Returned { state, code, iss, error };
    let next = match finish(&visitor, returned).await {
        Ok(next) => next,
        Err(Refused::For(failure, reason)) => {
            tracing::info!(failure = failure.as_str(), reason, ip = visitor.request().ip, "a sign-in by a provider was refused");
            format!("/signin/sso?failed={}", failure.as_str())
        }
        Err(Refused::Failed(error)) => {
            tracing::warn!(%error, "a sign-in by a provider failed on our side");
            format!("/signin/sso?failed={}", Failure::Busy.as_str())
        }
    };
    forms::redirect(&next);
    Ok(())
}

/// What the provider sent back in the address.
#[cfg(feature = "ssr")]
struct Returned {
    state: String,
    code: String,
    iss: String,
    error: String,
}

#[cfg(feature = "ssr")]
async fn finish(visitor: &Visitor, returned: Returned) -> Result<String, Refused> {
    let stale = |reason: &str| Refused::For(Failure::Stale, reason.to_owned());
    let browser = browser_secret::find(&visitor.state().config).ok_or_else(|| stale("this browser began none"))?;
    let browser_hash = sha256(browser.as_bytes());
    rate_limit::attempt(visitor.request(), Limited::Sso, &hex::encode(browser_hash)).await?;
    let mut transaction = visitor.begin().await?;
    let used = store::use_signin(&mut transaction, &sha256(returned.state.as_bytes()), &browser_hash, visitor.now()).await?;
    let signin = used.ok_or_else(|| stale("the state is unknown here, used or too old"))?;
    let row = store::find_connection(&mut transaction, signin.customer).await?;
    // Used up, whatever comes of it; and no connection is held while the provider is asked.
    transaction.commit().await?;
    let row = row.filter(|row| row.issuer == signin.issuer).ok_or_else(|| stale("the provider was changed meanwhile"))?;
    if !returned.error.is_empty() {
        let error: String = returned.error.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(60).collect();
        return Err(Refused::For(Failure::Denied, format!("the provider answered {error}")));
    }
    let vouched = ask(visitor, &signin, &row, &browser, &returned).await?;
    arrival::arrive(visitor, &signin, &row, &vouched).await?;
    browser_secret::forget(&visitor.state().config);
    Ok(signin.next)
}

/// What the provider vouches for.
#[cfg(feature = "ssr")]
async fn ask(visitor: &Visitor, signin: &UsedSignIn, row: &ConnectionRow, browser: &str, returned: &Returned) -> Result<Vouched, Refused> {
    let config = &visitor.state().config;
    let unfit = |problem: Problem| Refused::For(Failure::Refused, format!("{}: {problem}", signin.issuer));
    let outbound = Outbound::of(config);
    let issuer = provider::issuer(&row.issuer).map_err(unfit)?;
    let provider = Provider::read(outbound, &row.discovery, &issuer).map_err(unfit)?;
    let secret = unseal(config, signin.customer, &row.client_secret);
    let client_secret =
        secret.ok_or_else(|| Refused::For(Failure::Refused, "the client secret cannot be opened: was SECRET_KEY changed?".to_owned()))?;
    let now: OffsetDateTime = visitor.now();
    let answer = Answer {
        code: returned.code.clone(),
        iss: &returned.iss,
        binding: Binding::of(browser, &returned.state),
        client_id: &row.client_id,
        client_secret,
        now,
    };
    match tokio::time::timeout(PATIENCE, provider::exchange(config, outbound, &provider, answer)).await {
        Ok(exchanged) => exchanged.map_err(unfit),
        Err(_) => Err(Refused::For(Failure::Refused, format!("{} took too long", signin.issuer))),
    }
}
