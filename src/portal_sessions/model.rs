//! Sessions that the SaaS opens, and their rules.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    access::Permission,
    rights::{Rights, Scope, Scopes},
};

/// Where a task ends: the page leads back to the SaaS.
pub const DONE_PAGE: &str = "/flow/done";

/// Where a session that is over leads back to the SaaS.
pub const ENDED_PAGE: &str = "/flow/ended";

/// The one task that a session is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Change where invoices are sent.
    UpdateBillingEmail,
    /// Fetch an invoice.
    DownloadInvoice,
    /// Create an API key.
    CreateKey,
    /// Change to a larger plan.
    UpgradePlan,
}

impl Flow {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::UpdateBillingEmail, Self::DownloadInvoice, Self::CreateKey, Self::UpgradePlan];

    /// The word in requests and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UpdateBillingEmail => "update_billing_email",
            Self::DownloadInvoice => "download_invoice",
            Self::CreateKey => "create_key",
            Self::UpgradePlan => "upgrade_plan",
        }
    }

    /// The page of the task.
    pub fn page(self) -> &'static str {
        match self {
            Self::UpdateBillingEmail => "/flow/update_billing_email",
            Self::DownloadInvoice => "/flow/download_invoice",
            Self::CreateKey => "/flow/create_key",
            Self::UpgradePlan => "/flow/upgrade_plan",
        }
    }

    /// What the task takes.
    pub fn scope(self) -> Scope {
        match self {
            Self::UpdateBillingEmail => Scope::WriteBillingEmail,
            Self::DownloadInvoice => Scope::ReadBilling,
            Self::CreateKey => Scope::WriteKeys,
            Self::UpgradePlan => Scope::WriteBilling,
        }
    }
}

/// The text is not a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown flow")]
pub struct UnknownFlow;

impl FromStr for Flow {
    type Err = UnknownFlow;
    fn from_str(text: &str) -> Result<Self, UnknownFlow> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == text).ok_or(UnknownFlow)
    }
}

/// The first page that a session shows: its task, or the first of the portal's pages that it may open.
pub fn landing(flow: Option<Flow>, rights: Rights) -> &'static str {
    let pages = [(Permission::ViewPortal, "/"), (Permission::ViewBilling, "/billing"), (Permission::ViewKeys, "/keys")];
    match flow {
        Some(flow) => flow.page(),
        None => pages.into_iter().find(|(permission, _)| rights.can(*permission)).map_or(Flow::UpdateBillingEmail.page(), |(_, page)| page),
    }
}

/// Why a session is not opened with these scopes. One scope too many fails the whole request: a session is never silently
/// smaller than what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The service token may not pass this on.
    NotOfToken(Scope),
    /// The person's role does not include it.
    NotOfRole(Scope),
    /// Only a person can use it.
    NeedsPerson(Scope),
    /// A guest has no role that would say what is meant without scopes.
    NothingAsked,
    /// The task takes a scope that was not asked for.
    MissingForFlow(Scope),
}

/// The scopes of a new session: those asked for; without any, those of the task; without a task, all that the token passes
/// on and the person's role includes.
///
/// # Errors
/// Why they cannot be given.
pub fn decide(asked: Option<Scopes>, flow: Option<Flow>, token: Scopes, role: Option<crate::access::Role>) -> Result<Scopes, Refusal> {
    let scopes = match (asked, flow, role) {
        (Some(asked), ..) => asked,
        (None, Some(flow), _) => [flow.scope()].into_iter().collect(),
        (None, None, Some(role)) => token.iter().filter(|scope| scope.is_within(role)).collect(),
        (None, None, None) => Scopes::default(),
    };
    if let Some(flow) = flow.filter(|flow| !scopes.contains(flow.scope())) {
        return Err(Refusal::MissingForFlow(flow.scope()));
    }
    for scope in scopes.iter() {
        match role {
            _ if !token.contains(scope) => return Err(Refusal::NotOfToken(scope)),
            Some(role) if !scope.is_within(role) => return Err(Refusal::NotOfRole(scope)),
            None if scope.needs_person() => return Err(Refusal::NeedsPerson(scope)),
            _ => {}
        }
    }
    if scopes.is_empty() { Err(Refusal::NothingAsked) } else { Ok(scopes) }
}

