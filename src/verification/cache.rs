//! What a process remembers of keys and service tokens, by the SHA-256 of the whole secret.
//!
//! A look-up and a change can cross: the row was read before it changed, and arrives after the change was forgotten. So a
//! look-up notes the generation before it asks, and what it read is remembered only if nothing was forgotten since.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};

use super::{
    freshness::{Moment, WITHOUT_DATABASE},
    model::StoredKey,
};
use crate::server::service_caller::StoredToken;

/// The SHA-256 of a secret.
pub(super) type Hash = [u8; 32];

/// Keys remembered at most; about half a kilobyte each.
const KEYS: u64 = 100_000;

/// Hashes remembered at most that belong to no key. Kept apart, so that whoever tries keys out washes no good one away.
const UNKNOWN: u64 = 20_000;

/// Service tokens remembered at most.
const TOKENS: u64 = 1_000;

/// How long it is remembered that a hash belongs to no key.
const UNKNOWN_FOR: Duration = Duration::from_secs(60);

/// Something remembered, and when it was read. It goes when it is out of use; how old it may be is for `freshness` to say.
#[derive(Clone)]
pub(super) struct Remembered<T> {
    pub(super) read: Moment,
    pub(super) what: T,
}

/// What a look-up gives: the key, or that there is none.
pub(super) type Found = Option<Arc<StoredKey>>;

/// Remembers so many, those used last. By default moka prefers what is used often, and a key that came into use after the cache was
/// full would be looked up at each call; but a verdict on a key in use must not depend on PostgreSQL.
fn last_used<T: Clone + Send + Sync + 'static>(capacity: u64) -> Cache<Hash, Remembered<T>> {
    Cache::builder().max_capacity(capacity).eviction_policy(EvictionPolicy::lru()).time_to_idle(WITHOUT_DATABASE).build()
}

pub(super) struct Memory {
    keys: Cache<Hash, Remembered<Arc<StoredKey>>>,
    unknown: Cache<Hash, Moment>,
    tokens: Cache<Hash, Remembered<Arc<StoredToken>>>,
    generation: Mutex<u64>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            keys: last_used(KEYS),
            unknown: Cache::builder().max_capacity(UNKNOWN).time_to_live(UNKNOWN_FOR).build(),
            tokens: last_used(TOKENS),
            generation: Mutex::new(0),
        }
    }

    /// What is remembered about a key.
    pub(super) fn key(&self, hash: &Hash) -> Option<Remembered<Found>> {
        if let Some(key) = self.keys.get(hash) {
            return Some(Remembered { read: key.read, what: Some(key.what) });
        }
        self.unknown.get(hash).map(|read| Remembered { read, what: None })
    }

    /// What is remembered about a service token; that one is unknown is not remembered.
    pub(super) fn token(&self, hash: &Hash) -> Option<Remembered<Arc<StoredToken>>> {
        self.tokens.get(hash)
    }

    /// To be noted before something is looked up.
    pub(super) fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what was looked up since `generation`, unless something was forgotten meanwhile.
    pub(super) fn remember(&self, generation: u64, read: Moment, found: &[(Hash, Found)]) {
        let current = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != generation {
            return;
        }
        for (hash, found) in found {
            match found {
                Some(key) => {
                    self.unknown.invalidate(hash);
                    self.keys.insert(*hash, Remembered { read, what: Arc::clone(key) });
                }
                None => {
                    self.keys.invalidate(hash);
                    self.unknown.insert(*hash, read);
                }
            }
        }
    }

    /// As [`Self::remember`], for a service token.
    pub(super) fn remember_token(&self, generation: u64, read: Moment, hash: Hash, token: Option<&Arc<StoredToken>>) {
        let current = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        if *current != generation {
            return;
        }
        match token {
            Some(token) => self.tokens.insert(hash, Remembered { read, what: Arc::clone(token) }),
            None => self.tokens.invalidate(&hash),
        }
    }

    /// Forgets what has changed.
    pub(super) fn forget<'a>(&self, changed: impl Iterator<Item = &'a Hash>) {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        for hash in changed {
            self.keys.invalidate(hash);
            self.unknown.invalidate(hash);
            self.tokens.invalidate(hash);
        }
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        self.keys.invalidate_all();
        self.unknown.invalidate_all();
        self.tokens.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification::model::tests::key;

    #[test]
    fn row_read_before_a_change_is_not_remembered_after_it() {
        let memory = Memory::new();
        let found = [([1; 32], Some(Arc::new(key())))];
        let generation = memory.generation();
        // The row is being read; meanwhile the key is revoked, and the change arrives first.
        memory.forget([[1; 32]].iter());
        memory.remember(generation, 1, &found);
        assert!(memory.key(&[1; 32]).is_none());
        memory.remember(memory.generation(), 1, &found);
        assert!(memory.key(&[1; 32]).is_some());
    }

    #[test]
    fn creation_removes_what_was_remembered_about_an_unknown_key() {
        let memory = Memory::new();
        memory.remember(memory.generation(), 1, &[([1; 32], None)]);
        assert!(memory.key(&[1; 32]).is_some_and(|known| known.what.is_none()));
        memory.forget([[1; 32]].iter());
        assert!(memory.key(&[1; 32]).is_none());
    }

    #[test]
    fn what_is_in_use_is_remembered_for_as_long_as_it_is_used() {
        let memory = Memory::new();
        for policy in [memory.keys.policy(), memory.tokens.policy()] {
            assert_eq!((policy.time_to_live(), policy.time_to_idle()), (None, Some(WITHOUT_DATABASE)));
        }
        assert_eq!(memory.unknown.policy().time_to_live(), Some(UNKNOWN_FOR), "an unknown key may be made at any time");
    }

    #[test]
    fn keys_used_last_are_remembered_however_often_others_were_used_before() {
        let cache = last_used::<u8>(10);
        let remember = |number: u8| cache.insert([number; 32], Remembered { read: 1, what: number });
        let knows = |number: u8| cache.get(&[number; 32]).is_some();
        (0..10).for_each(remember);
        for _ in 0..100 {
            assert!((0..10).all(knows));
            cache.run_pending_tasks();
        }
        for number in 10..15 {
            remember(number);
            cache.run_pending_tasks();
        }
        assert!((10..15).all(knows), "those that came last");
        assert_eq!((0..10).filter(|number| knows(*number)).count(), 5);
    }

    #[test]
    fn answer_replaces_what_was_remembered() {
        let memory = Memory::new();
        memory.remember(memory.generation(), 1, &[([1; 32], Some(Arc::new(key())))]);
        memory.remember(memory.generation(), 7, &[([1; 32], Some(Arc::new(key())))]);
        assert_eq!(memory.key(&[1; 32]).map(|known| known.read), Some(7));
        memory.remember(memory.generation(), 9, &[([1; 32], None)]);
        assert!(memory.key(&[1; 32]).is_some_and(|known| known.what.is_none() && known.read == 9));
    }

    #[test]
    fn unknown_keys_wash_no_good_one_away() {
        let memory = Memory::new();
        memory.remember(memory.generation(), 1, &[([255; 32], Some(Arc::new(key())))]);
        let mut hash = [0; 32];
        for number in 0..3 * UNKNOWN {
            hash[..8].copy_from_slice(&number.to_be_bytes());
            memory.remember(memory.generation(), 1, &[(hash, None)]);
        }
        memory.unknown.run_pending_tasks();
        assert!(memory.unknown.entry_count() <= UNKNOWN);
        assert!(memory.key(&[255; 32]).is_some_and(|known| known.what.is_some()));
    }
}
