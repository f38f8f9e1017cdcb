//! Every statement about invitations, but for their acceptance.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::{acceptance::token_hash, role};
use crate::{
    access::Role,
    field::EmailAddress,
    ids::{CustomerId, InvitationId, UserId},
    page::{Page, PageNumber},
    team::model::{INVITATION_DAYS, INVITATIONS_PER_PAGE, Invitation, InvitationToken, NewInvitation},
    when::When,
};

/// Expired invitations stay in the list for this long, so that they can be sent again.
const EXPIRED_SHOWN_DAYS: i64 = 30;

/// An invitation as the rules see it.
#[derive(Clone, Debug)]
pub struct StoredInvitation {
    /// The invitation.
    pub invitation_id: InvitationId,
    /// Who was invited.
    pub email: EmailAddress,
    /// As what.
    pub role: Role,
    /// Who sent it last.
    pub invited_by: Option<String>,
    /// When its link stops working.
    pub expires_at: OffsetDateTime,
    /// Neither accepted nor revoked.
    pub unanswered: bool,
}

/// The link of an invitation: who sends it when, and the token of which only the hash is stored.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// The token.
    pub token: &'a InvitationToken,
    /// Who sends it.
    pub sender: UserId,
    /// When.
    pub now: OffsetDateTime,
}

impl Link<'_> {
    /// When the link stops working.
    pub fn expires_at(&self) -> OffsetDateTime {
        self.now + Duration::days(INVITATION_DAYS)
    }
}

/// Open invitations and those that expired lately, the newest first. Past the end lies the last page: the list becomes shorter by
/// every answer.
pub async fn list_invitations(
    conn: &mut PgConnection,
    customer: CustomerId,
    page: PageNumber,
    now: OffsetDateTime,
) -> Result<Page<Invitation>, sqlx::Error> {
    let since = now - Duration::days(EXPIRED_SHOWN_DAYS);
    let total = count_invitations(conn, customer, since).await?;
    let page = page.within(total, INVITATIONS_PER_PAGE);
    let rows = sqlx::query!(
        r#"SELECT
            i.invitation_id,
            i.email,
            i.role,
            u.name AS "invited_by?",
            i.sent_at,
            i.expires_at
        FROM invitations i
        LEFT JOIN users u ON u.user_id = i.invited_by
        WHERE i.customer_id = $1
          AND i.accepted_at IS NULL
          AND i.revoked_at IS NULL
          AND i.expires_at > $2
        ORDER BY i.created_at DESC, i.invitation_id
        LIMIT $3
        OFFSET $4"#,
        customer.as_uuid(),
        since,
        i64::from(INVITATIONS_PER_PAGE),
        page.offset(INVITATIONS_PER_PAGE),
    )
    .fetch_all(conn)
    .await?;
    let invitations = rows.into_iter().map(|row| {
        Ok::<_, sqlx::Error>(Invitation {
            invitation_id: InvitationId::from(row.invitation_id),
            email: row.email,
            role: role(&row.role)?,
            invited_by: row.invited_by,
            sent: When::new(row.sent_at, now),
            expires: When::new(row.expires_at, now),
            expired: row.expires_at <= now,
        })
    });
    Ok(Page::new(invitations.collect::<Result<_, _>>()?, page, INVITATIONS_PER_PAGE, total))
}

async fn count_invitations(conn: &mut PgConnection, customer: CustomerId, since: OffsetDateTime) -> Result<i64, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            count(*) AS "total!"
        FROM invitations
        WHERE customer_id = $1
          AND accepted_at IS NULL
          AND revoked_at IS NULL
          AND expires_at > $2"#,
        customer.as_uuid(),
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok(row.total)
}

/// An invitation of this customer, whatever its state.
pub async fn find_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
) -> Result<Option<StoredInvitation>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            i.invitation_id,
            i.email,
            i.role,
            u.name AS "invited_by?",
            i.expires_at,
            i.accepted_at IS NULL AND i.revoked_at IS NULL AS "unanswered!"
        FROM invitations i
        LEFT JOIN users u ON u.user_id = i.invited_by
        WHERE i.customer_id = $1
          AND i.invitation_id = $2"#,
        customer.as_uuid(),
        invitation.as_uuid(),
    )
    .fetch_optional(conn)
    .await?;
    let found = row.map(|row| {
        Ok::<_, sqlx::Error>(StoredInvitation {
            invitation_id: InvitationId::from(row.invitation_id),
            email: address(&row.email)?,
            role: role(&row.role)?,
            invited_by: row.invited_by,
            expires_at: row.expires_at,
            unanswered: row.unanswered,
        })
    });
    found.transpose()
}

/// The invitation of an address that is neither accepted nor revoked, expired or not: there is at most one.
pub async fn find_unanswered(
    conn: &mut PgConnection,
    customer: CustomerId,
    email: &EmailAddress,
) -> Result<Option<(InvitationId, OffsetDateTime)>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            invitation_id,
            expires_at
        FROM invitations
        WHERE customer_id = $1
          AND email = $2
          AND accepted_at IS NULL
          AND revoked_at IS NULL",
        customer.as_uuid(),
        email.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (InvitationId::from(row.invitation_id), row.expires_at)))
}

/// Whether a person with this address belongs to the team.
pub async fn is_member(conn: &mut PgConnection, customer: CustomerId, email: &EmailAddress) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            EXISTS (
                SELECT 1
                FROM memberships m
                JOIN users u ON u.user_id = m.user_id
                WHERE m.customer_id = $1
                  AND u.email = $2
            ) AS "found!""#,
        customer.as_uuid(),
        email.as_str(),
    )
    .fetch_one(conn)
    .await?;
    Ok(row.found)
}

/// Stores a new invitation.
pub async fn insert_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
    new: &NewInvitation,
    link: &Link<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO invitations (
            invitation_id,
            customer_id,
            email,
            role,
            token_hash,
            invited_by,
            created_at,
            sent_at,
            expires_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        invitation.as_uuid(),
        customer.as_uuid(),
        new.email.as_str(),
        new.role.as_str(),
        token_hash(link.token),
        link.sender.as_uuid(),
        link.now,
        link.expires_at(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives an invitation a new link and its seven days anew; the old link is dead at once.
pub async fn renew_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
    role: Role,
    link: &Link<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations
        SET role = $3,
            token_hash = $4,
            invited_by = $5,
            sent_at = $6,
            expires_at = $7
        WHERE customer_id = $1
          AND invitation_id = $2
          AND accepted_at IS NULL
          AND revoked_at IS NULL",
        customer.as_uuid(),
        invitation.as_uuid(),
        role.as_str(),
        token_hash(link.token),
        link.sender.as_uuid(),
        link.now,
        link.expires_at(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives an invitation another role.
pub async fn update_invited_role(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations
        SET role = $3
        WHERE customer_id = $1
          AND invitation_id = $2
          AND accepted_at IS NULL
          AND revoked_at IS NULL",
        customer.as_uuid(),
        invitation.as_uuid(),
        role.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Revokes an invitation.
pub async fn revoke_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations
        SET revoked_at = $3
        WHERE customer_id = $1
          AND invitation_id = $2
          AND accepted_at IS NULL
          AND revoked_at IS NULL",
        customer.as_uuid(),
        invitation.as_uuid(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The stored address. It was checked before it was stored.
fn address(stored: &str) -> Result<EmailAddress, sqlx::Error> {
    EmailAddress::parse(stored).map_err(|message| sqlx::Error::Decode(message.into()))
}
