//! Inviting people, and what can be done about an invitation until it is accepted.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, team::model::InviteForm};
#[cfg(feature = "ssr")]
use {
    super::members::lock,
    crate::{
        access::{Permission, Role},
        error::FieldErrors,
        field::EmailAddress,
        ids::InvitationId,
        server::{
            caller::Caller,
            forms::after_post,
            rate_limit::{self, Limited},
            tx::TenantTx,
        },
        team::{
            events::{self, InvitationMail},
            model::{InvitationToken, NewInvitation, check_invitation, parse_role},
            store::{self, Link, StoredInvitation},
        },
        ui::Done,
    },
};

/// Which invitation, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitationForm {
    /// The invitation.
    pub invitation: String,
}

/// Which invitation gets which role, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitedRoleForm {
    /// The invitation.
    pub invitation: String,
    /// The new role.
    pub role: String,
}

/// Invites a person: holds a seat for seven days and sends them the link. An expired invitation of the same address
/// is renewed.
///
/// # Errors
/// `Invalid` for a wrong field, a member's address or one that is already invited; `LimitReached` for a full team;
/// `Forbidden` for a role that the caller may not give.
#[server(prefix = "/api", endpoint = "team/invite")]
pub async fn invite_member(#[server(default)] form: InviteForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let new = NewInvitation::parse(&form)?;
    if new.role == Role::Owner {
        caller.check_fresh()?;
    }
    rate_limit::attempt(caller.request(), Limited::Invitation, &caller.customer_id().to_string()).await?;
    let mut tx = caller.begin().await?;
    let (actor, standing) = lock(&mut tx, &caller).await?;
    check_invitation(actor, new.role)?;
    let expired = check_address(&mut tx, &caller, &form, &new.email).await?;
    standing.seats.check_free(standing.plan)?;
    let token = new_token(&tx);
    let link = Link { token: &token, sender: caller.person()?, now: caller.now() };
    match expired {
        Some(invitation) => store::renew_invitation(&mut tx, caller.customer_id(), invitation, new.role, &link).await?,
        None => {
            let id = InvitationId::from(tx.entropy().uuid(caller.now()));
            store::insert_invitation(&mut tx, caller.customer_id(), id, &new, &link).await?;
        }
    }
    tx.commit(events::member_invited(&mail(&caller, &new.email, new.role, &link))).await?;
    after_post(&format!("/team?done={}", Done::Invited));
    Ok(())
}

/// Sends an invitation again with a new link; the old link is dead at once.
///
/// # Errors
/// `NotFound` once it is accepted or revoked; `LimitReached` if it had expired and the team has filled up since.
#[server(prefix = "/api", endpoint = "team/resend")]
pub async fn resend_invitation(#[server(default)] form: InvitationForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    rate_limit::attempt(caller.request(), Limited::Invitation, &caller.customer_id().to_string()).await?;
    let mut tx = caller.begin().await?;
    let (actor, standing) = lock(&mut tx, &caller).await?;
    let invitation = unanswered(&mut tx, &caller, &form.invitation).await?;
    check_invitation(actor, invitation.role)?;
    if invitation.role == Role::Owner {
        caller.check_fresh()?;
    }
    if invitation.expires_at <= caller.now() {
        standing.seats.check_free(standing.plan)?;
    }
    let token = new_token(&tx);
    let link = Link { token: &token, sender: caller.person()?, now: caller.now() };
    store::renew_invitation(&mut tx, caller.customer_id(), invitation.invitation_id, invitation.role, &link).await?;
    tx.commit(events::invitation_resent(&mail(&caller, &invitation.email, invitation.role, &link))).await?;
    after_post(&format!("/team?done={}", Done::InvitationResent));
    Ok(())
}

