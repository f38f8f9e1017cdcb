//! The conversation with a customer's provider (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

mod domain_record;
mod exchange;
mod outbound;

use openidconnect::{
    AuthenticationFlow, CsrfToken, HttpRequest, IssuerUrl, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthPrompt, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType},
    http::{self, StatusCode, header},
};
use serde_json::Value;

pub(super) use domain_record::find_record;
pub(super) use exchange::{Answer, Vouched, exchange};
pub(super) use outbound::Outbound;

use super::model::CALLBACK_PATH;
use crate::server::{config::Config, entropy::sha256};

/// What a provider may sign with: always its own key, never a secret that we know, too, and never nothing.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What is wrong with a provider, in words for an owner who sets it up.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("“{0}” is not an address that can be asked. It needs a host, and no name, password or # in it.")]
    Address(String),
    #[error("“{0}” does not begin with https://.")]
    Insecure(String),
    #[error("The host {0} cannot be found.")]
    NoHost(String),
    #[error("The host {0} is inside a private network, which is not asked.")]
    Private(String),
    #[error("The host {0} did not answer within five seconds, or its certificate is not valid ({1}).")]
    Unreachable(String, String),
    #[error("The answer of {0} is too long.")]
    TooLong(String),
    #[error("{0} answered with status {1} instead of the provider’s settings. Is the issuer right?")]
    Status(String, u16),
    #[error("What {0} answered are not the settings of an OpenID Connect provider ({1}). Is the issuer right?")]
    Unreadable(String, String),
    #[error("The provider calls itself “{0}”. Enter the issuer exactly like this.")]
    Issuer(String),
    #[error("The provider lacks what is needed: {0}.")]
    Lacks(&'static str),
    #[error("The provider’s answer is not valid: {0}.")]
    Answer(String),
}

impl Problem {
    fn unreachable<E: std::error::Error>(host: &str) -> impl FnOnce(E) -> Self + use<'_, E> {
        move |error| {
            // The innermost cause says what happened; the outer ones repeat the address.
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            Self::Unreachable(host.to_owned(), cause.to_string())
        }
    }
}

/// A provider's settings, read and checked.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    metadata: CoreProviderMetadata,
    /// Whether it names itself in every answer (RFC 9207).
    names_itself: bool,
}

/// Asks a provider for its settings: the discovery document, which [`Provider::read`] understands.
pub(super) async fn discover(outbound: Outbound, issuer: &str) -> Result<Value, Problem> {
    let url = outbound.check(issuer)?;
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Problem::Address(issuer.to_owned()))?;
    let address = issuer.join(".well-known/openid-configuration").ok().filter(|_| url.query().is_none());
    let address = address.ok_or_else(|| Problem::Address(issuer.to_string()))?;
    let response = outbound.send(get(address.as_str())?).await?;
    if response.status() != StatusCode::OK {
        return Err(Problem::Status(address.to_string(), response.status().as_u16()));
    }
    let document: Value =
        serde_json::from_slice(response.body()).map_err(|error| Problem::Unreadable(address.to_string(), error.to_string()))?;
    let provider = Provider::read(outbound, &document, &issuer)?;
    // Without its keys nobody could sign in, so they are part of the test.
    let keys = outbound.send(get(provider.metadata.jwks_uri().as_str())?).await?;
    if keys.status() != StatusCode::OK {
        return Err(Problem::Status(provider.metadata.jwks_uri().to_string(), keys.status().as_u16()));
    }
    Ok(document)
}

fn get(address: &str) -> Result<HttpRequest, Problem> {
    let request = http::Request::get(address).header(header::ACCEPT, "application/json").body(vec![]);
    request.map_err(|_| Problem::Address(address.to_owned()))
}

/// What binds a sign-in to the browser that began it. All of it follows from the browser's secret of 256 bits, which is in
/// its cookie only, and the state, which is in the address only: the database holds the hashes of these two.
pub(super) struct Binding {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Binding {
    pub(super) fn of(browser: &str, state: &str) -> Self {
        let derived = |what: &str| hex::encode(sha256(format!("{what}:{browser}:{state}").as_bytes()));
        Self { nonce: Nonce::new(derived("nonce")), verifier: PkceCodeVerifier::new(derived("pkce")) }
    }
}

/// What the provider is asked for.
pub(super) struct Question<'a> {
    pub(super) client_id: &'a str,
    pub(super) state: &'a str,
    pub(super) binding: &'a Binding,
    /// The address that was typed, for the provider's own form.
    pub(super) email: &'a str,
    /// Whether the provider is to ask who it is, even if it knows.
    pub(super) fresh: bool,
}

impl Provider {
    /// Reads and checks a discovery document.
    pub(super) fn read(outbound: Outbound, document: &Value, issuer: &IssuerUrl) -> Result<Self, Problem> {
        let unreadable = |error: serde_json::Error| Problem::Unreadable(issuer.to_string(), error.to_string());
        let metadata: CoreProviderMetadata = serde_json::from_value(document.clone()).map_err(unreadable)?;
        if metadata.issuer() != issuer {
            return Err(Problem::Issuer(metadata.issuer().to_string()));
        }
        // A browser is led there; the others are checked when they are asked.
        outbound.check(metadata.authorization_endpoint().as_str())?;
        let algorithms = metadata.id_token_signing_alg_values_supported();
        let challenges = document.get("code_challenge_methods_supported").and_then(Value::as_array);
        let lacking = if metadata.token_endpoint().is_none() {
            Some("a token endpoint")
        } else if !algorithms.iter().any(|algorithm| SIGNATURES.contains(algorithm)) {
            Some("ID tokens signed with a key of its own, such as RS256 or ES256")
        } else if challenges.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            Some("PKCE with S256")
        } else {
            None
        };
        if let Some(lacking) = lacking {
            return Err(Problem::Lacks(lacking));
        }
        let names_itself = document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
        Ok(Self { metadata, names_itself })
    }

    /// Where the browser is led.
    pub(super) fn address(&self, config: &Config, question: &Question<'_>) -> Result<String, Problem> {
        let (state, nonce) = (question.state.to_owned(), question.binding.nonce.clone());
        let client =
            CoreClient::from_provider_metadata(self.metadata.clone(), openidconnect::ClientId::new(question.client_id.to_owned()), None)
                .set_redirect_uri(callback(config)?);
        let mut address = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state.clone()),
                move || nonce.clone(),
            )
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&question.binding.verifier))
            // With a longest age the provider has to say when it asked who it is (OpenID Connect Core 1.0, 2).
            .set_max_age(std::time::Duration::from_secs(if question.fresh { 0 } else { 86_400 }));
        if !question.email.is_empty() {
            address = address.set_login_hint(LoginHint::new(question.email.to_owned()));
        }
        if question.fresh {
            address = address.add_prompt(CoreAuthPrompt::Login);
        }
        Ok(address.url().0.to_string())
    }
}

/// The issuer as a type of the library.
pub(super) fn issuer(text: &str) -> Result<IssuerUrl, Problem> {
    IssuerUrl::new(text.to_owned()).map_err(|_| Problem::Address(text.to_owned()))
}

fn callback(config: &Config) -> Result<RedirectUrl, Problem> {
    let address = config.link(CALLBACK_PATH);
    RedirectUrl::new(address.clone()).map_err(|_| Problem::Address(address))
}
