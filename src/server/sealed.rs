//! Secrets that the portal must be able to read again, such as the seed of an authenticator app: encrypted under a key
//! that is in the configuration and not in the database, so that a copy of the database holds none of them.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};

use super::{config::SecretText, entropy::Entropy};

/// Bytes of the nonce that stands before each sealed text.
const NONCE: usize = 12;

/// Seals and opens secrets with AES-256-GCM (NIST SP 800-38D). Nonces are random, which is safe for 2³² texts under one key.
#[derive(Clone)]
pub struct Sealer(Aes256Gcm);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl Sealer {
    /// A key of 64 hex characters; `None` when the text is something else.
    pub fn parse(text: &SecretText) -> Option<Self> {
        let key: [u8; 32] = hex::decode(text.reveal()).ok()?.try_into().ok()?;
        Some(Self(Aes256Gcm::new(&key.into())))
    }

    /// Encrypts `secret`. `place` names where it belongs, such as `totp:` and the person's id: moved to another place, it
    /// cannot be opened.
    pub fn seal(&self, entropy: &Entropy, place: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = entropy.bytes::<NONCE>();
        let payload = Payload { msg: secret, aad: place.as_bytes() };
        let encrypted = self.0.encrypt(&Nonce::from(nonce), payload).unwrap_or_else(|_| unreachable!("shorter than 64 GiB"));
        [&nonce, encrypted.as_slice()].concat()
    }

    /// Decrypts what was sealed for `place`; `None` when it was not, or under another key, or was changed.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, encrypted) = sealed.split_first_chunk::<NONCE>()?;
        self.0.decrypt(&Nonce::from(*nonce), Payload { msg: encrypted, aad: place.as_bytes() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(digit: &str) -> Sealer {
        Sealer::parse(&SecretText::new(digit.repeat(64))).unwrap()
    }

    #[test]
    fn sealed_secret_opens_only_under_its_key_and_in_its_place() {
        let entropy = Entropy::seeded(1);
        let sealed = sealer("a").seal(&entropy, "totp:1", b"seed");
        assert_eq!(sealer("a").open("totp:1", &sealed).as_deref(), Some(b"seed".as_slice()));
        assert_eq!(sealer("a").open("totp:2", &sealed), None, "another place");
        assert_eq!(sealer("b").open("totp:1", &sealed), None, "another key");
        let mut changed = sealed.clone();
        changed[NONCE] ^= 1;
        assert_eq!(sealer("a").open("totp:1", &changed), None);
        assert_eq!(sealer("a").open("totp:1", &sealed[..NONCE]), None);
        assert_eq!(sealer("a").open("totp:1", b""), None);
        assert_ne!(sealed, sealer("a").seal(&entropy, "totp:1", b"seed"), "twice the same text looks different");
    }

    #[test]
    fn key_is_64_hex_characters() {
        for wrong in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
            assert!(Sealer::parse(&SecretText::new(wrong)).is_none(), "{wrong}");
        }
    }
}
