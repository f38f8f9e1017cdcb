//! The form of secrets that programs carry: a prefix that says whose they are, 32 random bytes in hex and a CRC-32 over
//! both, so that a leak scanner and the server can tell a real one from a look-alike without asking a database.

/// What stands before the random part of an API key, whatever the brand before it.
pub const MARKS: [&str; 2] = ["_live_", "_test_"];

/// Characters of the random part by which people recognize a secret.
const SHOWN: usize = 8;

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

/// The first eight characters of the random part, by which people recognize the secret.
pub fn recognisable<'a>(prefix: &str, sealed: &'a str) -> &'a str {
    sealed.get(prefix.len()..prefix.len() + SHOWN).unwrap_or_default()
}

/// A text in which no more is left of a key than pages show of its beginning, so that it may stand in an address.
pub fn cut(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, random)) = split_before_random(rest) {
        let hex = random.bytes().take_while(u8::is_ascii_hexdigit).count();
        kept.push_str(before);
        kept.push_str(random.get(..hex.min(SHOWN)).unwrap_or_default());
        rest = random.get(hex..).unwrap_or_default();
    }
    kept + rest
}

fn split_before_random(text: &str) -> Option<(&str, &str)> {
    // The same bytes: only ASCII letters change.
    let lower = text.to_ascii_lowercase();
    let at = MARKS.iter().filter_map(|mark| Some(lower.find(mark)? + mark.len())).min()?;
    text.split_at_checked(at)
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

    #[test]
    fn of_a_key_in_a_text_its_beginning_is_left() {
        let (live, test) = (seal("sk_live_", &"ab".repeat(32)), seal("acme_test_", &"0c".repeat(32)));
        for (text, cut) in [
            (live.as_str(), "sk_live_abababab"),
            (&live.to_uppercase(), "SK_LIVE_ABABABAB"),
            (&live[..40], "sk_live_abababab"),
            (&format!(" „{live}“, {test}"), " „sk_live_abababab“, acme_test_0c0c0c0c"),
            ("sk_live_1a2b3c4d…9f0e", "sk_live_1a2b3c4d…9f0e"),
            ("sk_live_1a2b", "sk_live_1a2b"),
            ("sk_live_", "sk_live_"),
            ("Production ä", "Production ä"),
            ("", ""),
        ] {
            assert_eq!(super::cut(text), cut);
        }
    }
}
