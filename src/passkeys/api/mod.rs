//! A person's own passkeys.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, serde_json::Value, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        ceremony::{self, Asked, Holder, Refusal, RelyingParty},
        events::{self, Person},
        model::{MOST, Offer, Passkey, read_name},
        store::{self, Inserted, NewPasskey, Purpose},
    },
    crate::{
        ids::PasskeyId,
        server::{
            caller::{SignedIn, Visitor},
            forms,
            rate_limit::{self, Limited},
        },
        signin::device,
        ui::Done,
        when::When,
    },
    time::Duration,
};

use super::model::{AddForm, PasskeyList, RenameForm};
use crate::error::AppError;

pub mod proof;

/// How long an authenticator has to answer, as its options say, too. Enough for somebody who needs time (WCAG 2.2, 2.2.1).
#[cfg(feature = "ssr")]
const LIFETIME: Duration = Duration::minutes(5);

/// The person's passkeys.
#[server(prefix = "/api", endpoint = "passkeys/list", input = GetUrl)]
pub async fn list_passkeys() -> Result<PasskeyList, AppError> {
    let signed_in = SignedIn::require().await?;
    let (request, config) = (signed_in.request(), &signed_in.request().state.config);
    let mut read = signed_in.read().await?;
    let stored = store::list(&mut read, signed_in.user_id()).await?;
    let offer = match RelyingParty::of(config) {
        None => Offer::NoDomain,
        Some(_) if stored.len() as i64 >= MOST => Offer::Full,
        Some(_) => Offer::Open,
    };
    let passkeys = stored.into_iter().map(|passkey| Passkey {
        id: passkey.passkey_id,
        name: passkey.name,
        added: When::new(passkey.created_at, request.now),
        used: passkey.last_used_at.map(|used| When::new(used, request.now)),
        blocked: passkey.blocked_at.is_some(),
    });
    Ok(PasskeyList {
        passkeys: passkeys.collect(),
        offer,
        suggested_name: device::in_words(&request.user_agent),
        portal: config.app_url.origin().ascii_serialization(),
    })
}

/// What a browser is to ask an authenticator for, so that it makes a passkey. Whoever adds a way in must have proved just
/// now who they are (ASVS 5.0, 7.5.1).
#[server(prefix = "/api", endpoint = "passkeys/start_adding")]
pub async fn start_adding() -> Result<Value, AppError> {
    let signed_in = SignedIn::require().await?;
    let (relying_party, credentials) = may_add(&signed_in).await?;
    let session = signed_in.session();
    let holder = Holder { user_id: signed_in.user_id(), email: &session.user_email, name: &session.user_name, credentials };
    keep(&Visitor::of_request()?, Purpose::Registration(signed_in.session_id()), relying_party.ask_for_new(holder)?).await
}

/// Adds the passkey that an authenticator has made. That the sign-in was fresh is told by the challenge, which has been
/// given out for nothing else.
#[server(prefix = "/api", endpoint = "passkeys/add")]
pub async fn add_passkey(#[server(default)] form: AddForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    if form.answer.is_missing() {
        // The page has not come so far; it shows what was in the way.
        may_add(&signed_in).await?;
        return Err(no_answer());
    }
    let request = signed_in.request();
    let suggested = device::in_words(&request.user_agent);
    let name = read_name(if form.name.trim().is_empty() { &suggested } else { &form.name })?;
    let relying_party = RelyingParty::require(&request.state.config)?;
    let (answer, challenge_hash) = ceremony::read_new(&form.answer).ok_or_else(no_answer)?;
    let state = take(&Visitor::of_request()?, &challenge_hash, Purpose::Registration(signed_in.session_id())).await?;
    let passkey = relying_party.accept_new(&answer, state).map_err(|refusal| {
        if let Refusal::Wrong(error) = refusal {
            tracing::info!(user = %signed_in.user_id(), %error, "a new passkey was refused");
        }
        AppError::Conflict("This device made a passkey that the portal cannot use. Try another device or a security key.".to_owned())
    })?;
    let new = NewPasskey {
        passkey_id: PasskeyId::from(request.state.entropy.uuid(request.now)),
        user_id: signed_in.user_id(),
        credential_id: passkey.cred_id().as_ref(),
        credential: serde_json::to_value(&passkey).map_err(ceremony::defect)?,
        name: &name,
        created_at: request.now,
    };
    let mut transaction = signed_in.begin().await?;
    match store::insert(&mut transaction, new).await? {
        Inserted::Added => {}
        Inserted::Full => return Err(full()),
        Inserted::Known => return Err(AppError::Conflict("This passkey is in use already. Add one that is new.".to_owned())),
    }
    signed_in.commit_everywhere(transaction, events::added(&name, &person(&signed_in))).await?;
    forms::after_post(&format!("/account/passkeys?done={}", Done::PasskeyAdded));
    Ok(())
}

