//! Turning the second factor on and off, and its recovery codes.
#![expect(missing_docs, reason = "the server macro makes a public struct of each function's arguments")]

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    error::AppError,
    second_factor::model::{OwnSecondFactor, TurnOnForm},
};
#[cfg(feature = "ssr")]
use {
    crate::{
        second_factor::{
            check, events,
            model::{AppCode, Enrolment, RecoveryCode, read_codes},
            picture,
            seed::Seed,
            store,
        },
        server::{
            caller::SignedIn,
            flash::{Handover, Purpose},
            forms,
            session::{self, Strength},
        },
        signin,
        ui::Done,
        when::When,
    },
    sqlx::PgConnection,
    time::Duration,
};

#[cfg(feature = "ssr")]
const PAGE: &str = "/account/second-factor";

/// For how long a new secret is shown and waits for its first code.
#[cfg(feature = "ssr")]
const ENROLMENT: Duration = Duration::minutes(15);

/// The person's second factor.
#[server(prefix = "/api", endpoint = "second_factor/find", input = GetUrl)]
pub async fn find_second_factor() -> Result<OwnSecondFactor, AppError> {
    let signed_in = SignedIn::require().await?;
    let (state, now) = (&signed_in.request().state, signed_in.request().now);
    let mut read = signed_in.read().await?;
    let stored = store::find(&mut read, signed_in.user_id()).await?;
    let codes_left = store::count_recovery_codes(&mut read, signed_in.user_id()).await?;
    drop(read);
    let session = signed_in.session();
    let enrolment = match &stored {
        Some(stored) if !stored.confirmed && now - stored.created_at <= ENROLMENT => {
            Some(enrolment(&check::open(state, signed_in.user_id(), &stored.sealed_secret)?, &session.user_email)?)
        }
        _ => None,
    };
    let asked = session.lacks_second_factor();
    Ok(OwnSecondFactor {
        since: stored.filter(|stored| stored.confirmed).map(|stored| When::new(stored.created_at, now)),
        codes_left,
        enrolment,
        locked: asked || (session.is_staff && state.config.staff_needs_second_factor && !session.two_factors),
        asked_by: session.customer_name.clone().filter(|_| session.two_factors_required),
        codes: handover(&signed_in).take(&state.config).map(|codes| read_codes(&codes)).unwrap_or_default(),
    })
}

#[cfg(feature = "ssr")]
fn enrolment(seed: &Seed, account: &str) -> Result<Enrolment, AppError> {
    let (picture, size) = picture::draw(&seed.address(account)).ok_or(AppError::NotFound)?;
    Ok(Enrolment { picture, size, secret: seed.in_groups(), account: account.to_owned() })
}

/// Makes a new secret and shows it; it counts once a code of it was entered.
#[server(prefix = "/api", endpoint = "second_factor/start")]
pub async fn start_second_factor() -> Result<(), AppError> {
    let signed_in = SignedIn::require_fresh().await?;
    let (state, now) = (&signed_in.request().state, signed_in.request().now);
    let sealed = Seed::new(&state.entropy).seal(&state.config.sealer, &state.entropy, signed_in.user_id());
    let mut transaction = signed_in.begin().await?;
    if !store::put_seed(&mut transaction, signed_in.user_id(), &sealed, now).await? {
        return Err(AppError::Conflict("Your second factor is on already. Turn it off first, to set up another app.".to_owned()));
    }
    // Nothing has happened yet: the event is the turning on.
    transaction.commit().await?;
    forms::after_post(PAGE);
    Ok(())
}

/// Forgets a secret that was shown and did not count yet.
#[server(prefix = "/api", endpoint = "second_factor/cancel")]
pub async fn cancel_second_factor() -> Result<(), AppError> {
    let signed_in = SignedIn::require().await?;
    let mut transaction = signed_in.begin().await?;
    store::delete_unconfirmed(&mut transaction, signed_in.user_id()).await?;
    transaction.commit().await?;
    forms::after_post(PAGE);
    Ok(())
}

