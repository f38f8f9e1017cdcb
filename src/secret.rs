//! The form of secrets that programs carry: a prefix that says whose they are, 32 random bytes in hex and a CRC-32 over
//! both, so that a leak scanner and the server can tell a real one from a look-alike without asking a database.

/// Hex characters of the random part.
const RANDOM: usize = 64;

/// Hex characters of the checksum.
const CHECKSUM: usize = 8;

/// Puts a secret together from its prefix and 32 random bytes in hex.
pub fn seal(prefix: &str, hex: &str) -> String {
    let body = format!("{prefix}{hex}");
    let checksum = crc32fast::hash(body.as_bytes());
    format!("{body}{checksum:08x}")
}

/// Whether a text has the form and the checksum of a secret with this prefix.
pub fn is_sealed(prefix: &str, text: &str) -> bool {
    let Some((body, checksum)) = text.len().checked_sub(CHECKSUM).and_then(|at| text.split_at_checked(at)) else { return false };
    let random = body.strip_prefix(prefix).unwrap_or_default();
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    random.len() == RANDOM && hex(random) && checksum == format!("{:08x}", crc32fast::hash(body.as_bytes()))
}

/// The first eight characters of the random part, by which people recognise the secret.
pub fn recognisable<'a>(prefix: &str, sealed: &'a str) -> &'a str {
    sealed.get(prefix.len()..prefix.len() + 8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_is_recognised_and_every_change_of_it_is_not() {
        let sealed = seal("sk_live_", &"ab".repeat(32));
        assert!(is_sealed("sk_live_", &sealed));
        assert_eq!(recognisable("sk_live_", &sealed), "abababab");
        for wrong in
            [sealed.replacen('a', "c", 1), sealed.to_uppercase(), sealed[..79].to_owned(), format!("{sealed}0"), format!(" {sealed}")]
        {
            assert!(!is_sealed("sk_live_", &wrong), "{wrong}");
        }
        for wrong in ["", "sk_live_", "ä", &"x".repeat(80)] {
            assert!(!is_sealed("sk_live_", wrong), "{wrong}");
        }
        assert!(!is_sealed("sk_test_", &sealed), "another kind of secret");
    }
}
