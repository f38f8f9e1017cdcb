//! Who may do what: one table, used by the guards on the server and by the pages that hide what would be refused.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a person is within one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, including who else is an owner.
    Owner,
    /// Everything but owners.
    Admin,
    /// Plan, payment and invoices.
    Billing,
    /// API keys.
    Developer,
    /// Sees the portal and writes to support.
    Member,
}

/// Something that a guard can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// See the dashboard, usage, the team and the account.
    ViewPortal,
    /// Change the company's name and contact address.
    ManageAccount,
    /// Change where invoices are sent.
    ManageBillingEmail,
    /// See the subscription and invoices, and download them.
    ViewBilling,
    /// Change the plan.
    ManageBilling,
    /// Invite, remove and change the role of people.
    ManageTeam,
    /// See the API keys.
    ViewKeys,
    /// Create, rotate and revoke API keys.
    ManageKeys,
    /// Open, answer and close tickets.
    WriteTickets,
    /// See and export who did what.
    ViewActivity,
}

impl Role {
    /// All roles, the most powerful first.
    pub const ALL: [Role; 5] = [Role::Owner, Role::Admin, Role::Billing, Role::Developer, Role::Member];

    /// Whether this role includes the permission.
    pub fn can(self, permission: Permission) -> bool {
        match permission {
            Permission::ViewPortal | Permission::WriteTickets => true,
            Permission::ManageAccount | Permission::ManageTeam | Permission::ViewActivity => matches!(self, Role::Owner | Role::Admin),
            Permission::ManageBillingEmail | Permission::ViewBilling | Permission::ManageBilling => {
                matches!(self, Role::Owner | Role::Admin | Role::Billing)
            }
            Permission::ViewKeys | Permission::ManageKeys => {
                matches!(self, Role::Owner | Role::Admin | Role::Developer)
            }
        }
    }

    /// The word stored in the database and sent in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Billing => "billing",
            Role::Developer => "developer",
            Role::Member => "member",
        }
    }

    /// The word shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Role::Owner => "Owner",
            Role::Admin => "Admin",
            Role::Billing => "Billing",
            Role::Developer => "Developer",
            Role::Member => "Member",
        }
    }

    /// What the role may do, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Role::Owner => "Everything, including adding and removing owners.",
            Role::Admin => "Everything except adding and removing owners.",
            Role::Billing => "Plan, payment, invoices and the billing e-mail.",
            Role::Developer => "Creates, rotates and revokes API keys.",
            Role::Member => "Sees usage and the team, and writes to support.",
        }
    }
}

/// The text is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_word() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }

    #[test]
    fn only_owner_admin_and_developer_manage_keys() {
        let allowed: Vec<Role> = Role::ALL.into_iter().filter(|role| role.can(Permission::ManageKeys)).collect();
        assert_eq!(allowed, [Role::Owner, Role::Admin, Role::Developer]);
    }

    #[test]
    fn member_sees_no_invoice() {
        assert!(!Role::Member.can(Permission::ViewBilling));
    }
}
