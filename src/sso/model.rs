//! The settings of a customer's single sign-on, and what its pages show.

mod domain;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    error::{AppError, FieldErrors},
    field,
    signin::model::CustomerChoice,
    when::When,
};

pub use domain::{Domain, RECORD_LABEL, RECORD_VALUE};

/// The path that a provider sends people back to.
pub const CALLBACK_PATH: &str = "/signin/sso/callback";

/// What somebody can be who joins through the provider; never an owner.
pub const ROLES: [Role; 4] = [Role::Member, Role::Developer, Role::Billing, Role::Admin];

/// The client's secret at the provider. Cannot be printed or sent anywhere by accident.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// The secret that was stored or typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for sealing and for the provider.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The form of the connection, as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionForm {
    /// The provider's issuer.
    pub issuer: String,
    /// The client's name there.
    pub client_id: String,
    /// Its secret; empty: as stored.
    pub client_secret: String,
    /// What newcomers are.
    pub role: String,
}

impl fmt::Debug for ConnectionForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionForm")
    }
}

/// A connection worth asking the provider about.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// The provider's issuer, as it calls itself.
    pub issuer: String,
    /// The client's name there.
    pub client_id: String,
    /// Its secret; none: as stored.
    pub client_secret: Option<ClientSecret>,
    /// What newcomers are.
    pub role: Role,
}

impl NewConnection {
    /// Reads the form. Whether the issuer may be asked at all is for the server to say.
    ///
    /// # Errors
    /// `Invalid`, beside the fields; never with the secret.
    pub fn parse(form: &ConnectionForm, has_secret: bool) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("issuer", &form.issuer);
        errors.keep("client_id", &form.client_id);
        errors.keep("role", &form.role);
        let issuer = errors.check("issuer", field::line(&form.issuer, 1, 300, "The issuer"));
        let client_id = errors.check("client_id", field::line(&form.client_id, 1, 255, "The client ID"));
        let secret = errors.check("client_secret", parse_secret(&form.client_secret, has_secret));
        let role = errors.check("role", parse_role(&form.role));
        let parsed = match (issuer, client_id, secret, role) {
            (Some(issuer), Some(client_id), Some(client_secret), Some(role)) => Some(Self { issuer, client_id, client_secret, role }),
            _ => None,
        };
        errors.into_result(parsed)
    }
}

fn parse_secret(typed: &str, has_secret: bool) -> Result<Option<ClientSecret>, String> {
    match field::line(typed, 0, 1_000, "The client secret")? {
        typed if !typed.is_empty() => Ok(Some(ClientSecret(typed))),
        _ if has_secret => Ok(None),
        _ => Err("Enter the client secret that your provider shows for this client.".to_owned()),
    }
}

fn parse_role(word: &str) -> Result<Role, String> {
    ROLES.into_iter().find(|role| role.as_str() == word).ok_or_else(|| "Choose one of the listed roles.".to_owned())
}

/// Which domain, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainForm {
    /// The domain.
    pub domain: String,
}

/// Who still gets in by another way while the single sign-on is the only one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforceForm {
    /// The owner.
    pub owner: String,
}

/// The form that leads to a provider, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StartForm {
    /// The address, whose domain leads to the provider.
    pub email: String,
    /// Where to go after the sign-in.
    pub next: String,
    /// Whether to stay signed in for 30 days.
    pub keep: bool,
    /// Whether the provider is to ask who it is, even if it knows.
    pub fresh: bool,
}

/// The settings page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The provider, if there is one.
    pub connection: Option<Connection>,
    /// Where the provider sends people back to.
    pub callback_url: String,
    /// The domains of the customer.
    pub domains: Vec<DomainRow>,
    /// Whether there is no other way in, or what stands in the way.
    pub enforcement: Enforcement,
}

/// The provider of the customer, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its issuer.
    pub issuer: String,
    /// The client's name there.
    pub client_id: String,
    /// What newcomers are.
    pub role: Role,
    /// When its settings were last read from it.
    pub read: When,
}

