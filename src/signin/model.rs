//! The sign-in, and what the frame of every page shows about the person.

mod code;
mod forms;
mod password;

pub use code::Code;
pub use forms::{AskCodeForm, ChangePasswordForm, ConfirmForm, Credentials, EnterCodeForm, ForgotForm, ResetForm, SignInForm};
pub use password::Password;

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    ids::{CustomerId, SessionId, UserId},
    page_about::{PageAbout, Who},
    plan::Plan,
    portal_sessions::model::ReturnTo,
    rights::Rights,
    when::When,
};

/// What the frame around every page of the portal shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shell {
    /// The person; none in a session that the SaaS opened for a guest.
    pub user_id: Option<UserId>,
    /// The session.
    pub session_id: SessionId,
    /// Their name.
    pub person_name: String,
    /// Their address.
    pub person_email: String,
    /// The customer that they work for now.
    pub customer_id: CustomerId,
    /// Its name.
    pub customer_name: String,
    /// Its plan.
    pub plan: Plan,
    /// What they may do there.
    pub rights: Rights,
    /// All their customers, for the switcher.
    pub customers: Vec<CustomerChoice>,
    /// Whether they also work for the SaaS itself.
    pub is_staff: bool,
    /// Where they came from, if the SaaS opened the session.
    pub return_to: Option<ReturnTo>,
    /// Whether the customer asks for a second factor that the session lacks: then none of its pages is open.
    pub locked: bool,
}

impl Shell {
    /// Whom the page in this frame is about.
    pub fn about(&self) -> PageAbout {
        PageAbout { company: Some(self.customer_id), who: Some(Who::of(self.user_id, self.session_id)) }
    }
}

/// One customer in the switcher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerChoice {
    /// The customer.
    pub id: CustomerId,
    /// Its name.
    pub name: String,
    /// The person's role there.
    pub role: Role,
    /// Whether this session cannot enter it, because its provider is the only way in.
    #[serde(default)]
    pub needs_sso: bool,
}

/// Where a person lands after the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// A path of this portal.
    pub path: String,
}

/// One of the person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    /// The session.
    pub id: SessionId,
    /// The browser in words.
    pub device: String,
    /// The network address from which it was begun.
    pub address: String,
    /// Where that is, in words.
    pub place: String,
    /// Whether it is the one of this browser.
    pub here: bool,
    /// Whether the product opened it for the person, without a sign-in; it may do less than the others.
    pub opened_by_product: bool,
    /// Whether it was begun by the single sign-on of a customer.
    pub by_sso: bool,
    /// When the person signed in.
    pub signed_in: When,
    /// When it was last used, to the minute.
    pub last_used: When,
    /// When it ends unless it is used before.
    pub ends: When,
}

/// Whose password is asked for once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhoConfirms {
    /// Whether they have a second factor, which is then asked for, too.
    pub second_factor: bool,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether they came by the single sign-on of their customer, and confirm there, too.
    pub by_sso: bool,
    /// Whether they can also prove it by a passkey.
    pub has_passkey: bool,
    /// Where they came from, for those who would rather not: a page of the portal, whatever the address asked for.
    pub back: String,
}
