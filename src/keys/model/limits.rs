//! What a key is limited to: scopes of the SaaS's catalogue, addresses, calls per minute.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A word of the catalogue, such as `orders:read`: 1 to 64 characters of `a-z 0-9 : . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyScope(String);

impl KeyScope {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyScope {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'_' | b'-');
        if (1..=64).contains(&word.len()) && word.bytes().all(plain) { Ok(Self(word.to_owned())) } else { Err(()) }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One scope that a key may have, in the SaaS's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// The word that programs ask for.
    pub scope: KeyScope,
    /// What it allows.
    pub words: String,
}

/// All scopes that there are, in the order in which they are shown: `KEY_SCOPES`. Empty: keys may do everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue(Vec<CatalogueEntry>);

impl Catalogue {
    /// The scopes.
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.0
    }

    /// What a scope allows; one that the SaaS has withdrawn from the catalogue shows its word.
    #[cfg(feature = "ssr")]
    pub fn words<'a>(&'a self, scope: &'a str) -> &'a str {
        self.0.iter().find(|entry| entry.scope.as_str() == scope).map_or(scope, |entry| entry.words.as_str())
    }

    /// What a key with these scopes can be limited to: the catalogue, and what the key has although it was withdrawn from there.
    #[cfg(feature = "ssr")]
    pub fn offered(&self, has: &[KeyScope]) -> Vec<CatalogueEntry> {
        let withdrawn = has.iter().filter(|scope| !self.0.iter().any(|entry| entry.scope == **scope));
        let withdrawn = withdrawn.map(|scope| CatalogueEntry { scope: scope.clone(), words: "No longer offered".to_owned() });
        self.0.iter().cloned().chain(withdrawn).collect()
    }

    /// Reads the choice of a form about a key that may do what `has` says; `None` is everything, also what is added to the
    /// catalogue later. A form that says nothing changes nothing: where there is no catalogue it cannot.
    ///
    /// # Errors
    /// What to do, as a sentence.
    #[cfg(feature = "ssr")]
    pub fn choose(&self, access: &str, chosen: &[String], has: Option<&[KeyScope]>) -> Result<Option<Vec<KeyScope>>, String> {
        match access {
            super::ACCESS_ALL => return Ok(None),
            super::ACCESS_CHOSEN => {}
            _ => return Ok(has.map(<[KeyScope]>::to_vec)),
        }
        let offered = self.offered(has.unwrap_or_default()).into_iter().map(|entry| entry.scope);
        let scopes: Vec<KeyScope> = offered.filter(|scope| chosen.iter().any(|word| word == scope.as_str())).collect();
        if chosen.iter().any(|word| !scopes.iter().any(|scope| scope.as_str() == word)) {
            return Err("This list has changed meanwhile. Reload the page and choose again.".to_owned());
        }
        if scopes.is_empty() {
            return Err("Choose at least one, or allow everything.".to_owned());
        }
        Ok(Some(scopes))
    }
}

impl FromStr for Catalogue {
    type Err = String;

    /// Reads `orders:read=Read orders,orders:write=Create and change orders`; the error is the entry that is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut entries: Vec<CatalogueEntry> = vec![];
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (scope, words) = part.split_once('=').ok_or_else(|| part.to_owned())?;
            let (scope, words) = (scope.trim().parse::<KeyScope>().map_err(|()| part.to_owned())?, words.trim());
            if words.is_empty() || words.chars().count() > 80 || entries.iter().any(|entry| entry.scope == scope) {
                return Err(part.to_owned());
            }
            entries.push(CatalogueEntry { scope, words: words.to_owned() });
        }
        Ok(Self(entries))
    }
}

/// The most addresses of one key.
pub const MOST_NETWORKS: usize = 50;

/// Reads addresses and networks, one a line (commas and spaces part them, too). Sorted out: what stands there twice.
///
/// # Errors
/// What to do, as a sentence.
#[cfg(feature = "ssr")]
pub fn networks(typed: &str) -> Result<Vec<String>, String> {
    let mut networks: Vec<String> = vec![];
    for word in typed.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty()) {
        let shown: String = word.chars().take(50).collect();
        let network: crate::server::address::Network = word
            .parse()
            .map_err(|()| format!("“{shown}” is not an address. Write one per line, such as 203.0.113.7 or a range such as 10.0.0.0/8."))?;
        let network = network.to_string();
        if !networks.contains(&network) {
            networks.push(network);
        }
    }
    if networks.len() > MOST_NETWORKS {
        return Err(format!(
            "These are {} addresses. List at most {MOST_NETWORKS}; a range such as 10.0.0.0/8 counts as one.",
            networks.len()
        ));
    }
    Ok(networks)
}

