//! A provider of our own that can be told to misbehave.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use url::Url;

use crate::server::entropy::sha256;

pub const CLIENT: &str = "foyer-client";
pub const SECRET: &str = "the-secret-of-the-client";

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// With the provider's key.
    Rightly,
    /// With another key under the same name.
    ByOther,
    /// Not at all.
    ByNobody,
    /// With the client's secret, which the client could have done itself.
    BySecret,
}

/// What the provider says about somebody.
#[derive(Clone, Debug)]
pub struct Says {
    /// In place of the right claims; null takes a claim away.
    pub claims: Vec<(&'static str, Value)>,
    pub signed: Signed,
    /// Whether the address stands in the answer of the userinfo endpoint only.
    pub in_userinfo: bool,
}

impl Says {
    pub fn that(subject: &str, email: &str) -> Self {
        let claims = vec![("sub", json!(subject)), ("email", json!(email)), ("email_verified", json!(true)), ("name", json!("Ada Byron"))];
        Self { claims, signed: Signed::Rightly, in_userinfo: false }
    }

    pub fn with(mut self, claim: &'static str, value: Value) -> Self {
        self.claims.push((claim, value));
        self
    }
}

struct Code {
    nonce: String,
    challenge: String,
    now: OffsetDateTime,
    says: Says,
}

#[derive(Default)]
struct Kept {
    given: usize,
    codes: HashMap<String, Code>,
    /// By access token.
    info: HashMap<String, Value>,
    names_itself: bool,
}

/// The provider.
#[derive(Clone)]
pub struct FakeProvider {
    pub issuer: String,
    kept: Arc<Mutex<Kept>>,
}

impl FakeProvider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer, kept: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(settings))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    /// From now on it names itself in every answer.
    pub fn name_itself(&self) {
        self.kept.lock().unwrap().names_itself = true;
    }

    /// Somebody signs in at the address that the portal led to: the address that leads back.
    pub fn sign_in(&self, address: &str, now: OffsetDateTime, says: Says) -> String {
        let address: Url = address.parse().unwrap();
        let query: HashMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!((query["client_id"].as_str(), query["code_challenge_method"].as_str()), (CLIENT, "S256"));
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
        let mut kept = self.kept.lock().unwrap();
        kept.given += 1;
        let code = format!("code-{}", kept.given);
        let (nonce, challenge) = (query["nonce"].clone(), query["code_challenge"].clone());
        kept.codes.insert(code.clone(), Code { nonce, challenge, now, says });
        let mut back: Url = query["redirect_uri"].parse().unwrap();
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]).append_pair("iss", &self.issuer);
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

async fn settings(State(provider): State<FakeProvider>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "userinfo_endpoint": at("/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none", "PQ512"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": provider.kept.lock().unwrap().names_itself,
    }))
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

async fn keys() -> Json<Value> {
    let point = key(7).verifying_key().to_sec1_bytes();
    let point = if point.len() == 65 { point } else { key(7).verifying_key().to_sec1_point(false).as_bytes().into() };
    Json(json!({ "keys": [
        { "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one", "x": base64url(&point[1..33]), "y": base64url(&point[33..65]) },
    ] }))
}

async fn token(State(provider): State<FakeProvider>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let basic = format!("Basic {}", base64(format!("{CLIENT}:{SECRET}").as_bytes()));
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some(basic.as_str()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let mut kept = provider.kept.lock().unwrap();
    let code = form.get("code").and_then(|code| kept.codes.remove(code));
    let challenge = base64url(&sha256(form.get("code_verifier").map(String::as_bytes).unwrap_or_default()));
    let Some(code) = code.filter(|code| code.challenge == challenge) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let access_token = format!("access-{}", code.nonce);
    let now = code.now.unix_timestamp();
    let hash = base64url(&sha256(access_token.as_bytes())[..16]);
    let mut claims = json!({
        "iss": provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": code.nonce, "auth_time": now, "at_hash": hash,
    });
    let claims = claims.as_object_mut().unwrap();
    for (name, value) in &code.says.claims {
        claims.insert((*name).to_owned(), value.clone());
    }
    claims.retain(|_, value| !value.is_null());
    if code.says.in_userinfo {
        let take = |claims: &mut Map<String, Value>, name: &str| claims.remove(name).unwrap_or_default();
        let (email, verified) = (take(claims, "email"), take(claims, "email_verified"));
        kept.info.insert(access_token.clone(), json!({ "sub": claims["sub"], "email": email, "email_verified": verified }));
    }
    let id_token = signed(claims, code.says.signed);
    Json(json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token })).into_response()
}

async fn userinfo(State(provider): State<FakeProvider>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    match token.and_then(|token| provider.kept.lock().unwrap().info.get(token).cloned()) {
        Some(info) => Json(info).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

fn signed(claims: &Map<String, Value>, how: Signed) -> String {
    let algorithm = match how {
        Signed::Rightly | Signed::ByOther => "ES256",
        Signed::ByNobody => "none",
        Signed::BySecret => "HS256",
    };
    let head = base64url(json!({ "alg": algorithm, "kid": "one" }).to_string().as_bytes());
    let text = format!("{head}.{}", base64url(Value::Object(claims.clone()).to_string().as_bytes()));
    let by = |seed| {
        let signature: Signature = key(seed).sign(text.as_bytes());
        signature.to_bytes().to_vec()
    };
    let signature = match how {
        Signed::Rightly => by(7),
        Signed::ByOther => by(8),
        Signed::ByNobody => vec![],
        Signed::BySecret => hmac(SECRET.as_bytes(), text.as_bytes()).to_vec(),
    };
    format!("{text}.{}", base64url(&signature))
}

/// RFC 2104.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8| block.map(|byte| byte ^ pad).to_vec();
    sha256(&[padded(0x5c), sha256(&[padded(0x36), text.to_vec()].concat()).to_vec()].concat())
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let number = chunk.iter().chain([&0, &0]).take(3).fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let letter = |place: usize| if place <= chunk.len() { char::from(LETTERS[number >> (18 - 6 * place) & 63]) } else { '=' };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn base64url(bytes: &[u8]) -> String {
    base64(bytes).replace('+', "-").replace('/', "_").replace('=', "")
}