/// Turns the second factor on by the first code of the app, and answers with ten recovery codes, this once. All other
/// sessions end, and this one gets a new token: from here on it holds two factors.
#[server(prefix = "/api", endpoint = "second_factor/turn_on")]
pub async fn turn_on_second_factor(#[server(default)] form: TurnOnForm) -> Result<Vec<String>, AppError> {
    let signed_in = SignedIn::require_fresh().await?;
    let code = AppCode::parse(&form.code).map_err(|message| AppError::invalid("code", message))?;
    let (state, now, user_id) = (&signed_in.request().state, signed_in.request().now, signed_in.user_id());
    let over = || AppError::Conflict("This took longer than fifteen minutes, or was done already. Start again.".to_owned());
    let mut transaction = signed_in.begin().await?;
    let stored = store::find(&mut transaction, user_id).await?;
    let stored = stored.filter(|stored| !stored.confirmed && now - stored.created_at <= ENROLMENT).ok_or_else(over)?;
    let seed = check::open(state, user_id, &stored.sealed_secret)?;
    let wrong = "This code is wrong. Enter the one that your app shows now, and check that the clock of your device is right.";
    let step = seed.step_of(&code, now).ok_or_else(|| AppError::invalid("code", wrong))?;
    if !store::confirm(&mut transaction, user_id, &stored.sealed_secret, step, now).await? {
        return Err(over());
    }
    let codes = put_codes(&signed_in, &mut transaction).await?;
    signin::delete_other_sessions(&mut transaction, user_id, None, signed_in.session_id()).await?;
    session::renew(&mut transaction, signed_in.request(), Some(Strength::TwoFactors)).await?;
    signed_in.commit_everywhere(transaction, events::turned_on(&state.config, signed_in.session())).await?;
    Ok(show_once(&signed_in, &codes, Done::SecondFactorOn))
}

/// Replaces the recovery codes by ten new ones and answers with them, this once; the old ones are dead.
#[server(prefix = "/api", endpoint = "second_factor/renew_codes")]
pub async fn renew_recovery_codes() -> Result<Vec<String>, AppError> {
    let signed_in = SignedIn::require_fresh().await?;
    let mut transaction = signed_in.begin().await?;
    if !store::is_on(&mut transaction, signed_in.user_id()).await? {
        return Err(off());
    }
    let codes = put_codes(&signed_in, &mut transaction).await?;
    let event = events::codes_renewed(&signed_in.request().state.config, signed_in.session());
    signed_in.commit_everywhere(transaction, event).await?;
    Ok(show_once(&signed_in, &codes, Done::RecoveryCodesRenewed))
}

/// Turns the second factor off, with its recovery codes. All other sessions end; this one is of a single factor from here
/// on, also if it began with a passkey: then the next sign-in makes up for it.
#[server(prefix = "/api", endpoint = "second_factor/turn_off")]
pub async fn turn_off_second_factor() -> Result<(), AppError> {
    let signed_in = SignedIn::require_fresh().await?;
    let user_id = signed_in.user_id();
    let mut transaction = signed_in.begin().await?;
    if !store::delete(&mut transaction, user_id).await? {
        return Err(off());
    }
    signin::delete_other_sessions(&mut transaction, user_id, None, signed_in.session_id()).await?;
    session::weaken(&mut transaction, signed_in.session_id()).await?;
    session::renew(&mut transaction, signed_in.request(), None).await?;
    let event = events::turned_off(&signed_in.request().state.config, signed_in.session());
    signed_in.commit_everywhere(transaction, event).await?;
    forms::after_post(&format!("{PAGE}?done={}", Done::SecondFactorOff));
    Ok(())
}

#[cfg(feature = "ssr")]
fn off() -> AppError {
    AppError::Conflict("Your second factor is off. Set it up first.".to_owned())
}

/// Stores ten new codes in the place of all earlier ones.
#[cfg(feature = "ssr")]
async fn put_codes(signed_in: &SignedIn, connection: &mut PgConnection) -> Result<Vec<RecoveryCode>, AppError> {
    let request = signed_in.request();
    let codes: Vec<RecoveryCode> = (0..RecoveryCode::COUNT).map(|_| RecoveryCode::of_bytes(request.state.entropy.bytes())).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| check::hash(code).to_vec()).collect();
    store::replace_recovery_codes(connection, signed_in.user_id(), &hashes, request.now).await?;
    Ok(codes)
}

/// Recovery codes on their way to the page that follows.
#[cfg(feature = "ssr")]
fn handover(signed_in: &SignedIn) -> Handover {
    let (session_id, customer_id) = (signed_in.session_id(), signed_in.session().customer_id);
    Handover { purpose: Purpose::RecoveryCodes, session_id, customer_id }
}

/// The codes for the page that asked; a plain form post hands them to the page that follows.
#[cfg(feature = "ssr")]
fn show_once(signed_in: &SignedIn, codes: &[RecoveryCode], done: Done) -> Vec<String> {
    if forms::wants_html() {
        let text = codes.iter().map(RecoveryCode::reveal).collect::<Vec<_>>().join(".");
        handover(signed_in).keep(&signed_in.request().state, &text);
        forms::redirect(&format!("{PAGE}?done={done}"));
    }
    codes.iter().map(RecoveryCode::in_groups).collect()
}
