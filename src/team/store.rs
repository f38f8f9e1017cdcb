//! Every statement about the people of a team.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::model::{MEMBERS_PER_PAGE, Member, MemberFilter, Seats};
use crate::{
    access::Role,
    ids::{CustomerId, UserId},
    page::Page,
    plan::Plan,
    when::When,
};

mod acceptance;
mod invitations;
pub use acceptance::*;
pub use invitations::*;

/// What the rules need to know about a team.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The plan, which sets the number of seats.
    pub plan: Plan,
    /// Seats taken and available.
    pub seats: Seats,
    /// How many people are owners.
    pub owners: i64,
}

/// A person of the team.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When they last used the portal.
    pub last_active_at: Option<OffsetDateTime>,
    /// Since when they belong to the team.
    pub joined_at: OffsetDateTime,
    /// Whether they have a second factor or a passkey.
    pub second_factor: bool,
}

/// Lets changes of one team happen one after the other: taken first by every change that counts seats or owners.
/// The row of the customer is locked in the mode that leaves foreign keys to it alone.
pub async fn lock(conn: &mut PgConnection, customer: CustomerId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "SELECT
            customer_id
        FROM customers
        WHERE customer_id = $1
        FOR NO KEY UPDATE",
        customer.as_uuid(),
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Plan, seats and owners of a team. Binding only after [`lock`].
pub async fn standing(conn: &mut PgConnection, customer: CustomerId, now: OffsetDateTime) -> Result<Standing, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            c.plan,
            (SELECT count(*) FROM memberships m WHERE m.customer_id = c.customer_id) AS "members!",
            (SELECT count(*) FROM memberships m WHERE m.customer_id = c.customer_id AND m.role = 'owner') AS "owners!",
            (SELECT count(*)
               FROM invitations i
              WHERE i.customer_id = c.customer_id
                AND i.accepted_at IS NULL
                AND i.revoked_at IS NULL
                AND i.expires_at > $2) AS "invited!"
        FROM customers c
        WHERE c.customer_id = $1"#,
        customer.as_uuid(),
        now,
    )
    .fetch_one(conn)
    .await?;
    let plan: Plan = row.plan.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let seats = Seats { members: row.members, invited: row.invited, limit: plan.limits().users };
    Ok(Standing { plan, seats, owners: row.owners })
}

/// Whether somebody else fits into the team. Binding only after [`lock`].
pub async fn has_seat(conn: &mut PgConnection, customer: CustomerId, now: OffsetDateTime) -> Result<bool, sqlx::Error> {
    Ok(!standing(conn, customer, now).await?.seats.full())
}

/// The role of a person in a team; `None` if they do not belong to it.
pub async fn role_of(conn: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<Option<Role>, sqlx::Error> {
    let row = sqlx::query!(
        "SELECT
            role
        FROM memberships
        WHERE customer_id = $1
          AND user_id = $2",
        customer.as_uuid(),
        user.as_uuid(),
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| role(&row.role)).transpose()
}

/// A person of the team; `None` if they do not belong to it.
pub async fn find_member(conn: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            u.name,
            u.email,
            m.role,
            m.last_active_at,
            m.created_at,
            EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.user_id AND p.blocked_at IS NULL) AS "second_factor!"
        FROM memberships m
        JOIN users u ON u.user_id = m.user_id
        WHERE m.customer_id = $1
          AND m.user_id = $2"#,
        customer.as_uuid(),
        user.as_uuid(),
    )
    .fetch_optional(conn)
    .await?;
    let person = row.map(|row| {
        Ok::<_, sqlx::Error>(Person {
            name: row.name,
            email: row.email,
            role: role(&row.role)?,
            last_active_at: row.last_active_at,
            joined_at: row.created_at,
            second_factor: row.second_factor,
        })
    });
    person.transpose()
}

