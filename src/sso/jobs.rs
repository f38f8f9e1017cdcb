//! Proved domains: their record is looked for again once a week. Whoever gives a domain up must not go on vouching for the
//! people who have an address there next.

use futures::future::join_all;
use time::Duration;

use super::{
    events::{self, Lapse},
    model::Domain,
    provider,
    recheck::{GRACE, Miss},
    store,
};
use crate::{
    error::AppError,
    ids::CustomerId,
    server::{database::Scope, state::AppState, tx::TenantTx},
};

/// Domains of one round, ten minutes long: fifty thousand a week.
const AT_ONCE: i64 = 50;

/// Questions that are under way together; each takes four seconds at most.
const SIDE_BY_SIDE: usize = 10;

/// When a domain is taken up again of which no name server gave an answer.
const RETRY_AFTER: Duration = Duration::HOUR;

/// Looks for the records that are due, once each, however many workers do this. When nobody answers, the rest waits for the
/// next round: then it is the name server that is away, and mails must not wait for it.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn recheck_domains(state: &AppState) -> Result<(), sqlx::Error> {
    let mut transaction = state.database.begin(Scope::Worker).await?;
    let due = store::list_due(&mut transaction, state.clock.now(), AT_ONCE).await?;
    transaction.commit().await?;
    for together in due.chunks(SIDE_BY_SIDE) {
        let answered = join_all(together.iter().map(|(customer, domain)| recheck(state, *customer, domain))).await;
        if !answered.contains(&true) {
            break;
        }
    }
    Ok(())
}

/// Looks for the record of one domain. `false` if nobody answered: that changes nothing.
async fn recheck(state: &AppState, customer: CustomerId, domain: &str) -> bool {
    match look(state, customer, domain).await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::error!(%customer, domain, %error, "the record of a domain could not be looked for again");
            true
        }
    }
}

async fn look(state: &AppState, customer: CustomerId, domain: &str) -> Result<bool, AppError> {
    let mut tx = TenantTx::of_job(state, customer).await?;
    let now = tx.now();
    let token = store::claim(&mut tx, customer, domain, now, now + RETRY_AFTER).await?;
    tx.commit_quiet("a look that is due was taken up").await?;
    let Some(token) = token else { return Ok(true) };
    let domain = Domain::parse(domain).map_err(AppError::Conflict)?;
    // No connection is held while the name server is asked.
    match provider::find_record(&state.config, &domain, &token).await {
        Ok(found) => note(state, customer, &domain, &token, found).await.map(|()| true),
        Err(error) => {
            tracing::warn!(%error, %customer, domain = domain.as_str(), "a name server did not answer");
            Ok(false)
        }
    }
}

/// Notes what was found, unless somebody has removed or checked the domain meanwhile.
async fn note(state: &AppState, customer: CustomerId, domain: &Domain, token: &str, found: bool) -> Result<(), AppError> {
    let mut tx = TenantTx::of_job(state, customer).await?;
    let now = tx.now();
    store::lock(&mut tx, customer).await?;
    let stored = store::find_domain(&mut tx, customer, domain).await?;
    let Some(stored) = stored.filter(|stored| stored.token == token && stored.verified_at.is_some()) else { return Ok(()) };
    if found {
        store::note_check(&mut tx, customer, domain, true, now).await?;
        return tx.commit_quiet("the domain stands as before").await;
    }
    let miss = Miss::of(stored.missing_since, now);
    match miss {
        Miss::First | Miss::Again => store::note_miss(&mut tx, customer, domain, now, stored.missing_since.unwrap_or(now) + GRACE).await?,
        Miss::Lost => store::note_check(&mut tx, customer, domain, false, now).await?,
    }
    if miss == Miss::Again {
        return tx.commit_quiet("the record is missing as before").await;
    }
    let (name, managers) = (tx.customer_name().await?, store::managers(&mut tx, customer).await?);
    let connection = store::find_connection(&mut tx, customer).await?;
    let owners = store::owners(&mut tx, customer).await?;
    let break_glass = connection.as_ref().and_then(|row| row.break_glass);
    let lapse = Lapse {
        domain,
        token,
        customer_name: &name,
        managers: &managers,
        connected: connection.is_some(),
        break_glass: owners.iter().find(|owner| Some(owner.user_id) == break_glass).map(|owner| owner.email.as_str()),
        url: state.config.link("/team/sso"),
    };
    tx.commit(if miss == Miss::Lost { events::domain_lapsed(&lapse) } else { events::domain_missed(&lapse) }).await
}