/// Gives one of the person's passkeys another name.
#[server(prefix = "/api", endpoint = "passkeys/rename")]
pub async fn rename_passkey(#[server(default)] form: RenameForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let id: PasskeyId = form.id.parse().map_err(|_| AppError::NotFound)?;
    let name = read_name(&form.name)?;
    let mut transaction = signed_in.begin().await?;
    let before = store::rename(&mut transaction, signed_in.user_id(), id, &name).await?.ok_or(AppError::NotFound)?;
    if before != name {
        signed_in.commit(transaction, events::renamed(&before, &name)).await?;
    }
    forms::after_post(&format!("/account/passkeys?done={}", Done::Saved));
    Ok(())
}

/// Removes one of the person's passkeys: nobody signs in with it any more. Sessions that began with it go on.
#[server(prefix = "/api", endpoint = "passkeys/remove")]
pub async fn remove_passkey(#[server(default)] id: String) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    signed_in.check_fresh()?;
    let id: PasskeyId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut transaction = signed_in.begin().await?;
    let name = store::delete(&mut transaction, signed_in.user_id(), id).await?.ok_or(AppError::NotFound)?;
    signed_in.commit_everywhere(transaction, events::removed(&name, &person(&signed_in))).await?;
    forms::after_post(&format!("/account/passkeys?done={}", Done::PasskeyRemoved));
    Ok(())
}

/// Whether the person may add a passkey now; what their authenticators call those that they have.
#[cfg(feature = "ssr")]
async fn may_add(signed_in: &SignedIn) -> Result<(RelyingParty, Vec<Vec<u8>>), AppError> {
    signed_in.check_fresh()?;
    let relying_party = RelyingParty::require(&signed_in.request().state.config)?;
    let mut read = signed_in.read().await?;
    let credentials = store::credential_ids(&mut read, signed_in.user_id()).await?;
    if credentials.len() as i64 >= MOST { Err(full()) } else { Ok((relying_party, credentials)) }
}

/// Keeps what an answer will be checked against, and gives what the browser needs.
#[cfg(feature = "ssr")]
async fn keep(visitor: &Visitor, purpose: Purpose, asked: Asked) -> Result<Value, AppError> {
    rate_limit::attempt(visitor.request(), Limited::Challenge, &visitor.request().ip).await?;
    let mut transaction = visitor.begin().await?;
    store::insert_challenge(&mut transaction, &asked.challenge_hash, purpose, &asked.state, visitor.now() + LIFETIME).await?;
    transaction.commit().await?;
    Ok(asked.options)
}

/// Takes what an answer is checked against. It is gone then, whatever the check says.
#[cfg(feature = "ssr")]
async fn take(visitor: &Visitor, challenge_hash: &[u8; 32], purpose: Purpose) -> Result<Value, AppError> {
    let mut transaction = visitor.begin().await?;
    let state = store::take_challenge(&mut transaction, challenge_hash, purpose, visitor.now()).await?;
    transaction.commit().await?;
    state.ok_or_else(|| AppError::Conflict("This took longer than five minutes, or was sent twice. Try again.".to_owned()))
}

#[cfg(feature = "ssr")]
fn person(signed_in: &SignedIn) -> Person<'_> {
    let session = signed_in.session();
    Person { email: &session.user_email, name: &session.user_name, config: &signed_in.request().state.config }
}

#[cfg(feature = "ssr")]
fn no_answer() -> AppError {
    AppError::Conflict("Your browser sent no passkey. Reload the page and try again.".to_owned())
}

#[cfg(feature = "ssr")]
fn full() -> AppError {
    AppError::LimitReached(format!("You have {MOST} passkeys, the most that one person may have. Remove one that you do not use."))
}
