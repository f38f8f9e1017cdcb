//! Why a sign-in by a provider did not work.

/// Why somebody came back from a provider and is not signed in. A closed set, because it stands in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took too long, was done already, or was begun in another browser.
    Stale,
    /// The provider let nobody in.
    Denied,
    /// What the provider said cannot be believed, or it did not answer.
    Refused,
    /// The provider vouches for no address of the customer's domains.
    Address,
    /// The person belongs to another identity of this provider.
    Other,
    /// The person was removed from the team.
    Removed,
    /// No seat is left.
    Full,
    /// The portal itself could not do it now.
    Busy,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Stale, Self::Denied, Self::Refused, Self::Address, Self::Other, Self::Removed, Self::Full, Self::Busy];

    /// The word in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Address => "address",
            Self::Other => "other",
            Self::Removed => "removed",
            Self::Full => "full",
            Self::Busy => "busy",
        }
    }

    /// The one of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == word)
    }

    /// What happened and what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Stale => {
                "This sign-in took longer than ten minutes, was finished already, or was begun in another browser. Begin again below."
            }
            Self::Denied => "Your company’s provider did not let you in. Try again; if that does not help, ask whoever looks after it.",
            Self::Refused => {
                "The answer of your company’s provider could not be accepted. Try again; if it happens again, ask an owner of your team to test the connection."
            }
            Self::Address => {
                "Your company’s provider did not confirm an e-mail address of one of its domains. Ask whoever looks after it to have your address marked as verified."
            }
            Self::Other => {
                "Your account here belongs to another identity at your company’s provider. Ask an owner of your team to remove you and invite you again."
            }
            Self::Removed => "You were removed from this team. Ask one of its owners or admins for an invitation, then sign in again.",
            Self::Busy => "The portal could not finish this sign-in right now. Begin again below in a minute.",
            Self::Full => "This team has no free seat. Ask one of its owners or admins to free one, then sign in again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_read_back_from_their_words() {
        for failure in Failure::ALL {
            assert_eq!(Failure::parse(failure.as_str()), Some(failure));
        }
        assert_eq!(Failure::parse("<script>"), None);
    }
}
