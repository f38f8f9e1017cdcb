//! The secret that an authenticator app and the portal share.

use std::fmt;

use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::model::{AppCode, ISSUER, in_groups};
use crate::{
    ids::UserId,
    server::{entropy::Entropy, sealed::Sealer},
};

/// Bytes of a secret: 160 bits, as RFC 4226 recommends.
const BYTES: usize = 20;

/// A secret of 160 bits. Cannot be printed; stored under the installation's key only.
pub(super) struct Seed([u8; BYTES]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[seed]")
    }
}

impl Seed {
    /// A new one.
    pub(super) fn new(entropy: &Entropy) -> Self {
        Self(entropy.bytes())
    }

    /// The form in which it is stored; it opens for this person only.
    pub(super) fn seal(&self, sealer: &Sealer, entropy: &Entropy, user_id: UserId) -> Vec<u8> {
        sealer.seal(entropy, &place(user_id), &self.0)
    }

    /// Reads the stored form; `None` when it was stored under another key, or for somebody else.
    pub(super) fn open(sealer: &Sealer, user_id: UserId, sealed: &[u8]) -> Option<Self> {
        sealer.open(&place(user_id), sealed)?.try_into().ok().map(Self)
    }

    /// SHA-1, six digits, 30 seconds: what every authenticator app can do. One step early or late is accepted, for clocks
    /// that differ (RFC 6238, 5.2).
    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(1)
            .with_secret(self.0)
            .build_noncompliant()
    }

    /// The step of which this is the code, counted in 30 seconds since 1970; `None` if it is wrong now.
    pub(super) fn step_of(&self, code: &AppCode, now: OffsetDateTime) -> Option<i64> {
        let seconds = u64::try_from(now.unix_timestamp()).ok()?;
        self.totp().check(code.reveal(), seconds).and_then(|step| i64::try_from(step).ok())
    }

    /// The code that an app shows at this moment.
    #[cfg(test)]
    pub(super) fn code_at(&self, now: OffsetDateTime) -> String {
        self.totp().generate(u64::try_from(now.unix_timestamp()).unwrap()).to_string()
    }

    /// Base 32 in groups of four, for those who type it.
    pub(super) fn in_groups(&self) -> String {
        in_groups(&self.in_base32(), " ")
    }

    /// The address that an app reads from the picture (Google Authenticator's Key URI Format, which all apps follow).
    pub(super) fn address(&self, account: &str) -> String {
        let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
        format!("otpauth://totp/{ISSUER}:{account}?secret={}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30", self.in_base32())
    }

    fn in_base32(&self) -> String {
        Secret::from(self.0).to_base32()
    }
}

fn place(user_id: UserId) -> String {
    format!("totp:{user_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the secret is "12345678901234567890", the codes are the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = Seed(*b"12345678901234567890");
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            assert_eq!(seed.code_at(now), code);
            assert_eq!(seed.step_of(&AppCode::parse(code).unwrap(), now), Some(seconds / 30), "{seconds}");
        }
        assert_eq!(seed.in_groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn one_step_early_or_late_is_accepted_and_no_more() {
        let seed = Seed::new(&Entropy::seeded(1));
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let shown = |seconds: i64| AppCode::parse(&seed.code_at(now + time::Duration::seconds(seconds))).unwrap();
        for seconds in [-30, 0, 30] {
            assert_eq!(seed.step_of(&shown(seconds), now), Some((1_800_000_000 + seconds) / 30));
        }
        assert_eq!(seed.step_of(&shown(60), now), None);
        assert_eq!(seed.step_of(&shown(-60), now), None);
    }

    #[test]
    fn address_names_portal_and_account() {
        let address = Seed(*b"12345678901234567890").address("olivia+x@acme.example");
        assert!(address.starts_with("otpauth://totp/Foyer:olivia%2Bx%40acme.example?secret=GEZDGNBV"), "{address}");
    }
}
