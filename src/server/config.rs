//! Configuration from the environment: read once at start, every problem reported at once.

use std::{fmt, net::SocketAddr};

use url::Url;

use super::{address::Network, return_url::ReturnUrls, sealed::Sealer};

/// Everything that an installation may set. `.env.example` lists the variables.
#[derive(Clone, Debug)]
pub struct Config {
    /// `DATABASE_URL`: PostgreSQL as the application role, which owns nothing.
    pub database_url: SecretText,
    /// `MIGRATION_DATABASE_URL`: the same database as the role that owns the tables; for `migrate`, `audit`, `seed` and `demo`.
    pub migration_database_url: Option<SecretText>,
    /// `DATABASE_CONNECTIONS`: connections that one process opens at most (default 16).
    pub database_connections: u32,
    /// `REDIS_URL`.
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
    /// Who issues the invoices.
    pub seller: Seller,
    /// `TRUSTED_PROXIES`: addresses or networks, separated by commas, whose `X-Forwarded-For` is believed (default: nobody's).
    pub trusted_proxies: Vec<Network>,
    /// `LOG_FORMAT=json`: logs for machines rather than for people.
    pub log_json: bool,
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

/// Who issues the invoices: `SELLER_NAME`, `SELLER_ADDRESS` (lines separated by `|`), `SELLER_TAX_ID`, `SELLER_EMAIL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Legal name.
    pub name: String,
    /// Lines of the address.
    pub address: Vec<String>,
    /// VAT number or the like.
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
        let mut reader = Reader { variable: &|name| variable(name).filter(|value| !value.is_empty()), problems: vec![] };
        let port = reader.parsed("PORT", 3000);
        let listen = reader.parsed("LISTEN", SocketAddr::from(([127, 0, 0, 1], port)));
        let app_url = match purpose {
            Purpose::Production => reader.required_url("APP_URL", &["http", "https"]),
            Purpose::Demonstration => reader.url_or("APP_URL", &own_address(listen)),
        };
        let config = Self {
            database_url: reader.required_url("DATABASE_URL", &["postgres", "postgresql"]).secret(),
            migration_database_url: reader.optional("MIGRATION_DATABASE_URL").map(SecretText),
            database_connections: reader.parsed("DATABASE_CONNECTIONS", 16),
            redis_url: reader.required_url("REDIS_URL", &["redis", "rediss"]).secret(),
            redis_prefix: String::new(),
            app_url: app_url.0,
            listen,
            sealer: reader.sealer(purpose),
            mail: reader.mail(purpose),
            staff_needs_second_factor: purpose == Purpose::Production,
            staff_email: reader.staff_email(),
            return_urls: reader.return_urls(),
            seller: reader.seller(),
            trusted_proxies: reader.trusted_proxies(),
            log_json: reader.optional("LOG_FORMAT").as_deref() == Some("json"),
        };
        if reader.problems.is_empty() { Ok(config) } else { Err(ConfigProblems(reader.problems)) }
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

struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

struct Address(Url);

impl Address {
    fn secret(self) -> SecretText {
        SecretText(self.0.into())
    }

