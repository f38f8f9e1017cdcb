//! Somebody comes back from the provider: who they are here, and their session. All of it in one transaction.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    events::{self, Joined},
    model::{Domain, Failure},
    provider::Vouched,
    store::{self, ConnectionRow, PersonRow, UsedSignIn},
};
use crate::{
    error::AppError,
    field::{self, EmailAddress},
    ids::UserId,
    server::{
        audit::Event,
        caller::Visitor,
        session::{self, FRESH, Lifetime},
    },
    signin::{self, Proof, device},
    team,
};

/// Why somebody is not let in: for them, and for the log.
#[derive(Debug)]
pub(super) enum Refused {
    /// The reason is theirs to know; the text is for the log.
    For(Failure, String),
    /// Something failed on our side.
    Failed(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn refused<T>(failure: Failure, reason: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::For(failure, reason.into()))
}

/// Signs in whom the provider vouches for; whoever is new becomes a member first.
pub(super) async fn arrive(visitor: &Visitor, signin: &UsedSignIn, connection: &ConnectionRow, vouched: &Vouched) -> Result<(), Refused> {
    let now = visitor.now();
    let device = device::in_words(&visitor.request().user_agent);
    let mut transaction = visitor.begin_at(signin.customer).await?;
    let known = store::use_identity(&mut transaction, signin.customer, &signin.issuer, &vouched.subject, now).await?;
    let (person, event) = match known {
        Some(person) => (person, signin::started(&device, Proof::Provider(signin.customer), None, signin.keep)),
        None => introduce(visitor, &mut transaction, signin, connection, vouched, &device).await?,
    };
    let lifetime = if signin.keep { Lifetime::Month } else { Lifetime::Day };
    let authenticated_at = authenticated_at(vouched.asked_at, now);
    session::create_by_sso(&mut transaction, visitor.request(), person.user_id, signin.customer, authenticated_at, lifetime).await?;
    visitor.act_for(transaction, signin.customer, Some(person.user_id), &person.name).commit(event).await?;
    Ok(())
}

/// When the person proved who they are: when the provider asked them. If it does not say, it may have been long ago, and
/// nothing that needs a fresh sign-in is open.
fn authenticated_at(asked_at: Option<OffsetDateTime>, now: OffsetDateTime) -> OffsetDateTime {
    asked_at.map_or(now - FRESH - time::Duration::SECOND, |asked_at| asked_at.min(now))
}

/// An identity that is seen for the first time: by an address that is the customer's own, it becomes a member's. Whoever
/// else changes the team waits, so that the seats are counted rightly and one person is made only once.
async fn introduce(
    visitor: &Visitor,
    connection: &mut PgConnection,
    signin: &UsedSignIn,
    settings: &ConnectionRow,
    vouched: &Vouched,
    device: &str,
) -> Result<(PersonRow, Event), Refused> {
    let now = visitor.now();
    store::lock(connection, signin.customer).await?;
    // Another sign-in of the same person may have been faster.
    if let Some(person) = store::use_identity(connection, signin.customer, &signin.issuer, &vouched.subject, now).await? {
        return Ok((person, signin::started(device, Proof::Provider(signin.customer), None, signin.keep)));
    }
    let email = own_address(connection, signin, vouched).await?;
    let found = store::find_person(connection, signin.customer, &email).await?;
    let (person, event) = match found {
        Some(person) if person.is_member => (person, events::linked(device, &signin.issuer, &vouched.subject)),
        found => join(visitor, connection, signin, settings, vouched, (found, email)).await?,
    };
    if !store::insert_identity(connection, signin.customer, &signin.issuer, &vouched.subject, person.user_id, now).await? {
        return refused(Failure::Other, format!("{} is another subject of this provider", person.user_id));
    }
    Ok((person, event))
}

/// The address that the provider has checked, if its domain is one that the customer has proved to own: then the customer
/// may say who has it.
async fn own_address(connection: &mut PgConnection, signin: &UsedSignIn, vouched: &Vouched) -> Result<EmailAddress, Refused> {
    let Some(email) = &vouched.email else {
        return refused(Failure::Address, "no address that the provider has checked");
    };
    let address = EmailAddress::parse(email).ok();
    let Some((address, domain)) = address.and_then(|address| Domain::of(&address).map(|domain| (address, domain))) else {
        return refused(Failure::Address, "the address cannot be read");
    };
    let found = store::find_domain(connection, signin.customer, &domain).await?;
    match found {
        Some(found) if found.verified_at.is_some() => Ok(address),
        _ => refused(Failure::Address, format!("the domain {} is not the customer's", domain.as_str())),
    }
}

/// Somebody who does not belong to the team yet joins it: by their invitation, or else by the provider's word alone.
async fn join(
    visitor: &Visitor,
    connection: &mut PgConnection,
    signin: &UsedSignIn,
    settings: &ConnectionRow,
    vouched: &Vouched,
    (found, email): (Option<PersonRow>, EmailAddress),
) -> Result<(PersonRow, Event), Refused> {
    let now = visitor.now();
    let invited = team::take_invitation(connection, signin.customer, &email, now).await?;
    if invited.is_none() && found.as_ref().is_some_and(|person| person.was_removed) {
        return refused(Failure::Removed, "the person was removed from the team");
    }
    if !team::has_seat(connection, signin.customer, now).await? {
        return refused(Failure::Full, "no seat is left");
    }
    let person = match found {
        Some(person) => person,
        None => insert_person(visitor, connection, &email, vouched).await?,
    };
    let role = invited.unwrap_or(settings.role);
    team::insert_member(connection, signin.customer, person.user_id, role, now).await?;
    store::forget_removal(connection, signin.customer, person.user_id).await?;
    let managers = store::managers(connection, signin.customer).await?;
    let joined = Joined { email: &person.email, issuer: &signin.issuer, subject: &vouched.subject, role, invited: invited.is_some() };
    let event = events::joined(&joined, &signin.customer_name, &visitor.state().config.link("/team"), &managers);
    Ok((person, event))
}

async fn insert_person(
    visitor: &Visitor,
    connection: &mut PgConnection,
    email: &EmailAddress,
    vouched: &Vouched,
) -> Result<PersonRow, Refused> {
    let user_id = UserId::from(visitor.state().entropy.uuid(visitor.now()));
    let name = name(vouched.name.as_deref(), email);
    if !store::insert_person(connection, user_id, email, &name, visitor.now()).await? {
        // At another customer's provider, or with an invitation, in this very moment.
        return refused(Failure::Busy, "the person has just been made elsewhere");
    }
    Ok(PersonRow { user_id, name, email: email.to_string(), is_member: false, was_removed: false })
}

/// The name that the provider tells, or what stands before the @.
fn name(told: Option<&str>, email: &EmailAddress) -> String {
    let told = told.map(|name| name.chars().take(120).collect::<String>());
    let told = told.and_then(|name| field::line(&name, 1, 120, "Name").ok());
    told.unwrap_or_else(|| email.as_str().split('@').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn names_are_those_of_the_provider_or_of_the_address() {
        let email = EmailAddress::parse("ada.byron@acme.example").unwrap();
        assert_eq!(name(Some(" Ada Byron "), &email), "Ada Byron");
        for nameless in [None, Some(""), Some("  "), Some("a\nb")] {
            assert_eq!(name(nameless, &email), "ada.byron", "{nameless:?}");
        }
        assert_eq!(name(Some(&"x".repeat(500)), &email).len(), 120);
    }

    #[test]
    fn sign_in_is_as_fresh_as_the_provider_says() {
        let now = datetime!(2026-11-25 12:00 UTC);
        assert_eq!(authenticated_at(Some(now - time::Duration::HOUR), now), now - time::Duration::HOUR);
        assert_eq!(authenticated_at(Some(now + time::Duration::HOUR), now), now, "not in the future");
        assert!(now - authenticated_at(None, now) > FRESH, "unsaid, it is not fresh");
    }
}
