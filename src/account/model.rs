//! The account's details and their forms.

use serde::{Deserialize, Serialize};

use crate::{
    error::{AppError, FieldErrors},
    field::{self, EmailAddress},
};

/// The longest company name, as in the table.
pub const MAX_NAME: u32 = 120;

/// The page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What is stored.
    pub details: Details,
    /// Whether the person may change name and contact address.
    pub may_change_details: bool,
    /// Whether the person may export everything and delete the account.
    pub may_leave: bool,
    /// Whether the person may change the billing address.
    pub may_change_billing_email: bool,
    /// Whether everybody needs a second factor.
    pub second_factor_required: bool,
    /// Whether the person may change that.
    pub may_change_requirement: bool,
}

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The company's name.
    pub name: String,
    /// Where we write to.
    pub email: String,
    /// Where invoices go; `None`: to the contact address.
    pub billing_email: Option<String>,
}

impl Details {
    /// Where invoices go.
    pub fn invoices_go_to(&self) -> &str {
        self.billing_email.as_deref().unwrap_or(&self.email)
    }
}

/// Name and contact address, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountForm {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The address.
    #[serde(default)]
    pub email: String,
}

/// Name and contact address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// 1 to 120 characters.
    pub name: String,
    /// The address.
    pub email: EmailAddress,
}

impl NewAccount {
    /// Reads the form.
    ///
    /// # Errors
    /// `Invalid` if a field is empty, too long or not what it should be.
    pub fn parse(form: &AccountForm) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("name", &form.name);
        errors.keep("email", &form.email);
        let longest = usize::try_from(MAX_NAME).unwrap_or(usize::MAX);
        let name = errors.check("name", field::line(&form.name, 1, longest, "Company name"));
        let email = errors.check("email", EmailAddress::parse(&form.email));
        errors.into_result(name.zip(email).map(|(name, email)| Self { name, email }))
    }
}

/// The billing address, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BillingEmailForm {
    /// The address; empty: invoices go to the contact address.
    #[serde(default)]
    pub billing_email: String,
}

impl BillingEmailForm {
    /// Reads the form; `None` clears the address.
    ///
    /// # Errors
    /// `Invalid` if the text is not an address.
    pub fn parse(&self) -> Result<Option<EmailAddress>, AppError> {
        if self.billing_email.trim().is_empty() {
            return Ok(None);
        }
        let mut errors = FieldErrors::new();
        errors.keep("billing_email", &self.billing_email);
        let email = errors.check("billing_email", EmailAddress::parse(&self.billing_email));
        errors.into_result(email.map(Some))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn billing_address_can_be_cleared() {
        for blank in ["", "   "] {
            assert_eq!(BillingEmailForm { billing_email: blank.into() }.parse(), Ok(None));
        }
        assert!(BillingEmailForm { billing_email: "not an address".into() }.parse().is_err());
    }

    #[test]
    fn every_wrong_field_has_its_message() {
        let form = AccountForm { name: "x".repeat(121), email: "olivia@".into() };
        let Err(AppError::Invalid(errors)) = NewAccount::parse(&form) else { panic!("must be invalid") };
        assert!(errors.message("name").is_some() && errors.message("email").is_some());
        assert_eq!(errors.value("email"), Some("olivia@"));
    }

    #[test]
    fn invoices_go_to_the_contact_address_without_a_billing_address() {
        let details = Details { name: "Acme".into(), email: "office@acme.example".into(), billing_email: None };
        assert_eq!(details.invoices_go_to(), "office@acme.example");
    }
}
