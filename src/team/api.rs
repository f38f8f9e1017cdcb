//! What people see of their team; the changes are in the modules below.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::{MemberDetail, Team};
use crate::{access::Role, error::AppError};
#[cfg(feature = "ssr")]
use {
    super::{
        model::{INVITATIONS_PER_PAGE, Member, MemberFilter, Refusal, check_removal, check_role_change, check_sign_out, grantable_roles},
        store,
    },
    crate::{
        access::Permission,
        ids::UserId,
        keys::list_made_by,
        page::{Page, PageNumber},
        server::caller::Caller,
        when::When,
    },
};

pub mod acceptance;
pub mod invitations;
pub mod members;

/// What the list of people shows: parts of the page's address, as they stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TeamQuery {
    /// Part of a name or address.
    pub q: String,
    /// Only this role.
    pub role: String,
    /// Page of the people.
    pub page: String,
    /// Page of the invitations.
    pub invitations: String,
}

/// The team: seats, one page of people and, for those who manage it, one page of invitations.
///
/// # Errors
/// `SignIn`, `Unavailable`.
#[server(prefix = "/api", endpoint = "team/list", input = server_fn::codec::GetUrl)]
pub async fn list_team(#[server(default)] query: TeamQuery) -> Result<Team, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let filter = MemberFilter::parse(Some(&query.q), Some(&query.role), Some(&query.page));
    let invited_page = PageNumber::parse(Some(&query.invitations));
    let (customer, now) = (caller.customer_id(), caller.now());
    let mut read = caller.read().await?;
    let standing = store::standing(&mut read, customer, now).await?;
    let mut members = store::list_members(&mut read, customer, &filter, caller.user_id(), now).await?;
    if !caller.can(Permission::ManageTeam) {
        // Who is the easier prey is nobody else's business.
        members.rows.iter_mut().for_each(|member| member.second_factor = None);
    }
    let invitations = if caller.can(Permission::ManageTeam) {
        store::list_invitations(&mut read, customer, invited_page, now).await?
    } else {
        Page::new(vec![], invited_page, INVITATIONS_PER_PAGE, 0)
    };
    Ok(Team {
        customer_name: caller.customer_name().to_owned(),
        seats: standing.seats,
        owners: standing.owners,
        rights: caller.rights(),
        members,
        invitations,
    })
}

/// One person of the team.
///
/// # Errors
/// `Forbidden` for those who do not manage the team, `NotFound` for anybody who is not on it.
#[server(prefix = "/api", endpoint = "team/member", input = server_fn::codec::GetUrl)]
pub async fn find_member(#[server(default)] user: String) -> Result<MemberDetail, AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let user: UserId = user.parse().map_err(|_| AppError::NotFound)?;
    let now = caller.now();
    let mut read = caller.read().await?;
    let person = store::find_member(&mut read, caller.customer_id(), user).await?.ok_or(AppError::NotFound)?;
    let keys = list_made_by(&mut read, caller.customer_id(), user, now).await?;
    let owners = store::standing(&mut read, caller.customer_id(), now).await?.owners;
    let you = Some(user) == caller.user_id();
    let role = caller.team_role()?;
    let refused = |check: Result<(), Refusal>| check.err().map(|refusal| refusal.sentence().to_owned());
    // An owner keeps that role if it is the last one; whether there is any choice shows at the weakest role.
    let role_refused = refused(check_role_change(role, you, person.role, Role::Member, owners));
    Ok(MemberDetail {
        sign_out_refused: refused(check_sign_out(role, you, person.role)),
        removal_refused: refused(check_removal(role, you, person.role, owners)),
        roles: grantable_roles(role),
        role_refused,
        joined: When::new(person.joined_at, now),
        customer_name: caller.customer_name().to_owned(),
        keys,
        member: Member {
            user_id: user,
            name: person.name,
            email: person.email,
            role: person.role,
            last_active: person.last_active_at.map(|at| When::new(at, now)),
            second_factor: Some(person.second_factor),
            you,
        },
    })
}

/// The caller's own role, to mark in the table of roles; a guest has none.
///
/// # Errors
/// `SignIn`, `Unavailable`.
#[server(prefix = "/api", endpoint = "team/own_role", input = server_fn::codec::GetUrl)]
pub async fn find_own_role() -> Result<Option<Role>, AppError> {
    Ok(Caller::require(Permission::ViewPortal).await?.rights().role())
}
