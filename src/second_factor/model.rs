//! Codes as people type them, and the forms of the area.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{error::AppError, when::When};

/// What the portal calls itself in an authenticator app.
pub const ISSUER: &str = "Foyer";

/// A code of an authenticator app as typed: six digits. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AppCode(String);

impl AppCode {
    /// How many digits it has (RFC 6238 with the digits that every app shows).
    pub const DIGITS: usize = 6;

    /// Reads a code; spaces and dashes are fine. The error is the sentence to show.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let code: String = typed.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').take(20).collect();
        let well_formed = code.len() == Self::DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
        if well_formed { Ok(Self(code)) } else { Err("Enter the six digits that your authenticator app shows.".to_owned()) }
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AppCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

/// A recovery code: 80 random bits in the letters of base 32 (RFC 4648). Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// How many a person gets at once.
    pub const COUNT: usize = 10;
    /// How many characters it has, without its dashes.
    pub const LENGTH: usize = 16;
    const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// The code of ten random bytes.
    pub fn of_bytes(bytes: [u8; 10]) -> Self {
        let bits = bytes.iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let letter = |place: usize| Self::CHARACTERS.chars().nth(usize::try_from((bits >> (75 - 5 * place)) & 31).unwrap_or_default());
        Self((0..Self::LENGTH).filter_map(letter).collect())
    }

    /// Reads a code as typed: small letters, spaces and dashes are fine, and so are the digits that look like letters. The
    /// error is the sentence to show.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let letter = |sign: char| match sign.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            letter => letter,
        };
        let code: String = typed.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').take(40).map(letter).collect();
        let well_formed = code.chars().count() == Self::LENGTH && code.chars().all(|sign| Self::CHARACTERS.contains(sign));
        if well_formed { Ok(Self(code)) } else { Err("Enter one of your recovery codes, such as ABCD-EFGH-2345-WXYZ.".to_owned()) }
    }

    /// The code itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code as it is easily read: `ABCD-EFGH-2345-WXYZ`.
    pub fn in_groups(&self) -> String {
        in_groups(&self.0, "-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[code]")
    }
}

/// A text in groups of four.
pub fn in_groups(text: &str, between: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(between)
}

/// The page of a person's second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSecondFactor {
    /// Since when it is in force; `None`: it is not.
    pub since: Option<When>,
    /// Recovery codes that still work.
    pub codes_left: i64,
    /// The app that is being set up.
    pub enrolment: Option<Enrolment>,
    /// Whether nothing else is open to the person before they have given a second factor.
    pub locked: bool,
    /// The company that lets in nobody without, if it is one.
    pub asked_by: Option<String>,
    /// Recovery codes that a plain form post has just made: shown this once.
    pub codes: Vec<String>,
}

/// What an authenticator app has to learn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The dark squares of the picture as the data of an SVG path.
    pub picture: String,
    /// The width and height of the picture in its squares, with its quiet margin.
    pub size: u32,
    /// The secret in groups of four, for those who type it.
    pub secret: String,
    /// The account, as the app will show it.
    pub account: String,
}

/// The form with the first code of the app, as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnOnForm {
    /// The code.
    pub code: String,
}

impl fmt::Debug for TurnOnForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnOnForm")
    }
}

/// Reads the recovery codes that a form post handed over; none if they are something else.
pub fn read_codes(text: &str) -> Vec<String> {
    let codes: Option<Vec<String>> = text.split('.').map(|code| RecoveryCode::parse(code).ok().map(|code| code.in_groups())).collect();
    codes.unwrap_or_default()
}

/// A second factor as typed.
#[derive(Clone, Debug)]
pub enum Typed {
    /// From the authenticator app.
    App(AppCode),
    /// One of the recovery codes.
    Recovery(RecoveryCode),
}

/// The form between the first factor and the session, as typed: one of the two.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    /// The code of the app.
    pub code: String,
    /// A recovery code.
    pub recovery: String,
}

impl StepForm {
    /// The field in which a wrong code was typed.
    pub fn field(&self) -> &'static str {
        if self.recovery.is_empty() { "code" } else { "recovery" }
    }

    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` if the code cannot be one.
    pub fn parse(&self) -> Result<Typed, AppError> {
        let typed = match self.field() {
            "recovery" => RecoveryCode::parse(&self.recovery).map(Typed::Recovery),
            _ => AppCode::parse(&self.code).map(Typed::App),
        };
        typed.map_err(|message| AppError::invalid(self.field(), message))
    }
}

impl fmt::Debug for StepForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StepForm")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let code = RecoveryCode::of_bytes([0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF]);
        assert_eq!(code.in_groups(), "ABCD-EFGH-IJKL-MNOP");
        for typed in ["abcd-efgh-ijkl-mnop", " ABCDEFGH 1JKL MN0P ", "A8CD-EFGH-IJKL-MNOP"] {
            assert_eq!(RecoveryCode::parse(typed), Ok(code.clone()), "{typed}");
        }
        for wrong in ["", "ABCD-EFGH-IJKL-MNO", "ABCD-EFGH-IJKL-MNOPQ", "ABCD-EFGH-IJKL-MN9P", "ÄBCD-EFGH-IJKL-MNOP"] {
            assert!(RecoveryCode::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "[code]");
        assert_eq!(RecoveryCode::of_bytes([0xFF; 10]).reveal(), "7777777777777777");
    }

    #[test]
    fn app_codes_are_six_digits() {
        assert_eq!(AppCode::parse(" 123 456 ").map(|code| code.reveal().to_owned()), Ok("123456".to_owned()));
        for wrong in ["", "12345", "1234567", "12345a", "+12345", "１２３４５６"] {
            assert!(AppCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wrong_code_is_told_at_its_field() {
        let form = StepForm { code: String::new(), recovery: "x".into() };
        let Err(AppError::Invalid(errors)) = form.parse() else { panic!("must be invalid") };
        assert!(errors.message("recovery").is_some() && errors.message("code").is_none());
    }
}
