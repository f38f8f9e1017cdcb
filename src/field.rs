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

/// One line of text of `min` to `max` characters, trimmed, without control characters and without what turns the direction of
/// writing: a name with it reads as another one. The error names the field by its `label` and says what to do.
pub fn line(typed: &str, min: usize, max: usize, label: &str) -> Result<String, String> {
    let text = typed.trim();
    if text.chars().any(char::is_control) {
        return Err(format!("{label} must be a single line of text."));
    }
    if text.chars().any(turns_writing) {
        return Err(format!("{label} contains invisible characters that turn the direction of writing. Remove them and try again."));
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

/// Embeddings, overrides and isolates (Unicode Standard Annex 9). Text from right to left needs none of them.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether there is something to see: no white space, nothing that Unicode lets programs ignore when they show a text
/// (`Default_Ignorable_Code_Point`, version 16) and not the Braille pattern without dots. Joiners are ignorable as well, and
/// stay within words and emoji.
fn is_seen(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}');
    !ignorable && !c.is_whitespace()
}

fn check_length(text: &str, min: usize, max: usize, label: &str) -> Result<String, String> {
    match text.chars().count() {
        0 if min > 0 => Err(format!("{label} is empty. Fill it in.")),
        count if count < min => Err(format!("{label} needs at least {min} characters.")),
        count if count > max => Err(format!("{label} has {count} characters. Shorten it to {max}.")),
        count if count > 0 && !text.chars().any(is_seen) => Err(format!("{label} has only invisible characters. Fill it in.")),
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
    fn names_can_be_seen_and_read_in_their_direction() {
        for wrong in ["\u{200B}", "\u{2060}\u{FEFF}", "\u{AD} \u{AD}", "\u{200D}\u{200C}", "\u{3164}", "\u{2800}", "\u{E0041}"] {
            assert_eq!(line(wrong, 1, 80, "Name"), Err("Name has only invisible characters. Fill it in.".into()), "{wrong:?}");
            assert!(line(wrong, 0, 80, "Note").is_err(), "{wrong:?}");
            assert!(text(&format!("{wrong}\n{wrong}"), 1, 80, "Message").is_err(), "{wrong:?}");
        }
        for wrong in ["\u{202E}gpj.exe", "Acme \u{2066}Ltd\u{2069}", "\u{202A}a\u{202C}"] {
            assert!(line(wrong, 1, 80, "Name").is_err(), "{wrong:?}");
        }
        for right in ["می\u{200C}خواهم", "👩\u{200D}🚀", "❤\u{FE0F}", "שלום", "مرحبا Ltd.", "co\u{AD}operate", "-"] {
            assert_eq!(line(right, 1, 80, "Name"), Ok(right.into()));
            assert_eq!(text(right, 1, 80, "Message"), Ok(right.into()));
        }
        assert_eq!(line("", 0, 80, "Note"), Ok(String::new()));
    }

    #[test]
    fn texts_keep_their_line_breaks() {
        assert_eq!(text("a\r\nb\r", 1, 10, "Message"), Ok("a\nb".into()));
        assert!(text("a\u{0}b", 1, 10, "Message").is_err());
    }
}
