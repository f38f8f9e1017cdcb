//! Signing in and out, choosing a customer, choosing a new password.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        device,
        events::{self, Proof},
        model::{CustomerChoice, Password},
        password, store,
    },
    crate::{
        error::FieldErrors,
        field::EmailAddress,
        ids::UserId,
        passkeys,
        server::{
            caller::{Caller, SignedIn, Visitor},
            entropy::sha256,
            flash, forms,
            outbox::{self, Notification},
            rate_limit::{self, Limited},
            session,
        },
    },
    leptos::server_fn::ServerFn,
    serde_json::json,
    time::Duration,
};

pub mod codes;
pub mod confirm;
#[cfg(feature = "ssr")]
mod enter;
pub mod new_password;
pub mod sessions;

#[cfg(feature = "ssr")]
pub(crate) use enter::{Identified, SecondFactor, begin, enter};

use super::model::{ForgotForm, Landing, ResetForm, Shell, SignInForm};
use crate::error::AppError;

/// What the frame of the portal shows about the person.
#[server(prefix = "/api", endpoint = "signin/shell", input = GetUrl)]
pub async fn find_shell() -> Result<Shell, AppError> {
    let caller = match Caller::enter().await {
        Err(AppError::NoCompany) => {
            let staff = SignedIn::find().await?.is_some_and(|signed_in| signed_in.session().is_staff);
            if staff && loads_page_of_company() {
                forms::redirect("/staff/tickets");
            }
            return Err(AppError::NoCompany);
        }
        caller => caller?,
    };
    if caller.lacks_second_factor() && loads_page_of_company() {
        forms::redirect("/account/second-factor?required");
    }
    let customers: Vec<CustomerChoice> = serde_json::from_value(caller.customers().clone()).unwrap_or_default();
    Ok(Shell {
        user_id: caller.user_id(),
        session_id: caller.session_id(),
        person_name: caller.name().to_owned(),
        person_email: caller.email().to_owned(),
        customer_id: caller.customer_id(),
        customer_name: caller.customer_name().to_owned(),
        plan: caller.plan(),
        rights: caller.rights(),
        customers,
        is_staff: caller.is_staff(),
        return_to: caller.return_to(),
        locked: caller.lacks_second_factor(),
    })
}

/// Whether a page is being loaded that is more than the person's own. A page that reads its frame anew is left where it is.
#[cfg(feature = "ssr")]
fn loads_page_of_company() -> bool {
    let own = ["/account/password", "/account/sessions", "/account/second-factor", "/account/passkeys"];
    forms::wants_html() && !own.contains(&forms::path_of_request().as_str())
}

/// Signs in by e-mail address and password. A wrong password and an unknown address get the same answer after the
/// same time.
#[server(prefix = "/api", endpoint = "signin/in")]
pub async fn sign_in(form: SignInForm) -> Result<Landing, AppError> {
    let visitor = Visitor::of_request()?;
    let (keep, next, typed) = (form.keep, form.next.clone(), form.email.clone());
    let credentials = form.parse()?;
    let account = credentials.email.clone();
    rate_limit::attempt(visitor.request(), Limited::SignIn, account.as_str()).await?;
    let mut transaction = visitor.begin().await?;
    let person = store::find_person(&mut transaction, &credentials.email).await?;
    // No connection is held while the password is checked.
    drop(transaction);
    let hash = person.as_ref().and_then(|person| person.password_hash.clone());
    let verified = password::verify(visitor.state(), hash, credentials.password).await?;
    let refused = || {
        tracing::info!(ip = visitor.request().ip, account = rate_limit::mark(account.as_str()), "a sign-in was refused");
        let mut errors = FieldErrors::new();
        errors.keep("email", &typed);
        errors.add("password", "The e-mail address or the password is wrong. Check both, or choose a new password.");
        AppError::Invalid(errors)
    };
    let person = person.filter(|_| verified.matches()).ok_or_else(refused)?;
    let mut transaction = visitor.begin().await?;
    // Whoever chose a new one meanwhile has ended all sessions: the old one must not begin another.
    if store::find_password_for_update(&mut transaction, person.user_id).await? != person.password_hash {
        return Err(refused());
    }
    rate_limit::succeeded(visitor.request(), Limited::SignIn, account.as_str()).await;
    enter(&visitor, transaction, Identified { person, proof: Proof::Password, keep, next, renewed_hash: verified.renewed_hash() }).await
}

/// Waits until the same time has passed, whatever had to be done: the time of an answer must not tell whether an account
/// has the address.
#[cfg(feature = "ssr")]
async fn same_time<T>(work: impl Future<Output = T>) -> T {
    const LONGER_THAN_THE_WORK: std::time::Duration = std::time::Duration::from_millis(100);
    futures::join!(work, tokio::time::sleep(LONGER_THAN_THE_WORK)).0
}

/// Ends this browser's session. `next` is where to go then, for those who sign in again with another address.
#[server(prefix = "/api", endpoint = "signin/out")]
pub async fn sign_out(#[server(default)] next: String) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    visitor.end_session(events::signed_out(&device::in_words(&visitor.request().user_agent))).await?;
    forms::redirect(forms::local_path(&next).unwrap_or("/signin?done=signed-out"));
    Ok(())
}