/// The way back to the SaaS: an address that the server has checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    /// The host, for people.
    pub host: String,
    /// The address.
    pub url: String,
}

/// The form that swaps a code, as sent.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenForm {
    /// The code out of the address.
    pub code: String,
}

impl fmt::Debug for OpenForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenForm")
    }
}

/// The code in a link: 32 random bytes in hex. Cannot be printed.
pub struct Code(String);

impl Code {
    /// The code of 32 random bytes given in hex.
    pub fn of_random(hex: String) -> Self {
        Self(hex)
    }

    /// Reads what an address holds; `None` for what cannot be a code, without asking the database.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && hex).then(|| Self(text.to_owned()))
    }

    /// The code itself, for the link and for hashing.
    pub fn reveal(&self) -> &str {
        &self.0
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
    use crate::access::Role;

    fn scopes(scopes: &[Scope]) -> Scopes {
        scopes.iter().copied().collect()
    }

    #[test]
    fn every_flow_reads_back_from_its_word() {
        for flow in Flow::ALL {
            assert_eq!(flow.as_str().parse(), Ok(flow));
            assert!(flow.page().ends_with(flow.as_str()));
        }
        assert_eq!("delete_everything".parse::<Flow>(), Err(UnknownFlow));
    }

    #[test]
    fn one_scope_too_many_fails_the_whole_request() {
        let (read, keys) = (Scope::ReadBilling, Scope::WriteKeys);
        assert_eq!(decide(Some(scopes(&[read, keys])), None, scopes(&[read]), None), Err(Refusal::NotOfToken(keys)));
        assert_eq!(decide(Some(scopes(&[read, keys])), None, scopes(&[read, keys]), Some(Role::Billing)), Err(Refusal::NotOfRole(keys)));
        assert_eq!(decide(Some(scopes(&[read, keys])), None, scopes(&[read, keys]), Some(Role::Owner)), Ok(scopes(&[read, keys])));
        let tickets = Scope::WriteTickets;
        assert_eq!(decide(Some(scopes(&[tickets])), None, scopes(&[tickets]), None), Err(Refusal::NeedsPerson(tickets)));
    }

    #[test]
    fn without_scopes_the_task_or_the_role_says_what_is_meant() {
        let (read, keys) = (Scope::ReadBilling, Scope::WriteKeys);
        assert_eq!(decide(None, Some(Flow::CreateKey), scopes(&[read, keys]), None), Ok(scopes(&[keys])));
        assert_eq!(decide(None, None, scopes(&[read, keys]), Some(Role::Billing)), Ok(scopes(&[read])));
        assert_eq!(decide(None, None, scopes(&[read, keys]), None), Err(Refusal::NothingAsked));
        assert_eq!(decide(None, None, scopes(&[keys]), Some(Role::Member)), Err(Refusal::NothingAsked));
        assert_eq!(decide(Some(scopes(&[read])), Some(Flow::CreateKey), scopes(&[read, keys]), None), Err(Refusal::MissingForFlow(keys)));
    }

    #[test]
    fn session_lands_on_a_page_that_it_may_open() {
        assert_eq!(landing(None, Rights::Guest(scopes(&[Scope::ReadBilling]))), "/billing");
        assert_eq!(landing(None, Rights::Guest(scopes(&[Scope::WriteBillingEmail]))), "/flow/update_billing_email");
        assert_eq!(landing(None, Rights::Limited(Role::Owner, scopes(&[Scope::ReadOverview]))), "/");
        assert_eq!(landing(Some(Flow::CreateKey), Rights::Guest(scopes(&[Scope::WriteKeys]))), "/flow/create_key");
    }

    #[test]
    fn only_whole_codes_are_read_and_none_is_printed() {
        let code = Code::parse(&"0a".repeat(32)).unwrap();
        assert_eq!(format!("{code:?} {:?}", OpenForm { code: "0a".into() }), "[code] OpenForm");
        for wrong in ["", "0a", &"0A".repeat(32), &"0a".repeat(33), &"ä".repeat(32)] {
            assert!(Code::parse(wrong).is_none(), "{wrong}");
        }
    }
}
