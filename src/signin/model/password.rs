//! The password that somebody chooses.

use std::fmt;

/// A password that may be chosen: 8 to 128 characters, no composition rules (ASVS 5.0, 6.2.1, 6.2.5, 6.2.9). Cannot be
/// printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The shortest password, in characters.
    pub const MIN: usize = 8;
    /// The longest password, in characters.
    pub const MAX: usize = 128;

    /// Reads a new password; the error is the sentence to show.
    ///
    /// # Errors
    /// If it is too short or too long.
    pub fn parse(typed: &str) -> Result<Self, String> {
        match typed.chars().count() {
            count if count < Self::MIN => Err(format!("Choose a password of at least {} characters.", Self::MIN)),
            count if count > Self::MAX => Err(format!("Choose a password of at most {} characters.", Self::MAX)),
            _ => Ok(Self(typed.to_owned())),
        }
    }

    /// The password itself, for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_enough_and_never_printed() {
        assert!(Password::parse("1234567").is_err());
        assert!(Password::parse(&"ü".repeat(128)).is_ok());
        assert!(Password::parse(&"x".repeat(129)).is_err());
        assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "[password]");
    }
}