/// A domain and the record that proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRow {
    /// The domain.
    pub domain: String,
    /// The name of the TXT record.
    pub record_name: String,
    /// Its value.
    pub record_value: String,
    /// Since when it is proved.
    pub verified: Option<When>,
    /// When the record was last looked for.
    pub checked: Option<When>,
}

/// Whether there is no other way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enforcement {
    /// Something has to be done first.
    NotYet(String),
    /// It can be switched on.
    Off {
        /// Owners with a password, one of whom still gets in with it: id and name.
        owners: Vec<(String, String)>,
        /// How many people have an address of another domain, and would be kept out.
        outside: i64,
    },
    /// It is on.
    On {
        /// Since when.
        since: When,
        /// The owner who still gets in by another way.
        break_glass: String,
    },
}

/// What the page before the provider knows about whoever opens it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeforeStart {
    /// The address of whoever is signed in; empty: nobody is.
    pub email: String,
    /// The customer that they cannot enter in this session.
    pub closed: Option<String>,
    /// Those that they can.
    pub others: Vec<CustomerChoice>,
}

/// Why somebody came back from a provider and is not signed in. A closed set, because it stands in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took too long, was done already, or was begun in another browser.
    Stale,
    /// The provider let nobody in.
    Denied,
    /// What the provider said cannot be believed, or it did not answer.
    Refused,
    /// The provider vouches for no address of the customer's domains.
    Address,
    /// The person belongs to another identity of this provider.
    Other,
    /// The person was removed from the team.
    Removed,
    /// No seat is left.
    Full,
    /// The portal itself could not do it now.
    Busy,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Stale, Self::Denied, Self::Refused, Self::Address, Self::Other, Self::Removed, Self::Full, Self::Busy];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Address => "address",
            Self::Other => "other",
            Self::Removed => "removed",
            Self::Full => "full",
            Self::Busy => "busy",
        }
    }

    /// The one of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == word)
    }

    /// What happened and what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Stale => {
                "This sign-in took longer than ten minutes, was finished already, or was begun in another browser. Begin again below."
            }
            Self::Denied => "Your company’s provider did not let you in. Try again; if it says the same, ask whoever looks after it.",
            Self::Refused => {
                "The answer of your company’s provider could not be accepted. Try again; if it happens again, ask an owner of your team to test the connection."
            }
            Self::Address => {
                "Your company’s provider did not confirm an e-mail address of one of its domains. Ask whoever looks after it to have your address marked as verified."
            }
            Self::Other => {
                "Your account here belongs to another identity at your company’s provider. Ask an owner of your team to remove you and invite you again."
            }
            Self::Removed => "You were removed from this team. Ask one of its owners or admins for an invitation, then sign in again.",
            Self::Busy => "The portal could not finish this sign-in right now. Begin again below in a minute.",
            Self::Full => "This team has no free seat. Ask one of its owners or admins to free one, then sign in again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_asked_for_once_and_never_printed() {
        let form = ConnectionForm {
            issuer: "https://id.acme.example".into(),
            client_id: "foyer".into(),
            role: "member".into(),
            ..Default::default()
        };
        let Err(AppError::Invalid(errors)) = NewConnection::parse(&form, false) else { panic!("a secret is needed at first") };
        assert!(errors.message("client_secret").is_some());
        assert!(NewConnection::parse(&form, true).unwrap().client_secret.is_none(), "an empty field keeps the stored one");
        let form = ConnectionForm { client_secret: "hunter2hunter2".into(), issuer: String::new(), ..form };
        let refused = NewConnection::parse(&form, false).unwrap_err();
        assert!(!format!("{refused:?} {form:?}").contains("hunter2"), "{refused:?}");
        assert_eq!(format!("{:?}", ClientSecret::new("hunter2")), "[secret]");
    }

    #[test]
    fn nobody_joins_as_an_owner() {
        for role in Role::ALL {
            assert_eq!(parse_role(role.as_str()).is_ok(), role != Role::Owner);
        }
    }

    #[test]
    fn failures_read_back_from_their_words() {
        for failure in Failure::ALL {
            assert_eq!(Failure::parse(failure.as_str()), Some(failure));
        }
        assert_eq!(Failure::parse("<script>"), None);
    }
}
