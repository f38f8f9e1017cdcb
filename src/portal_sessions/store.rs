//! Every statement about portal sessions.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{model::Code, request::Member};
use crate::{
    ids::{CustomerId, PortalSessionId, ServiceTokenId, UserId},
    server::entropy::sha256,
};

/// Whether there is such a customer, whose contract has not ended.
pub(super) async fn customer_exists(connection: &mut PgConnection, customer_id: CustomerId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM customers WHERE customer_id = $1 AND status <> 'closed') AS "exists!""#,
        customer_id.as_uuid(),
    )
    .fetch_one(connection)
    .await
}

/// A member of the customer.
pub(super) struct MemberRow {
    pub(super) user_id: UserId,
    pub(super) email: String,
    pub(super) role: String,
}

/// The member with this id or address; `None` if they are no member, or nobody at all.
pub(super) async fn find_member(
    connection: &mut PgConnection,
    customer_id: CustomerId,
    member: &Member,
) -> Result<Option<MemberRow>, sqlx::Error> {
    let (id, email) = match member {
        Member::Id(id) => (Some(id.as_uuid()), None),
        Member::Email(email) => (None, Some(email.as_str())),
        Member::Nobody => return Ok(None),
    };
    sqlx::query_as!(
        MemberRow,
        r#"
        SELECT u.user_id AS "user_id: UserId",
               u.email,
               m.role
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND (u.user_id = $2 OR u.email = $3)
        "#,
        customer_id.as_uuid(),
        id,
        email,
    )
    .fetch_optional(connection)
    .await
}

/// A portal session to be stored.
pub(super) struct PortalSessionInsert<'a> {
    pub(super) id: PortalSessionId,
    pub(super) customer_id: CustomerId,
    pub(super) service_token_id: &'a ServiceTokenId,
    pub(super) opened_by: &'a str,
    pub(super) user_id: Option<UserId>,
    pub(super) scopes: &'a [String],
    pub(super) return_url: Option<&'a str>,
    pub(super) flow: Option<&'a str>,
    pub(super) code: &'a Code,
    pub(super) created_at: OffsetDateTime,
    pub(super) code_expires_at: OffsetDateTime,
}

/// Stores a portal session whose code can be swapped.
pub(super) async fn insert(connection: &mut PgConnection, new: PortalSessionInsert<'_>) -> Result<(), sqlx::Error> {
    let code_hash = sha256(new.code.reveal().as_bytes());
    sqlx::query!(
        "
        INSERT INTO portal_sessions (
            portal_session_id, customer_id, service_token_id, opened_by, user_id, scopes, return_url, flow, code_hash, created_at,
            code_expires_at
        ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ",
        new.id.as_uuid(),
        new.customer_id.as_uuid(),
        new.service_token_id.as_str(),
        new.opened_by,
        new.user_id.map(UserId::as_uuid),
        new.scopes,
        new.return_url,
        new.flow,
        code_hash.as_slice(),
        new.created_at,
        new.code_expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a code can still be swapped.
pub(super) async fn is_open(connection: &mut PgConnection, code: &Code, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    let hash = sha256(code.reveal().as_bytes());
    sqlx::query_scalar!(r#"SELECT portal_session_is_open($1, $2) AS "open!""#, hash.as_slice(), now).fetch_one(connection).await
}

/// What a swapped code stands for.
pub(super) struct Opened {
    pub(super) id: PortalSessionId,
    pub(super) customer_id: CustomerId,
    pub(super) user_id: Option<UserId>,
    /// The person's name, or that of the service token.
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    pub(super) flow: Option<String>,
}

/// Uses a code up and makes its customer the current one of the transaction; of several at once exactly one gets it.
pub(super) async fn open(connection: &mut PgConnection, code: &Code, now: OffsetDateTime) -> Result<Option<Opened>, sqlx::Error> {
    let hash = sha256(code.reveal().as_bytes());
    sqlx::query_as!(
        Opened,
        r#"
        SELECT portal_session_id AS "id!: PortalSessionId",
               customer_id AS "customer_id!: CustomerId",
               user_id AS "user_id: UserId",
               name AS "name!",
               scopes AS "scopes!",
               flow
          FROM open_portal_session($1, $2)
        "#,
        hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}
