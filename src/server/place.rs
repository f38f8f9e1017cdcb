//! Where an address is, in words, for people who look at where they are signed in.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use maxminddb::{Reader, geoip2};

use super::address::Network;

/// A database of places in the MaxMind DB format (GeoLite2-City, DB-IP City Lite and the like), if the operator has one.
#[derive(Clone, Default)]
pub struct Places(Option<Arc<Reader<Vec<u8>>>>);

/// The path of the file, which is read whole.
impl FromStr for Places {
    type Err = ();
    fn from_str(path: &str) -> Result<Self, ()> {
        Reader::open_readfile(path).map(|reader| Self(Some(Arc::new(reader)))).map_err(|_| ())
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Places" } else { "no Places" })
    }
}

impl Places {
    /// The place of an address as somebody sees it who comes from `here`.
    pub fn in_words(&self, address: &str, here: Option<IpAddr>) -> String {
        let Ok(address) = address.parse::<IpAddr>().map(|address| address.to_canonical()) else {
            return "Unknown place".to_owned();
        };
        if address.is_loopback() {
            return "The portal’s own machine".to_owned();
        }
        if let Some(place) = self.find(address) {
            return place;
        }
        let near = here.is_some_and(|here| Network::around(here.to_canonical()) == Network::around(address));
        match (near, is_private(address)) {
            (true, _) => "The network that you are in now",
            (false, true) => "A private network",
            (false, false) => "Another network",
        }
        .to_owned()
    }

    /// City and country in English, as far as they are known.
    fn find(&self, address: IpAddr) -> Option<String> {
        let found = self.0.as_ref()?.lookup(address).ok()?.decode::<geoip2::City<'_>>().ok()??;
        match (found.city.names.english, found.country.names.english) {
            (Some(city), Some(country)) if city != country => Some(format!("{city}, {country}")),
            (city, country) => country.or(city).map(str::to_owned),
        }
    }
}

/// Private and link-local addresses (RFC 1918, RFC 3927, RFC 4193, RFC 4291).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the MaxMind DB format 2.0 (maxmind.github.io/MaxMind-DB), as far as this file needs them.
    fn text(text: &str) -> Vec<u8> {
        [&[2 << 5 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }
    fn number(kind: u8, number: u8) -> Vec<u8> {
        // Kinds from 8 on are written in a second byte.
        if kind < 8 { vec![kind << 5 | 1, number] } else { vec![1, kind - 7, number] }
    }
    fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![7 << 5 | u8::try_from(entries.len()).unwrap()];
        for (name, value) in entries {
            bytes.extend(text(name));
            bytes.extend(value);
        }
        bytes
    }

    /// A database in which the addresses of the lower half, up to 127.255.255.255, are at one place.
    fn database(place: &[u8]) -> Vec<u8> {
        let (nodes, separator) = (1_u8, 16_u8);
        // One node of two records of 24 bits: the first points at the beginning of the data, the second at nothing.
        let tree = [0, 0, nodes + separator, 0, 0, nodes];
        let metadata = map(&[
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", number(9, 1)),
            ("database_type", text("Test-City")),
            ("description", map(&[])),
            ("ip_version", number(5, 4)),
            ("languages", vec![0, 4]),
            ("node_count", number(6, nodes)),
            ("record_size", number(5, 24)),
        ]);
        [tree.as_slice(), [0; 16].as_slice(), place, b"\xAB\xCD\xEFMaxMind.com", &metadata].concat()
    }

    fn named(name: &str) -> Vec<u8> {
        map(&[("names", map(&[("en", text(name))]))])
    }

    fn places(place: &[u8]) -> Places {
        Places(Some(Arc::new(Reader::from_source(database(place)).unwrap())))
    }

    #[test]
    fn place_is_city_and_country() {
        let berlin = places(&map(&[("city", named("Berlin")), ("country", named("Germany"))]));
        assert_eq!(berlin.in_words("93.184.216.34", None), "Berlin, Germany");
        assert_eq!(berlin.in_words("::ffff:93.184.216.34", None), "Berlin, Germany");
        assert_eq!(berlin.in_words("203.0.113.9", None), "Another network", "the database does not know it");
        assert_eq!(places(&map(&[("country", named("Germany"))])).in_words("93.184.216.34", None), "Germany");
        let singapore = places(&map(&[("city", named("Singapore")), ("country", named("Singapore"))]));
        assert_eq!(singapore.in_words("93.184.216.34", None), "Singapore");
        assert_eq!(places(&map(&[])).in_words("93.184.216.34", None), "Another network");
    }

    #[test]
    fn without_a_database_it_is_told_what_the_address_tells() {
        let here = "203.0.113.77".parse().ok();
        for (address, words) in [
            ("203.0.113.9", "The network that you are in now"),
            ("198.51.100.9", "Another network"),
            ("10.1.2.3", "A private network"),
            ("fd00::1", "A private network"),
            ("127.0.0.1", "The portal’s own machine"),
            ("", "Unknown place"),
        ] {
            assert_eq!(Places::default().in_words(address, here), words, "{address}");
        }
    }

    #[test]
    fn file_that_is_no_database_is_refused() {
        assert!("Cargo.toml".parse::<Places>().is_err());
        assert!("/nowhere/places.mmdb".parse::<Places>().is_err());
    }
}
