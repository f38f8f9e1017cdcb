//! The second half of a sign-in: the code becomes an ID token, and the token is checked.

use std::time::SystemTime;

use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, HttpRequest, LocalizedClaim, OAuth2TokenResponse, TokenResponse,
    core::{
        CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreTokenResponse,
        CoreUserInfoClaims,
    },
};
use time::{Duration, OffsetDateTime};

use super::{Binding, Outbound, Problem, Provider, SIGNATURES, callback};
use crate::{server::config::Config, sso::model::ClientSecret};

/// How far the clocks of the provider and of the portal may be apart.
const SKEW: Duration = Duration::minutes(1);

/// An ID token is fetched right after it was made; one that is older was kept by somebody.
const OLDEST: Duration = Duration::minutes(10);

/// What came back from the provider through the browser.
pub(in crate::sso) struct Answer<'a> {
    pub(in crate::sso) code: String,
    /// Who says that they answer (RFC 9207); empty: nobody does.
    pub(in crate::sso) iss: &'a str,
    pub(in crate::sso) binding: Binding,
    pub(in crate::sso) client_id: &'a str,
    pub(in crate::sso) client_secret: ClientSecret,
    pub(in crate::sso) now: OffsetDateTime,
}

/// What the provider vouches for.
#[derive(Clone, Debug)]
pub(in crate::sso) struct Vouched {
    /// Who it is there, for good.
    pub(in crate::sso) subject: String,
    /// Their address, if the provider says that it has checked it.
    pub(in crate::sso) email: Option<String>,
    /// Their name.
    pub(in crate::sso) name: Option<String>,
    /// When it asked who they are.
    pub(in crate::sso) asked_at: Option<OffsetDateTime>,
}

type Client = CoreClient<
    openidconnect::EndpointSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointNotSet,
    openidconnect::EndpointMaybeSet,
    openidconnect::EndpointMaybeSet,
>;

/// Swaps the code for an ID token and checks it. Three requests at most: keys, token, and the address where the token does
/// not hold it.
pub(in crate::sso) async fn exchange(
    config: &Config,
    outbound: Outbound,
    provider: &Provider,
    answer: Answer<'_>,
) -> Result<Vouched, Problem> {
    check_sender(provider, answer.iss)?;
    let http = |request: HttpRequest| outbound.send(request);
    let keys = CoreJsonWebKeySet::fetch_async(provider.metadata.jwks_uri(), &http).await.map_err(invalid)?;
    let secret = openidconnect::ClientSecret::new(answer.client_secret.reveal().to_owned());
    let client_id = ClientId::new(answer.client_id.to_owned());
    let client: Client = CoreClient::from_provider_metadata(provider.metadata.clone().set_jwks(keys), client_id.clone(), Some(secret))
        .set_redirect_uri(callback(config)?)
        .set_auth_type(auth_type(provider));
    let request = client.exchange_code(AuthorizationCode::new(answer.code)).map_err(invalid)?;
    let tokens = request.set_pkce_verifier(answer.binding.verifier).request_async(&http).await.map_err(invalid)?;
    let id_token = tokens.id_token().ok_or_else(|| Problem::Answer("there is no ID token".to_owned()))?;
    let verifier = verifier(&client, answer.now);
    let claims = id_token.claims(&verifier, &answer.binding.nonce).map_err(invalid)?;
    check_party(claims, &client_id)?;
    check_access_token(id_token, &tokens, &verifier, claims)?;
    let vouched = read(claims)?;
    if claims.email().is_some() || client.user_info_url().is_none() {
        return Ok(vouched);
    }
    // Many providers give the address only there.
    let request = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())).map_err(invalid)?;
    let info: CoreUserInfoClaims = request.request_async(&http).await.map_err(invalid)?;
    let email = info.email().filter(|_| info.email_verified() == Some(true)).map(|email| email.to_string());
    Ok(Vouched { email, name: vouched.name.or_else(|| plain(info.name())), ..vouched })
}

/// The whole chain of causes, for the log. Never the debug form, which may hold the provider's answer with its tokens.
fn invalid<E: std::error::Error>(error: E) -> Problem {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    Problem::Answer(text.chars().take(300).collect())
}

/// The answer comes from this provider and not from another one that was mixed in (RFC 9207).
fn check_sender(provider: &Provider, iss: &str) -> Result<(), Problem> {
    let missing = iss.is_empty() && provider.names_itself;
    let wrong = !iss.is_empty() && iss != provider.metadata.issuer().as_str();
    if missing || wrong { Err(Problem::Answer(format!("it comes from “{iss}”"))) } else { Ok(()) }
}

fn auth_type(provider: &Provider) -> AuthType {
    let methods = provider.metadata.token_endpoint_auth_methods_supported();
    let knows = |method| methods.is_some_and(|methods| methods.contains(&method));
    let by_post = knows(CoreClientAuthMethod::ClientSecretPost) && !knows(CoreClientAuthMethod::ClientSecretBasic);
    if by_post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// Issuer, audience, signature, nonce and expiry are checked by the library; how, it is told here.
fn verifier(client: &Client, now: OffsetDateTime) -> CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || SystemTime::from(now).into()).set_issue_time_verifier_fn(
        move |issued| {
            let age = now - OffsetDateTime::from_unix_timestamp(issued.timestamp()).map_err(|error| error.to_string())?;
            if (-SKEW..=OLDEST).contains(&age) { Ok(()) } else { Err("it is too old, or from the future".to_owned()) }
        },
    )
}

/// Whoever the token was made for is this client (OpenID Connect Core 1.0, 3.1.3.7).
fn check_party(claims: &CoreIdTokenClaims, client_id: &ClientId) -> Result<(), Problem> {
    match claims.authorized_party() {
        Some(party) if party != client_id => Err(Problem::Answer("it was made for another client".to_owned())),
        _ => Ok(()),
    }
}

/// The access token is the one that came with the ID token.
fn check_access_token(
    id_token: &CoreIdToken,
    tokens: &CoreTokenResponse,
    verifier: &CoreIdTokenVerifier<'_>,
    claims: &CoreIdTokenClaims,
) -> Result<(), Problem> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let (algorithm, key) = (id_token.signing_alg().map_err(invalid)?, id_token.signing_key(verifier).map_err(invalid)?);
    let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(invalid)?;
    if found == *expected { Ok(()) } else { Err(Problem::Answer("the access token is another one".to_owned())) }
}

fn read(claims: &CoreIdTokenClaims) -> Result<Vouched, Problem> {
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > 255 || subject.contains('\0') {
        return Err(Problem::Answer("the subject is not 1 to 255 characters long".to_owned()));
    }
    Ok(Vouched {
        subject: subject.to_owned(),
        // Whoever leaves it out has not checked it, as far as anybody can tell.
        email: claims.email().filter(|_| claims.email_verified() == Some(true)).map(|email| email.to_string()),
        name: plain(claims.name()),
        asked_at: claims.auth_time().and_then(|at| OffsetDateTime::from_unix_timestamp(at.timestamp()).ok()),
    })
}

fn plain(name: Option<&LocalizedClaim<openidconnect::EndUserName>>) -> Option<String> {
    name?.get(None).map(|name| name.to_string())
}
