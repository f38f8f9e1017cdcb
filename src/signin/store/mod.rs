//! People and their password resets.

use sqlx::PgConnection;
use time::OffsetDateTime;

mod codes;
mod sessions;
pub(crate) use codes::*;
pub(crate) use sessions::*;

use crate::{
    field::EmailAddress,
    ids::{CustomerId, UserId},
};

/// What a sign-in needs to know about a person.
pub(crate) struct Person {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) is_staff: bool,
}

/// The person with this address.
pub(crate) async fn find_person(connection: &mut PgConnection, email: &EmailAddress) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"
        SELECT user_id AS "user_id: UserId",
               name,
               password_hash,
               is_staff
          FROM users
         WHERE email = $1
        "#,
        email.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// The same by their id.
pub(crate) async fn find_person_by_id(connection: &mut PgConnection, user_id: UserId) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"
        SELECT user_id AS "user_id: UserId",
               name,
               password_hash,
               is_staff
          FROM users
         WHERE user_id = $1
        "#,
        user_id.as_uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// The hash of a person's password, if they have one.
pub(crate) async fn find_password(connection: &mut PgConnection, user_id: UserId) -> Result<Option<String>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("SELECT password_hash FROM users WHERE user_id = $1", user_id.as_uuid()).fetch_optional(connection).await?;
    Ok(found.flatten())
}

/// The same, and it stays so until the transaction ends.
pub(crate) async fn find_password_for_update(connection: &mut PgConnection, user_id: UserId) -> Result<Option<String>, sqlx::Error> {
    let found = sqlx::query_scalar!("SELECT password_hash FROM users WHERE user_id = $1 FOR NO KEY UPDATE", user_id.as_uuid())
        .fetch_optional(connection)
        .await?;
    Ok(found.flatten())
}

/// The customer that the person used last.
pub(crate) async fn last_customer(connection: &mut PgConnection, user_id: UserId) -> Result<Option<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT customer_id AS "customer_id!: CustomerId" FROM customers_of($1) LIMIT 1"#, user_id.as_uuid())
        .fetch_optional(connection)
        .await
}

/// The customers whose trails tell of a change of how the person signs in: all of theirs, in the order in which trails are
/// locked.
pub(crate) async fn list_customers(connection: &mut PgConnection, user_id: UserId) -> Result<Vec<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT customer_id AS "customer_id!: CustomerId" FROM customers_of($1) ORDER BY customer_id"#,
        user_id.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Stores a request to choose a new password. Earlier ones stay open for their hour: whoever asks for a link in somebody
/// else's name must not make the one void that they hold.
pub(crate) async fn insert_reset(
    connection: &mut PgConnection,
    user_id: UserId,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        token_hash.as_slice(),
        user_id.as_uuid(),
        now,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether the token may still be used.
pub(crate) async fn reset_is_open(connection: &mut PgConnection, token_hash: &[u8; 32], now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT EXISTS (
            SELECT 1 FROM password_resets WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
        ) AS "open!"
        "#,
        token_hash.as_slice(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// Uses the token up; of several at once exactly one gets the person.
pub(crate) async fn use_reset(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        UPDATE password_resets
           SET used_at = $2
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
        RETURNING user_id AS "user_id: UserId"
        "#,
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Makes void what else would let somebody in: other links to choose a password, codes to sign in, and a new address that
/// waits for its confirmation. Whoever chooses a new password may do so because somebody else has asked for these.
pub(crate) async fn void_other_ways_in(connection: &mut PgConnection, user_id: UserId, now: OffsetDateTime) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM password_resets WHERE user_id = $1", user_id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_codes WHERE user_id = $1", user_id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM signin_steps WHERE user_id = $1", user_id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("UPDATE email_changes SET canceled_at = $2 WHERE user_id = $1 AND canceled_at IS NULL", user_id.as_uuid(), now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The person whose open request has this token: name and address.
pub(crate) async fn find_reset_person(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let found = sqlx::query!(
        "
        SELECT u.name, u.email
          FROM password_resets r
          JOIN users u ON u.user_id = r.user_id
         WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2
        ",
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|found| (found.name, found.email)))
}

/// Sets a new password.
pub(crate) async fn update_password(
    connection: &mut PgConnection,
    user_id: UserId,
    hash: &str,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE users SET password_hash = $2, updated_at = $3 WHERE user_id = $1", user_id.as_uuid(), hash, now)
        .execute(connection)
        .await?;
    Ok(())
}
