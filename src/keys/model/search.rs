//! What somebody types to find a key.

use crate::secret::{self, MARKS};

/// The fewest characters that tell one key from the others.
const FEWEST: usize = 4;

/// A part of a name or of a key: its beginning, its last four characters, both as the pages show them, or all of it. Of a whole
/// key no more is used than the pages show.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// What the key or its random part begins with.
    pub beginning: Option<String>,
    /// What it ends with.
    pub last_four: Option<String>,
}

impl Search {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Self {
        let text: String = secret::cut(typed.trim()).chars().take(100).collect();
        let (before, after) = text.split_once('…').unwrap_or((&text, &text));
        let (before, after) = (before.to_lowercase(), after.to_lowercase());
        let random = MARKS.iter().find_map(|mark| before.split_once(mark)).map_or(before.as_str(), |(_, random)| random);
        let random: String = random.chars().take(8).collect();
        let beginning = [random, before].into_iter().find(|part| part.chars().count() >= FEWEST);
        let last_four = Some(after).filter(|part| part.chars().count() == FEWEST);
        Self { text, beginning, last_four }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_found_by_what_is_seen_of_it() {
        let whole = secret::seal("acme_test_", &"ab".repeat(32));
        for (typed, beginning, last_four) in [
            ("", None, None),
            ("CI", None, None),
            (" abab ", Some("abab"), Some("abab")),
            ("ABABAB", Some("ababab"), None),
            ("sk_live_ababab", Some("ababab"), None),
            ("acme_test_abababab…9F0E", Some("abababab"), Some("9f0e")),
            ("…9f0e", None, Some("9f0e")),
            ("acme_live_", Some("acme_live_"), None),
            ("acme_live_ab", Some("acme_live_ab"), None),
            (&whole, Some("abababab"), None),
        ] {
            let search = Search::parse(typed);
            assert_eq!((search.beginning.as_deref(), search.last_four.as_deref()), (beginning, last_four), "{typed}");
        }
        assert_eq!(Search::parse(&whole).text, "acme_test_abababab", "no statement sees the rest");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(Search::parse(&"ä".repeat(1_000)).text.chars().count(), 100);
    }
}
