//! Who may do what to whom in a team, and how many it holds. Pure: the store brings the numbers, read under a lock.

use serde::{Deserialize, Serialize};

use crate::{
    access::{Permission, Role},
    error::AppError,
    number::grouped,
    plan::Plan,
};

/// Why a change of the team is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The actor's role does not include managing the team.
    NotManager,
    /// Nobody changes their own role.
    OwnRole,
    /// Nobody removes themselves; that is what leaving is for.
    OwnRemoval,
    /// One's own sessions are ended elsewhere.
    OwnSessions,
    /// Only an owner makes, changes or removes an owner, or ends their sessions.
    OwnersOnly,
    /// The team would be left without an owner.
    LastOwner,
}

impl Refusal {
    /// The reason in a sentence, with what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotManager => "Your role does not include managing the team. Ask an owner or admin.",
            Self::OwnRole => "You cannot change your own role. Ask another owner or admin to do it.",
            Self::OwnRemoval => "You cannot remove yourself. Use “Leave” on the team page instead.",
            Self::OwnSessions => "End your own sessions under “Where you are signed in”.",
            Self::OwnersOnly => "Only an owner can add, change, sign out or remove an owner.",
            Self::LastOwner => "A team needs at least one owner. Make someone else an owner first.",
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotManager => Self::Forbidden(Permission::ManageTeam),
            Refusal::OwnersOnly => Self::Forbidden(Permission::ManageOwners),
            Refusal::OwnRole | Refusal::OwnRemoval | Refusal::OwnSessions | Refusal::LastOwner => {
                Self::Conflict(refusal.sentence().to_owned())
            }
        }
    }
}

/// The roles that someone may give to others.
pub fn grantable_roles(actor: Role) -> Vec<Role> {
    let mut roles = Role::ALL.to_vec();
    roles.retain(|role| check_invitation(actor, *role).is_ok());
    roles
}

/// Whether `actor` may invite someone as `role`.
///
/// # Errors
/// The reason why not.
pub fn check_invitation(actor: Role, role: Role) -> Result<(), Refusal> {
    if !actor.can(Permission::ManageTeam) {
        return Err(Refusal::NotManager);
    }
    if role == Role::Owner && !actor.can(Permission::ManageOwners) {
        return Err(Refusal::OwnersOnly);
    }
    Ok(())
}

/// Whether `actor` may give the role `new` to a person who has `current`, in a team with that many owners.
///
/// # Errors
/// The reason why not.
pub fn check_role_change(actor: Role, themselves: bool, current: Role, new: Role, owners: i64) -> Result<(), Refusal> {
    if themselves {
        return Err(Refusal::OwnRole);
    }
    check_invitation(actor, current)?;
    check_invitation(actor, new)?;
    if current == Role::Owner && new != Role::Owner {
        keep_an_owner(owners)?;
    }
    Ok(())
}

/// Whether `actor` may remove a person who has `current`, in a team with that many owners.
///
/// # Errors
/// The reason why not.
pub fn check_removal(actor: Role, themselves: bool, current: Role, owners: i64) -> Result<(), Refusal> {
    if themselves {
        return Err(Refusal::OwnRemoval);
    }
    check_invitation(actor, current)?;
    if current == Role::Owner { keep_an_owner(owners) } else { Ok(()) }
}

/// Whether `actor` may end the sessions of a person who has `current`.
///
/// # Errors
/// The reason why not.
pub fn check_sign_out(actor: Role, themselves: bool, current: Role) -> Result<(), Refusal> {
    if themselves { Err(Refusal::OwnSessions) } else { check_invitation(actor, current) }
}

/// Whether a person with this role may leave a team with that many owners.
///
/// # Errors
/// The reason why not.
pub fn check_leave(role: Role, owners: i64) -> Result<(), Refusal> {
    if role == Role::Owner { keep_an_owner(owners) } else { Ok(()) }
}

fn keep_an_owner(owners: i64) -> Result<(), Refusal> {
    if owners > 1 { Ok(()) } else { Err(Refusal::LastOwner) }
}

/// Seats of a team: taken by people and by invitations that can still be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// People on the team.
    pub members: i64,
    /// Invitations that can still be accepted.
    pub invited: i64,
    /// What the plan includes.
    pub limit: i64,
}

impl Seats {
    /// Seats taken.
    pub fn used(self) -> i64 {
        self.members + self.invited
    }

    /// Whether nobody else fits.
    pub fn full(self) -> bool {
        self.used() >= self.limit
    }

    /// Who takes them, in a sentence: `2 people and 1 open invitation.`
    pub fn sentence(self) -> String {
        let plural = |count, one: &str, many: &str| format!("{} {}", grouped(count), if count == 1 { one } else { many });
        let people = plural(self.members, "person", "people");
        match self.invited {
            0 => format!("{people}."),
            invited => format!("{people} and {}.", plural(invited, "open invitation", "open invitations")),
        }
    }

