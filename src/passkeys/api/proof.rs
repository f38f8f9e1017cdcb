//! Proving with a passkey who one is: to sign in, and once more before the most sensitive changes.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, serde_json::Value};

#[cfg(feature = "ssr")]
use {
    super::{
        super::{
            ceremony::{self, Refusal, RelyingParty},
            events::{self, Person},
            model::Answer,
            store::{self, Purpose, UsedPasskey},
        },
        keep, no_answer, take,
    },
    crate::{
        ids::UserId,
        server::{
            caller::{SignedIn, Visitor},
            forms,
            rate_limit::{self, Limited},
            session::{self, Strength},
        },
        signin::{self, Identified, Proof},
    },
};

use crate::{
    error::AppError,
    passkeys::model::{ConfirmForm, SignInForm},
    signin::model::Landing,
};

#[cfg(feature = "ssr")]
type Transaction = sqlx::Transaction<'static, sqlx::Postgres>;

/// What a browser is to ask an authenticator for, so that somebody signs in. Nobody says who they are before.
#[server(prefix = "/api", endpoint = "passkeys/start_signin")]
pub async fn start_sign_in() -> Result<Value, AppError> {
    let visitor = Visitor::of_request()?;
    keep(&visitor, Purpose::SignIn, RelyingParty::require(&visitor.state().config)?.ask_for_proof()?).await
}

/// Signs in by a passkey. Whatever is wrong with it, the answer is the same.
#[server(prefix = "/api", endpoint = "passkeys/signin")]
pub async fn sign_in_by_passkey(#[server(default)] form: SignInForm) -> Result<Landing, AppError> {
    let visitor = Visitor::of_request()?;
    let (mut transaction, user_id) = prove(&visitor, &form.answer, Purpose::SignIn).await?;
    let person = signin::find_person_by_id(&mut transaction, user_id).await?.ok_or_else(refused)?;
    let identified = Identified { person, proof: Proof::Passkey, keep: form.keep, next: form.next, renewed_hash: None };
    signin::enter(&visitor, transaction, identified).await
}

/// What a browser is to ask an authenticator for, so that the person who is signed in proves once more who they are.
#[server(prefix = "/api", endpoint = "passkeys/start_confirm")]
pub async fn start_confirmation() -> Result<Value, AppError> {
    let signed_in = SignedIn::require().await?;
    let visitor = Visitor::of_request()?;
    let asked = RelyingParty::require(&visitor.state().config)?.ask_for_proof()?;
    keep(&visitor, Purpose::Confirmation(signed_in.session_id()), asked).await
}

/// Checks a passkey of the person who is signed in; their session gets a new token and counts as fresh for five minutes.
/// Without a `next` the form was opened beside another one, and the page says that it is done.
#[server(prefix = "/api", endpoint = "passkeys/confirm")]
pub async fn confirm_by_passkey(#[server(default)] form: ConfirmForm) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let visitor = Visitor::of_request()?;
    let next = forms::local_path(&form.next).map_or_else(|| "/signin/confirm?done=confirmed".to_owned(), str::to_owned);
    let (mut transaction, user_id) = prove(&visitor, &form.answer, Purpose::Confirmation(signed_in.session_id())).await?;
    if user_id != signed_in.user_id() {
        tracing::info!(user = %signed_in.user_id(), ip = visitor.request().ip, "a confirmation by somebody else's passkey was refused");
        return Err(AppError::Conflict(format!(
            "This passkey belongs to somebody else. Choose one of {}.",
            signed_in.session().user_email
        )));
    }
    session::renew(&mut transaction, visitor.request(), Some(Strength::TwoFactors)).await?;
    transaction.commit().await?;
    tracing::info!(user = %user_id, session = %signed_in.session_id(), "confirmed who they are by a passkey");
    forms::redirect(&next);
    Ok(())
}

/// Whose passkey it is that the answer proves, in the transaction in which its use was noted.
#[cfg(feature = "ssr")]
async fn prove(visitor: &Visitor, answer: &Answer, purpose: Purpose) -> Result<(Transaction, UserId), AppError> {
    let relying_party = RelyingParty::require(&visitor.state().config)?;
    let (answer, challenge_hash) = ceremony::read_proof(answer).ok_or_else(no_answer)?;
    // Who it is is not known before the proof is right, so the passkey stands for the account.
    let account = hex::encode(answer.get_credential_id());
    rate_limit::attempt(visitor.request(), Limited::SignIn, &account).await?;
    let state = take(visitor, &challenge_hash, purpose).await?;
    let mut transaction = visitor.begin().await?;
    let claimed = relying_party.claimed(&answer);
    let found = match &claimed {
        Some((user_id, credential_id)) => {
            store::find_for_use(&mut transaction, *user_id, credential_id).await?.map(|used| (*user_id, used))
        }
        None => None,
    };
    let Some((user_id, used)) = found else {
        tracing::info!(ip = visitor.request().ip, "an unknown passkey was refused");
        return Err(refused());
    };
    let mut passkey = serde_json::from_value(used.credential.clone()).map_err(ceremony::defect)?;
    match relying_party.check_proof(&answer, state, &mut passkey) {
        Ok(()) => {}
        Err(Refusal::Wrong(error)) => {
            tracing::info!(user = %user_id, ip = visitor.request().ip, %error, "a passkey was refused");
            return Err(refused());
        }
        Err(Refusal::Copied) => {
            block(visitor, transaction, user_id, used).await?;
            return Err(refused());
        }
    }
    let credential = serde_json::to_value(&passkey).map_err(ceremony::defect)?;
    store::note_use(&mut transaction, used.passkey_id, &credential, visitor.now()).await?;
    rate_limit::succeeded(visitor.request(), Limited::SignIn, &account).await;
    Ok((transaction, user_id))
}

/// Refuses a passkey from now on that may have been copied, and tells its person.
#[cfg(feature = "ssr")]
async fn block(visitor: &Visitor, mut transaction: Transaction, user_id: UserId, used: UsedPasskey) -> Result<(), AppError> {
    store::block(&mut transaction, used.passkey_id, visitor.now()).await?;
    let customer_id = signin::store::last_customer(&mut transaction, user_id).await?;
    let person = Person { email: &used.person_email, name: &used.person_name, config: &visitor.state().config };
    let event = events::blocked(&used.name, &person);
    visitor.commit_sign_in(transaction, customer_id, user_id, &used.person_name, event).await
}

#[cfg(feature = "ssr")]
fn refused() -> AppError {
    AppError::Conflict("This passkey does not work here. Sign in another way, and look at your passkeys.".to_owned())
}
