//! Fields of forms: parsing that gives the same message in the browser and on the server.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An e-mail address (RFC 5322 syntax, at most 254 characters, RFC 5321), in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest address that can be delivered to (RFC 5321).
    pub const MAX_LENGTH: usize = 254;

    /// Reads an address as typed; the error is the sentence to show.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let address = typed.trim().to_lowercase();
        if address.is_empty() {
            return Err("Enter an e-mail address.".to_owned());
        }
        if address.len() > Self::MAX_LENGTH {
            return Err("This address is too long. E-mail addresses have at most 254 characters.".to_owned());
        }
        let options = email_address::Options::default().with_required_tld().without_display_text().without_domain_literal();
        let plain = address.is_ascii() && !address.contains(['"', '\'', ' ', '(', ')', ',', ';', '<', '>']);
        match email_address::EmailAddress::parse_with_options(&address, options) {
            Ok(_) if plain => Ok(Self(address)),
            _ => Err("Enter an address like name@company.com.".to_owned()),
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = String;
    fn from_str(typed: &str) -> Result<Self, String> {
        Self::parse(typed)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of text of `min` to `max` characters, trimmed, without control characters. The error names the field by
/// its `label` and says what to do.
pub fn line(typed: &str, min: usize, max: usize, label: &str) -> Result<String, String> {
    let text = typed.trim();
    if text.chars().any(char::is_control) {
        return Err(format!("{label} must be a single line of text."));
    }
    check_length(text, min, max, label)
}

/// Text of several lines; line breaks become `\n`, other control characters but tabs are refused.
pub fn text(typed: &str, min: usize, max: usize, label: &str) -> Result<String, String> {
    let text = typed.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(format!("{label} contains characters that cannot be shown. Remove them and try again."));
    }
    check_length(text, min, max, label)
}

fn check_length(text: &str, min: usize, max: usize, label: &str) -> Result<String, String> {
    match text.chars().count() {
        0 if min > 0 => Err(format!("{label} is empty. Fill it in.")),
        count if count < min => Err(format!("{label} needs at least {min} characters.")),
        count if count > max => Err(format!("{label} has {count} characters. Shorten it to {max}.")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_trimmed_and_lower_case() {
        assert_eq!(EmailAddress::parse("  Olivia@Northwind.Example ").map(|a| a.to_string()), Ok("olivia@northwind.example".into()));
    }

    #[test]
    fn wrong_addresses_are_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for wrong in
            ["", "olivia", "olivia@", "@example.com", "a b@example.com", "a@b", "a@example.com\nBcc: x@y.zz", "Name <a@example.com>", &long]
        {
            assert!(EmailAddress::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn lines_are_bounded_and_single() {
        assert_eq!(line("  CI key ", 1, 80, "Name"), Ok("CI key".into()));
        assert!(line("", 1, 80, "Name").is_err());
        assert!(line("a\nb", 1, 80, "Name").is_err());
        assert!(line(&"ü".repeat(81), 1, 80, "Name").is_err());
        assert!(line(&"ü".repeat(80), 1, 80, "Name").is_ok());
    }

    #[test]
    fn texts_keep_their_line_breaks() {
        assert_eq!(text("a\r\nb\r", 1, 10, "Message"), Ok("a\nb".into()));
        assert!(text("a\u{0}b", 1, 10, "Message").is_err());
    }
}
