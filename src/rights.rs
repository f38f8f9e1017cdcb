//! What somebody may do in the portal now: their role's permissions, within the scopes of a session that the SaaS opened.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::access::{Permission, Role};

/// Something that a session opened by the SaaS may do. A closed set, smaller than the permissions that there are: what no
/// scope names, such a session may not do; the trail, the owners and the data as a whole are in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See the dashboard, usage, the team, the account and the tickets.
    ReadOverview,
    /// Change the company's name and contact address.
    WriteAccount,
    /// Change where invoices are sent.
    WriteBillingEmail,
    /// See the subscription and invoices, and download them.
    ReadBilling,
    /// Change the plan.
    WriteBilling,
    /// Invite, remove and change the role of people.
    WriteTeam,
    /// See the API keys.
    ReadKeys,
    /// Create, rotate and revoke API keys.
    WriteKeys,
    /// Open, answer and close tickets.
    WriteTickets,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ReadOverview,
        Self::WriteAccount,
        Self::WriteBillingEmail,
        Self::ReadBilling,
        Self::WriteBilling,
        Self::WriteTeam,
        Self::ReadKeys,
        Self::WriteKeys,
        Self::WriteTickets,
    ];

    /// The word in requests and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOverview => "overview:read",
            Self::WriteAccount => "account:write",
            Self::WriteBillingEmail => "billing_email:write",
            Self::ReadBilling => "billing:read",
            Self::WriteBilling => "billing:write",
            Self::WriteTeam => "team:write",
            Self::ReadKeys => "keys:read",
            Self::WriteKeys => "keys:write",
            Self::WriteTickets => "tickets:write",
        }
    }

    /// What it lets a session do. Writing includes seeing the page on which it is done.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::ReadOverview => &[Permission::ViewPortal],
            Self::WriteAccount => &[Permission::ViewPortal, Permission::ManageAccount],
            Self::WriteBillingEmail => &[Permission::ManageBillingEmail],
            Self::ReadBilling => &[Permission::ViewBilling],
            Self::WriteBilling => &[Permission::ViewBilling, Permission::ManageBilling],
            Self::WriteTeam => &[Permission::ViewPortal, Permission::ManageTeam],
            Self::ReadKeys => &[Permission::ViewKeys],
            Self::WriteKeys => &[Permission::ViewKeys, Permission::ManageKeys],
            Self::WriteTickets => &[Permission::ViewPortal, Permission::WriteTickets],
        }
    }

    /// Whether only a person can use it: an invitation comes from somebody, and a ticket is answered to somebody.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::WriteTeam | Self::WriteTickets)
    }

    /// Whether a role includes all of it.
    pub fn is_within(self, role: Role) -> bool {
        self.permissions().iter().all(|permission| role.can(*permission))
    }
}

/// The text is not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(UnknownScope)
    }
}

/// A set of scopes, one bit each, so that it is copied freely and small on its way to the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes(u16);

impl Scopes {
    /// The scopes of the set, in their order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }

    /// Whether the scope is in the set.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of them includes the permission.
    pub fn allow(self, permission: Permission) -> bool {
        self.iter().any(|scope| scope.permissions().contains(&permission))
    }

    /// Their words.
    pub fn words(self) -> Vec<String> {
        self.iter().map(|scope| scope.as_str().to_owned()).collect()
    }
}

fn bit(scope: Scope) -> u16 {
    Scope::ALL.iter().position(|other| *other == scope).map_or(0, |at| 1 << at)
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

/// What somebody may do now; the guards and the pages ask the same question of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rights {
    /// A person who signed in: whatever their role includes.
    Own(Role),
    /// A person for whom the SaaS opened the session: what their role includes, within the scopes.
    Limited(Role, Scopes),
    /// No person of the customer: the SaaS opened the session for whoever holds it, with exactly these scopes.
    Guest(Scopes),
}

impl Rights {
    /// Whether this is allowed.
    pub fn can(self, permission: Permission) -> bool {
        match self {
            Self::Own(role) => role.can(permission),
            Self::Limited(role, scopes) => role.can(permission) && scopes.allow(permission),
            Self::Guest(scopes) => scopes.allow(permission),
        }
    }

    /// The person's role; a guest has none.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Own(role) | Self::Limited(role, _) => Some(role),
            Self::Guest(_) => None,
        }
    }

    /// Whether the person signed in, so that they may also decide about their own place in the team.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// The role in which somebody who has this one changes the team: an owner without the right over owners acts as an admin.
    pub fn in_team(self, role: Role) -> Role {
        if role == Role::Owner && !self.can(Permission::ManageOwners) { Role::Admin } else { role }
    }

    /// The word shown to people.
    pub fn label(self) -> &'static str {
        self.role().map_or("Guest", Role::label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_word_and_has_a_bit_of_its_own() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!([scope].into_iter().collect::<Scopes>().iter().collect::<Vec<_>>(), [scope]);
        }
        assert_eq!("*".parse::<Scope>(), Err(UnknownScope));
    }

    #[test]
    fn session_may_do_only_what_both_role_and_scopes_include() {
        let keys: Scopes = [Scope::WriteKeys].into_iter().collect();
        let owner = Rights::Limited(Role::Owner, keys);
        assert!(owner.can(Permission::ManageKeys) && !owner.can(Permission::ViewBilling) && !owner.can(Permission::ViewPortal));
        assert!(!Rights::Limited(Role::Billing, keys).can(Permission::ManageKeys));
        assert!(Rights::Guest(keys).can(Permission::ManageKeys));
        assert!(!Rights::Guest(Scopes::default()).can(Permission::ViewPortal));
    }

    #[test]
    fn no_scope_gives_the_trail_the_owners_or_all_data() {
        let all: Scopes = Scope::ALL.into_iter().collect();
        for rights in [Rights::Limited(Role::Owner, all), Rights::Guest(all)] {
            for permission in [Permission::ViewActivity, Permission::ManageOwners, Permission::ManageData] {
                assert!(!rights.can(permission), "{permission:?}");
            }
            assert_eq!(rights.in_team(Role::Owner), Role::Admin);
        }
        assert_eq!(Rights::Own(Role::Owner).in_team(Role::Owner), Role::Owner);
    }

    #[test]
    fn scopes_never_give_more_than_the_owner_has() {
        assert!(Scope::ALL.into_iter().all(|scope| scope.is_within(Role::Owner)));
        assert!(!Scope::WriteKeys.is_within(Role::Billing));
    }
}