/// Makes another of the person's customers the current one.
#[server(prefix = "/api", endpoint = "signin/switch")]
pub async fn switch_customer(#[server(default)] customer_id: String) -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let customers: Vec<CustomerChoice> = serde_json::from_value(signed_in.session().customers.clone()).unwrap_or_default();
    let chosen = customers.into_iter().find(|customer| customer.id.to_string() == customer_id).ok_or(AppError::NotFound)?;
    if chosen.needs_sso {
        forms::redirect("/signin/sso");
        return Ok(());
    }
    let mut transaction = signed_in.begin().await?;
    session::switch(&mut transaction, signed_in.session_id(), chosen.id).await?;
    // Later than this request, which may be noted as a use of the customer that is left.
    let now = signed_in.request().state.clock.now();
    session::note_activity(&mut transaction, chosen.id, signed_in.user_id(), now).await?;
    transaction.commit().await?;
    flash::forget(&signed_in.request().state.config);
    forms::redirect("/");
    Ok(())
}

/// Mails a link to choose a new password. The answer is the same whether the address is known or not.
#[server(prefix = "/api", endpoint = "signin/forgot")]
pub async fn request_reset(form: ForgotForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let email = form.address()?;
    rate_limit::attempt(visitor.request(), Limited::Mail, email.as_str()).await?;
    same_time(send_reset(&visitor, &email)).await?;
    forms::after_post("/reset?done=reset-sent");
    Ok(())
}

#[cfg(feature = "ssr")]
async fn send_reset(visitor: &Visitor, email: &EmailAddress) -> Result<(), AppError> {
    let mut transaction = visitor.begin().await?;
    if let Some(person) = store::find_person(&mut transaction, email).await? {
        let token = visitor.state().entropy.hex::<32>();
        let expires_at = visitor.now() + Duration::HOUR;
        store::insert_reset(&mut transaction, person.user_id, &sha256(token.as_bytes()), visitor.now(), expires_at).await?;
        let link = visitor.state().config.link(&format!("/reset/{token}"));
        let notification = Notification::new("password_reset", json!({ "email": email, "name": person.name, "resetUrl": link }));
        let id = visitor.state().entropy.uuid(visitor.now());
        outbox::insert(&mut transaction, None, &notification, visitor.now(), id).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Whether the link to choose a new password still works. Looking does not use it up: mail scanners follow links.
#[server(prefix = "/api", endpoint = "signin/reset_is_open", input = GetUrl)]
pub async fn reset_is_open(token: String) -> Result<bool, AppError> {
    let visitor = Visitor::of_request()?;
    let mut transaction = visitor.begin().await?;
    Ok(store::reset_is_open(&mut transaction, &sha256(token.as_bytes()), visitor.now()).await?)
}

/// Sets a new password and ends every session of the person, and whatever else would let somebody in. It stands in the trail
/// of every company of theirs.
#[server(prefix = "/api", endpoint = "signin/reset")]
pub async fn reset_password(form: ResetForm) -> Result<(), AppError> {
    let visitor = Visitor::of_request()?;
    let token = form.token.clone();
    let reset = set_password(&visitor, form).await;
    match &reset {
        Ok(()) => forms::redirect("/signin?done=password-changed"),
        // The page sends no Referer, because its address is a secret.
        Err(error) => forms::back_after_failed_post(&format!("/reset/{token}"), <ResetPassword as ServerFn>::PATH, error),
    }
    reset
}

#[cfg(feature = "ssr")]
async fn set_password(visitor: &Visitor, form: ResetForm) -> Result<(), AppError> {
    let password = Password::parse(&form.password).map_err(|message| AppError::invalid("password", message))?;
    let token_hash = sha256(form.token.as_bytes());
    let gone = || AppError::Conflict("This link has expired or was used already. Ask for a new one.".to_owned());
    // Hashing is dear, so it is done for those only who hold a link; and no connection is held meanwhile.
    let mut transaction = visitor.begin().await?;
    let (name, email) = store::find_reset_person(&mut transaction, &token_hash, visitor.now()).await?.ok_or_else(gone)?;
    drop(transaction);
    let hash = password::hash(visitor.state(), &password, &[&name, &email]).await?;
    let mut transaction = visitor.begin().await?;
    let user_id = store::use_reset(&mut transaction, &token_hash, visitor.now()).await?.ok_or_else(gone)?;
    store::update_password(&mut transaction, user_id, &hash, visitor.now()).await?;
    store::void_other_ways_in(&mut transaction, user_id, visitor.now()).await?;
    session::end_all(&mut transaction, user_id).await?;
    tell_of_password(visitor, &mut transaction, user_id, &name, &email).await?;
    let customers = store::list_customers(&mut transaction, user_id).await?;
    visitor.commit_at_all(transaction, &customers, user_id, &name, &events::password_reset(&email)).await?;
    tracing::info!(user = %user_id, "chose a new password; all sessions ended");
    Ok(())
}

/// Tells the person of their new password. Passkeys go on: whoever forgets a password has lost none, and each was told by
/// mail when it was added. They are named, so that one that somebody else has added is noticed now at the latest.
#[cfg(feature = "ssr")]
async fn tell_of_password(
    visitor: &Visitor,
    connection: &mut sqlx::PgConnection,
    user_id: UserId,
    name: &str,
    email: &str,
) -> Result<(), AppError> {
    let state = visitor.state();
    let passkeys = passkeys::list_working(connection, user_id).await?;
    let payload = json!({ "email": email, "name": name, "passkeys": passkeys, "url": state.config.link("/account/passkeys") });
    let id = state.entropy.uuid(visitor.now());
    outbox::insert(connection, None, &Notification::new("password_changed", payload), visitor.now(), id).await?;
    Ok(())
}
