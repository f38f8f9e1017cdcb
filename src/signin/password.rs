//! Password hashing: argon2id, off the async threads, at most two at once.

use std::sync::OnceLock;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{Salt, SaltString},
};

use super::model::Password;
use crate::{
    error::AppError,
    server::{state::AppState, telemetry},
};

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet; ASVS 5.0 appendix C).
fn hasher() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a new password into a PHC string.
///
/// # Errors
/// `Internal` if hashing fails.
pub(crate) async fn hash(state: &AppState, password: &Password) -> Result<String, AppError> {
    let salt = state.entropy.bytes::<16>();
    let password = password.reveal().to_owned();
    blocking(state, move || hash_with(&password, &salt)).await?
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

/// Whether the password is the one that was hashed. Takes as long when there is no hash, so that the time of an
/// answer does not tell whether an account exists.
///
/// # Errors
/// `Internal` if the thread pool fails.
pub(crate) async fn verify(state: &AppState, hash: Option<String>, password: String) -> Result<bool, AppError> {
    blocking(state, move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| dummy().to_owned());
        let matches = PasswordHash::new(&hash).is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok());
        known && matches
    })
    .await
}

fn dummy() -> &'static str {
    static DUMMY: OnceLock<String> = OnceLock::new();
    DUMMY.get_or_init(|| hash_with("nobody has this password", &[7; 16]).unwrap_or_default())
}

async fn blocking<T: Send + 'static>(state: &AppState, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let _permit = state.hashing.acquire().await.map_err(internal)?;
    tokio::task::spawn_blocking(work).await.map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> AppError {
    let reference = telemetry::reference();
    tracing::error!(%error, reference, "a password could not be hashed");
    AppError::Internal { reference }
}
