//! Configuration from the environment: read once at start, every problem reported at once.

mod reader;

use std::{fmt, net::SocketAddr};

use url::Url;

use self::reader::Reader;
use super::{address::Network, pdf::Fonts, place::Places, return_url::ReturnUrls, sealed::Sealer, signatures::PublicKeys};
use crate::keys::model::{Brand, Catalogue};

/// Everything that an installation may set. `.env.example` lists the variables.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: PostgreSQL as the application role, which owns nothing.
    pub database_url: SecretText,
    /// `MIGRATION_DATABASE_URL`: the same database as the role that owns the tables; for all commands but `serve` and `worker`.
    pub migration_database_url: Option<SecretText>,
    /// `DATABASE_CONNECTIONS`: connections that one process opens at most (default 16); four more if it verifies keys.
    pub database_connections: u32,
    /// `REDIS_URL`: `redis://…`, without TLS.
    pub redis_url: SecretText,
    /// Put before every Redis key; empty in real use, so that the keys are those of the contract.
    pub redis_prefix: String,
    /// `APP_URL`: the address under which browsers reach the portal; links in mails begin with it.
    pub app_url: Url,
    /// `LISTEN`: the address to listen on (default 127.0.0.1 and `PORT`, or 3000).
    pub listen: SocketAddr,
    /// `SECRET_KEY`: 64 hex characters, under which secrets that must be readable again are encrypted.
    pub sealer: Sealer,
    /// How mails leave.
    pub mail: MailConfig,
    /// Whether the SaaS's own people need a second factor: in a real installation always.
    pub staff_needs_second_factor: bool,
    /// `STAFF_EMAIL`: where new tickets are announced; without it staff look at `/staff/tickets`.
    pub staff_email: Option<String>,
    /// `RETURN_URLS`: origins of the SaaS, separated by commas, to which people may go back from a session that it opened.
    pub return_urls: ReturnUrls,
    /// `KEY_BRAND`: what API keys begin with: 2 to 16 lower-case letters and digits (default `sk`).
    pub key_brand: Brand,
    /// `KEY_SCOPES`: what keys can be limited to: `orders:read=Read orders`, separated by commas (default: keys may do everything).
    pub key_scopes: Catalogue,
    /// Who issues the invoices.
    pub seller: Seller,
    /// `PDF_FONTS`: a folder with fonts for the characters that ours lack (default: ours only).
    pub pdf_fonts: Fonts,
    /// `LEAK_PUBLIC_KEYS`: who may report keys found in public: `identifier=public key`, separated by commas (default: nobody).
    pub leak_public_keys: PublicKeys,
    /// `LEAK_POLICY`: what becomes of such a key (default: revoke).
    pub leak_policy: LeakPolicy,
    /// `TRUSTED_PROXIES`: addresses or networks, separated by commas, whose `X-Forwarded-For` is believed (default: nobody's).
    pub trusted_proxies: Vec<Network>,
    /// `API_CALLS_PER_SECOND`: keys that one service token may have verified in a second by one process (default 40,000);
    /// every other call to `/v1` counts as a hundred of them.
    pub api_calls_per_second: u32,
    /// `SSO_PRIVATE_NETWORKS=true`: customers' providers may be reached by plain HTTP and inside private networks; for an
    /// installation that is used inside one (default: only in a demonstration).
    pub sso_private_networks: bool,
    /// `DNS_RESOLVER`: address and port of the name server that is asked for the TXT records of customers' domains
    /// (default: those of the system).
    pub dns_resolver: Option<SocketAddr>,
    /// `PLACES_DATABASE`: a file in the MaxMind DB format that tells where addresses are (default: none).
    pub places: Places,
    /// `LOG_FORMAT=json`: logs for machines rather than for people.
    pub log_json: bool,
}

/// What becomes of a key that was found in public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeakPolicy {
    /// It is revoked at once.
    Revoke,
    /// It goes on, and its customer is told.
    Flag,
}

impl std::str::FromStr for LeakPolicy {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "revoke" => Ok(Self::Revoke),
            "flag" => Ok(Self::Flag),
            _ => Err(()),
        }
    }
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum MailConfig {
    /// Through a mail server.
    Smtp(SmtpConfig),
    /// Kept and shown at `/dev/mail`; never in real use.
    DevelopmentInbox,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// `SMTP_URL`: `smtps://user:password@host:465`, or `smtp://…:587?tls=required` for STARTTLS.
    pub url: SecretText,
    /// `MAIL_FROM`: sender, `Foyer <portal@example.com>`.
    pub from: String,
}

