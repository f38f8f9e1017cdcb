//! Codes by e-mail.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::ids::UserId;

/// A code to be stored.
pub(crate) struct CodeInsert<'a> {
    pub(crate) browser_hash: [u8; 32],
    pub(crate) code_hash: [u8; 32],
    pub(crate) user_id: Option<UserId>,
    pub(crate) keep: bool,
    pub(crate) next: &'a str,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

/// A code that was entered rightly.
pub(crate) struct UsedCode {
    pub(crate) user_id: UserId,
    pub(crate) keep: bool,
    pub(crate) next: String,
}

/// Stores a code.
pub(crate) async fn insert_code(connection: &mut PgConnection, code: CodeInsert<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO signin_codes (browser_hash, code_hash, user_id, keep, next, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ",
        code.browser_hash.as_slice(),
        code.code_hash.as_slice(),
        code.user_id.map(UserId::as_uuid),
        code.keep,
        code.next,
        code.created_at,
        code.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether this browser may still enter a code.
pub(crate) async fn code_is_open(connection: &mut PgConnection, browser_hash: &[u8; 32], now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM signin_codes WHERE browser_hash = $1 AND used_at IS NULL AND tries < 5 AND expires_at > $2
        ) AS "open!"
        "#,
        browser_hash.as_slice(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// Counts a try, and uses the code up if it is the right one: of several at once exactly one gets the person, and of wrong
/// ones exactly five are compared.
pub(crate) async fn try_code(
    connection: &mut PgConnection,
    browser_hash: &[u8; 32],
    code_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<UsedCode>, sqlx::Error> {
    let tried = sqlx::query!(
        r#"
        UPDATE signin_codes
           SET tries = tries + 1,
               used_at = CASE WHEN code_hash = $2 THEN $3::timestamptz END
         WHERE browser_hash = $1 AND used_at IS NULL AND tries < 5 AND expires_at > $3
        RETURNING user_id AS "user_id: UserId", keep, next, used_at IS NOT NULL AS "right!"
        "#,
        browser_hash.as_slice(),
        code_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(tried
        .filter(|tried| tried.right)
        .and_then(|tried| tried.user_id.map(|user_id| UsedCode { user_id, keep: tried.keep, next: tried.next })))
}
