//! The code by which somebody signs in without a password.

use std::fmt;

/// A code of six characters that cannot be taken for each other: no 0 and O, no 1, I and L. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// How many characters it has: with five tries, a guess succeeds once in 177 million times.
    pub const LENGTH: usize = 6;
    const CHARACTERS: &str = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// Makes a code. `below` gives a random number from 0 up to, not including, its argument.
    pub fn of_random(mut below: impl FnMut(u64) -> u64) -> Self {
        let count = Self::CHARACTERS.len() as u64;
        Self((0..Self::LENGTH).filter_map(|_| Self::CHARACTERS.chars().nth(usize::try_from(below(count)).ok()?)).collect())
    }

    /// Reads a code as typed: small letters, spaces and dashes are fine; the error is the sentence to show.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let code: String = typed.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').take(20).collect::<String>().to_uppercase();
        let well_formed = code.chars().count() == Self::LENGTH && code.chars().all(|sign| Self::CHARACTERS.contains(sign));
        if well_formed { Ok(Self(code)) } else { Err("Enter the six characters of the code, such as ABC-234.".to_owned()) }
    }

    /// The code itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code as it is easily read: `ABC-234`.
    pub fn in_groups(&self) -> String {
        let (first, second) = self.0.split_at_checked(Self::LENGTH / 2).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let mut next = 0;
        let code = Code::of_random(|end| {
            next += 5;
            next % end
        });
        assert_eq!(code.reveal().len(), Code::LENGTH);
        for typed in [code.in_groups(), code.reveal().to_lowercase(), format!(" {} ", code.reveal())] {
            assert_eq!(Code::parse(&typed), Ok(code.clone()), "{typed}");
        }
        for wrong in ["", "ABC23", "ABC2345", "ABC2O4", "ABC1I4", "ÄBC234", "ABC23!"] {
            assert!(Code::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "[code]");
    }
}