/// The people who match the filter, by name.
pub async fn list_members(
    conn: &mut PgConnection,
    customer: CustomerId,
    filter: &MemberFilter,
    viewer: Option<UserId>,
    now: OffsetDateTime,
) -> Result<Page<Member>, sqlx::Error> {
    let pattern = contains(&filter.search);
    let only = filter.role.map(Role::as_str);
    let total = count_members(conn, customer, &pattern, only).await?;
    let rows = sqlx::query!(
        r#"SELECT
            u.user_id,
            u.name,
            u.email,
            m.role,
            m.last_active_at,
            EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = u.user_id AND p.blocked_at IS NULL) AS "second_factor!"
        FROM memberships m
        JOIN users u ON u.user_id = m.user_id
        WHERE m.customer_id = $1
          AND (u.name ILIKE $2 OR u.email ILIKE $2)
          AND ($3::text IS NULL OR m.role = $3)
        ORDER BY lower(u.name), u.user_id
        LIMIT $4
        OFFSET $5"#,
        customer.as_uuid(),
        pattern,
        only,
        i64::from(MEMBERS_PER_PAGE),
        filter.page.offset(MEMBERS_PER_PAGE),
    )
    .fetch_all(conn)
    .await?;
    let members = rows.into_iter().map(|row| {
        Ok::<_, sqlx::Error>(Member {
            user_id: UserId::from(row.user_id),
            name: row.name,
            email: row.email,
            role: role(&row.role)?,
            last_active: row.last_active_at.map(|at| When::new(at, now)),
            second_factor: Some(row.second_factor),
            you: Some(row.user_id) == viewer.map(UserId::as_uuid),
        })
    });
    Ok(Page::new(members.collect::<Result<_, _>>()?, filter.page, MEMBERS_PER_PAGE, total))
}

async fn count_members(conn: &mut PgConnection, customer: CustomerId, pattern: &str, role: Option<&str>) -> Result<i64, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT
            count(*) AS "total!"
        FROM memberships m
        JOIN users u ON u.user_id = m.user_id
        WHERE m.customer_id = $1
          AND (u.name ILIKE $2 OR u.email ILIKE $2)
          AND ($3::text IS NULL OR m.role = $3)"#,
        customer.as_uuid(),
        pattern,
        role,
    )
    .fetch_one(conn)
    .await?;
    Ok(row.total)
}

/// Gives a person another role.
pub async fn update_role(conn: &mut PgConnection, customer: CustomerId, user: UserId, role: Role) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE memberships
        SET role = $3
        WHERE customer_id = $1
          AND user_id = $2",
        customer.as_uuid(),
        user.as_uuid(),
        role.as_str(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends the sessions of a person of the team that can come into it; gives how many. Those that the provider of another
/// customer began, or that the SaaS opened at another one, never can.
pub async fn end_sessions(conn: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<u64, sqlx::Error> {
    let ended = sqlx::query!(
        "DELETE FROM sessions s
        WHERE s.user_id = $2
          AND EXISTS (SELECT 1 FROM memberships m WHERE m.customer_id = $1 AND m.user_id = s.user_id)
          AND (s.provider_customer_id IS NULL OR s.provider_customer_id = $1)
          AND (s.portal_session_id IS NULL
               OR EXISTS (SELECT 1 FROM portal_sessions p WHERE p.customer_id = $1 AND p.portal_session_id = s.portal_session_id))",
        customer.as_uuid(),
        user.as_uuid(),
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// Takes a person out of the team. Their sessions lose the customer with the next request, which finds no membership.
pub async fn delete_member(conn: &mut PgConnection, customer: CustomerId, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM memberships
        WHERE customer_id = $1
          AND user_id = $2",
        customer.as_uuid(),
        user.as_uuid(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds a person to the team; does nothing if they already belong to it.
pub async fn insert_member(
    conn: &mut PgConnection,
    customer: CustomerId,
    user: UserId,
    role: Role,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO memberships (
            customer_id,
            user_id,
            role,
            last_active_at,
            created_at
        ) VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT (customer_id, user_id) DO NOTHING",
        customer.as_uuid(),
        user.as_uuid(),
        role.as_str(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The stored word as a role. A CHECK of the table allows only these words.
fn role(word: &str) -> Result<Role, sqlx::Error> {
    word.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The `LIKE` pattern for texts that contain this one literally.
fn contains(text: &str) -> String {
    let literal = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}
