//! `foyer audit verify` and `foyer audit heads`: whether every customer's trail is as it was written. Run as the role that
//! owns the tables, which sees all customers; rows are read in batches, so a long trail needs no more memory than a short one.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Write},
};

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::chain::{Fault, Follower, Head, Row};
use crate::ids::CustomerId;

/// Rows read at once.
const BATCH: i64 = 1_000;

/// Heads that were written down outside of the database, by customer.
#[derive(Debug, Default)]
pub struct KeptHeads(HashMap<Uuid, Head>);

impl KeptHeads {
    /// Reads what [`list_heads`] wrote: customer, number and hash in a line. With several lines for a customer the last
    /// counts, so that lists may be appended to each other.
    ///
    /// # Errors
    /// Names the first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut heads = HashMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let head = words.next().zip(words.next()).zip(words.next()).and_then(|((customer, number), hash)| {
                let head = Head { chain_number: number.parse().ok()?, hash: hex::decode(hash).ok()? };
                Some((customer.parse().ok()?, head))
            });
            let (customer, head) = head.ok_or_else(|| format!("line {} of the kept heads cannot be read: {line}", index + 1))?;
            heads.insert(customer, head);
        }
        Ok(Self(heads))
    }
}

/// The first thing that is wrong with a customer's trail.
#[derive(Debug, PartialEq, Eq)]
struct Break {
    customer_id: Uuid,
    chain_number: i64,
    audit_event_id: Option<Uuid>,
    fault: Fault,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customer_id, chain_number, audit_event_id, fault } = self;
        write!(f, "customer {customer_id}: row number {chain_number} ")?;
        if let Some(id) = audit_event_id {
            write!(f, "(id {id}) ")?;
        }
        fault.fmt(f)
    }
}

/// Why the verification did not end well.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// PostgreSQL refused.
    #[error("the trail could not be read: {0}")]
    Database(#[from] sqlx::Error),
    /// Nothing could be printed.
    #[error("the result could not be written: {0}")]
    Output(#[from] io::Error),
    /// There is no such customer.
    #[error("there is no customer {0}")]
    UnknownCustomer(CustomerId),
    /// Some trail is not as it was written; which one was printed.
    #[error("the trail of {0} of the customers is not as it was written")]
    Broken(usize),
}

/// Follows the chain of every customer, or of one, from its first row to its head, and prints how many rows were checked
/// and the first broken row of each broken chain.
///
/// # Errors
/// `Broken` if a chain is; otherwise if the trail cannot be read.
pub async fn verify(pool: &PgPool, only: Option<CustomerId>, kept: &KeptHeads, output: &mut impl Write) -> Result<(), VerifyError> {
    let mut connection = pool.acquire().await?;
    let customers = list_customers(&mut connection, only).await?;
    if let (Some(customer), true) = (only, customers.is_empty()) {
        return Err(VerifyError::UnknownCustomer(customer));
    }
    drop(connection);
    let (mut rows, mut broken) = (0, 0);
    for customer in &customers {
        // One snapshot: rows that are written meanwhile come with their head, or neither is seen.
        let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        let checked = check(&mut snapshot, *customer, kept.0.get(customer)).await?;
        rows += checked.rows;
        if let Some(found) = checked.broken {
            broken += 1;
            writeln!(output, "{found}")?;
        }
    }
    writeln!(output, "customers: {}, rows: {rows}, broken: {broken}", customers.len())?;
    if broken == 0 { Ok(()) } else { Err(VerifyError::Broken(broken)) }
}

struct Checked {
    /// Rows that were good.
    rows: i64,
    broken: Option<Break>,
}

async fn check(connection: &mut PgConnection, customer_id: Uuid, kept: Option<&Head>) -> Result<Checked, sqlx::Error> {
    let head = find_head(&mut *connection, customer_id).await?;
    let count = count_rows(&mut *connection, customer_id).await?;
    let mut follower = Follower::new();
    let broken = |chain_number, audit_event_id, fault| Some(Break { customer_id, chain_number, audit_event_id, fault });
    let mut after = (i64::MIN, Uuid::nil());
    loop {
        let rows = list_rows(&mut *connection, customer_id, after).await?;
        let Some(end) = rows.last() else { break };
        after = (end.chain_number, end.audit_event_id);
        for row in &rows {
            if let Err((number, fault)) = follower.follow(row, count) {
                let id = (fault != Fault::Missing).then_some(row.audit_event_id);
                return Ok(Checked { rows: follower.number(), broken: broken(number, id, fault) });
            }
            if kept.is_some_and(|kept| kept.chain_number == row.chain_number && kept.hash != row.hash) {
                return Ok(Checked {
                    rows: row.chain_number - 1,
                    broken: broken(row.chain_number, Some(row.audit_event_id), Fault::NotTheKept),
                });
            }
        }
    }
    let end = follower.finish(head.as_ref()).and_then(|()| match kept {
        Some(kept) if kept.chain_number > follower.number() => Err((follower.number() + 1, Fault::Truncated { head: kept.chain_number })),
        _ => Ok(()),
    });
    let broken = end.err().and_then(|(number, fault)| broken(number, None, fault));
    Ok(Checked { rows: follower.number(), broken })
}

/// Prints where every chain ends: customer, number and hash in a line, to be kept where the database's owner cannot write.
///
/// # Errors
/// If the heads cannot be read.
pub async fn list_heads(pool: &PgPool, output: &mut impl Write) -> Result<(), VerifyError> {
    let mut connection = pool.acquire().await?;
    let heads =
        sqlx::query!("SELECT customer_id, chain_number, hash FROM audit_heads ORDER BY customer_id").fetch_all(&mut *connection).await?;
    for head in heads {
        writeln!(output, "{} {} {}", head.customer_id, head.chain_number, hex::encode(head.hash))?;
    }
    Ok(())
}

async fn list_customers(connection: &mut PgConnection, only: Option<CustomerId>) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "SELECT customer_id FROM customers WHERE $1::uuid IS NULL OR customer_id = $1 ORDER BY customer_id",
        only.map(CustomerId::as_uuid),
    )
    .fetch_all(connection)
    .await
}

async fn find_head(connection: &mut PgConnection, customer_id: Uuid) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query_as!(Head, "SELECT chain_number, hash FROM audit_heads WHERE customer_id = $1", customer_id).fetch_optional(connection).await
}

async fn count_rows(connection: &mut PgConnection, customer_id: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("SELECT count(*) AS \"count!\" FROM audit_events WHERE customer_id = $1", customer_id).fetch_one(connection).await
}

/// The next rows in the order of their numbers; the id makes the order total even where a number is there twice.
async fn list_rows(connection: &mut PgConnection, customer_id: Uuid, after: (i64, Uuid)) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        "
        SELECT customer_id,
               chain_version,
               chain_number,
               previous_hash,
               hash,
               audit_event_id,
               created_at,
               actor_kind,
               actor_user_id,
               actor_name,
               kind,
               subject,
               details,
               ip,
               session_id
          FROM audit_events
         WHERE customer_id = $1
           AND (chain_number, audit_event_id) > ($2, $3)
         ORDER BY chain_number, audit_event_id
         LIMIT $4
        ",
        customer_id,
        after.0,
        after.1,
        BATCH,
    )
    .fetch_all(connection)
    .await
}
