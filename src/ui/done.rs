//! What a page says after something was done. A closed set: an address can only choose among these sentences.

/// Something the person has just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Settings were saved.
    Saved,
    /// An invitation was sent.
    Invited,
    /// An invitation was sent again.
    InvitationResent,
    /// An invitation was revoked.
    InvitationRevoked,
    /// An invitation was accepted.
    Joined,
    /// A person was removed from the team.
    MemberRemoved,
    /// A role was changed.
    RoleChanged,
    /// A right was asked for.
    AccessRequested,
    /// A request for a right was taken back.
    AccessWithdrawn,
    /// A request for a right was granted.
    AccessGranted,
    /// A request for a right was declined.
    AccessDeclined,
    /// A link to confirm a new address was mailed.
    LinkSent,
    /// A new address was confirmed.
    EmailChanged,
    /// The deletion of the account was asked for.
    ClosureRequested,
    /// The deletion of the account was canceled.
    ClosureCanceled,
    /// The person left the team.
    Left,
    /// A key was created.
    KeyCreated,
    /// A key was revoked.
    KeyRevoked,
    /// A key was rotated.
    KeyRotated,
    /// A key was switched off.
    KeyDisabled,
    /// A key was switched on again.
    KeyEnabled,
    /// A rotated key goes on for longer.
    KeyExtended,
    /// A ticket was opened.
    TicketOpened,
    /// A reply was sent.
    ReplySent,
    /// A ticket was closed.
    TicketClosed,
    /// A ticket was opened again.
    TicketReopened,
    /// The plan was changed.
    PlanChanged,
    /// Somebody else's sessions were ended.
    MemberSignedOut,
    /// The password was changed.
    PasswordChanged,
    /// The second factor was turned on.
    SecondFactorOn,
    /// The second factor was turned off.
    SecondFactorOff,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// The customer asks everybody for a second factor.
    SecondFactorRequired,
    /// The customer asks nobody for a second factor any more.
    SecondFactorOptional,
    /// The person signed out.
    SignedOut,
    /// A session in another browser was ended.
    SessionEnded,
    /// The sessions in all other browsers were ended.
    OtherSessionsEnded,
    /// The single sign-on was connected to the provider.
    SsoConnected,
    /// The provider was asked for its settings.
    SsoTested,
    /// The single sign-on was disconnected.
    SsoDisconnected,
    /// The single sign-on became the only way in.
    SsoEnforced,
    /// The other ways in were opened again.
    SsoRelaxed,
    /// A domain was added.
    SsoDomainAdded,
    /// A domain was verified.
    SsoDomainVerified,
    /// A domain was removed.
    SsoDomainRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
}

impl Done {
    /// All of them.
    pub const ALL: [Self; 47] = [
        Self::Saved,
        Self::Invited,
        Self::InvitationResent,
        Self::InvitationRevoked,
        Self::Joined,
        Self::MemberRemoved,
        Self::RoleChanged,
        Self::AccessRequested,
        Self::AccessWithdrawn,
        Self::AccessGranted,
        Self::AccessDeclined,
        Self::LinkSent,
        Self::EmailChanged,
        Self::ClosureRequested,
        Self::ClosureCanceled,
        Self::Left,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::KeyRotated,
        Self::KeyDisabled,
        Self::KeyEnabled,
        Self::KeyExtended,
        Self::TicketOpened,
        Self::ReplySent,
        Self::TicketClosed,
        Self::TicketReopened,
        Self::PlanChanged,
        Self::MemberSignedOut,
        Self::PasswordChanged,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::RecoveryCodesRenewed,
        Self::SecondFactorRequired,
        Self::SecondFactorOptional,
        Self::SignedOut,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::SsoConnected,
        Self::SsoTested,
        Self::SsoDisconnected,
        Self::SsoEnforced,
        Self::SsoRelaxed,
        Self::SsoDomainAdded,
        Self::SsoDomainVerified,
        Self::SsoDomainRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
    ];

