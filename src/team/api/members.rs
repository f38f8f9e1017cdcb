//! Changes of who belongs to the team, and as what.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;
#[cfg(feature = "ssr")]
use crate::{
    access::{Permission, Role},
    ids::UserId,
    server::{
        caller::Caller,
        forms::{after_post, redirect},
        tx::TenantTx,
    },
    sso,
    team::{
        events,
        model::{check_leave, check_removal, check_role_change, check_sign_out, parse_role},
        store::{self, Standing},
    },
    ui::Done,
};

/// Which person gets which role, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    /// The person.
    pub user: String,
    /// The new role.
    pub role: String,
}

/// Which person, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberForm {
    /// The person.
    pub user: String,
}

/// Gives a person of the team another role, from their next request on.
///
/// # Errors
/// `Forbidden` or `Conflict` as the rules of a team say, `NotFound` for anybody who is not on it, `FreshSignIn` where an
/// owner is made or unmade.
#[server(prefix = "/api", endpoint = "team/role")]
pub async fn change_role(#[server(default)] form: RoleForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let user: UserId = form.user.parse().map_err(|_| AppError::NotFound)?;
    let role = parse_role(&form.role).map_err(|message| AppError::invalid("role", message))?;
    let mut tx = caller.begin().await?;
    let change = give_role(&caller, &mut tx, user, |_, _| Ok(role)).await?;
    if change.before == change.after {
        tx.commit_quiet("the person has this role already").await?;
    } else {
        tx.commit(events::member_role_changed(&change.email, change.before, change.after)).await?;
    }
    after_post(&format!("/team/{user}?done={}", Done::RoleChanged));
    Ok(())
}

/// What a change of a role was.
#[cfg(feature = "ssr")]
pub(crate) struct RoleChange {
    email: String,
    pub(crate) before: Role,
    pub(crate) after: Role,
}

/// Gives a person a role as the rules of a team allow, and leaves the commit to the caller. `choose` gets the roles that
/// the caller and the person have at that moment.
#[cfg(feature = "ssr")]
pub(crate) async fn give_role(
    caller: &Caller,
    tx: &mut TenantTx,
    user: UserId,
    choose: impl FnOnce(Role, Role) -> Result<Role, AppError>,
) -> Result<RoleChange, AppError> {
    let (actor, standing) = lock(tx, caller).await?;
    let person = store::find_member(tx, caller.customer_id(), user).await?.ok_or(AppError::NotFound)?;
    let role = choose(actor, person.role)?;
    check_role_change(actor, Some(user) == caller.user_id(), person.role, role, standing.owners)?;
    if [person.role, role].contains(&Role::Owner) {
        caller.check_fresh()?;
    }
    if person.role == Role::Owner && role != Role::Owner {
        sso::check_loss(tx, caller.customer_id(), user).await?;
    }
    if person.role != role {
        store::update_role(tx, caller.customer_id(), user, role).await?;
    }
    Ok(RoleChange { email: person.email, before: person.role, after: role })
}

/// Ends the sessions of a person of the team, from their next request on: all from which they come into this company. Those
/// in which they can only be elsewhere go on.
///
/// # Errors
/// `Forbidden` or `Conflict` as the rules of a team say, `NotFound` for anybody who is not on it.
#[server(prefix = "/api", endpoint = "team/sign_out")]
pub async fn sign_out_member(#[server(default)] form: MemberForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let user: UserId = form.user.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = caller.begin().await?;
    let (actor, _) = lock(&mut tx, &caller).await?;
    let person = store::find_member(&mut tx, caller.customer_id(), user).await?.ok_or(AppError::NotFound)?;
    check_sign_out(actor, Some(user) == caller.user_id(), person.role)?;
    let count = store::end_sessions(&mut tx, caller.customer_id(), user).await?;
    tx.commit(events::member_signed_out(&person.email, count)).await?;
    after_post(&format!("/team/{user}?done={}", Done::MemberSignedOut));
    Ok(())
}

/// Takes a person out of the team, from their next request on.
///
/// # Errors
/// `Forbidden` or `Conflict` as the rules of a team say, `NotFound` for anybody who is not on it.
#[server(prefix = "/api", endpoint = "team/remove")]
pub async fn remove_member(#[server(default)] form: MemberForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let user: UserId = form.user.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = caller.begin().await?;
    let (actor, standing) = lock(&mut tx, &caller).await?;
    let person = store::find_member(&mut tx, caller.customer_id(), user).await?.ok_or(AppError::NotFound)?;
    check_removal(actor, Some(user) == caller.user_id(), person.role, standing.owners)?;
    if person.role == Role::Owner {
        caller.check_fresh()?;
    }
    sso::check_loss(&mut tx, caller.customer_id(), user).await?;
    store::delete_member(&mut tx, caller.customer_id(), user).await?;
    sso::bar(&mut tx, caller.customer_id(), user, caller.now()).await?;
    tx.commit(events::member_removed(&person.email, person.role)).await?;
    redirect(&format!("/team?done={}", Done::MemberRemoved));
    Ok(())
}

/// Takes the caller out of the team.
///
/// # Errors
/// `Conflict` for the last owner.
#[server(prefix = "/api", endpoint = "team/leave")]
pub async fn leave_team() -> Result<(), AppError> {
    let caller = Caller::require_own(Permission::ViewPortal).await?;
    let mut tx = caller.begin().await?;
    let (role, standing) = lock(&mut tx, &caller).await?;
    check_leave(role, standing.owners)?;
    if role == Role::Owner {
        caller.check_fresh()?;
    }
    sso::check_loss(&mut tx, caller.customer_id(), caller.person()?).await?;
    store::delete_member(&mut tx, caller.customer_id(), caller.person()?).await?;
    tx.commit(events::member_left(caller.email(), role)).await?;
    after_post(&format!("/?done={}", Done::Left));
    Ok(())
}

/// Waits for other changes of this team, then reads the caller's role and the team's standing as they are now: what
/// the guard saw may have changed while waiting.
#[cfg(feature = "ssr")]
pub(super) async fn lock(tx: &mut TenantTx, caller: &Caller) -> Result<(Role, Standing), AppError> {
    store::lock(tx, caller.customer_id()).await?;
    let role = store::role_of(tx, caller.customer_id(), caller.person()?).await?.ok_or(AppError::NoCompany)?;
    let role = caller.rights().in_team(role);
    let standing = store::standing(tx, caller.customer_id(), caller.now()).await?;
    Ok((role, standing))
}
