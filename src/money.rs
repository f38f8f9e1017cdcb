//! Money: integer minor units with a currency.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::number::grouped;

/// A currency with two decimal places (ISO 4217).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Currency {
    /// US dollar.
    #[default]
    USD,
    /// Euro.
    EUR,
    /// Pound sterling.
    GBP,
    /// Swiss franc.
    CHF,
}

impl Currency {
    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Currency::USD => "USD",
            Currency::EUR => "EUR",
            Currency::GBP => "GBP",
            Currency::CHF => "CHF",
        }
    }

    /// What is written before the amount; empty where only the code is customary.
    pub fn symbol(self) -> &'static str {
        match self {
            Currency::USD => "$",
            Currency::EUR => "€",
            Currency::GBP => "£",
            Currency::CHF => "",
        }
    }
}

/// The text is not a currency that Foyer handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency")]
pub struct UnknownCurrency;

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        [Currency::USD, Currency::EUR, Currency::GBP, Currency::CHF]
            .into_iter()
            .find(|currency| currency.code() == code)
            .ok_or(UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Cents, pence, rappen.
    pub minor: i64,
    /// What they are cents of.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

impl fmt::Display for Money {
    /// `$1,234.50 USD`, `-€5.00 EUR`, `12.00 CHF`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let absolute = self.minor.unsigned_abs();
        let whole = i64::try_from(absolute / 100).unwrap_or(i64::MAX);
        let (symbol, code) = (self.currency.symbol(), self.currency.code());
        write!(f, "{sign}{symbol}{}.{:02} {code}", grouped(whole), absolute % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_its_currency_and_groups_thousands() {
        assert_eq!(Money::new(123_450, Currency::USD).to_string(), "$1,234.50 USD");
        assert_eq!(Money::new(-500, Currency::EUR).to_string(), "-€5.00 EUR");
        assert_eq!(Money::new(5, Currency::CHF).to_string(), "0.05 CHF");
        assert_eq!(Money::new(0, Currency::GBP).to_string(), "£0.00 GBP");
    }
}