/// Gives an invitation another role; its link goes on working.
///
/// # Errors
/// `NotFound` once it is accepted or revoked; `Forbidden` for a role that the caller may not give; `FreshSignIn` where an
/// owner is made or unmade.
#[server(prefix = "/api", endpoint = "team/invited_role")]
pub async fn change_invited_role(#[server(default)] form: InvitedRoleForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let role = parse_role(&form.role).map_err(|message| AppError::invalid("role", message))?;
    let mut tx = caller.begin().await?;
    let (actor, _) = lock(&mut tx, &caller).await?;
    let invitation = unanswered(&mut tx, &caller, &form.invitation).await?;
    check_invitation(actor, invitation.role)?;
    check_invitation(actor, role)?;
    if [invitation.role, role].contains(&Role::Owner) {
        caller.check_fresh()?;
    }
    if invitation.role == role {
        tx.commit_quiet("the invitation has this role already").await?;
    } else {
        store::update_invited_role(&mut tx, caller.customer_id(), invitation.invitation_id, role).await?;
        tx.commit(events::invited_role_changed(&invitation.email, invitation.role, role)).await?;
    }
    after_post(&format!("/team?done={}", Done::RoleChanged));
    Ok(())
}

/// Revokes an invitation: its link stops working and its seat is free at once.
///
/// # Errors
/// `NotFound` once it is accepted or revoked.
#[server(prefix = "/api", endpoint = "team/revoke")]
pub async fn revoke_invitation(#[server(default)] form: InvitationForm) -> Result<(), AppError> {
    let caller = Caller::require(Permission::ManageTeam).await?;
    let mut tx = caller.begin().await?;
    lock(&mut tx, &caller).await?;
    let invitation = unanswered(&mut tx, &caller, &form.invitation).await?;
    store::revoke_invitation(&mut tx, caller.customer_id(), invitation.invitation_id, caller.now()).await?;
    tx.commit(events::invitation_revoked(&invitation.email, invitation.role)).await?;
    after_post(&format!("/team?done={}", Done::InvitationRevoked));
    Ok(())
}

/// The invitation that the form names, if it can still be accepted, sent again or revoked.
#[cfg(feature = "ssr")]
async fn unanswered(tx: &mut TenantTx, caller: &Caller, invitation: &str) -> Result<StoredInvitation, AppError> {
    let id: InvitationId = invitation.parse().map_err(|_| AppError::NotFound)?;
    let found = store::find_invitation(tx, caller.customer_id(), id).await?;
    found.filter(|invitation| invitation.unanswered).ok_or(AppError::NotFound)
}

/// Whether the address can be invited; gives its expired invitation, if there is one to renew.
#[cfg(feature = "ssr")]
async fn check_address(
    tx: &mut TenantTx,
    caller: &Caller,
    form: &InviteForm,
    email: &EmailAddress,
) -> Result<Option<InvitationId>, AppError> {
    let refuse = |message: String| {
        let mut errors = FieldErrors::new();
        errors.add("email", message);
        errors.keep("email", &form.email);
        errors.keep("role", &form.role);
        Err(AppError::Invalid(errors))
    };
    if store::is_member(tx, caller.customer_id(), email).await? {
        return refuse(format!("{email} is already on the team."));
    }
    match store::find_unanswered(tx, caller.customer_id(), email).await? {
        Some((_, expires_at)) if expires_at > caller.now() => {
            refuse(format!("{email} is already invited. Resend or revoke that invitation in the list below."))
        }
        Some((invitation, _)) => Ok(Some(invitation)),
        None => Ok(None),
    }
}

/// A token of 16 random bytes (seed).
#[cfg(feature = "ssr")]
fn new_token(tx: &TenantTx) -> InvitationToken {
    InvitationToken::from_bytes(tx.entropy().bytes::<16>())
}

#[cfg(feature = "ssr")]
fn mail<'a>(caller: &'a Caller, email: &'a EmailAddress, role: Role, link: &Link<'a>) -> InvitationMail<'a> {
    InvitationMail {
        config: &caller.state().config,
        token: link.token,
        email,
        customer_name: caller.customer_name(),
        inviter: caller.name(),
        role,
        expires_at: link.expires_at(),
    }
}