/// Who issues the invoices: `SELLER_NAME`, `SELLER_ADDRESS` (lines separated by `|`), `SELLER_TAX_ID`, `SELLER_EMAIL`; in real
/// use only the tax id may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Legal name.
    pub name: String,
    /// Lines of the address.
    pub address: Vec<String>,
    /// VAT number or the like; empty: none is printed.
    pub tax_id: String,
    /// Where questions about an invoice go.
    pub email: String,
}

/// A configured text that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What is wrong with the configuration, all of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is incomplete:\n{}", .0.join("\n"))]
pub struct ConfigProblems(pub Vec<String>);

/// Which environment the process runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A real installation.
    Production,
    /// `demo` and `dev`: mails stay in the development inbox, the rest has defaults.
    Demonstration,
}

impl Config {
    /// Reads the configuration through `variable`, which in real use reads the environment.
    ///
    /// # Errors
    /// Lists every missing or wrong variable.
    pub fn read(purpose: Purpose, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigProblems> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut reader = Reader::new(&variable);
        let port = reader.parsed("PORT", 3000);
        let listen = reader.parsed("LISTEN", SocketAddr::from(([127, 0, 0, 1], port)));
        let app_url = match purpose {
            Purpose::Production => reader.safe_url("APP_URL"),
            Purpose::Demonstration => reader.url_or("APP_URL", &own_address(listen)),
        };
        let config = Self {
            database_url: reader.required_url("DATABASE_URL", &["postgres", "postgresql"]).secret(),
            migration_database_url: reader.optional("MIGRATION_DATABASE_URL").map(SecretText),
            database_connections: reader.parsed("DATABASE_CONNECTIONS", 16),
            redis_url: reader.redis_url().secret(),
            redis_prefix: String::new(),
            app_url: app_url.0,
            listen,
            sealer: reader.sealer(purpose),
            mail: reader.mail(purpose),
            staff_needs_second_factor: purpose == Purpose::Production,
            staff_email: reader.staff_email(),
            return_urls: reader.return_urls(),
            key_brand: reader.key_brand(),
            key_scopes: reader.key_scopes(purpose),
            seller: reader.seller(purpose),
            pdf_fonts: reader.pdf_fonts(),
            leak_public_keys: reader.leak_public_keys(),
            leak_policy: reader.parsed("LEAK_POLICY", LeakPolicy::Revoke),
            trusted_proxies: reader.trusted_proxies(),
            api_calls_per_second: reader.parsed("API_CALLS_PER_SECOND", 40_000),
            sso_private_networks: reader.parsed("SSO_PRIVATE_NETWORKS", purpose == Purpose::Demonstration),
            dns_resolver: reader.optional_parsed("DNS_RESOLVER"),
            places: reader.places(),
            log_json: reader.log_json(),
        };
        let problems = reader.into_problems();
        if problems.is_empty() { Ok(config) } else { Err(ConfigProblems(problems)) }
    }

    /// Whether browsers come by HTTPS, so that cookies can be `Secure` and `__Host-`.
    pub fn secure(&self) -> bool {
        self.app_url.scheme() == "https"
    }

    /// Whether mails stay in the development inbox.
    pub fn development_inbox(&self) -> bool {
        matches!(self.mail, MailConfig::DevelopmentInbox)
    }

    /// An absolute address in the portal. Never built from a request's Host.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.app_url.as_str().trim_end_matches('/'))
    }
}

