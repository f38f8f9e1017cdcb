//! The settings of a customer's single sign-on, and what its pages show.

mod domain;
mod failure;

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
pub use failure::Failure;

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
    /// Since when it is missing, while the domain still counts.
    pub missing: Option<When>,
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
}
