//! By which role a right is granted.

use serde::{Deserialize, Serialize};

use crate::{
    access::{Permission, Role},
    error::AppError,
    team::model::grantable_roles,
};

/// The roles by which an actor can grant a right to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The smallest role that includes the right and takes nothing away: what one click gives.
    pub raise: Option<Role>,
    /// The other roles that include the right, which give more or take something away.
    pub others: Vec<Role>,
}

impl Choices {
    /// What somebody with the role `actor` can do for a person with the role `current`.
    pub fn of(actor: Role, current: Role, permission: Permission) -> Self {
        let grantable = grantable_roles(actor);
        let raise = current.raised_to(permission, &grantable);
        let others = grantable.into_iter().filter(|role| role.can(permission) && Some(*role) != raise).collect();
        Self { raise, others }
    }

    /// The role to give: the chosen one, or without a choice the smallest.
    ///
    /// # Errors
    /// `Forbidden` if only owners can give the right, `Conflict` if there is no role to give without a choice,
    /// `Invalid` if the chosen role does not include the right.
    pub fn pick(&self, chosen: Option<Role>) -> Result<Role, AppError> {
        if self.raise.is_none() && self.others.is_empty() {
            return Err(AppError::Forbidden(Permission::ManageOwners));
        }
        match chosen {
            Some(role) if Some(role) == self.raise || self.others.contains(&role) => Ok(role),
            Some(_) => Err(AppError::invalid("role", "This role does not include what was asked for. Choose another one.")),
            None => self.raise.ok_or_else(|| {
                let names: Vec<&str> = self.others.iter().map(|role| role.label()).collect();
                AppError::Conflict(format!("Every role that includes this takes something away. Choose one: {}.", names.join(", ")))
            }),
        }
    }

    /// Whether anybody with this role could grant the right to a person with the role `current`.
    pub fn exist_for(actor: Role, current: Role, permission: Permission) -> bool {
        Self::of(actor, current, permission) != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{ManageKeys, ManageOwners, ViewBilling};
    use Role::{Admin, Billing, Developer, Member, Owner};

    #[test]
    fn one_click_gives_the_smallest_role_that_takes_nothing_away() {
        assert_eq!(Choices::of(Admin, Member, ManageKeys).pick(None), Ok(Developer));
        assert_eq!(Choices::of(Admin, Developer, ViewBilling).pick(None), Ok(Admin));
        assert_eq!(Choices::of(Admin, Developer, ViewBilling).others, [Billing]);
        assert_eq!(Choices::of(Owner, Member, ManageKeys).others, [Owner, Admin]);
    }

    #[test]
    fn another_role_may_be_chosen_if_it_includes_the_right() {
        let choices = Choices::of(Admin, Developer, ViewBilling);
        assert_eq!(choices.pick(Some(Billing)), Ok(Billing));
        assert!(matches!(choices.pick(Some(Member)), Err(AppError::Invalid(_))));
        assert!(matches!(choices.pick(Some(Owner)), Err(AppError::Invalid(_))), "an admin makes no owner");
    }

    #[test]
    fn without_a_role_that_takes_nothing_away_the_others_are_offered() {
        let choices = Choices { raise: None, others: vec![Billing] };
        let Err(AppError::Conflict(sentence)) = choices.pick(None) else { panic!("must be refused") };
        assert!(sentence.ends_with("Choose one: Billing."), "{sentence}");
        assert_eq!(choices.pick(Some(Billing)), Ok(Billing));
    }

    #[test]
    fn only_an_owner_grants_what_only_owners_may() {
        assert_eq!(Choices::of(Admin, Admin, ManageOwners).pick(None), Err(AppError::Forbidden(ManageOwners)));
        assert_eq!(Choices::of(Owner, Admin, ManageOwners).pick(None), Ok(Owner));
        for role in [Billing, Developer, Member] {
            assert!(!Choices::exist_for(role, Member, ManageKeys), "{role}");
        }
    }
}
