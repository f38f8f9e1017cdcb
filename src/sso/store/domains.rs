//! Domains of customers.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    ids::CustomerId,
    sso::{model::Domain, recheck::RECHECK_AFTER},
};

/// A domain as stored.
pub(in crate::sso) struct DomainStored {
    pub(in crate::sso) domain: String,
    pub(in crate::sso) token: String,
    pub(in crate::sso) verified_at: Option<OffsetDateTime>,
    pub(in crate::sso) checked_at: Option<OffsetDateTime>,
    pub(in crate::sso) missing_since: Option<OffsetDateTime>,
}

/// The domains of the customer, by name.
pub(in crate::sso) async fn list_domains(connection: &mut PgConnection, customer: CustomerId) -> Result<Vec<DomainStored>, sqlx::Error> {
    sqlx::query_as!(
        DomainStored,
        "
        SELECT domain,
               token,
               verified_at,
               checked_at,
               missing_since
          FROM sso_domains
         WHERE customer_id = $1
         ORDER BY domain
        ",
        customer.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// One of them.
pub(in crate::sso) async fn find_domain(
    connection: &mut PgConnection,
    customer: CustomerId,
    domain: &Domain,
) -> Result<Option<DomainStored>, sqlx::Error> {
    sqlx::query_as!(
        DomainStored,
        "
        SELECT domain,
               token,
               verified_at,
               checked_at,
               missing_since
          FROM sso_domains
         WHERE customer_id = $1
           AND domain = $2
        ",
        customer.as_uuid(),
        domain.as_str(),
    )
    .fetch_optional(connection)
    .await
}

/// Stores a domain that is not proved yet; `false` if it is there already.
pub(in crate::sso) async fn insert_domain(
    connection: &mut PgConnection,
    customer: CustomerId,
    domain: &Domain,
    token: &str,
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "
        INSERT INTO sso_domains (customer_id, domain, token, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        ",
        customer.as_uuid(),
        domain.as_str(),
        token,
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether another customer has proved to own it.
pub(in crate::sso) async fn is_taken(connection: &mut PgConnection, domain: &Domain) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT sso_domain_is_taken($1) AS "taken!""#, domain.as_str()).fetch_one(connection).await
}

/// Notes that the record was looked for, and whether it was there: if not, the domain proves nothing any more. The time of
/// the first proof stays.
pub(in crate::sso) async fn note_check(
    connection: &mut PgConnection,
    customer: CustomerId,
    domain: &Domain,
    proved: bool,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        UPDATE sso_domains
           SET checked_at = $3,
               verified_at = CASE WHEN $4 THEN COALESCE(verified_at, $3) END,
               recheck_at = CASE WHEN $4 THEN $5::timestamptz END,
               missing_since = NULL
         WHERE customer_id = $1
           AND domain = $2
        ",
        customer.as_uuid(),
        domain.as_str(),
        now,
        proved,
        now + RECHECK_AFTER,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The proved domains of all customers whose record is to be looked for again, the longest due first. For the worker.
pub(in crate::sso) async fn list_due(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(CustomerId, String)>, sqlx::Error> {
    let due = sqlx::query!(
        r#"
        SELECT customer_id AS "customer_id: CustomerId", domain
          FROM sso_domains
         WHERE verified_at IS NOT NULL
           AND recheck_at <= $1
         ORDER BY recheck_at, domain
         LIMIT $2
        "#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(due.into_iter().map(|due| (due.customer_id, due.domain)).collect())
}

/// Takes a domain whose record is due, until `again_at`: of several workers exactly one gets its token.
pub(in crate::sso) async fn claim(
    connection: &mut PgConnection,
    customer: CustomerId,
    domain: &str,
    now: OffsetDateTime,
    again_at: OffsetDateTime,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "
        UPDATE sso_domains
           SET recheck_at = $4
         WHERE customer_id = $1
           AND domain = $2
           AND verified_at IS NOT NULL
           AND recheck_at <= $3
        RETURNING token
        ",
        customer.as_uuid(),
        domain,
        now,
        again_at,
    )
    .fetch_optional(connection)
    .await
}

/// Notes that the record of a proved domain was missing, and when it is looked for again.
pub(in crate::sso) async fn note_miss(
    connection: &mut PgConnection,
    customer: CustomerId,
    domain: &Domain,
    now: OffsetDateTime,
    again_at: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "
        UPDATE sso_domains
           SET checked_at = $3,
               missing_since = COALESCE(missing_since, $3),
               recheck_at = $4
         WHERE customer_id = $1
           AND domain = $2
        ",
        customer.as_uuid(),
        domain.as_str(),
        now,
        again_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets a domain.
pub(in crate::sso) async fn delete_domain(connection: &mut PgConnection, customer: CustomerId, domain: &Domain) -> Result<(), sqlx::Error> {
    sqlx::query!("DELETE FROM sso_domains WHERE customer_id = $1 AND domain = $2", customer.as_uuid(), domain.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// How many people of the customer have an address outside of its proved domains.
pub(in crate::sso) async fn count_outside(connection: &mut PgConnection, customer: CustomerId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        SELECT count(*) AS "count!"
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
          LEFT JOIN sso_domains d
            ON d.customer_id = m.customer_id
           AND d.domain = split_part(u.email, '@', 2)
           AND d.verified_at IS NOT NULL
         WHERE m.customer_id = $1
           AND d.domain IS NULL
        "#,
        customer.as_uuid(),
    )
    .fetch_one(connection)
    .await
}
