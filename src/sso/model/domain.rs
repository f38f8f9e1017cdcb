//! Domains of e-mail addresses, and the record that proves who owns one.

use crate::field::EmailAddress;

/// The label before a domain under which its TXT record stands.
pub const RECORD_LABEL: &str = "_foyer-challenge";

/// What the value of the record begins with.
pub const RECORD_VALUE: &str = "foyer-verification=";

/// Where everybody can have an address: proving to own one of these would prove nothing about its people.
const PUBLIC: [&str; 42] = [
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

/// A domain that a company may own, in lower case and ASCII (RFC 1035; other scripts in their `xn--` form).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// The longest domain: with the record's label before it, it stays within 253 characters.
    const LONGEST: usize = 230;

    /// Reads a domain as typed; the error is the sentence to show.
    ///
    /// # Errors
    /// If it is none, or one that everybody can have an address at.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let domain = typed.trim().trim_start_matches('@').trim_end_matches('.').to_ascii_lowercase();
        if domain.is_empty() {
            return Err("Enter the part of your addresses after the @.".to_owned());
        }
        let labels: Vec<&str> = domain.split('.').collect();
        let ends_in_letters = labels.last().is_some_and(|last| last.len() >= 2 && !last.bytes().all(|byte| byte.is_ascii_digit()));
        if domain.len() > Self::LONGEST || labels.len() < 2 || !ends_in_letters || !labels.iter().all(|label| is_label(label)) {
            return Err("Enter a domain like company.com, in the form in which it stands in e-mail addresses.".to_owned());
        }
        if PUBLIC.contains(&domain.as_str()) {
            return Err(format!("Everybody can have an address at {domain}. Enter a domain that only your company uses."));
        }
        Ok(Self(domain))
    }

    /// The domain of an address; none where nobody can own it.
    pub fn of(email: &EmailAddress) -> Option<Self> {
        email.as_str().rsplit_once('@').and_then(|(_, domain)| Self::parse(domain).ok())
    }

    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the TXT record that proves it.
    pub fn record_name(&self) -> String {
        format!("{RECORD_LABEL}.{}", self.0)
    }
}

fn is_label(label: &str) -> bool {
    let inside = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=63).contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_read_as_people_type_them() {
        for (typed, domain) in [
            (" Acme.Example ", "acme.example"),
            ("@acme.example", "acme.example"),
            ("mail.acme.co.uk.", "mail.acme.co.uk"),
            ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ] {
            assert_eq!(Domain::parse(typed).unwrap().as_str(), domain);
        }
    }

    #[test]
    fn what_is_no_domain_of_a_company_is_refused() {
        let long = format!("{}.example", "a.".repeat(120));
        for wrong in [
            "",
            "acme",
            "acme..example",
            "-acme.example",
            "acme-.example",
            "acme.example/x",
            "10.0.0.1",
            "a b.example",
            "münchen.de",
            "gmail.com",
            "GMX.de",
            &long,
        ] {
            assert!(Domain::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn domain_of_an_address_is_what_stands_behind_the_last_at() {
        let of = |email: &str| Domain::of(&EmailAddress::parse(email).unwrap()).map(|domain| domain.as_str().to_owned());
        assert_eq!(of("ada@Acme.example").as_deref(), Some("acme.example"));
        assert_eq!(of("ada@gmail.com"), None);
    }

    #[test]
    fn public_domains_are_in_order() {
        assert!(PUBLIC.is_sorted());
    }
}
