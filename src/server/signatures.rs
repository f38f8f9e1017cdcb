//! Signatures of other systems over what they send: ECDSA on P-256 with SHA-256, as GitHub's secret scanning partner programme
//! makes them.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use p256::{
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
    pkcs8::DecodePublicKey,
};

/// Public keys whose signatures are believed, by their identifiers.
#[derive(Clone, Default)]
pub struct PublicKeys(Vec<(String, VerifyingKey)>);

impl PublicKeys {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key with this identifier signed these bytes; the signature is DER in base64.
    pub fn have_signed(&self, identifier: &str, signature: &str, bytes: &[u8]) -> bool {
        let Some((_, key)) = self.0.iter().find(|(known, _)| known == identifier) else { return false };
        let Ok(der) = STANDARD.decode(signature.trim()) else { return false };
        Signature::from_der(&der).is_ok_and(|signature| key.verify(bytes, &signature).is_ok())
    }
}

/// `identifier=key`, several of them separated by commas; a key is PEM, or what stands between its first and last line.
impl FromStr for PublicKeys {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = |part: &str| {
            let (identifier, key) = part.split_once('=').ok_or_else(|| part.to_owned())?;
            let base64: String =
                key.lines().filter(|line| !line.starts_with("-----")).flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
            let der = STANDARD.decode(base64).map_err(|_| identifier.to_owned())?;
            let key = VerifyingKey::from_public_key_der(&der).map_err(|_| identifier.to_owned())?;
            Ok((identifier.trim().to_owned(), key))
        };
        parts.map(read).collect::<Result<Vec<_>, String>>().map(Self)
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(identifier, _)| identifier)).finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use p256::{
        ecdsa::{DerSignature, SigningKey, signature::Signer},
        pkcs8::EncodePublicKey,
    };

    /// A key pair, and its public half as it is configured.
    pub(crate) fn scanner() -> (SigningKey, String) {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let public = VerifyingKey::from(&key).to_public_key_der().unwrap();
        let configured = format!("f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d={}", STANDARD.encode(public.as_bytes()));
        (key, configured)
    }

    /// The signature over these bytes as it is sent.
    pub(crate) fn sign(key: &SigningKey, bytes: &[u8]) -> String {
        let signature: DerSignature = key.sign(bytes);
        STANDARD.encode(signature.as_bytes())
    }

    #[test]
    fn only_what_was_signed_by_a_known_key_is_believed() {
        let (key, configured) = scanner();
        let keys: PublicKeys = configured.parse().unwrap();
        let identifier = configured.split_once('=').unwrap().0;
        let signature = sign(&key, b"[]");
        assert!(keys.have_signed(identifier, &signature, b"[]"));
        assert!(!keys.have_signed(identifier, &signature, b"[ ]"), "other bytes");
        assert!(!keys.have_signed("unknown", &signature, b"[]"));
        assert!(!keys.have_signed(identifier, &sign(&SigningKey::from_slice(&[8; 32]).unwrap(), b"[]"), b"[]"), "another's");
        for nonsense in ["", "=", "AAAA", "not base64"] {
            assert!(!keys.have_signed(identifier, nonsense, b"[]"), "{nonsense}");
        }
    }

    #[test]
    fn keys_are_read_as_pem_or_bare() {
        let (_, configured) = scanner();
        let (identifier, bare) = configured.split_once('=').unwrap();
        let pem = format!("{identifier}=-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &bare[..64], &bare[64..]);
        for text in [&configured, &pem, &format!("{configured}, b={bare}")] {
            assert!(text.parse::<PublicKeys>().is_ok_and(|keys| !keys.is_empty()), "{text}");
        }
        assert!("".parse::<PublicKeys>().unwrap().is_empty());
        assert_eq!("a=b".parse::<PublicKeys>().unwrap_err(), "a", "the message names what is wrong");
        assert!("x".parse::<PublicKeys>().is_err());
    }
}
