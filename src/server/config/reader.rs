//! What each variable may be, and what is said when it is something else.

use std::path::Path;

use url::{Host, Url};

use super::{MailConfig, Purpose, SecretText, Seller, SmtpConfig};
use crate::{
    keys::model::{Brand, Catalogue},
    server::{address::Network, pdf::Fonts, place::Places, return_url::ReturnUrls, sealed::Sealer, signatures::PublicKeys},
};

/// What the demonstration's product lets keys be limited to.
const DEMONSTRATION_SCOPES: &str = "events:read=Read events,events:write=Send events,reports:read=Read and export reports,\
    people:read=Read people,people:write=Change people,webhooks:manage=Set up webhooks";

/// Reads variable after variable, and goes on after a problem.
pub(super) struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

/// An address, checked.
pub(super) struct Address(pub(super) Url);

impl Address {
    /// As a text that is not printed, because it may hold a password.
    pub(super) fn secret(self) -> SecretText {
        SecretText(self.0.into())
    }

    /// Stands in for an address that was reported as a problem.
    fn placeholder() -> Self {
        Self(Url::from_directory_path("/").unwrap_or_else(|()| unreachable!("a constant path")))
    }
}

impl<'a> Reader<'a> {
    /// Reads through `variable`, which answers `None` for what is not set.
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { variable, problems: vec![] }
    }

    /// What was wrong.
    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    pub(super) fn optional(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    pub(super) fn parsed<T: std::str::FromStr>(&mut self, name: &str, default: T) -> T {
        match self.optional(name).map(|text| text.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.problems.push(format!("{name} cannot be read"));
                default
            }
        }
    }

    pub(super) fn optional_parsed<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        let parsed = self.optional(name)?.parse().ok();
        if parsed.is_none() {
            self.problems.push(format!("{name} cannot be read"));
        }
        parsed
    }

    pub(super) fn required_url(&mut self, name: &str, schemes: &[&str]) -> Address {
        let parsed = self.optional(name).map(|text| text.parse::<Url>());
        match parsed {
            Some(Ok(url)) if schemes.contains(&url.scheme()) && url.has_host() => return Address(url),
            Some(_) => self.problems.push(format!("{name} must be an address beginning with {}://", schemes.join(":// or "))),
            None => self.problems.push(format!("{name} is not set")),
        }
        Address::placeholder()
    }

    /// The address that browsers use. Without HTTPS everybody on the way can read and take over sessions, so that is
    /// accepted only where there is no way: on this machine (ASVS 5.0, 12.2.1).
    pub(super) fn safe_url(&mut self, name: &str) -> Address {
        let address = self.required_url(name, &["http", "https"]);
        let here = match address.0.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if address.0.scheme() == "http" && !here {
            self.problems.push(format!("{name} must begin with https://; http:// is for localhost only"));
        }
        address
    }

    pub(super) fn url_or(&mut self, name: &str, default: &str) -> Address {
        match self.optional(name).unwrap_or_else(|| default.to_owned()).parse() {
            Ok(url) => Address(url),
            Err(_) => {
                self.problems.push(format!("{name} must be an address"));
                Address::placeholder()
            }
        }
    }

    pub(super) fn sealer(&mut self, purpose: Purpose) -> Sealer {
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

    pub(super) fn mail(&mut self, purpose: Purpose) -> MailConfig {
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

    pub(super) fn staff_email(&mut self) -> Option<String> {
        let address = self.optional("STAFF_EMAIL")?;
        if address.parse::<lettre::Address>().is_err() {
            self.problems.push("STAFF_EMAIL must be an e-mail address".to_owned());
        }
        Some(address)
    }

    pub(super) fn return_urls(&mut self) -> ReturnUrls {
        ReturnUrls::parse(&self.optional("RETURN_URLS").unwrap_or_default()).unwrap_or_else(|wrong| {
            self.problems.push(format!("RETURN_URLS must list origins such as https://app.example.com; {wrong} is none"));
            ReturnUrls::default()
        })
    }

    pub(super) fn leak_public_keys(&mut self) -> PublicKeys {
        self.optional("LEAK_PUBLIC_KEYS").unwrap_or_default().parse().unwrap_or_else(|wrong| {
            self.problems.push(format!("LEAK_PUBLIC_KEYS must list identifier=public key (P-256, PEM or base64); {wrong} is wrong"));
            PublicKeys::default()
        })
    }

    pub(super) fn key_brand(&mut self) -> Brand {
        let Some(text) = self.optional("KEY_BRAND") else { return Brand::default() };
        text.parse().unwrap_or_else(|()| {
            self.problems.push("KEY_BRAND must be 2 to 16 lower-case letters and digits".to_owned());
            Brand::default()
        })
    }

    pub(super) fn key_scopes(&mut self, purpose: Purpose) -> Catalogue {
        let demonstration = if purpose == Purpose::Demonstration { DEMONSTRATION_SCOPES } else { "" };
        let text = self.optional("KEY_SCOPES").unwrap_or_else(|| demonstration.to_owned());
        text.parse().unwrap_or_else(|wrong| {
            self.problems.push(format!("KEY_SCOPES must list scopes such as orders:read=Read orders; “{wrong}” is wrong"));
            Catalogue::default()
        })
    }

    pub(super) fn trusted_proxies(&mut self) -> Vec<Network> {
        let text = self.optional("TRUSTED_PROXIES").unwrap_or_default();
        let parsed: Result<Vec<Network>, ()> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect();
        parsed.unwrap_or_else(|()| {
            self.problems.push("TRUSTED_PROXIES must list addresses or networks such as 10.0.0.0/8, separated by commas".to_owned());
            vec![]
        })
    }

    pub(super) fn pdf_fonts(&mut self) -> Fonts {
        let Some(folder) = self.optional("PDF_FONTS") else { return Fonts::default() };
        Fonts::with_folder(Path::new(&folder)).unwrap_or_else(|error| {
            self.problems.push(format!("PDF_FONTS must name a folder with fonts; {error}"));
            Fonts::default()
        })
    }

    pub(super) fn places(&mut self) -> Places {
        let Some(path) = self.optional("PLACES_DATABASE") else { return Places::default() };
        path.parse().unwrap_or_else(|()| {
            self.problems.push("PLACES_DATABASE must be the path of a readable file in the MaxMind DB format".to_owned());
            Places::default()
        })
    }

    /// Redis without TLS, which this program does not speak to it.
    pub(super) fn redis_url(&mut self) -> Address {
        if self.optional("REDIS_URL").is_some_and(|text| text.starts_with("rediss:")) {
            self.problems.push(
                "REDIS_URL begins with rediss://, but Foyer does not speak TLS to Redis: use redis:// within a private network, or to a \
                 TLS tunnel on this machine"
                    .to_owned(),
            );
            return Address::placeholder();
        }
        self.required_url("REDIS_URL", &["redis"])
    }

    /// Whether logs are for machines.
    pub(super) fn log_json(&mut self) -> bool {
        let format = self.optional("LOG_FORMAT");
        if format.as_deref().is_some_and(|format| format != "json") {
            self.problems.push("LOG_FORMAT can only be json; without it logs are for people".to_owned());
        }
        format.is_some()
    }

    /// Who issues the invoices. Invented for the demonstration only: an invoice of a firm that does not exist is none. A VAT
    /// number is not asked for, because not every seller has one.
    pub(super) fn seller(&mut self, purpose: Purpose) -> Seller {
        let (name, address, tax_id, email) = match purpose {
            Purpose::Demonstration => {
                ("Foyer Software GmbH", "Lindenstraße 12|10969 Berlin|Germany", "DE000000000", "billing@foyer.example")
            }
            Purpose::Production => ("", "", "", ""),
        };
        let mut required = |name: &str, default: &str| {
            let text = self.optional(name).unwrap_or_else(|| default.to_owned());
            if text.trim().is_empty() {
                self.problems.push(format!("{name} is not set; invoices name the seller"));
            }
            text
        };
        let (name, address, email) = (required("SELLER_NAME", name), required("SELLER_ADDRESS", address), required("SELLER_EMAIL", email));
        if !email.is_empty() && email.parse::<lettre::Address>().is_err() {
            self.problems.push("SELLER_EMAIL must be an e-mail address".to_owned());
        }
        Seller {
            name,
            address: address.split('|').map(|line| line.trim().to_owned()).collect(),
            tax_id: self.optional("SELLER_TAX_ID").unwrap_or_else(|| tax_id.to_owned()),
            email,
        }
    }
}
