//! The one door: between somebody's proof of who they are and their session.

use sqlx::{Postgres, Transaction};

use crate::{
    error::AppError,
    second_factor,
    server::{
        browser_secret,
        caller::Visitor,
        forms,
        outbox::Notification,
        session::{self, Lifetime, NewSession, Strength},
    },
    signin::{
        device,
        events::{self, Proof},
        model::Landing,
        store,
    },
};

/// Somebody who has proved who they are; what is left is the session.
pub(crate) struct Identified {
    /// The person.
    pub(crate) person: store::Person,
    /// How they proved it.
    pub(crate) proof: Proof,
    /// Whether they stay signed in for 30 days.
    pub(crate) keep: bool,
    /// Where they want to go.
    pub(crate) next: String,
    /// Their password, hashed anew because the parameters have changed.
    pub(crate) renewed_hash: Option<String>,
}

/// Begins the session and leads to where the person wants to go. Every way in comes through here. Whoever has a second
/// factor and gave one factor only is asked for the second first: until then there is no session.
///
/// # Errors
/// If the database does not answer; then nobody is signed in.
pub(crate) async fn enter(
    visitor: &Visitor,
    mut transaction: Transaction<'static, Postgres>,
    identified: Identified,
) -> Result<Landing, AppError> {
    let Identified { person, proof, renewed_hash, .. } = &identified;
    if let Some(hash) = renewed_hash {
        store::update_password(&mut transaction, person.user_id, hash, visitor.now()).await?;
    }
    if proof.strength() == Strength::OneFactor && second_factor::is_on(&mut transaction, person.user_id).await? {
        let step = second_factor::Step { user_id: person.user_id, proof: proof.as_str(), keep: identified.keep, next: &identified.next };
        let path = second_factor::ask(visitor, transaction, step).await?;
        return Ok(lead(path));
    }
    begin(visitor, transaction, identified, None).await
}

/// A second factor that was given, for the trail and the person's own eyes.
pub(crate) struct SecondFactor {
    /// What it was, in words.
    pub(crate) words: &'static str,
    /// The mail that tells the person, where its use is worth one.
    pub(crate) notice: Option<Notification>,
}

/// Begins the session of somebody who has given all that is asked for.
///
/// # Errors
/// If the database does not answer; then nobody is signed in.
pub(crate) async fn begin(
    visitor: &Visitor,
    mut transaction: Transaction<'static, Postgres>,
    identified: Identified,
    second: Option<SecondFactor>,
) -> Result<Landing, AppError> {
    let Identified { person, proof, keep, next, .. } = identified;
    let strength = if second.is_some() { Strength::TwoFactors } else { proof.strength() };
    let customer_id = match strength {
        Strength::Provider(customer) => Some(customer),
        _ => store::last_customer(&mut transaction, person.user_id).await?,
    };
    let lifetime = if keep { Lifetime::Month } else { Lifetime::Day };
    let new = NewSession { user_id: person.user_id, customer_id, lifetime, strength };
    session::create(&mut transaction, visitor.request(), new).await?;
    let device = device::in_words(&visitor.request().user_agent);
    let mut event = events::started(&device, proof, second.as_ref().map(|second| second.words), keep);
    event.notifications.extend(second.and_then(|second| second.notice));
    visitor.commit_sign_in(transaction, customer_id, person.user_id, &person.name, event).await?;
    // Whatever this browser had begun is finished.
    if browser_secret::find(&visitor.state().config).is_some() {
        browser_secret::forget(&visitor.state().config);
    }
    let next = forms::local_path(&next).unwrap_or("/");
    // The staff has no dashboard of a company.
    Ok(lead(if person.is_staff && customer_id.is_none() && next == "/" { "/staff/tickets" } else { next }))
}

fn lead(path: &str) -> Landing {
    forms::redirect(path);
    Landing { path: path.to_owned() }
}
