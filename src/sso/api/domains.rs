//! The domains whose addresses a customer may vouch for.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    access::Permission,
    error::FieldErrors,
    server::{
        caller::Caller,
        forms,
        rate_limit::{self, Limited},
    },
    sso::{
        api::settings::{PAGE, change, let_go_of_connection},
        events,
        model::Domain,
        provider,
        store::{self, DomainStored},
    },
    ui::Done,
};
use crate::{error::AppError, sso::model::DomainForm};

/// The most domains of one customer.
#[cfg(feature = "ssr")]
const MOST: usize = 20;

/// Adds a domain, and with it the record that is to prove it.
///
/// # Errors
/// `Invalid` for what is no domain of a company, or is one already.
#[server(prefix = "/api", endpoint = "sso/add_domain")]
pub async fn add_domain(#[server(default)] form: DomainForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let domain = Domain::parse(&form.domain).map_err(|message| wrong(&form, message))?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    if store::list_domains(&mut tx, caller.customer_id()).await?.len() >= MOST {
        return Err(AppError::LimitReached(format!("You have {MOST} domains, the most that are possible. Remove one first.")));
    }
    let token = caller.entropy().hex::<16>();
    if !store::insert_domain(&mut tx, caller.customer_id(), &domain, &token, caller.now()).await? {
        return Err(wrong(&form, format!("{} is in the list already.", domain.as_str())));
    }
    tx.commit(events::domain_added(&domain)).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoDomainAdded));
    Ok(())
}

/// Looks for the record of a domain, at any time again: without it the domain proves nothing any more.
///
/// # Errors
/// `Conflict` if the record is not there, or the domain is another customer's.
#[server(prefix = "/api", endpoint = "sso/verify_domain")]
pub async fn verify_domain(#[server(default)] form: DomainForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let (domain, stored) = find(&caller, &form).await?;
    let_go_of_connection(&caller).await?;
    let proved = look_up(&caller, &domain, &stored.token).await?;
    let mut tx = caller.begin().await?;
    store::lock(&mut tx, caller.customer_id()).await?;
    let before = store::find_domain(&mut tx, caller.customer_id(), &domain).await?.ok_or(AppError::NotFound)?;
    if proved && store::is_taken(&mut tx, &domain).await? {
        return Err(AppError::Conflict(format!(
            "Another company in this portal has verified {}. If it is yours, write to support.",
            domain.as_str()
        )));
    }
    store::note_check(&mut tx, caller.customer_id(), &domain, proved, caller.now()).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let change = change(&caller, &owners);
    match (before.verified_at.is_some(), proved) {
        (false, true) => tx.commit(events::domain_verified(&domain, &change)).await?,
        (true, false) => tx.commit(events::domain_lost(&domain, &change)).await?,
        _ => tx.commit_quiet("the domain stands as before").await?,
    }
    if proved {
        forms::after_post(&format!("{PAGE}?done={}", Done::SsoDomainVerified));
        return Ok(());
    }
    Err(AppError::Conflict(format!(
        "There is no TXT record {} with this value yet. A new record can take an hour to be seen everywhere; try again later.",
        domain.record_name()
    )))
}

#[cfg(feature = "ssr")]
async fn look_up(caller: &Caller, domain: &Domain, token: &str) -> Result<bool, AppError> {
    rate_limit::attempt(caller.request(), Limited::Sso, &format!("domains {}", caller.customer_id())).await?;
    provider::find_record(&caller.state().config, domain, token).await.map_err(|error| {
        tracing::warn!(%error, domain = domain.as_str(), "a name server did not answer");
        AppError::Conflict(format!("The name server of {} did not answer. Try again in a minute.", domain.as_str()))
    })
}

/// Takes a domain off the list: nobody new joins with its addresses. Whoever has signed in before stays who they are.
#[server(prefix = "/api", endpoint = "sso/remove_domain")]
pub async fn remove_domain(#[server(default)] form: DomainForm) -> Result<(), AppError> {
    let caller = Caller::require_fresh(Permission::ManageSso).await?;
    let (domain, stored) = find(&caller, &form).await?;
    let mut tx = caller.begin().await?;
    store::delete_domain(&mut tx, caller.customer_id(), &domain).await?;
    let owners = store::owners(&mut tx, caller.customer_id()).await?;
    let event = events::domain_removed(&domain, stored.verified_at.is_some(), &change(&caller, &owners));
    tx.commit(event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SsoDomainRemoved));
    Ok(())
}

/// A domain of this customer; of any other it is not known whether there is one.
#[cfg(feature = "ssr")]
async fn find(caller: &Caller, form: &DomainForm) -> Result<(Domain, DomainStored), AppError> {
    let domain = Domain::parse(&form.domain).map_err(|_| AppError::NotFound)?;
    let stored = store::find_domain(&mut *caller.read().await?, caller.customer_id(), &domain).await?;
    Ok((domain, stored.ok_or(AppError::NotFound)?))
}

#[cfg(feature = "ssr")]
fn wrong(form: &DomainForm, message: String) -> AppError {
    let mut errors = FieldErrors::new();
    errors.keep("domain", &form.domain);
    errors.add("domain", message);
    AppError::Invalid(errors)
}
