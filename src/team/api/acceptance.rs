//! The invited person's side: seeing the invitation and accepting it. Whoever holds the token may see the invitation;
//! only the person with its address may accept it.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::prelude::*;

use crate::{
    error::AppError,
    team::model::{AcceptForm, InvitationAnswer},
};
#[cfg(feature = "ssr")]
use {
    crate::{
        access::Role,
        ids::UserId,
        server::{
            caller::{SignedIn, Visitor},
            forms::{back_after_failed_post, redirect},
            session::{self, Lifetime, NewSession, Strength},
        },
        signin::password,
        team::{
            events,
            model::{InvitationToken, NewPerson, OpenInvitation, Reader},
            store::{self, Opened, StoredInvitation},
        },
        ui::Done,
        when::When,
    },
    leptos::server_fn::ServerFn,
    sqlx::PgConnection,
    time::OffsetDateTime,
};

/// The invitation behind a link. Looking at it uses up nothing: mail scanners open links too.
///
/// # Errors
/// `Unavailable`. A token that is unknown, used or revoked is an answer, and always the same one.
#[server(prefix = "/api", endpoint = "team/invitation", input = server_fn::codec::GetUrl)]
pub async fn find_invitation(#[server(default)] token: String) -> Result<InvitationAnswer, AppError> {
    let visitor = Visitor::of_request()?;
    let Some(token) = InvitationToken::parse(&token) else {
        return Ok(InvitationAnswer::Gone);
    };
    let Some(found) = look(&visitor, &token).await? else {
        return Ok(InvitationAnswer::Gone);
    };
    let Found { opened, invitation, user, .. } = found;
    if invitation.expires_at <= visitor.now() {
        return Ok(InvitationAnswer::Expired { customer_name: opened.customer_name, invited_by: invitation.invited_by });
    }
    let reader = match SignedIn::find().await? {
        Some(person) if Some(person.user_id()) == user => Reader::Invited { name: person.session().user_name.clone() },
        Some(person) => Reader::SomeoneElse { email: person.session().user_email.clone() },
        None if user.is_some() => Reader::SignedOut,
        None => Reader::NewPerson,
    };
    Ok(InvitationAnswer::Open(OpenInvitation {
        customer_name: opened.customer_name,
        invited_by: invitation.invited_by,
        email: invitation.email.to_string(),
        role: invitation.role,
        expires: When::new(invitation.expires_at, visitor.now()),
        reader,
    }))
}

/// Accepts an invitation and signs the person in at that customer. Of several uses of one link exactly one wins.
///
/// # Errors
/// `NotFound` for a token that is unknown, used or revoked; `Conflict` if it has expired or somebody with another
/// address is signed in; `SignIn` if the address has an account; `Invalid` for a wrong name or password;
/// `LimitReached` if the team has no seat left.
#[server(prefix = "/api", endpoint = "team/accept")]
pub async fn accept_invitation(#[server(default)] form: AcceptForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let token = InvitationToken::parse(&form.token).ok_or(AppError::NotFound)?;
    let accepted = accept(&visitor, &form, &token).await;
    if let Err(error) = &accepted {
        // The page sends no Referer, because its address is a secret.
        back_after_failed_post(&format!("/invite/{}", token.expose()), <AcceptInvitation as ServerFn>::PATH, error);
    }
    accepted
}

#[cfg(feature = "ssr")]
async fn accept(visitor: &Visitor, form: &AcceptForm, token: &InvitationToken) -> Result<(), AppError> {
    let found = look(visitor, token).await?.ok_or(AppError::NotFound)?;
    if found.invitation.expires_at <= visitor.now() {
        return Err(expired());
    }
    match SignedIn::find().await? {
        Some(person) if Some(person.user_id()) == found.user => join_as(visitor, &person, &found).await?,
        Some(_) => {
            return Err(AppError::Conflict(format!("This invitation is for {}. Switch account to accept it.", found.invitation.email)));
        }
        None if found.user.is_some() => return Err(AppError::SignIn),
        None => join_as_new(visitor, form, &found).await?,
    }
    redirect(&format!("/?done={}", Done::Joined));
    Ok(())
}

/// What a token stands for, as seen without a lock.
#[cfg(feature = "ssr")]
struct Found {
    token: InvitationToken,
    opened: Opened,
    invitation: StoredInvitation,
    /// The person with the invited address, if there is one.
    user: Option<UserId>,
}

