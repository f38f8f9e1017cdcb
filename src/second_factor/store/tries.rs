//! Codes that were wrong.

use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::ids::UserId;

/// Counts a code that was wrong; gives how many there were within a day without a right one between them.
pub(in crate::second_factor) async fn count_wrong(
    connection: &mut PgConnection,
    user_id: UserId,
    now: OffsetDateTime,
) -> sqlx::Result<i32> {
    let tries = sqlx::query_scalar!(
        "
        UPDATE second_factors
           SET wrong_tries = CASE WHEN wrong_tries > 0 AND wrong_since > $3 THEN wrong_tries + 1 ELSE 1 END,
               wrong_since = CASE WHEN wrong_tries > 0 AND wrong_since > $3 THEN wrong_since ELSE $2 END
         WHERE user_id = $1
           AND confirmed_at IS NOT NULL
        RETURNING wrong_tries
        ",
        user_id.as_uuid(),
        now,
        now - Duration::DAY,
    )
    .fetch_optional(connection)
    .await?;
    Ok(tries.unwrap_or_default())
}

/// Forgets the codes that were wrong.
pub(in crate::second_factor) async fn forget_wrong(connection: &mut PgConnection, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE second_factors SET wrong_tries = 0 WHERE user_id = $1", user_id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Notes that the person is told of wrong codes; `false` if they were within a day.
pub(in crate::second_factor) async fn note_warning(
    connection: &mut PgConnection,
    user_id: UserId,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE second_factors SET warned_at = $2 WHERE user_id = $1 AND (warned_at IS NULL OR warned_at <= $3)",
        user_id.as_uuid(),
        now,
        now - Duration::DAY,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