/// Where a demonstration is reached that nobody gave an address: on one's own machine by name, because passkeys work under
/// no IP address.
fn own_address(listen: SocketAddr) -> String {
    if listen.ip().is_loopback() { format!("http://localhost:{}", listen.port()) } else { format!("http://{listen}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_reported_together() {
        let Err(ConfigProblems(problems)) = Config::read(Purpose::Production, |name| {
            let wrong = matches!(
                name,
                "PORT" | "PLACES_DATABASE" | "TRUSTED_PROXIES" | "KEY_BRAND" | "KEY_SCOPES" | "PDF_FONTS" | "SELLER_EMAIL" | "LOG_FORMAT"
            );
            wrong.then(|| "x".into())
        }) else {
            panic!("must be refused")
        };
        for name in [
            "DATABASE_URL",
            "REDIS_URL",
            "APP_URL",
            "SECRET_KEY",
            "SMTP_URL",
            "MAIL_FROM",
            "PORT",
            "PLACES_DATABASE",
            "TRUSTED_PROXIES",
            "KEY_BRAND",
            "KEY_SCOPES",
            "PDF_FONTS",
            "SELLER_NAME",
            "SELLER_ADDRESS",
            "SELLER_EMAIL",
            "LOG_FORMAT",
        ] {
            assert!(problems.iter().any(|problem| problem.contains(name)), "{name}: {problems:?}");
        }
    }

    #[test]
    fn installation_without_https_is_refused_except_on_this_machine() {
        let refused = |app_url: &str| {
            let read = Config::read(Purpose::Production, |name| (name == "APP_URL").then(|| app_url.to_owned()));
            read.is_err_and(|ConfigProblems(problems)| problems.iter().any(|problem| problem.contains("APP_URL")))
        };
        for app_url in ["http://portal.example.com", "http://10.0.0.7:3000", "http://localhost.example.com", "http://127.0.0.1.nip.io"] {
            assert!(refused(app_url), "{app_url}");
        }
        for app_url in ["https://portal.example.com", "http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"] {
            assert!(!refused(app_url), "{app_url}");
        }
    }

    /// What is wrong in a real installation that sets one variable and nothing else.
    fn problems_with(name: &str, value: &str) -> Vec<String> {
        let read = Config::read(Purpose::Production, |asked| (asked == name).then(|| value.to_owned()));
        read.map_or_else(|ConfigProblems(problems)| problems, |_| vec![])
    }

    #[test]
    fn installation_issues_no_invoices_of_an_invented_firm() {
        let missing = |problems: &[String]| problems.iter().filter(|problem| problem.contains("SELLER_")).count();
        assert_eq!(missing(&problems_with("PORT", "3000")), 3, "a VAT number is not asked for");
        assert_eq!(missing(&problems_with("SELLER_NAME", "Example Inc.")), 2);
        assert_eq!(missing(&problems_with("SELLER_ADDRESS", " ")), 3);
        assert_eq!(missing(&problems_with("SELLER_EMAIL", "billing@example.com")), 2);
    }

    #[test]
    fn redis_with_tls_is_refused_and_says_so() {
        let about = |value: &str| -> Vec<String> {
            problems_with("REDIS_URL", value).into_iter().filter(|problem| problem.contains("REDIS_URL")).collect()
        };
        assert!(about("redis://redis.example.com:6379/0").is_empty());
        let refused = about("rediss://redis.example.com:6379/0");
        assert!(refused.len() == 1 && refused[0].contains("does not speak TLS"), "{refused:?}");
    }

    #[test]
    fn log_format_is_json_or_nothing() {
        let refused = |value: &str| problems_with("LOG_FORMAT", value).iter().any(|problem| problem.contains("LOG_FORMAT"));
        assert!(!refused("json") && !refused(""));
        assert!(refused("JSON") && refused("text"));
    }

    #[test]
    fn example_lists_every_variable() {
        let (example, readme) = (include_str!("../../.env.example"), include_str!("../../README.md"));
        let asked = std::cell::RefCell::new(vec![]);
        _ = Config::read(Purpose::Production, |name| {
            asked.borrow_mut().push(name.to_owned());
            None
        });
        let mut names = asked.into_inner();
        let of_framework = readme.split('`').filter(|code| code.starts_with("LEPTOS_"));
        names.extend(of_framework.map(|code| code.split('=').next().unwrap_or_default().to_owned()));
        assert!(names.len() > 20 && names.iter().any(|name| name.starts_with("LEPTOS_")), "{names:?}");
        for name in names {
            let is_listed = |line: &str| line.trim_start_matches('#').strip_prefix(&name).is_some_and(|rest| rest.starts_with('='));
            assert!(example.lines().any(is_listed), "{name}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", SecretText::new("hunter2")), "[secret]");
    }

    #[test]
    fn demonstration_needs_only_the_stores() {
        let config = Config::read(Purpose::Demonstration, |name| match name {
            "DATABASE_URL" => Some("postgres://foyer_app@127.0.0.1/foyer".into()),
            "REDIS_URL" => Some("redis://127.0.0.1/".into()),
            _ => None,
        });
        let config = config.unwrap();
        assert!(config.development_inbox());
        assert_eq!(config.link("/invite/x"), "http://localhost:3000/invite/x");
        assert_eq!(config.seller.name, "Foyer Software GmbH");
    }
}
