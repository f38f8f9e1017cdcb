//! Keeps secrets out of what is kept: the trail and the logs. People paste keys into names and subjects, so what is
//! written down passes through here, whatever its way.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::service_tokens::model::PREFIX;

/// What stands before the random part of API keys, whatever the brand before it, and of service tokens; the eight characters
/// after it may be shown, because people recognize a key by them.
const PREFIXES: [&str; 3] = ["_live_", "_test_", PREFIX];
const SHOWN: usize = 8;

/// A stored password (PHC string).
const PASSWORD_HASH: &str = "$argon2";

/// So many hex characters in a row are a token or a hash: sessions and keys have 64, invitations 32. A UUID has hyphens.
const TOKEN: usize = 32;

/// Stands where a secret stood.
const REMOVED: &str = "[secret removed]";

/// A place that looks like a secret.
struct Found {
    start: usize,
    end: usize,
    stands_for: String,
}

/// The text without what looks like a key, a token or a password hash. Of a key its prefix is left.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(found) = find(rest) {
        clean.push_str(rest.get(..found.start).unwrap_or_default());
        clean.push_str(&found.stands_for);
        rest = rest.get(found.end..).unwrap_or_default();
    }
    if clean.is_empty() && rest.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(clean + rest) }
}

fn find(text: &str) -> Option<Found> {
    let keys = PREFIXES.into_iter().map(|prefix| key(prefix, text));
    keys.chain([password_hash(text), token(text)]).flatten().min_by_key(|found| found.start)
}

fn hex_length(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn key(prefix: &str, text: &str) -> Option<Found> {
    text.match_indices(prefix).find_map(|(start, _)| {
        let random = text.get(start + prefix.len()..)?;
        let length = hex_length(random);
        let stands_for = format!("{prefix}{}…", random.get(..SHOWN)?);
        (length > SHOWN).then_some(Found { start, end: start + prefix.len() + length, stands_for })
    })
}

fn password_hash(text: &str) -> Option<Found> {
    let start = text.find(PASSWORD_HASH)?;
    let length = text.get(start..)?.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(text.len() - start);
    Some(Found { start, end: start + length, stands_for: REMOVED.to_owned() })
}

fn token(text: &str) -> Option<Found> {
    let mut start = 0;
    while let Some(at) = text.get(start..)?.find(|c: char| c.is_ascii_hexdigit()) {
        start += at;
        let length = hex_length(text.get(start..)?);
        if length >= TOKEN {
            return Some(Found { start, end: start + length, stands_for: REMOVED.to_owned() });
        }
        start += length;
    }
    None
}

/// A place for logs that holds no secret. Expects whole lines, as the log writes them.
pub struct Redacting<W>(pub W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(redact(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_prefix_only() {
        let key = format!("sk_live_{}", "0123456789abcdef".repeat(4));
        assert_eq!(redact(&format!("my key {key} fails, {key}")), "my key sk_live_01234567… fails, sk_live_01234567…");
        let token = format!("foyer_svc_{}", "0123456789abcdef".repeat(4));
        assert_eq!(redact(&format!("{key} and {token}")), "sk_live_01234567… and foyer_svc_01234567…");
        let test = format!("acme_test_{}", "0123456789abcdef".repeat(4));
        assert_eq!(redact(&format!("({test})")), "(acme_test_01234567…)");
        assert_eq!(redact("sk_live_01234567"), "sk_live_01234567", "the prefix is no secret");
        assert_eq!(redact("sk_live_012345678"), "sk_live_01234567…");
        assert_eq!(redact("sk_live_ä, sk_live_"), "sk_live_ä, sk_live_");
    }

    #[test]
    fn tokens_and_password_hashes_are_removed() {
        let token = "0123456789abcdefABCDEF0123456789";
        assert_eq!(redact(&format!("/invite/{token}?x")), "/invite/[secret removed]?x");
        assert_eq!(redact("{\"hash\":\"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA\"}"), "{\"hash\":\"[secret removed]\"}");
    }

    #[test]
    fn ordinary_words_stay_as_they_are() {
        for text in ["", "Größe", "018f0000-0000-7000-8000-000000000001", "key-0123456789ab", "0123456789abcdef0123456789abcde", "é$argon"]
        {
            assert!(matches!(redact(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn log_lines_are_cleaned_as_they_are_written() {
        let mut log = Redacting(vec![]);
        writeln!(log, "token={}", "ab".repeat(32)).unwrap();
        assert_eq!(String::from_utf8(log.0).unwrap(), "token=[secret removed]\n");
    }
}
