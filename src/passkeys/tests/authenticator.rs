//! An authenticator in software: it makes a key pair and signs as WebAuthn level 3, §6 says, and lies wherever a test tells
//! it to.

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};

use crate::server::entropy::sha256;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// Holds one passkey.
#[derive(Clone)]
pub struct Authenticator {
    /// The private half.
    pub key: SigningKey,
    /// What it calls its passkey.
    pub credential_id: [u8; 32],
    /// Whose passkey it says it is, in base64url.
    pub user_handle: Value,
    /// The last count of signatures; 0: it does not count, as passkeys that are kept by several devices.
    pub counter: u32,
    /// The page that asks, as the browser says.
    pub origin: &'static str,
    /// The portal that the passkey was made for.
    pub rp_id: &'static str,
    /// Whether it checks who uses it.
    pub verifies: bool,
}

impl Authenticator {
    /// Number `number`, with a key and a credential of its own.
    pub fn new(number: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&sha256(&[number])).unwrap(),
            credential_id: sha256(&[number, 1]),
            user_handle: Value::Null,
            counter: 1,
            origin: "http://localhost:3000",
            rp_id: "localhost",
            verifies: true,
        }
    }

    /// Answers `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> String {
        self.user_handle = options["user"]["id"].clone();
        let mut data = self.data(HAS_CREDENTIAL);
        data.extend([0; 16]); // no model
        data.extend([0, 32]);
        data.extend(self.credential_id);
        data.extend(self.public_key());
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": …}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        let client_data = self.client_data("webauthn.create", options);
        self.answer(json!({ "attestationObject": base64url(&attestation), "clientDataJSON": base64url(client_data.as_bytes()) }))
    }

    /// Answers `navigator.credentials.get`.
    pub fn get(&mut self, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let (data, client_data) = (self.data(0), self.client_data("webauthn.get", options));
        let signature: Signature = self.key.sign(&[data.as_slice(), &sha256(client_data.as_bytes())].concat());
        self.answer(json!({
            "authenticatorData": base64url(&data),
            "clientDataJSON": base64url(client_data.as_bytes()),
            "signature": base64url(signature.to_der().as_bytes()),
            "userHandle": self.user_handle,
        }))
    }

    fn answer(&self, response: Value) -> String {
        let id = base64url(&self.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false }).to_string()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = sha256(self.rp_id.as_bytes()).to_vec();
        data.push(PRESENT | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// COSE (RFC 9053, §7.1.1): `{kty: EC2, alg: ES256, crv: P-256, x: …, y: …}`.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20".as_slice(), y].concat()
    }
}

/// RFC 4648, §5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        text.extend((0..=group.len()).map(|place| char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63])));
    }
    text
}

#[test]
fn base64url_is_that_of_the_rfc() {
    for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")] {
        assert_eq!(base64url(bytes.as_bytes()), text);
    }
    assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
}
