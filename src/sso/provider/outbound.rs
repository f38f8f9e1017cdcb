//! Asking addresses that a customer has typed, without letting anybody look into the network that the portal stands in
//! (OWASP "Server-Side Request Forgery Prevention"; ASVS 5.0, 1.3.6).
//!
//! Only HTTPS; the host is resolved first, refused if any of its addresses is not public, and connected to at exactly the
//! addresses that were looked at. No redirect is followed, and answers are bounded in size and time.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use openidconnect::{HttpRequest, HttpResponse, http, reqwest};
use url::{Host, Url};

use super::Problem;
use crate::server::config::Config;

/// Connecting takes no longer.
const TO_CONNECT: Duration = Duration::from_secs(3);

/// One request, with its answer, takes no longer.
const WHOLE: Duration = Duration::from_secs(5);

/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// The way out to customers' providers.
#[derive(Clone, Copy, Debug)]
pub(in crate::sso) struct Outbound {
    /// Whether plain HTTP and private networks are open, too.
    private: bool,
}

impl Outbound {
    pub(in crate::sso) fn of(config: &Config) -> Self {
        Self { private: config.sso_private_networks }
    }

    /// The address, if it may be asked or a browser be led to it.
    pub(super) fn check(self, address: &str) -> Result<Url, Problem> {
        let url: Url = address.parse().map_err(|_| Problem::Address(address.to_owned()))?;
        let secure = url.scheme() == "https" || (self.private && url.scheme() == "http");
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && url.has_host();
        if !secure {
            return Err(Problem::Insecure(address.to_owned()));
        }
        if plain { Ok(url) } else { Err(Problem::Address(address.to_owned())) }
    }

    /// Where the host is, if it may be asked.
    async fn resolve(self, url: &Url) -> Result<Vec<SocketAddr>, Problem> {
        let port = url.port_or_known_default().unwrap_or(443);
        let found: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![SocketAddr::from((address, port))],
            Some(Host::Ipv6(address)) => vec![SocketAddr::from((address, port))],
            Some(Host::Domain(name)) => {
                let looked_up = tokio::time::timeout(TO_CONNECT, tokio::net::lookup_host((name, port))).await;
                looked_up.ok().and_then(Result::ok).map(Iterator::collect).unwrap_or_default()
            }
            None => vec![],
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        if found.is_empty() {
            return Err(Problem::NoHost(host));
        }
        if !self.private && !found.iter().all(|address| is_public(address.ip())) {
            return Err(Problem::Private(host));
        }
        Ok(found)
    }

    /// Sends a request.
    pub(super) async fn send(self, request: HttpRequest) -> Result<HttpResponse, Problem> {
        let url = self.check(&request.uri().to_string())?;
        let addresses = self.resolve(&url).await?;
        let host = url.host_str().unwrap_or_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .connect_timeout(TO_CONNECT)
            .timeout(WHOLE)
            .user_agent("Foyer")
            .build()
            .map_err(Problem::unreachable(host))?;
        let request = request.try_into().map_err(Problem::unreachable(host))?;
        let mut response = client.execute(request).await.map_err(Problem::unreachable(host))?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = vec![];
        while let Some(chunk) = response.chunk().await.map_err(Problem::unreachable(host))? {
            if body.len() + chunk.len() > LONGEST {
                return Err(Problem::TooLong(host.to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        answer.body(body).map_err(|_| Problem::Address(host.to_owned()))
    }
}

/// Whether an address is one that anybody on the Internet can reach (IANA special-purpose registries, RFC 6890): not this
/// machine, a private network, or where clouds keep their credentials (169.254.169.254, fd00:ec2::254).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

/// Only what is handed out as global unicast, and of that nothing which leads on to an IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (a & 0xe000) == 0x2000;
    let tunnel = a == 0x2002 || (a == 0x2001 && b < 0x0200);
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    global && !tunnel && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for public in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        let inner = [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for inner in inner {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
    }

    #[test]
    fn only_plain_https_addresses_are_asked() {
        let outbound = Outbound { private: false };
        assert!(outbound.check("https://id.acme.example/realms/a").is_ok());
        for wrong in [
            "http://id.acme.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://user@id.acme.example",
            "https://:x@id.acme.example",
            "https://id.acme.example/#x",
            "gopher://id.acme.example",
            "id.acme.example",
            "",
        ] {
            assert!(outbound.check(wrong).is_err(), "{wrong}");
        }
        assert!(Outbound { private: true }.check("http://127.0.0.1:4000").is_ok());
        assert!(Outbound { private: true }.check("ftp://127.0.0.1").is_err());
    }

    #[tokio::test]
    async fn hosts_inside_the_network_are_not_connected_to() {
        let outbound = Outbound { private: false };
        for inner in [
            "https://127.0.0.1:1",
            "https://localhost",
            "https://[::1]",
            "https://[::ffff:169.254.169.254]",
            "https://2130706433",
            "https://0x7f.1",
        ] {
            let resolved = outbound.resolve(&inner.parse().unwrap()).await;
            assert!(matches!(resolved, Err(Problem::Private(_))), "{inner}: {resolved:?}");
        }
    }
}
