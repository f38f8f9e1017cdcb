//! Every statement about access requests.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{NAMED_HOLDERS, OwnRequest, RequestState};
use crate::{
    access::{Permission, Role},
    ids::{CustomerId, RequestId, UserId},
    when::When,
};

/// Requests on the team page; a team that lets more wait sees the oldest.
const MOST_SHOWN: i64 = 50;

/// The first few people whose role is among these, by role and name, and how many there are.
pub(super) async fn holders(
    connection: &mut PgConnection,
    customer: CustomerId,
    roles: &[Role],
) -> sqlx::Result<(Vec<(String, Role)>, i64)> {
    let rows = sqlx::query!(
        r#"
        SELECT u.name,
               m.role,
               count(*) OVER () AS "total!"
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND m.role = ANY ($2)
         ORDER BY array_position($2, m.role), lower(u.name), u.user_id
         LIMIT $3
        "#,
        customer.as_uuid(),
        &words(roles),
        NAMED_HOLDERS,
    )
    .fetch_all(connection)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let people = rows.into_iter().map(|row| Ok((row.name, role(&row.role)?)));
    Ok((people.collect::<sqlx::Result<_>>()?, total))
}

/// The addresses of everybody whose role is among these, but for one person.
pub(super) async fn recipients(
    connection: &mut PgConnection,
    customer: CustomerId,
    roles: &[Role],
    but: UserId,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "
        SELECT u.email
          FROM memberships m
          JOIN users u ON u.user_id = m.user_id
         WHERE m.customer_id = $1
           AND m.role = ANY ($2)
           AND m.user_id <> $3
         ORDER BY u.email
        ",
        customer.as_uuid(),
        &words(roles),
        but.as_uuid(),
    )
    .fetch_all(connection)
    .await
}

/// A person's requests that wait or were answered since `since`, the newest first; of one right or of all.
pub(super) async fn list_own(
    connection: &mut PgConnection,
    customer: CustomerId,
    person: UserId,
    permission: Option<Permission>,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<OwnRequest>> {
    let rows = sqlx::query!(
        r#"
        SELECT r.request_id AS "request_id: RequestId",
               r.permission,
               r.status,
               r.created_at,
               r.decided_at,
               d.name AS "decided_by?"
          FROM access_requests r
          LEFT JOIN users d ON d.user_id = r.decided_by
         WHERE r.customer_id = $1
           AND r.user_id = $2
           AND ($3::text IS NULL OR r.permission = $3)
           AND (r.status = 'pending' OR r.decided_at > $4)
         ORDER BY r.created_at DESC, r.request_id DESC
         LIMIT 10
        "#,
        customer.as_uuid(),
        person.as_uuid(),
        permission.map(Permission::as_str),
        since,
    )
    .fetch_all(connection)
    .await?;
    let requests = rows.into_iter().map(|row| {
        Ok(OwnRequest {
            id: row.request_id,
            permission: right(&row.permission)?,
            state: state(&row.status)?,
            asked: When::new(row.created_at, now),
            decided: row.decided_at.map(|at| When::new(at, now)),
            decided_by: row.decided_by,
        })
    });
    requests.collect()
}

/// A request that waits, with who asks.
pub(super) struct WaitingRow {
    pub(super) id: RequestId,
    pub(super) user_id: UserId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) permission: Permission,
    pub(super) reason: String,
    pub(super) created_at: OffsetDateTime,
}

