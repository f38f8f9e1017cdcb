//! People of a team and invitations to it, as pages show them and as forms send them.

use serde::{Deserialize, Serialize};

use crate::{
    access::Role,
    error::{AppError, FieldErrors},
    field::EmailAddress,
    ids::{InvitationId, UserId},
    keys::model::MadeKey,
    page::{Page, PageNumber},
    rights::Rights,
    when::When,
};

mod acceptance;
mod rules;
pub use acceptance::{AcceptForm, InvitationAnswer, NewPerson, OpenInvitation, Reader};
pub use rules::{Refusal, Seats, check_invitation, check_leave, check_removal, check_role_change, check_sign_out, grantable_roles};

/// People on a page of the list.
pub const MEMBERS_PER_PAGE: u32 = 25;
/// Invitations on a page of the list.
pub const INVITATIONS_PER_PAGE: u32 = 10;
/// How long an invitation can be accepted, in days.
pub const INVITATION_DAYS: i64 = 7;

/// A person of the team, as a row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When they last used the portal; `None` if never.
    pub last_active: Option<When>,
    /// Whether they have a second factor or a passkey; known to those who manage the team.
    pub second_factor: Option<bool>,
    /// Whether this is the person who looks at the page.
    pub you: bool,
}

/// An invitation that has neither been accepted nor revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The invitation; its token is only ever in the mail.
    pub invitation_id: InvitationId,
    /// Who was invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By whom; `None` if that person is unknown.
    pub invited_by: Option<String>,
    /// When the link was last sent.
    pub sent: When,
    /// When the link stops working, or stopped.
    pub expires: When,
    /// Whether the link has stopped working.
    pub expired: bool,
}

/// Everything on the team page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The customer's name.
    pub customer_name: String,
    /// Seats taken and available.
    pub seats: Seats,
    /// How many people are owners.
    pub owners: i64,
    /// What the person who looks may do.
    pub rights: Rights,
    /// One page of the people who match the filter.
    pub members: Page<Member>,
    /// One page of the open invitations; empty for those who may not manage the team.
    pub invitations: Page<Invitation>,
}

/// One person of the team and what the viewer may do about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDetail {
    /// The person.
    pub member: Member,
    /// Since when they belong to the team.
    pub joined: When,
    /// The customer's name.
    pub customer_name: String,
    /// Active API keys that they created and that go on working without them.
    pub keys: Vec<MadeKey>,
    /// The roles that the viewer may give them.
    pub roles: Vec<Role>,
    /// Why the viewer cannot change their role; `None` if they can.
    pub role_refused: Option<String>,
    /// Why the viewer cannot end their sessions; `None` if they can.
    pub sign_out_refused: Option<String>,
    /// Why the viewer cannot remove them; `None` if they can.
    pub removal_refused: Option<String>,
}

/// Which people are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberFilter {
    /// Part of a name or address; empty for all.
    pub search: String,
    /// Only this role.
    pub role: Option<Role>,
    /// Which page.
    pub page: PageNumber,
}

impl MemberFilter {
    /// Longer searches are cut; no name or address is longer.
    const LONGEST_SEARCH: usize = 100;

    /// Reads the query of the page; what makes no sense is ignored.
    pub fn parse(search: Option<&str>, role: Option<&str>, page: Option<&str>) -> Self {
        let search = search.unwrap_or_default().trim().chars().filter(|c| !c.is_control()).take(Self::LONGEST_SEARCH);
        Self { search: search.collect(), role: role.and_then(|role| role.parse().ok()), page: PageNumber::parse(page) }
    }
}

/// The invitation form as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InviteForm {
    /// Whom to invite.
    pub email: String,
    /// As what.
    pub role: String,
}

/// A checked invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Whom to invite.
    pub email: EmailAddress,
    /// As what.
    pub role: Role,
}

impl NewInvitation {
    /// Checks what was typed.
    ///
    /// # Errors
    /// `Invalid` with a message beside each wrong field.
    pub fn parse(form: &InviteForm) -> Result<Self, AppError> {
        let mut errors = FieldErrors::new();
        errors.keep("email", &form.email);
        errors.keep("role", &form.role);
        let email = errors.check("email", EmailAddress::parse(&form.email));
        let role = errors.check("role", parse_role(&form.role));
        let new = email.zip(role).map(|(email, role)| Self { email, role });
        errors.into_result(new)
    }
}

/// Reads a role as sent by a form.
///
/// # Errors
/// The sentence to show beside the field.
pub fn parse_role(typed: &str) -> Result<Role, String> {
    typed.parse().map_err(|_| "Choose one of the roles in the list.".to_owned())
}

/// The token in an invitation link: 16 random bytes in hex (seed). Never shown, logged or stored.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken(String);

impl InvitationToken {
    /// Reads a token; `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(text.to_owned()))
    }

    /// A token of these random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The token itself, for the link.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(email: &str, role: &str) -> InviteForm {
        InviteForm { email: email.into(), role: role.into() }
    }

    #[test]
    fn addresses_differ_only_in_more_than_case() {
        let one = NewInvitation::parse(&form("Ada@Example.com ", "admin"));
        assert_eq!(one, NewInvitation::parse(&form("ada@example.com", "admin")));
    }

    #[test]
    fn unknown_role_and_wrong_address_are_both_told() {
        let error = NewInvitation::parse(&form("ada@", "root")).err();
        let fields = error.as_ref().and_then(AppError::fields);
        assert_eq!(fields.and_then(|f| f.message("role")), Some("Choose one of the roles in the list."));
        assert!(fields.is_some_and(|f| f.message("email").is_some()));
        assert_eq!(fields.and_then(|f| f.value("email")), Some("ada@"));
    }

    #[test]
    fn filter_ignores_what_makes_no_sense() {
        let filter = MemberFilter::parse(Some("  ada\u{0}\n "), Some("root"), Some("-3"));
        assert_eq!(filter, MemberFilter { search: "ada".into(), role: None, page: PageNumber::new(1) });
        assert_eq!(MemberFilter::parse(Some(&"é".repeat(500)), None, None).search.chars().count(), 100);
    }

    #[test]
    fn token_is_32_hex_characters_and_stays_out_of_logs() {
        let token = InvitationToken::parse("0123456789abcdef0123456789abcdef");
        assert_eq!(format!("{token:?}"), "Some(InvitationToken(…))");
        for wrong in ["", "0123456789abcdef0123456789abcde", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdeg"] {
            assert_eq!(InvitationToken::parse(wrong), None, "{wrong}");
        }
        assert_eq!(InvitationToken::from_bytes([0xa1; 16]), InvitationToken("a1".repeat(16)));
    }
}