/// A network as people write it: a single address without the length of its prefix.
pub fn readable(network: &str) -> &str {
    let single = if network.contains(':') { "/128" } else { "/32" };
    network.strip_suffix(single).unwrap_or(network)
}

/// Reads a number of calls; empty is no limit.
///
/// # Errors
/// What to do, as a sentence.
pub fn calls_per_minute(typed: &str) -> Result<Option<i32>, String> {
    let digits: String = typed.chars().filter(|c| !matches!(c, ' ' | ',' | '\u{202f}')).collect();
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(calls @ 1..=1_000_000) => Ok(Some(calls)),
        _ => Err("Write a whole number from 1 to 1,000,000, or leave it empty for no limit.".to_owned()),
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn catalogue_is_read_in_its_order() {
        let catalogue: Catalogue = "orders:write=Create and change orders, orders:read=Read orders".parse().unwrap();
        assert_eq!(catalogue.words("orders:read"), "Read orders");
        let chosen = catalogue.choose("chosen", &["orders:read".into(), "orders:write".into()], None).unwrap().unwrap();
        assert_eq!(chosen.iter().map(KeyScope::as_str).collect::<Vec<_>>(), ["orders:write", "orders:read"]);
        for wrong in ["orders:read", "=x", "Orders=x", "a=", "a=x,a=y", "a b=x"] {
            assert!(wrong.parse::<Catalogue>().is_err(), "{wrong}");
        }
        assert_eq!("".parse(), Ok(Catalogue::default()));
    }

    #[test]
    fn choosing_nothing_is_not_choosing_everything() {
        let catalogue: Catalogue = "a=A".parse().unwrap();
        assert_eq!(catalogue.choose("all", &["a".into()], None), Ok(None));
        for catalogue in [&catalogue, &Catalogue::default()] {
            assert!(catalogue.choose("chosen", &[], None).is_err());
            assert!(catalogue.choose("chosen", &["a".into(), "b".into()], None).is_err(), "a word that is not in the catalogue");
        }
    }

    #[test]
    fn only_the_word_for_everything_widens_a_key() {
        let has: Vec<KeyScope> = ["a", "gone"].iter().map(|word| word.parse().unwrap()).collect();
        for catalogue in ["a=A,b=B".parse().unwrap(), Catalogue::default()] {
            let choose = |access: &str, chosen: &[&str]| {
                let chosen: Vec<String> = chosen.iter().map(|word| (*word).to_owned()).collect();
                catalogue.choose(access, &chosen, Some(&has))
            };
            assert_eq!(choose("", &[]), Ok(Some(has.clone())));
            assert_eq!(choose("everything", &[]), Ok(Some(has.clone())));
            assert_eq!(choose("chosen", &["gone", "a"]), Ok(Some(has.clone())), "what was withdrawn can be kept");
            assert_eq!(choose("chosen", &["a"]), Ok(Some(has[..1].to_vec())), "and be given up");
            assert!(choose("chosen", &["a", "other"]).is_err());
            assert_eq!(choose("all", &[]), Ok(None));
        }
    }

    #[test]
    fn addresses_are_read_line_by_line() {
        let read = networks("203.0.113.7\r\n10.1.2.3/8, 2001:db8::/32\n203.0.113.7/32").unwrap();
        assert_eq!(read, ["203.0.113.7/32", "10.0.0.0/8", "2001:db8::/32"]);
        assert_eq!(read.iter().map(|network| readable(network)).collect::<Vec<_>>(), ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"]);
        assert!(networks("10.0.0.0/8\nour office").unwrap_err().contains("“our office”") || networks("our").is_err());
        let many: String = (0..51).map(|number| format!("10.0.0.{number}\n")).collect();
        assert!(networks(&many).is_err());
        assert_eq!(networks(" \n"), Ok(vec![]));
    }

    #[test]
    fn calls_per_minute_are_a_whole_number() {
        assert_eq!(calls_per_minute(" 1,200 "), Ok(Some(1_200)));
        assert_eq!(calls_per_minute(""), Ok(None));
        for wrong in ["0", "-5", "1.5", "many", "1000001"] {
            assert!(calls_per_minute(wrong).is_err(), "{wrong}");
        }
    }
}
