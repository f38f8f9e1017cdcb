//! The two ceremonies of WebAuthn: a device makes a key pair for this portal, and later proves that it holds it. The
//! checks are those of webauthn-rs; here is what they are asked for.

use serde::Deserialize;
use serde_json::Value;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use super::model::Answer;
use crate::{
    error::AppError,
    ids::UserId,
    server::{config::Config, entropy::sha256, telemetry},
};

/// The portal as authenticators know it: by the host of its address. A passkey made for it works nowhere else, which is what
/// makes passkeys safe against imitated pages.
pub(super) struct RelyingParty(Webauthn);

/// What a browser is asked, and what its answer is checked against.
pub(super) struct Asked {
    /// The options of `navigator.credentials`, with binary values in base64url.
    pub(super) options: Value,
    /// The SHA-256 of the challenge in them.
    pub(super) challenge_hash: [u8; 32],
    /// What must be kept until the answer comes.
    pub(super) state: Value,
}

/// Who is to get a passkey.
pub(super) struct Holder<'a> {
    pub(super) user_id: UserId,
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    /// The credentials that they have already, so that no device makes a second one.
    pub(super) credentials: Vec<Vec<u8>>,
}

/// Why a passkey was refused.
pub(super) enum Refusal {
    /// Its signature is right, but its counter went back: there are two of it (WebAuthn level 3, §7.2, step 22).
    Copied,
    /// Anything else. The person learns no more, the log does.
    Wrong(WebauthnError),
}

impl From<WebauthnError> for Refusal {
    fn from(error: WebauthnError) -> Self {
        if matches!(error, WebauthnError::CredentialPossibleCompromise) { Self::Copied } else { Self::Wrong(error) }
    }
}

impl RelyingParty {
    /// `None` where no browser has passkeys: at an IP address, and without encryption unless the portal is on the browser's
    /// own machine.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let host = config.app_url.domain()?;
        let local = host == "localhost" || host.ends_with(".localhost");
        if !config.secure() && !local {
            return None;
        }
        WebauthnBuilder::new(host, &config.app_url).ok()?.rp_name("Foyer").build().ok().map(Self)
    }

    /// The same where there is no way on without.
    pub(super) fn require(config: &Config) -> Result<Self, AppError> {
        Self::of(config).ok_or_else(|| AppError::Conflict("This portal cannot use passkeys: its address has no domain name.".to_owned()))
    }

    /// Asks for a new passkey: one that signs in by itself, and that checks who uses it.
    pub(super) fn ask_for_new(&self, holder: Holder<'_>) -> Result<Asked, AppError> {
        let started = self.0.start_passkey_registration(holder.user_id.as_uuid(), holder.email, holder.name, Some(holder.credentials));
        let (mut response, state) = started.map_err(defect)?;
        if let Some(selection) = &mut response.public_key.authenticator_selection {
            // Without it nobody could sign in who has not typed their address before.
            selection.require_resident_key = true;
            selection.resident_key = serde_json::from_value(Value::from("required")).map_err(defect)?;
        }
        asked(&response.public_key, &state)
    }

    /// Reads the new passkey in an answer.
    pub(super) fn accept_new(&self, answer: &RegisterPublicKeyCredential, state: Value) -> Result<Passkey, Refusal> {
        let state: PasskeyRegistration = serde_json::from_value(state).map_err(WebauthnError::from)?;
        Ok(self.0.finish_passkey_registration(answer, &state)?)
    }

    /// Asks for a proof with whatever passkey the person chooses.
    pub(super) fn ask_for_proof(&self) -> Result<Asked, AppError> {
        let (response, state) = self.0.start_discoverable_authentication().map_err(defect)?;
        asked(&response.public_key, &state)
    }

    /// Whose passkey an answer claims to be, and which; `None` if it names nobody.
    pub(super) fn claimed(&self, answer: &PublicKeyCredential) -> Option<(UserId, Vec<u8>)> {
        let (user, credential) = self.0.identify_discoverable_authentication(answer).ok()?;
        Some((user.into(), credential.to_vec()))
    }

    /// Checks a proof, and notes in the passkey what changes with every use.
    pub(super) fn check_proof(&self, answer: &PublicKeyCredential, state: Value, passkey: &mut Passkey) -> Result<(), Refusal> {
        let state: DiscoverableAuthentication = serde_json::from_value(state).map_err(WebauthnError::from)?;
        let result = self.0.finish_discoverable_authentication_v2(answer, state, DiscoverableKey::from(&*passkey))?;
        passkey.update_credential(&result);
        Ok(())
    }
}

fn asked(options: &impl serde::Serialize, state: &impl serde::Serialize) -> Result<Asked, AppError> {
    let options = serde_json::to_value(options).map_err(defect)?;
    let challenge = options.get("challenge").and_then(Value::as_str).unwrap_or_default();
    Ok(Asked { challenge_hash: sha256(challenge.as_bytes()), state: serde_json::to_value(state).map_err(defect)?, options })
}

/// The hash of the challenge that an answer was made for. Only a way to find it: whether the answer signs it is checked
/// afterwards.
pub(super) fn challenge_hash(client_data: &[u8]) -> Option<[u8; 32]> {
    /// WebAuthn level 3, §5.8.1.
    #[derive(Deserialize)]
    struct ClientData {
        challenge: String,
    }
    let data: ClientData = serde_json::from_slice(client_data).ok()?;
    Some(sha256(data.challenge.as_bytes()))
}

/// The answer to a registration, with the hash of its challenge.
pub(super) fn read_new(answer: &Answer) -> Option<(RegisterPublicKeyCredential, [u8; 32])> {
    let answer: RegisterPublicKeyCredential = answer.read()?;
    let hash = challenge_hash(&answer.response.client_data_json)?;
    Some((answer, hash))
}

/// The answer to a request for a proof, with the hash of its challenge.
pub(super) fn read_proof(answer: &Answer) -> Option<(PublicKeyCredential, [u8; 32])> {
    let answer: PublicKeyCredential = answer.read()?;
    let hash = challenge_hash(&answer.response.client_data_json)?;
    Some((answer, hash))
}

/// Something that cannot fail has failed.
pub(super) fn defect(error: impl std::fmt::Display) -> AppError {
    let reference = telemetry::reference();
    tracing::error!(%error, reference, "a passkey could not be handled");
    AppError::Internal { reference }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Purpose;

    fn possible(address: &str) -> bool {
        let config = Config::read(Purpose::Demonstration, |name| match name {
            "DATABASE_URL" => Some("postgres://foyer_app@127.0.0.1/foyer".into()),
            "REDIS_URL" => Some("redis://127.0.0.1/".into()),
            "APP_URL" => Some(address.into()),
            _ => None,
        });
        RelyingParty::of(&config.unwrap()).is_some()
    }

    #[test]
    fn passkeys_need_a_domain_and_encryption() {
        for address in ["https://portal.example.com", "https://portal.example.com:8443/", "http://localhost:3000", "http://acme.localhost"]
        {
            assert!(possible(address), "{address}");
        }
        for address in ["http://127.0.0.1:3000", "https://192.0.2.1", "https://[::1]", "http://portal.example.com", "http://notlocalhost"] {
            assert!(!possible(address), "{address}");
        }
    }
}
