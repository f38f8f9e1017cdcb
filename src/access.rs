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
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// The dashboard, usage, the team and the account.
    ViewPortal,
    /// Tickets.
    WriteTickets,
    /// The subscription and the invoices.
    ViewBilling,
    /// Where invoices are sent.
    ManageBillingEmail,
    /// The plan.
    ManageBilling,
    /// The list of API keys.
    ViewKeys,
    /// The API keys themselves.
    ManageKeys,
    /// The people and their roles, but owners.
    ManageTeam,
    /// The company's name and contact address.
    ManageAccount,
    /// Who did what: the list and its export.
    ViewActivity,
    /// Who is an owner.
    ManageOwners,
    /// How people of the company sign in.
    ManageSso,
    /// Whether everybody needs a second factor.
    ManageSecondFactor,
    /// Everything that is stored, as a whole.
    ManageData,
}

/// A row of the table: the word in forms and in the database, what it allows in a sentence, and to whom.
struct Rule(&'static str, &'static str, &'static [Role]);

impl Permission {
    /// All permissions, from what everybody may do to what only owners may.
    pub const ALL: [Permission; 14] = [
        Permission::ViewPortal,
        Permission::WriteTickets,
        Permission::ViewBilling,
        Permission::ManageBillingEmail,
        Permission::ManageBilling,
        Permission::ViewKeys,
        Permission::ManageKeys,
        Permission::ManageTeam,
        Permission::ManageAccount,
        Permission::ViewActivity,
        Permission::ManageOwners,
        Permission::ManageSso,
        Permission::ManageSecondFactor,
        Permission::ManageData,
    ];

    /// The table of who may do what. Guards, pages and the page “What each role may do” all read it here.
    const fn rule(self) -> Rule {
        use Role::{Admin, Billing, Developer, Member, Owner};
        match self {
            Self::ViewPortal => Rule(
                "view_portal",
                "See the dashboard, usage, the team, the account and support tickets.",
                &[Owner, Admin, Billing, Developer, Member],
            ),
            Self::WriteTickets => {
                Rule("write_tickets", "Open, answer and close support tickets.", &[Owner, Admin, Billing, Developer, Member])
            }
            Self::ViewBilling => Rule("view_billing", "See the subscription and download invoices.", &[Owner, Admin, Billing]),
            Self::ManageBillingEmail => Rule("manage_billing_email", "Change where invoices are sent.", &[Owner, Admin, Billing]),
            Self::ManageBilling => Rule("manage_billing", "Change the plan.", &[Owner, Admin, Billing]),
            Self::ViewKeys => Rule("view_keys", "See the API keys, never their secrets.", &[Owner, Admin, Developer]),
            Self::ManageKeys => Rule("manage_keys", "Create, rotate and revoke API keys.", &[Owner, Admin, Developer]),
            Self::ManageTeam => Rule("manage_team", "Invite and remove people, and change their roles.", &[Owner, Admin]),
            Self::ManageAccount => Rule("manage_account", "Change the company’s name and contact address.", &[Owner, Admin]),
            Self::ViewActivity => Rule("view_activity", "See and export who did what.", &[Owner, Admin]),
            Self::ManageOwners => Rule("manage_owners", "Add, change and remove owners.", &[Owner]),
            Self::ManageSso => Rule("manage_sso", "Connect the company’s own single sign-on, and make it the only way in.", &[Owner]),
            Self::ManageSecondFactor => {
                Rule("manage_second_factor", "Decide whether everybody at the company needs a second factor to sign in.", &[Owner])
            }
            Self::ManageData => Rule("manage_data", "Export everything, and delete the account of the company.", &[Owner]),
        }
    }

    /// The word in forms and in the database.
    pub const fn as_str(self) -> &'static str {
        self.rule().0
    }

    /// What it allows, in a sentence.
    pub const fn sentence(self) -> &'static str {
        self.rule().1
    }

    /// The same after a colon.
    pub fn clause(self) -> String {
        let (first, rest) = self.sentence().split_at_checked(1).unwrap_or_default();
        format!("{}{rest}", first.to_ascii_lowercase())
    }

    /// The roles that include it, the most powerful first.
    pub const fn roles(self) -> &'static [Role] {
        self.rule().2
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;
    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        Permission::ALL.into_iter().find(|permission| permission.as_str() == text).ok_or(UnknownPermission)
    }
}

/// The text is not a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown permission")]
pub struct UnknownPermission;

impl Role {
    /// All roles, the most powerful first.
    pub const ALL: [Role; 5] = [Role::Owner, Role::Admin, Role::Billing, Role::Developer, Role::Member];

    /// Whether this role includes the permission.
    pub fn can(self, permission: Permission) -> bool {
        permission.roles().contains(&self)
    }

    /// Whether this role includes everything that the other one does.
    pub fn includes(self, other: Role) -> bool {
        Permission::ALL.into_iter().all(|permission| self.can(permission) || !other.can(permission))
    }

    /// The smallest of `roles` that includes the permission and takes nothing away from this one.
    pub fn raised_to(self, permission: Permission, roles: &[Role]) -> Option<Role> {
        let size = |role: &Role| Permission::ALL.into_iter().filter(|permission| role.can(*permission)).count();
        roles.iter().copied().filter(|role| role.can(permission) && role.includes(self)).min_by_key(size)
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
            Role::Owner => "Everything, including adding and removing owners and deleting the account.",
            Role::Admin => "Everything except owners, the export of all data and deleting the account.",
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
    fn every_permission_reads_back_and_stands_in_the_table_once() {
        let mut words: Vec<&str> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(permission));
            assert!(permission.sentence().ends_with('.'), "{permission:?}");
            assert!(permission.roles().is_sorted_by_key(|role| Role::ALL.iter().position(|other| other == role)), "{permission:?}");
            assert!(Role::Owner.can(permission), "an owner may do everything");
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Permission::ALL.len());
        assert_eq!("root".parse::<Permission>(), Err(UnknownPermission));
    }

    #[test]
    fn only_owner_admin_and_developer_manage_keys() {
        assert_eq!(Permission::ManageKeys.roles(), [Role::Owner, Role::Admin, Role::Developer]);
        assert!(Role::Developer.can(Permission::ManageKeys) && !Role::Billing.can(Permission::ManageKeys));
    }

    #[test]
    fn member_sees_no_invoice() {
        assert!(!Role::Member.can(Permission::ViewBilling));
    }

    #[test]
    fn a_raise_takes_nothing_away_and_gives_no_more_than_it_must() {
        use Permission::{ManageKeys, ManageOwners, ViewBilling};
        assert_eq!(Role::Member.raised_to(ManageKeys, &Role::ALL), Some(Role::Developer));
        assert_eq!(Role::Member.raised_to(ViewBilling, &Role::ALL), Some(Role::Billing));
        assert_eq!(Role::Developer.raised_to(ViewBilling, &Role::ALL), Some(Role::Admin), "billing would take the keys away");
        assert_eq!(Role::Developer.raised_to(ManageKeys, &Role::ALL), Some(Role::Developer));
        let below_owner = [Role::Admin, Role::Billing, Role::Developer, Role::Member];
        assert_eq!(Role::Admin.raised_to(ManageOwners, &below_owner), None);
        assert_eq!(Role::Admin.raised_to(ManageOwners, &Role::ALL), Some(Role::Owner));
    }
}
