//! Who is at the other end: the client's address, also behind proxies, and the network it lies in.

use std::{net::IpAddr, str::FromStr};

use axum::http::HeaderMap;

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// What an address shares with its neighbours, as far as limits are concerned: /24 of IPv4, /64 of IPv6.
    pub fn around(address: IpAddr) -> Self {
        let prefix = if address.is_ipv4() { 24 } else { 64 };
        Self { address: masked(address, prefix), prefix }
    }

    /// What one subscriber has: an address of IPv4, or a /64 of IPv6, in which everybody has addresses without end.
    pub fn of_subscriber(address: IpAddr) -> Self {
        if address.is_ipv4() { Self { address, prefix: 32 } } else { Self::around(address) }
    }

    /// Whether the address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = text.split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text).parse().map_err(|_| ())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse().map_err(|_| ()))?;
        if prefix > longest { Err(()) } else { Ok(Self { address: masked(address, prefix), prefix }) }
    }
}

fn masked(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => IpAddr::from((u32::from(address) & u32::MAX.checked_shl(32 - prefix).unwrap_or(0)).to_be_bytes()),
        IpAddr::V6(address) => IpAddr::from((u128::from(address) & u128::MAX.checked_shl(128 - prefix).unwrap_or(0)).to_be_bytes()),
    }
}

/// The client's address: that of the connection, unless it comes from a proxy of ours. Then the nearest address in
/// `X-Forwarded-For` that no proxy of ours has; whatever stands before it anybody may have written (ASVS 5.0, 4.1.3).
pub fn of_client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    for hop in named.collect::<Vec<_>>().into_iter().rev() {
        match hop.trim().parse::<IpAddr>() {
            Ok(address) if ours(client) => client = address.to_canonical(),
            _ => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        of_client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn header_counts_only_when_a_proxy_of_ours_sent_it() {
        assert_eq!(client("203.0.113.9", "198.51.100.1", &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", "198.51.100.1", &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(client("10.1.2.3", "198.51.100.1", &["10.0.0.0/8"]), "198.51.100.1");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(client("10.1.2.3", "1.1.1.1, 198.51.100.1, 10.9.9.9", &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(client("10.1.2.3", "1.1.1.1, nonsense", &["10.0.0.0/8"]), "10.1.2.3");
        assert_eq!(client("::ffff:10.1.2.3", "2001:db8::7", &["10.1.2.3"]), "2001:db8::7");
    }

    #[test]
    fn networks_are_read_and_compared_by_their_prefix() {
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "x/8", "10.0.0.0/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("203.0.113.9".parse().unwrap()));
        assert!(!"0.0.0.0/0".parse::<Network>().unwrap().contains("::1".parse().unwrap()));
        assert_eq!(Network::around("203.0.113.9".parse().unwrap()).to_string(), "203.0.113.0/24");
        assert_eq!(Network::of_subscriber("203.0.113.9".parse().unwrap()).to_string(), "203.0.113.9/32");
        assert_eq!(Network::of_subscriber("2001:db8:1:2:3::4".parse().unwrap()), Network::around("2001:db8:1:2::1".parse().unwrap()));
        assert_eq!(Network::around("2001:db8:1:2:3::4".parse().unwrap()).to_string(), "2001:db8:1:2::/64");
    }
}
