//! Sign-ins that are under way, and who is who at a provider.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    field::EmailAddress,
    ids::{CustomerId, UserId},
    sso::model::Domain,
};

/// Finds the customer that has proved to own a domain and has a provider, and makes it the current one of the transaction.
pub(in crate::sso) async fn open_domain(connection: &mut PgConnection, domain: &Domain) -> Result<Option<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT customer_id AS "customer_id!: CustomerId" FROM open_sso_domain($1)"#, domain.as_str())
        .fetch_optional(connection)
        .await
}

/// A sign-in that begins.
pub(in crate::sso) struct SignInInsert<'a> {
    pub(in crate::sso) state_hash: [u8; 32],
    pub(in crate::sso) browser_hash: [u8; 32],
    pub(in crate::sso) customer: CustomerId,
    pub(in crate::sso) issuer: &'a str,
    pub(in crate::sso) keep: bool,
    pub(in crate::sso) fresh: bool,
    pub(in crate::sso) next: &'a str,
    pub(in crate::sso) now: OffsetDateTime,
    pub(in crate::sso) expires_at: OffsetDateTime,
}

/// Stores it.
pub(in crate::sso) async fn insert_signin(connection: &mut PgConnection, signin: SignInInsert<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        INSERT INTO sso_signins (state_hash, browser_hash, customer_id, issuer, keep, fresh, next, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        signin.state_hash.as_slice(),
        signin.browser_hash.as_slice(),
        signin.customer.as_uuid(),
        signin.issuer,
        signin.keep,
        signin.fresh,
        signin.next,
        signin.now,
        signin.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A sign-in that has come back.
#[derive(Clone, Debug)]
pub(in crate::sso) struct UsedSignIn {
    pub(in crate::sso) customer: CustomerId,
    pub(in crate::sso) customer_name: String,
    pub(in crate::sso) issuer: String,
    pub(in crate::sso) keep: bool,
    pub(in crate::sso) next: String,
}

/// Uses it up, in the browser that began it; of several at once exactly one gets it.
pub(in crate::sso) async fn use_signin(
    connection: &mut PgConnection,
    state_hash: &[u8; 32],
    browser_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<UsedSignIn>, sqlx::Error> {
    sqlx::query_as!(
        UsedSignIn,
        r#"
        SELECT customer_id AS "customer!: CustomerId",
               customer_name AS "customer_name!",
               issuer AS "issuer!",
               keep AS "keep!",
               next AS "next!"
          FROM use_sso_signin($1, $2, $3)
        "#,
        state_hash.as_slice(),
        browser_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A person who may be signed in.
#[derive(Clone, Debug)]
pub(in crate::sso) struct PersonRow {
    pub(in crate::sso) user_id: UserId,
    pub(in crate::sso) name: String,
    pub(in crate::sso) email: String,
    pub(in crate::sso) is_member: bool,
    pub(in crate::sso) was_removed: bool,
}

/// Who a subject of the provider is, and that they were here again.
pub(in crate::sso) async fn use_identity(
    connection: &mut PgConnection,
    customer: CustomerId,
    issuer: &str,
    subject: &str,
    now: OffsetDateTime,
) -> Result<Option<PersonRow>, sqlx::Error> {
    sqlx::query_as!(
        PersonRow,
        r#"
        UPDATE sso_identities i
           SET last_used_at = $4
          FROM users u
         WHERE i.customer_id = $1
           AND i.issuer = $2
           AND i.subject = $3
           AND u.user_id = i.user_id
        RETURNING u.user_id AS "user_id: UserId", u.name, u.email, true AS "is_member!", false AS "was_removed!"
        "#,
        customer.as_uuid(),
        issuer,
        subject,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Notes who a subject is; `false` if the person is another subject of this provider already.
pub(in crate::sso) async fn insert_identity(
    connection: &mut PgConnection,
    customer: CustomerId,
    issuer: &str,
    subject: &str,
    user: UserId,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "
        INSERT INTO sso_identities (customer_id, issuer, subject, user_id, created_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT DO NOTHING
        ",
        customer.as_uuid(),
        issuer,
        subject,
        user.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The person with an address, and how they stand to the customer.
pub(in crate::sso) async fn find_person(
    connection: &mut PgConnection,
    customer: CustomerId,
    email: &EmailAddress,
) -> Result<Option<PersonRow>, sqlx::Error> {
    sqlx::query_as!(
        PersonRow,
        r#"
        SELECT u.user_id AS "user_id: UserId",
               u.name,
               u.email,
               EXISTS (SELECT 1 FROM memberships m WHERE m.customer_id = $1 AND m.user_id = u.user_id) AS "is_member!",
               EXISTS (SELECT 1 FROM sso_removals r WHERE r.customer_id = $1 AND r.user_id = u.user_id) AS "was_removed!"
          FROM users u
         WHERE u.email = $2
        "#,
        customer.as_uuid(),
        email.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// Stores a new person, who has no password; `false` if somebody else with this address was faster.
pub(in crate::sso) async fn insert_person(
    connection: &mut PgConnection,
    user: UserId,
    email: &EmailAddress,
    name: &str,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "
        INSERT INTO users (user_id, email, name, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT (email) DO NOTHING
        ",
        user.as_uuid(),
        email.as_str(),
        name,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets that somebody was removed: they were invited again.
pub(in crate::sso) async fn forget_removal(connection: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sso_removals WHERE customer_id = $1 AND user_id = $2", customer.as_uuid(), user.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}
