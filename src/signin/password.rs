//! Password hashing: argon2id, off the async threads, at most two at once.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Salt, SaltString},
};
use tokio::sync::Semaphore;

use super::{breached::is_breached, model::Password};
use crate::{
    error::AppError,
    server::{state::AppState, telemetry},
};

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet; ASVS 5.0 appendix C).
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The fewest guesses at which a password is accepted. Below stand the 30,000 most common passwords, and what is made of them,
/// of names, dates and rows of keys in one or two steps (ASVS 5.0, 6.2.4 and 6.2.11).
const FEWEST_GUESSES: u64 = 1_000_000;

/// Hashes a new password into a PHC string. `about` is what others know of the person and would try first: name, address.
///
/// # Errors
/// `Invalid` if it is among the first that anybody would guess; `Internal` if hashing fails.
pub(crate) async fn hash(state: &AppState, password: &Password, about: &[&str]) -> Result<String, AppError> {
    let salt = state.entropy.bytes::<16>();
    let password = password.reveal().to_owned();
    let about: Vec<String> = about.iter().map(|known| (*known).to_owned()).collect();
    blocking(&state.hashing, move || {
        refuse_guessable(&password, &about)?;
        hash_with(&password, &salt)
    })
    .await?
}

fn refuse_guessable(password: &str, about: &[String]) -> Result<(), AppError> {
    let parts = about.iter().flat_map(|known| known.split(|sign: char| !sign.is_alphanumeric()));
    let known: Vec<&str> =
        about.iter().map(String::as_str).chain(parts).chain(["foyer", "portal"]).filter(|known| !known.is_empty()).collect();
    if !is_breached(password) && zxcvbn::zxcvbn(password, &known).guesses() >= FEWEST_GUESSES {
        return Ok(());
    }
    let message = "This password is among the first that others would try: common, stolen elsewhere, or about you. Choose another, for example a few unrelated words.";
    Err(AppError::invalid("password", message))
}

/// Hashes with a given salt, for demo data that must be the same at each run.
///
/// # Errors
/// `Internal` if hashing fails.
pub(crate) fn hash_with(password: &str, salt: &[u8; 16]) -> Result<String, AppError> {
    let salt = SaltString::encode_b64(salt).map_err(internal)?;
    let hash = hasher().hash_password(password.as_bytes(), Salt::from(&salt)).map_err(internal)?;
    Ok(hash.to_string())
}

/// What a check of a password found.
pub(crate) enum Verified {
    /// It is another one, or there is none.
    Wrong,
    /// It is the one that was hashed.
    Right {
        /// Hashed anew, where the stored hash was made with other parameters than today's.
        renewed: Option<String>,
    },
}

impl Verified {
    /// Whether it is the one that was hashed.
    pub(crate) fn matches(&self) -> bool {
        matches!(self, Self::Right { .. })
    }

    /// The hash to be stored in place of the old one.
    pub(crate) fn renewed_hash(self) -> Option<String> {
        match self {
            Self::Right { renewed } => renewed,
            Self::Wrong => None,
        }
    }
}

/// Whether the password is the one that was hashed. Takes as long when there is no hash, so that the time of an
/// answer does not tell whether an account exists.
///
/// # Errors
/// `Internal` if the thread pool fails.
pub(crate) async fn verify(state: &AppState, hash: Option<String>, password: String) -> Result<Verified, AppError> {
    let salt = state.entropy.bytes::<16>();
    blocking(&state.hashing, move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| dummy().to_owned());
        let parsed = PasswordHash::new(&hash).ok();
        let matches = parsed.as_ref().is_some_and(|hash| hasher().verify_password(password.as_bytes(), hash).is_ok());
        if !(known && matches) {
            return Verified::Wrong;
        }
        let outdated = parsed.is_some_and(|hash| is_outdated(&hash));
        Verified::Right { renewed: outdated.then(|| hash_with(&password, &salt).ok()).flatten() }
    })
    .await
}

/// Whether a hash was made by another algorithm or with other parameters than today's.
fn is_outdated(hash: &PasswordHash<'_>) -> bool {
    let today = hasher();
    let (today, then) = (today.params(), Params::try_from(hash));
    let same = |then: Params| then.m_cost() == today.m_cost() && then.t_cost() == today.t_cost() && then.p_cost() == today.p_cost();
    hash.algorithm != Algorithm::Argon2id.ident() || !then.is_ok_and(same)
}

fn dummy() -> &'static str {
    static DUMMY: OnceLock<String> = OnceLock::new();
    DUMMY.get_or_init(|| hash_with("nobody has this password", &[7; 16]).unwrap_or_default())
}

/// How long an attempt waits for its turn at most. Longer queues are made by attacks, and grow without end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Works outside of the threads that answer requests. `turns` bounds how much is done at the same time, also of what nobody waits
/// for any more.
async fn blocking<T: Send + 'static>(turns: &Arc<Semaphore>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let turn = tokio::time::timeout(PATIENCE, Arc::clone(turns).acquire_owned()).await;
    let turn = turn.map_err(|_| AppError::TooMany { retry_after_seconds: 10 })?.map_err(internal)?;
    let done = tokio::task::spawn_blocking(move || {
        // Ends with the work and not with the request, whose sender may hang up meanwhile.
        let _turn = turn;
        work()
    });
    done.await.map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> AppError {
    let reference = telemetry::reference();
    tracing::error!(%error, reference, "a password could not be hashed");
    AppError::Internal { reference }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_password_that_nobody_waits_for_any_more_keeps_its_turn_until_it_is_hashed() {
        let turns = Arc::new(Semaphore::new(1));
        let (finish, wait) = std::sync::mpsc::channel();
        assert!(blocking(&turns, move || wait.recv()).now_or_never().is_none());
        assert_eq!(turns.available_permits(), 0);
        finish.send(()).unwrap();
        let _turn = tokio::time::timeout(Duration::from_secs(10), turns.acquire()).await.unwrap();
    }

    #[test]
    fn first_guesses_are_refused() {
        let about = ["Olivia Berg".to_owned(), "olivia@northwind.example".to_owned()];
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou1",
            "Password1!",
            "summer2024",
            "foyer2026",
            "olivia2026",
            "northwind1",
            "1q2w3e4r",
        ] {
            assert!(refuse_guessable(common, &about).is_err(), "{common}");
        }
        for fine in ["correct horse battery", "demo-portal-2026", "a new password", "x7$kPq2!vv", "violet otter sings"] {
            assert!(refuse_guessable(fine, &about).is_ok(), "{fine}");
        }
    }

    #[test]
    fn hash_with_other_parameters_is_outdated() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let salt = SaltString::encode_b64(&[1; 16]).unwrap();
        let old = weak.hash_password(b"correct horse", Salt::from(&salt)).unwrap();
        assert!(is_outdated(&old));
        let new = hash_with("correct horse", &[1; 16]).unwrap();
        assert!(!is_outdated(&PasswordHash::new(&new).unwrap()));
    }
}
