//! Identifiers as types, so that one can never stand for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct InvalidId;

macro_rules! uuid_id {
    ($(#[doc = $doc:literal] $name:ident;)+) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier as the database stores it.
            pub fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self).map_err(|_| InvalidId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_id! {
    #[doc = "A customer of the SaaS: the tenant."]
    CustomerId;
    #[doc = "A person."]
    UserId;
    #[doc = "A signed-in browser; safe to log, unlike its token."]
    SessionId;
    #[doc = "An invitation to a team."]
    InvitationId;
    #[doc = "A request for access."]
    RequestId;
    #[doc = "A subscription to a plan."]
    SubscriptionId;
    #[doc = "An invoice."]
    InvoiceId;
    #[doc = "A message in a ticket."]
    MessageId;
    #[doc = "A session that the SaaS opened for somebody; safe to log, unlike its code."]
    PortalSessionId;
    #[doc = "A passkey of a person."]
    PasskeyId;
}

macro_rules! prefixed_id {
    ($(#[doc = $doc:literal] $name:ident = $prefix:literal;)+) => {$(
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let digits = text.strip_prefix($prefix).ok_or(InvalidId)?;
                let valid = digits.len() == 12 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                valid.then(|| Self(text.to_owned())).ok_or(InvalidId)
            }
        }

        impl From<String> for $name {
            /// For rows of the database, whose CHECK has already validated the form.
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

prefixed_id! {
    #[doc = "An API key: `key-` and 12 hex characters (seed)."]
    KeyId = "key-";
    #[doc = "A support ticket: `ticket-` and 12 hex characters (seed)."]
    TicketId = "ticket-";
    #[doc = "A service token: `svc-` and 12 hex characters; safe to log, unlike the token."]
    ServiceTokenId = "svc-";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_id_has_its_prefix_and_twelve_hex_characters() {
        assert!("key-0123456789ab".parse::<KeyId>().is_ok());
        for wrong in ["", "key-", "key-0123456789AB", "key-0123456789abc", "ticket-0123456789ab", "key-0123456789a'"] {
            assert_eq!(wrong.parse::<KeyId>(), Err(InvalidId), "{wrong}");
        }
    }

    #[test]
    fn customer_id_is_a_uuid() {
        assert!("not-a-uuid".parse::<CustomerId>().is_err());
        assert!("018f0000-0000-7000-8000-000000000001".parse::<CustomerId>().is_ok());
    }
}
