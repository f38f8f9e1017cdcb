//! Every statement of the acceptance of an invitation. The token is the authority: whoever holds it is no member yet.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::role;
use crate::{
    access::Role,
    field::EmailAddress,
    ids::{CustomerId, InvitationId, UserId},
    server::entropy::sha256,
    team::model::InvitationToken,
};

/// The customer and invitation that a token stands for.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The customer, now the current one of the transaction.
    pub customer_id: CustomerId,
    /// Its name.
    pub customer_name: String,
}

/// The form in which a token is stored.
pub fn token_hash(token: &InvitationToken) -> Vec<u8> {
    sha256(token.expose().as_bytes()).to_vec()
}

/// Notes that an invitation was accepted.
pub async fn accept_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    invitation: InvitationId,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE invitations
        SET accepted_at = $3
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

/// Uses up the invitation that waits for an address, if there is one, and gives its role: for whom the customer's own
/// provider vouches.
pub(crate) async fn take_invitation(
    conn: &mut PgConnection,
    customer: CustomerId,
    email: &EmailAddress,
    now: OffsetDateTime,
) -> Result<Option<Role>, sqlx::Error> {
    let row = sqlx::query!(
        "UPDATE invitations
        SET accepted_at = $3
        WHERE customer_id = $1
          AND email = $2
          AND accepted_at IS NULL
          AND revoked_at IS NULL
          AND expires_at > $3
        RETURNING role",
        customer.as_uuid(),
        email.as_str(),
        now,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| role(&row.role)).transpose()
}

/// Finds the invitation behind a token and makes its customer the current one of the transaction.
pub async fn open_invitation(conn: &mut PgConnection, token: &InvitationToken) -> Result<Option<Opened>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            invitation_id AS "invitation_id!",
            customer_id AS "customer_id!",
            customer_name AS "customer_name!"
        FROM open_invitation($1)"#,
        token_hash(token),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Opened {
        invitation_id: InvitationId::from(row.invitation_id),
        customer_id: CustomerId::from(row.customer_id),
        customer_name: row.customer_name,
    }))
}

/// The person with this address; `None` if there is none yet.
pub async fn find_user(conn: &mut PgConnection, email: &EmailAddress) -> Result<Option<UserId>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            user_id
        FROM users
        WHERE email = $1",
        email.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| UserId::from(row.user_id)))
}

/// Stores a new person; `false` if somebody else with this address was faster.
pub async fn insert_user(
    conn: &mut PgConnection,
    user: UserId,
    email: &EmailAddress,
    name: &str,
    password_hash: &str,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO users (
            user_id,
            email,
            name,
            password_hash,
            created_at,
            updated_at
        ) VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (email) DO NOTHING",
        user.as_uuid(),
        email.as_str(),
        name,
        password_hash,
        now,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
