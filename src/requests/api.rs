//! Asking for a right, and answering.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        events,
        model::{Choices, NewRequest, PER_DAY, RequestState, Waiting},
        store::{self, RequestRow, WaitingRow},
    },
    crate::{
        access::{Permission, Role},
        ids::RequestId,
        server::{caller::Caller, forms, tx::TenantTx},
        team::{give_role, lock, model::parse_role},
        ui::Done,
        when::When,
    },
    time::Duration,
};

use super::model::{Ask, AskForm, GrantForm, RequestForm, RequestList};
use crate::error::AppError;

/// How long an answer is shown in the portal.
#[cfg(feature = "ssr")]
const SHOWN: Duration = Duration::days(30);

/// A right, who has it, and how the caller's request for it stands.
#[server(prefix = "/api", endpoint = "requests/find", input = GetUrl)]
pub async fn find_ask(#[server(default)] permission: String) -> Result<Ask, AppError> {
    let caller = Caller::require_own(Permission::ViewPortal).await?;
    let permission: Permission = permission.parse().map_err(|_| AppError::NotFound)?;
    let (customer, now) = (caller.customer_id(), caller.now());
    let mut read = caller.read().await?;
    let (people, total) = store::holders(&mut read, customer, permission.roles()).await?;
    let own = store::list_own(&mut read, customer, caller.person()?, Some(permission), now - SHOWN, now).await?;
    let holders: Vec<String> = people.into_iter().map(|(name, role)| format!("{name} ({role})")).collect();
    let others = total - i64::try_from(holders.len()).unwrap_or(total);
    Ok(Ask { permission, has_it: caller.can(permission), holders, others, latest: own.into_iter().next() })
}

/// The requests that wait for those who manage the team, and the caller's own.
#[server(prefix = "/api", endpoint = "requests/list", input = GetUrl)]
pub async fn list_requests() -> Result<RequestList, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let (customer, now) = (caller.customer_id(), caller.now());
    let mut read = caller.read().await?;
    let yours = match caller.user_id() {
        Some(person) => store::list_own(&mut read, customer, person, None, now - SHOWN, now).await?,
        None => vec![],
    };
    let role = caller.rights().role().filter(|_| caller.can(Permission::ManageTeam)).map(|role| caller.rights().in_team(role));
    let Some(role) = role else { return Ok(RequestList { waiting: vec![], yours }) };
    let waiting = store::list_waiting(&mut read, customer).await?;
    // Whoever got the right in another way waits for nothing.
    let waiting = waiting.into_iter().filter(|row| !row.role.can(row.permission)).map(|row| shown(row, role, &caller)).collect();
    Ok(RequestList { waiting, yours })
}

#[cfg(feature = "ssr")]
fn shown(row: WaitingRow, role: Role, caller: &Caller) -> Waiting {
    let yours = Some(row.user_id) == caller.user_id();
    Waiting {
        choices: if yours { Choices::default() } else { Choices::of(role, row.role, row.permission) },
        id: row.id,
        name: row.name,
        email: row.email,
        role: row.role,
        permission: row.permission,
        reason: row.reason,
        asked: When::new(row.created_at, caller.now()),
        yours,
    }
}

/// Asks those who can grant it for a right.
#[server(prefix = "/api", endpoint = "requests/create")]
pub async fn create_request(#[server(default)] form: AskForm) -> Result<(), AppError> {
    let caller = Caller::require_own(Permission::ViewPortal).await?;
    let new = NewRequest::parse(&form)?;
    let (person, role) = (caller.person()?, caller.team_role()?);
    if caller.can(new.permission) {
        return Err(AppError::Conflict("Your role includes this already. Reload the page.".to_owned()));
    }
    let mut tx = caller.begin().await?;
    lock(&mut tx, caller.customer_id()).await?;
    check_rate(&caller, &mut tx).await?;
    let request = store::RequestInsert {
        id: RequestId::from(caller.entropy().uuid(caller.now())),
        customer_id: caller.customer_id(),
        user_id: person,
        permission: new.permission,
        reason: &new.reason,
        now: caller.now(),
    };
    if !store::insert(&mut tx, &request).await? {
        return Err(AppError::Conflict("You asked for this already. You get an e-mail when it is answered.".to_owned()));
    }
    let deciders: Vec<Role> = Role::ALL.into_iter().filter(|decider| Choices::exist_for(*decider, role, new.permission)).collect();
    let recipients = store::recipients(&mut tx, caller.customer_id(), &deciders, person).await?;
    tx.commit(events::requested(&caller, new.permission, &new.reason, &recipients)).await?;
    forms::after_post(&format!("/requests/{}?done={}", new.permission.as_str(), Done::AccessRequested));
    Ok(())
}

