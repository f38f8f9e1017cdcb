//! Randomness, injected so that tests repeat.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::ids::{KeyId, ServiceTokenId, TicketId};

/// A source of random bytes fit for secrets.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<StdRng>>);

impl Entropy {
    /// Seeded by the operating system; the generator is a CSPRNG (ChaCha12).
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// The same bytes each time.
    #[cfg(test)]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// `N` random bytes as `2 N` hex characters.
    pub fn hex<const N: usize>(&self) -> String {
        hex::encode(self.bytes::<N>())
    }

    /// A UUID of version 7 (RFC 9562): ordered by time, then random.
    pub fn uuid(&self, now: OffsetDateTime) -> Uuid {
        let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &self.bytes::<10>()).into_uuid()
    }

    /// A new key id: `key-` and 12 hex characters.
    pub fn key_id(&self) -> KeyId {
        KeyId::from(format!("{}{}", KeyId::PREFIX, self.hex::<6>()))
    }

    /// A new ticket id: `ticket-` and 12 hex characters.
    pub fn ticket_id(&self) -> TicketId {
        TicketId::from(format!("{}{}", TicketId::PREFIX, self.hex::<6>()))
    }

    /// A new id of a service token: `svc-` and 12 hex characters.
    pub fn service_token_id(&self) -> ServiceTokenId {
        ServiceTokenId::from(format!("{}{}", ServiceTokenId::PREFIX, self.hex::<6>()))
    }

    /// A number from 0 up to, not including, `end`, for jitter.
    pub fn below(&self, end: u64) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..end.max(1))
    }
}

/// SHA-256, the form in which tokens and keys are stored. Their 128 bits or more of entropy make a slow hash needless
/// (ASVS 5.0, 6.5.2).
pub fn sha256(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let entropy = Entropy::seeded(1);
        let earlier = entropy.uuid(datetime!(2026-11-23 09:00 UTC));
        let later = entropy.uuid(datetime!(2026-11-23 09:00:00.001 UTC));
        assert!(earlier < later);
        assert_eq!(earlier.get_version_num(), 7);
    }

    #[test]
    fn generated_ids_have_the_form_of_the_contract() {
        let entropy = Entropy::seeded(2);
        assert!(entropy.key_id().as_str().parse::<KeyId>().is_ok());
        assert!(entropy.ticket_id().as_str().parse::<TicketId>().is_ok());
        assert_eq!(entropy.hex::<16>().len(), 32);
    }
}