/// The requests of a team that wait, the oldest first.
pub(super) async fn list_waiting(connection: &mut PgConnection, customer: CustomerId) -> sqlx::Result<Vec<WaitingRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT r.request_id AS "request_id: RequestId",
               r.user_id AS "user_id: UserId",
               u.name,
               u.email,
               m.role,
               r.permission,
               r.reason,
               r.created_at
          FROM access_requests r
          JOIN memberships m ON m.customer_id = r.customer_id AND m.user_id = r.user_id
          JOIN users u ON u.user_id = r.user_id
         WHERE r.customer_id = $1
           AND r.status = 'pending'
         ORDER BY r.created_at, r.request_id
         LIMIT $2
        "#,
        customer.as_uuid(),
        MOST_SHOWN,
    )
    .fetch_all(connection)
    .await?;
    let requests = rows.into_iter().map(|row| {
        Ok(WaitingRow {
            id: row.request_id,
            user_id: row.user_id,
            name: row.name,
            email: row.email,
            role: role(&row.role)?,
            permission: right(&row.permission)?,
            reason: row.reason,
            created_at: row.created_at,
        })
    });
    requests.collect()
}

/// What an answer needs to know about a request.
pub(super) struct RequestRow {
    pub(super) user_id: UserId,
    pub(super) email: String,
    pub(super) permission: Permission,
    pub(super) state: RequestState,
}

/// One request. Binding once the team is locked, which every change of a request does first.
pub(super) async fn find(connection: &mut PgConnection, customer: CustomerId, request: RequestId) -> sqlx::Result<Option<RequestRow>> {
    let row = sqlx::query!(
        r#"
        SELECT r.user_id AS "user_id: UserId",
               u.email,
               r.permission,
               r.status
          FROM access_requests r
          JOIN users u ON u.user_id = r.user_id
         WHERE r.customer_id = $1
           AND r.request_id = $2
        "#,
        customer.as_uuid(),
        request.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let request = row.map(|row| {
        let (permission, state) = (right(&row.permission)?, state(&row.status)?);
        Ok(RequestRow { user_id: row.user_id, email: row.email, permission, state })
    });
    request.transpose()
}

/// How many requests a person made since then, and when the first of them was.
pub(super) async fn count_since(
    connection: &mut PgConnection,
    customer: CustomerId,
    person: UserId,
    since: OffsetDateTime,
) -> sqlx::Result<(i64, Option<OffsetDateTime>)> {
    let row = sqlx::query!(
        r#"
        SELECT count(*) AS "count!",
               min(created_at) AS first
          FROM access_requests
         WHERE customer_id = $1
           AND user_id = $2
           AND created_at > $3
        "#,
        customer.as_uuid(),
        person.as_uuid(),
        since,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.count, row.first))
}

/// A request that begins.
pub(super) struct RequestInsert<'a> {
    pub(super) id: RequestId,
    pub(super) customer_id: CustomerId,
    pub(super) user_id: UserId,
    pub(super) permission: Permission,
    pub(super) reason: &'a str,
    pub(super) now: OffsetDateTime,
}

/// Stores a request; `false` if one of the same person for the same right waits already.
pub(super) async fn insert(connection: &mut PgConnection, new: &RequestInsert<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "
        INSERT INTO access_requests (request_id, customer_id, user_id, permission, reason, status, created_at)
        VALUES ($1, $2, $3, $4, $5, 'pending', $6)
        ON CONFLICT (customer_id, user_id, permission) WHERE status = 'pending' DO NOTHING
        ",
        new.id.as_uuid(),
        new.customer_id.as_uuid(),
        new.user_id.as_uuid(),
        new.permission.as_str(),
        new.reason,
        new.now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes what became of a request.
pub(super) async fn close(
    connection: &mut PgConnection,
    customer: CustomerId,
    request: RequestId,
    state: RequestState,
    decided_by: UserId,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "
        UPDATE access_requests
           SET status = $3,
               decided_by = $4,
               decided_at = $5
         WHERE customer_id = $1
           AND request_id = $2
           AND status = 'pending'
        ",
        customer.as_uuid(),
        request.as_uuid(),
        state.as_str(),
        decided_by.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn words(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

fn role(word: &str) -> sqlx::Result<Role> {
    word.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn right(word: &str) -> sqlx::Result<Permission> {
    word.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn state(word: &str) -> sqlx::Result<RequestState> {
    word.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
