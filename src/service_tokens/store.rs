//! Every statement that makes, lists and revokes service tokens. They run as the role that owns the tables; the statement
//! that verifies a token stands in `server::service_caller`.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::NewToken;
use crate::ids::ServiceTokenId;

/// A token as it is listed.
pub(super) struct TokenRow {
    pub(super) id: ServiceTokenId,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) scopes: Vec<String>,
    pub(super) created_at: OffsetDateTime,
    pub(super) expires_at: Option<OffsetDateTime>,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) revoked_at: Option<OffsetDateTime>,
}

/// Stores a new token.
pub(super) async fn insert(
    connection: &mut PgConnection,
    id: &ServiceTokenId,
    new: &NewToken,
    prefix: &str,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let scopes: Vec<String> = new.scopes.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "
        INSERT INTO service_tokens (service_token_id, name, prefix, token_hash, scopes, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ",
        id.as_str(),
        new.name,
        prefix,
        token_hash.as_slice(),
        &scopes,
        now,
        new.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// All tokens, the newest first.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<TokenRow>, sqlx::Error> {
    sqlx::query_as!(
        TokenRow,
        r#"
        SELECT service_token_id AS "id: ServiceTokenId",
               name,
               prefix,
               scopes,
               created_at,
               expires_at,
               last_used_at,
               revoked_at
          FROM service_tokens
         ORDER BY created_at DESC, service_token_id
        "#,
    )
    .fetch_all(connection)
    .await
}

/// Revokes a token for good and gives its name; `None` if there is none that is not revoked yet.
pub(super) async fn revoke(connection: &mut PgConnection, id: &ServiceTokenId, now: OffsetDateTime) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "UPDATE service_tokens SET revoked_at = $2 WHERE service_token_id = $1 AND revoked_at IS NULL RETURNING name",
        id.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await
}
