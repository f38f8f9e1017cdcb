//! Passwords that were stolen elsewhere and published: whoever attacks accounts tries these first (ASVS 5.0, 6.2.12).

use sha2::{Digest, Sha256};

/// How much of each hash is kept, in bytes. A password that is not in the list is taken for one of it once in two million.
const KEPT: usize = 5;

/// The first bytes of the SHA-256 of 474,743 breached passwords of eight and more characters, in lower case, sorted. Made by
/// scripts/breached-passwords.mjs, which names the source.
static HASHES: &[u8] = include_bytes!("breached_passwords.bin");

/// Whether the password is a breached one, in small or capital letters: those are what is tried next.
pub(super) fn is_breached(password: &str) -> bool {
    let (hashes, _) = HASHES.as_chunks::<KEPT>();
    let hash = Sha256::digest(password.to_lowercase());
    hash.first_chunk::<KEPT>().is_some_and(|sought| hashes.binary_search(sought).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breached_passwords_are_known_in_any_letters() {
        for breached in ["zaqwsx33", "digitalplayground", "Zaqwsx33", "DIGITALplayground", "e5aanh2e", "26022006"] {
            assert!(is_breached(breached), "{breached}");
        }
        for other in ["zaqwsx33 digitalplayground", "demo-portal-2026", "violet otter sings", ""] {
            assert!(!is_breached(other), "{other}");
        }
    }

    #[test]
    fn list_is_whole_and_sorted() {
        let (hashes, rest) = HASHES.as_chunks::<KEPT>();
        assert_eq!((hashes.len(), rest.len()), (474_743, 0));
        assert!(hashes.is_sorted_by(|one, next| one < next));
    }
}