    /// Stands in for an address that was reported as a problem.
    fn placeholder() -> Self {
        Self(Url::from_directory_path("/").unwrap_or_else(|()| unreachable!("a constant path")))
    }
}

impl Reader<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: T) -> T {
        match self.optional(name).map(|text| text.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.problems.push(format!("{name} cannot be read"));
                default
            }
        }
    }

    fn required_url(&mut self, name: &str, schemes: &[&str]) -> Address {
        let parsed = self.optional(name).map(|text| text.parse::<Url>());
        match parsed {
            Some(Ok(url)) if schemes.contains(&url.scheme()) && url.has_host() => return Address(url),
            Some(_) => self.problems.push(format!("{name} must be an address beginning with {}://", schemes.join(":// or "))),
            None => self.problems.push(format!("{name} is not set")),
        }
        Address::placeholder()
    }

    fn url_or(&mut self, name: &str, default: &str) -> Address {
        match self.optional(name).unwrap_or_else(|| default.to_owned()).parse() {
            Ok(url) => Address(url),
            Err(_) => {
                self.problems.push(format!("{name} must be an address"));
                Address::placeholder()
            }
        }
    }

    fn sealer(&mut self, purpose: Purpose) -> Sealer {
        let nobodys = SecretText("0".repeat(64));
        let configured = self.optional("SECRET_KEY").map(SecretText);
        let key = match (&configured, purpose) {
            // Everybody can read this one: a demonstration has no secrets.
            (None, Purpose::Demonstration) => &nobodys,
            (None, Purpose::Production) => {
                self.problems.push("SECRET_KEY is not set; `openssl rand -hex 32` makes one".to_owned());
                &nobodys
            }
            (Some(key), _) => key,
        };
        Sealer::parse(key).unwrap_or_else(|| {
            self.problems.push("SECRET_KEY must be 64 hex characters; `openssl rand -hex 32` makes one".to_owned());
            Sealer::parse(&nobodys).unwrap_or_else(|| unreachable!("64 zeros are hex"))
        })
    }

    fn mail(&mut self, purpose: Purpose) -> MailConfig {
        if purpose == Purpose::Demonstration && self.optional("SMTP_URL").is_none() {
            return MailConfig::DevelopmentInbox;
        }
        let url = self.required_url("SMTP_URL", &["smtp", "smtps"]).secret();
        let from = self.optional("MAIL_FROM").unwrap_or_default();
        if from.parse::<lettre::message::Mailbox>().is_err() {
            self.problems.push("MAIL_FROM must be a sender such as Foyer <portal@example.com>".to_owned());
        }
        MailConfig::Smtp(SmtpConfig { url, from })
    }

    fn staff_email(&mut self) -> Option<String> {
        let address = self.optional("STAFF_EMAIL")?;
        if address.parse::<lettre::Address>().is_err() {
            self.problems.push("STAFF_EMAIL must be an e-mail address".to_owned());
        }
        Some(address)
    }

    fn return_urls(&mut self) -> ReturnUrls {
        ReturnUrls::parse(&self.optional("RETURN_URLS").unwrap_or_default()).unwrap_or_else(|wrong| {
            self.problems.push(format!("RETURN_URLS must list origins such as https://app.example.com; {wrong} is none"));
            ReturnUrls::default()
        })
    }

    fn trusted_proxies(&mut self) -> Vec<Network> {
        let text = self.optional("TRUSTED_PROXIES").unwrap_or_default();
        let parsed: Result<Vec<Network>, ()> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect();
        parsed.unwrap_or_else(|()| {
            self.problems.push("TRUSTED_PROXIES must list addresses or networks such as 10.0.0.0/8, separated by commas".to_owned());
            vec![]
        })
    }

    fn seller(&self) -> Seller {
        let or = |name, default: &str| self.optional(name).unwrap_or_else(|| default.to_owned());
        Seller {
            name: or("SELLER_NAME", "Foyer Software GmbH"),
            address: or("SELLER_ADDRESS", "Lindenstraße 12|10969 Berlin|Germany").split('|').map(|line| line.trim().to_owned()).collect(),
            tax_id: or("SELLER_TAX_ID", "DE000000000"),
            email: or("SELLER_EMAIL", "billing@foyer.example"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_reported_together() {
        let Err(ConfigProblems(problems)) =
            Config::read(Purpose::Production, |name| matches!(name, "PORT" | "TRUSTED_PROXIES").then(|| "x".into()))
        else {
            panic!("must be refused")
        };
        for name in ["DATABASE_URL", "REDIS_URL", "APP_URL", "SECRET_KEY", "SMTP_URL", "MAIL_FROM", "PORT", "TRUSTED_PROXIES"] {
            assert!(problems.iter().any(|problem| problem.contains(name)), "{name}: {problems:?}");
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
    }
}