    /// The next plan with more seats.
    pub fn larger_plan(self) -> Option<Plan> {
        Plan::ALL.into_iter().find(|other| other.limits().users > self.limit)
    }

    /// What to do about a full team, in a sentence.
    pub fn remedy(self) -> String {
        let revoke = if self.invited > 0 { " revoke an invitation," } else { "" };
        match self.larger_plan() {
            Some(larger) => format!("Remove someone,{revoke} or upgrade to {larger} for {} seats.", grouped(larger.limits().users)),
            None => format!("Remove someone,{revoke} or write to support for more seats."),
        }
    }

    /// Whether one more person fits.
    ///
    /// # Errors
    /// `LimitReached`, with what to do.
    pub fn check_free(self, plan: Plan) -> Result<(), AppError> {
        if !self.full() {
            return Ok(());
        }
        Err(AppError::LimitReached(format!("All {} seats of the {plan} plan are taken. {}", grouped(self.limit), self.remedy())))
    }

    /// Whether an invitation, which already holds a seat, can still be accepted: not if the plan has shrunk since.
    ///
    /// # Errors
    /// `LimitReached`, with what to do, for the invited person.
    pub fn check_acceptance(self, customer_name: &str) -> Result<(), AppError> {
        if self.used() <= self.limit {
            return Ok(());
        }
        Err(AppError::LimitReached(format!(
            "The team of {customer_name} has no free seat at the moment. Ask the person who invited you to free one, then try this link again."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Admin, Billing, Developer, Member, Owner};

    #[test]
    fn only_owner_and_admin_manage_the_team() {
        assert_eq!(grantable_roles(Owner), Role::ALL);
        assert_eq!(grantable_roles(Admin), [Admin, Billing, Developer, Member]);
        for role in [Billing, Developer, Member] {
            assert!(grantable_roles(role).is_empty(), "{role}");
            assert_eq!(check_removal(role, false, Member, 2), Err(Refusal::NotManager));
        }
    }

    #[test]
    fn nobody_changes_or_removes_themselves() {
        for role in Role::ALL {
            assert_eq!(check_role_change(role, true, role, Member, 5), Err(Refusal::OwnRole));
            assert_eq!(check_removal(role, true, role, 5), Err(Refusal::OwnRemoval));
            assert_eq!(check_sign_out(role, true, role), Err(Refusal::OwnSessions));
        }
    }

    #[test]
    fn admin_neither_makes_nor_touches_an_owner() {
        assert_eq!(check_invitation(Admin, Owner), Err(Refusal::OwnersOnly));
        assert_eq!(check_role_change(Admin, false, Member, Owner, 1), Err(Refusal::OwnersOnly));
        assert_eq!(check_role_change(Admin, false, Owner, Member, 5), Err(Refusal::OwnersOnly));
        assert_eq!(check_removal(Admin, false, Owner, 5), Err(Refusal::OwnersOnly));
        assert_eq!(check_sign_out(Admin, false, Owner), Err(Refusal::OwnersOnly));
        assert_eq!(check_sign_out(Owner, false, Owner), Ok(()));
        assert_eq!(check_role_change(Admin, false, Admin, Member, 1), Ok(()));
    }

    #[test]
    fn last_owner_stays() {
        assert_eq!(check_leave(Owner, 1), Err(Refusal::LastOwner));
        assert_eq!(check_leave(Owner, 2), Ok(()));
        assert_eq!(check_leave(Admin, 1), Ok(()));
        assert_eq!(check_role_change(Owner, false, Owner, Admin, 1), Err(Refusal::LastOwner));
        assert_eq!(check_removal(Owner, false, Owner, 1), Err(Refusal::LastOwner));
        assert_eq!(check_removal(Owner, false, Owner, 2), Ok(()));
    }

    #[test]
    fn full_team_says_what_to_do() {
        let seats = Seats { members: 2, invited: 1, limit: 3 };
        let Err(AppError::LimitReached(sentence)) = seats.check_free(Plan::Free) else { unreachable!("must be full") };
        assert_eq!(
            sentence,
            "All 3 seats of the Free plan are taken. Remove someone, revoke an invitation, or upgrade to Pro for 50 seats."
        );
        let enterprise = Seats { members: 500, invited: 0, limit: 500 };
        assert_eq!(enterprise.remedy(), "Remove someone, or write to support for more seats.", "there is no invitation to revoke");
        assert_eq!((enterprise.sentence().as_str(), seats.sentence().as_str()), ("500 people.", "2 people and 1 open invitation."));
        assert_eq!(Seats { invited: 0, ..seats }.check_free(Plan::Free), Ok(()));
    }

    #[test]
    fn accepting_takes_the_seat_that_the_invitation_held() {
        assert_eq!(Seats { members: 2, invited: 1, limit: 3 }.check_acceptance("Acme"), Ok(()));
        assert!(Seats { members: 3, invited: 1, limit: 3 }.check_acceptance("Acme").is_err());
    }
}