/// Refuses the sixth request within 24 hours.
#[cfg(feature = "ssr")]
async fn check_rate(caller: &Caller, tx: &mut TenantTx) -> Result<(), AppError> {
    let (count, first) = store::count_since(tx, caller.customer_id(), caller.person()?, caller.now() - Duration::DAY).await?;
    match first {
        Some(first) if count >= PER_DAY => {
            let wait = (first + Duration::DAY - caller.now()).whole_seconds();
            Err(AppError::TooMany { retry_after_seconds: u32::try_from(wait).unwrap_or(1).max(1) })
        }
        _ => Ok(()),
    }
}

/// Takes the caller's own request back.
#[server(prefix = "/api", endpoint = "requests/withdraw")]
pub async fn withdraw_request(#[server(default)] form: RequestForm) -> Result<(), AppError> {
    let caller = Caller::require_own(Permission::ViewPortal).await?;
    let (mut tx, id, request) = open(&caller, &form.request).await?;
    if Some(request.user_id) != caller.user_id() {
        return Err(AppError::NotFound);
    }
    request.state.close()?;
    store::close(&mut tx, caller.customer_id(), id, RequestState::Withdrawn, caller.person()?, caller.now()).await?;
    tx.commit(events::withdrawn(&caller, request.permission)).await?;
    forms::after_post(&format!("/requests/{}?done={}", request.permission.as_str(), Done::AccessWithdrawn));
    Ok(())
}

/// Grants a request: gives the person the smallest role that includes the right and takes nothing away, or the chosen one.
#[server(prefix = "/api", endpoint = "requests/grant")]
pub async fn grant_request(#[server(default)] form: GrantForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let (mut tx, id, request) = open(&caller, &form.request).await?;
    let chosen = Some(form.role.as_str()).filter(|role| !role.is_empty()).map(parse_role).transpose();
    let chosen = chosen.map_err(|message| AppError::invalid("role", message))?;
    request.state.close()?;
    let permission = request.permission;
    let choose = |actor, current| Choices::of(actor, current, permission).pick(chosen);
    let change = give_role(&caller, &mut tx, request.user_id, choose).await?;
    store::close(&mut tx, caller.customer_id(), id, RequestState::Granted, caller.person()?, caller.now()).await?;
    tx.commit(events::granted(&caller, &request, change.before, change.after)).await?;
    forms::after_post(&format!("/team?done={}", Done::AccessGranted));
    Ok(())
}

/// Declines a request.
#[server(prefix = "/api", endpoint = "requests/decline")]
pub async fn decline_request(#[server(default)] form: RequestForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let (mut tx, id, request) = open(&caller, &form.request).await?;
    if Some(request.user_id) == caller.user_id() {
        return Err(AppError::Conflict("This request is your own. Withdraw it instead.".to_owned()));
    }
    request.state.close()?;
    store::close(&mut tx, caller.customer_id(), id, RequestState::Declined, caller.person()?, caller.now()).await?;
    tx.commit(events::declined(&caller, &request)).await?;
    forms::after_post(&format!("/team?done={}", Done::AccessDeclined));
    Ok(())
}

/// Waits for other changes of the team, then finds the request: of several answers at once each sees the one before.
#[cfg(feature = "ssr")]
async fn open(caller: &Caller, request: &str) -> Result<(TenantTx, RequestId, RequestRow), AppError> {
    let id: RequestId = request.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = caller.begin().await?;
    lock(&mut tx, caller.customer_id()).await?;
    let found = store::find(&mut tx, caller.customer_id(), id).await?.ok_or(AppError::NotFound)?;
    Ok((tx, id, found))
}