    /// As it stands in an address: `?done=saved`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Invited => "invited",
            Self::InvitationResent => "invitation-resent",
            Self::InvitationRevoked => "invitation-revoked",
            Self::Joined => "joined",
            Self::MemberRemoved => "member-removed",
            Self::RoleChanged => "role-changed",
            Self::AccessRequested => "access-requested",
            Self::AccessWithdrawn => "access-withdrawn",
            Self::AccessGranted => "access-granted",
            Self::AccessDeclined => "access-declined",
            Self::LinkSent => "link-sent",
            Self::EmailChanged => "email-changed",
            Self::ClosureRequested => "closure-requested",
            Self::ClosureCanceled => "closure-canceled",
            Self::Left => "left",
            Self::KeyCreated => "key-created",
            Self::KeyRevoked => "key-revoked",
            Self::KeyRotated => "key-rotated",
            Self::KeyDisabled => "key-disabled",
            Self::KeyEnabled => "key-enabled",
            Self::KeyExtended => "key-extended",
            Self::TicketOpened => "ticket-opened",
            Self::ReplySent => "reply-sent",
            Self::TicketClosed => "ticket-closed",
            Self::TicketReopened => "ticket-reopened",
            Self::PlanChanged => "plan-changed",
            Self::MemberSignedOut => "member-signed-out",
            Self::PasswordChanged => "password-changed",
            Self::SecondFactorOn => "second-factor-on",
            Self::SecondFactorOff => "second-factor-off",
            Self::RecoveryCodesRenewed => "recovery-codes-renewed",
            Self::SecondFactorRequired => "second-factor-required",
            Self::SecondFactorOptional => "second-factor-optional",
            Self::SignedOut => "signed-out",
            Self::SessionEnded => "session-ended",
            Self::OtherSessionsEnded => "other-sessions-ended",
            Self::SsoConnected => "sso-connected",
            Self::SsoTested => "sso-tested",
            Self::SsoDisconnected => "sso-disconnected",
            Self::SsoEnforced => "sso-enforced",
            Self::SsoRelaxed => "sso-relaxed",
            Self::SsoDomainAdded => "sso-domain-added",
            Self::SsoDomainVerified => "sso-domain-verified",
            Self::SsoDomainRemoved => "sso-domain-removed",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
        }
    }

    /// The one that stands in an address.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }

    /// The sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Saved => "Saved.",
            Self::Invited => "Invitation sent.",
            Self::InvitationResent => "Invitation sent again. The earlier link no longer works.",
            Self::InvitationRevoked => "Invitation revoked. Its link no longer works.",
            Self::Joined => "Welcome to the team.",
            Self::MemberRemoved => "Person removed. They can no longer open the portal for this company.",
            Self::RoleChanged => "Role changed.",
            Self::AccessRequested => "Request sent. You get an e-mail when it is answered.",
            Self::AccessWithdrawn => "Request withdrawn.",
            Self::AccessGranted => "Request granted. The new role counts from the person’s next click.",
            Self::AccessDeclined => "Request declined. The person is told by e-mail.",
            Self::LinkSent => "Link sent. Confirm the new address within 30 minutes.",
            Self::EmailChanged => "Address changed. Sign in with the new one from now on.",
            Self::ClosureRequested => "The account is deleted in 30 days. All owners are told by e-mail.",
            Self::ClosureCanceled => "Deletion canceled. Nothing changes.",
            Self::Left => "You have left the team.",
            Self::KeyCreated => "API key created.",
            Self::KeyRevoked => "API key revoked. Requests with it are refused.",
            Self::KeyRotated => "API key rotated.",
            Self::KeyDisabled => "API key disabled. Requests with it are refused until you enable it again.",
            Self::KeyEnabled => "API key enabled. Requests with it are let in again.",
            Self::KeyExtended => "The old key keeps working for longer.",
            Self::TicketOpened => "Ticket opened. We answer here and by e-mail.",
            Self::ReplySent => "Reply sent.",
            Self::TicketClosed => "Ticket closed. A reply opens it again.",
            Self::TicketReopened => "Ticket opened again.",
            Self::PlanChanged => "Plan changed. The new limits apply now.",
            Self::MemberSignedOut => "Signed out everywhere. They can sign in again.",
            Self::PasswordChanged => "Password changed.",
            Self::SecondFactorOn => "Second factor on. You are signed out everywhere else.",
            Self::SecondFactorOff => "Second factor off. You are signed out everywhere else.",
            Self::RecoveryCodesRenewed => "New recovery codes made. The old ones no longer work.",
            Self::SecondFactorRequired => "Everybody needs a second factor from now on, and is told so by e-mail.",
            Self::SecondFactorOptional => "Nobody needs a second factor any more.",
            Self::SignedOut => "You are signed out.",
            Self::SessionEnded => "Session ended. That browser is signed out.",
            Self::OtherSessionsEnded => "Signed out everywhere else.",
            Self::SsoConnected => "Provider connected. Its settings were read without a problem.",
            Self::SsoTested => "The provider answers, and its settings are as they should be.",
            Self::SsoDisconnected => "Provider disconnected. Whoever came by it is signed out.",
            Self::SsoEnforced => "Single sign-on is the only way in now. All owners are told by e-mail.",
            Self::SsoRelaxed => "The other ways in are open again.",
            Self::SsoDomainAdded => "Domain added. Add its TXT record to the DNS, then verify it.",
            Self::SsoDomainVerified => "Domain verified.",
            Self::SsoDomainRemoved => "Domain removed. Nobody new joins with its addresses.",
            Self::PasskeyAdded => "Passkey added. You can sign in with it from now on.",
            Self::PasskeyRemoved => "Passkey removed. Nobody signs in with it any more.",
        }
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