/// Looks behind a token, in a transaction of its own that is over before anything else begins: a request never holds
/// two connections.
#[cfg(feature = "ssr")]
async fn look(visitor: &Visitor, token: &InvitationToken) -> Result<Option<Found>, AppError> {
    let mut transaction = visitor.begin().await?;
    let Some((opened, invitation)) = open(&mut transaction, token).await? else {
        return Ok(None);
    };
    let user = store::find_user(&mut transaction, &invitation.email).await?;
    transaction.rollback().await?;
    Ok(Some(Found { token: token.clone(), opened, invitation, user }))
}

/// Opens the invitation behind a token, if it is neither accepted nor revoked, and with it the customer.
#[cfg(feature = "ssr")]
async fn open(conn: &mut PgConnection, token: &InvitationToken) -> Result<Option<(Opened, StoredInvitation)>, AppError> {
    let Some(opened) = store::open_invitation(conn, token).await? else {
        return Ok(None);
    };
    let invitation = store::find_invitation(conn, opened.customer_id, opened.invitation_id).await?;
    Ok(invitation.filter(|invitation| invitation.unanswered).map(|invitation| (opened, invitation)))
}

/// A signed-in person with the invited address joins; their session goes on in the new team.
#[cfg(feature = "ssr")]
async fn join_as(visitor: &Visitor, person: &SignedIn, found: &Found) -> Result<(), AppError> {
    let mut transaction = person.begin().await?;
    let role = take(&mut transaction, found, visitor.now()).await?;
    let mut tx = visitor.act_for(transaction, found.opened.customer_id, Some(person.user_id()), &person.session().user_name);
    store::insert_member(&mut tx, found.opened.customer_id, person.user_id(), role, visitor.now()).await?;
    session::switch(&mut tx, person.session_id(), found.opened.customer_id).await?;
    session::renew(&mut tx, visitor.request(), None).await?;
    tx.commit(events::member_joined(&found.invitation.email, role)).await
}

/// A new person chooses a name and a password, joins and is signed in. Hashing comes before the lock: it is slow.
#[cfg(feature = "ssr")]
async fn join_as_new(visitor: &Visitor, form: &AcceptForm, found: &Found) -> Result<(), AppError> {
    let new = NewPerson::parse(form)?;
    let about = [&new.name, found.invitation.email.as_str(), &found.opened.customer_name];
    let password_hash = password::hash(visitor.state(), &new.password, &about).await.map_err(|error| error.keeping("name", &form.name))?;
    let (customer, now) = (found.opened.customer_id, visitor.now());
    let user = UserId::from(visitor.state().entropy.uuid(now));
    let mut transaction = visitor.begin().await?;
    let role = take(&mut transaction, found, now).await?;
    if !store::insert_user(&mut transaction, user, &found.invitation.email, &new.name, &password_hash, now).await? {
        return Err(AppError::SignIn);
    }
    let mut tx = visitor.act_for(transaction, customer, Some(user), &new.name);
    store::insert_member(&mut tx, customer, user, role, now).await?;
    let new = NewSession { user_id: user, customer_id: Some(customer), lifetime: Lifetime::Day, strength: Strength::OneFactor };
    session::create(&mut tx, visitor.request(), new).await?;
    tx.commit(events::member_joined(&found.invitation.email, role)).await
}

/// Uses up the invitation and gives its role. Under the lock of the team everything is read again: meanwhile the
/// link may have been used, revoked or replaced, or the plan may have shrunk.
#[cfg(feature = "ssr")]
async fn take(conn: &mut PgConnection, found: &Found, now: OffsetDateTime) -> Result<Role, AppError> {
    open(conn, &found.token).await?.ok_or(AppError::NotFound)?;
    let customer = found.opened.customer_id;
    store::lock(conn, customer).await?;
    let (opened, invitation) = open(conn, &found.token).await?.ok_or(AppError::NotFound)?;
    if invitation.expires_at <= now {
        return Err(expired());
    }
    store::standing(conn, customer, now).await?.seats.check_acceptance(&opened.customer_name)?;
    store::accept_invitation(conn, customer, opened.invitation_id, now).await?;
    Ok(invitation.role)
}

#[cfg(feature = "ssr")]
fn expired() -> AppError {
    AppError::Conflict("This invitation has expired. Ask the person who invited you for a new one.".to_owned())
}
