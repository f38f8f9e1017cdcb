//! The demo's data: made up, repeatable, and as much of it as a real portal holds. Days are counted back from today.
//!
//! To add something: a field in [`rows`], a statement in [`store`], a file that fills it, one line in [`fill`].

mod activity;
mod calendar;
mod company;
mod demo;
mod invoices;
mod keys;
mod random;
mod renewal;
mod rows;
mod store;
#[cfg(test)]
mod tests;
mod texts;
mod tickets;
mod usage;

use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use company::Company;
use rows::Rows;
use store::{Counter, UsageBatch};

use super::{config::Config, redis::Redis};
use crate::{error::AppError, ids::CustomerId, keys::model::Brand, signin::password, usage::model::Metric};

/// The password of every demo person.
pub const PASSWORD: &str = "demo-portal-2026";

/// The people to sign in as: address and what they are.
pub const PEOPLE: [(&str, &str); 8] = [
    ("olivia@northwind.example", "Northwind Analytics (Pro, 90 % of its API calls), owner; also admin at Initech"),
    ("adam@northwind.example", "Northwind Analytics, admin"),
    ("bella@northwind.example", "Northwind Analytics, billing"),
    ("dev@northwind.example", "Northwind Analytics, developer"),
    ("mo@northwind.example", "Northwind Analytics, member"),
    ("gus@globex.example", "Globex (Enterprise, 500 people), owner"),
    ("ines@initech.example", "Initech (Free, 3 of 3 people), owner"),
    ("mia@foyer.example", "customer success: answers tickets at /staff/tickets"),
];

/// Usage rows of so many companies travel together.
const COMPANIES_PER_BATCH: usize = 40;

/// Counters that travel to Redis together, few enough to be answered within its time limit.
const COUNTERS_PER_PIPELINE: usize = 250;

/// How much is made up.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Customers, the three named ones included.
    pub customers: usize,
    /// People in the largest customer.
    pub largest: usize,
    /// Tickets in each of the last three months.
    pub tickets_a_month: usize,
}

impl Scale {
    /// A SaaS with 25 people and 2,000 customers (seed).
    pub const DEMO: Self = Self { customers: 2_000, largest: 500, tickets_a_month: 1_200 };
}

/// What a run has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tables were filled.
    Filled,
    /// The demo was there already. Its named customers were brought to today, and counters that Redis had lost restored.
    Kept,
}

/// Why the demo could not be filled in.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// PostgreSQL refused.
    #[error("the demo data could not be written: {0}")]
    Database(#[from] sqlx::Error),
    /// The password could not be hashed.
    #[error("the demo password could not be hashed: {0}")]
    Password(#[from] AppError),
    /// Browsers reach this installation by HTTPS.
    #[error(
        "APP_URL begins with https://, as that of a real installation does. Everybody knows the password of the demo's people: give it an address \
         with http://"
    )]
    RealAddress,
    /// The database belongs to somebody.
    #[error(
        "this database holds customers or people who are not those of the demo, whose password everybody knows; give the demo one of its own"
    )]
    RealCustomers,
    /// Redis did not take the counters.
    #[error("the usage counters could not be written to Redis: {0}")]
    Redis(#[from] redis::RedisError),
}

/// Refuses to make people with a published password where real ones come in (ASVS 5.0, 6.3.2, 15.2.3).
///
/// # Errors
/// `RealAddress` where browsers come by HTTPS.
pub fn check_address(config: &Config) -> Result<(), SeedError> {
    if config.secure() { Err(SeedError::RealAddress) } else { Ok(()) }
}

/// Fills an empty database and Redis with the demo. In a database that has it already, the named customers go on to today, so
/// that they stand where [`PEOPLE`] says; the rest stays as it is.
pub async fn run(migrator: &PgPool, redis: &Redis, brand: &Brand, now: OffsetDateTime) -> Result<Outcome, SeedError> {
    run_at_scale(migrator, redis, brand, now, Scale::DEMO).await
}

/// The same at another size, for tests.
pub async fn run_at_scale(
    migrator: &PgPool,
    redis: &Redis,
    brand: &Brand,
    now: OffsetDateTime,
    scale: Scale,
) -> Result<Outcome, SeedError> {
    let mut transaction = migrator.begin().await?;
    let mut renewed = vec![];
    let outcome = if store::has_person(&mut transaction, demo::OWNER_EMAIL).await? {
        renewed = renewal::renew(&mut transaction, now).await?;
        Outcome::Kept
    } else if store::has_anybody(&mut transaction).await? {
        return Err(SeedError::RealCustomers);
    } else {
        fill(&mut transaction, brand, now, scale).await?;
        Outcome::Filled
    };
    let month_start = calendar::first_of_month(now.date(), 0);
    let counters = store::list_counters(&mut transaction, month_start).await?;
    transaction.commit().await?;
    if outcome == Outcome::Filled {
        store::analyze(&mut *migrator.acquire().await?).await?;
    }
    count(redis, &counters, &renewed, now).await?;
    Ok(outcome)
}

async fn fill(connection: &mut PgConnection, brand: &Brand, now: OffsetDateTime, scale: Scale) -> Result<(), SeedError> {
    // One hash for all: hashing ten thousand times would take minutes and prove nothing.
    let password_hash = password::hash_with(PASSWORD, b"foyer demo salt.")?;
    let companies = companies(scale, now);
    let rows = rows_of(&companies, scale, brand, now, &password_hash);
    store::insert_customers(connection, &rows).await?;
    store::insert_billing(connection, &rows).await?;
    store::insert_keys(connection, &rows).await?;
    store::insert_tickets(connection, &rows).await?;
    store::insert_activity(connection, &rows).await?;
    for group in companies.chunks(COMPANIES_PER_BATCH) {
        let mut batch = UsageBatch::default();
        for company in group {
            usage::write(company, Date::MIN, &mut batch, now);
        }
        store::insert_usage(connection, &batch).await?;
    }
    Ok(())
}

fn companies(scale: Scale, now: OffsetDateTime) -> Vec<Company> {
    let mut companies = demo::companies(now, scale.largest);
    let named = companies.len();
    companies.extend((named..scale.customers).map(|index| Company::generate(index, now)));
    companies
}

fn rows_of(companies: &[Company], scale: Scale, brand: &Brand, now: OffsetDateTime, password_hash: &str) -> Rows {
    let mut rows = Rows::default();
    let mia = demo::mia(now);
    rows.users.push(company::user_row(&mia, true, password_hash));
    for company in companies {
        company.write(&mut rows, now, password_hash);
        keys::write(company, brand, &mut rows, now);
    }
    if let Some(northwind) = companies.first() {
        demo::invitations(northwind, &mut rows, now);
    }
    invoices::write(companies, &mut rows, now.date());
    tickets::write(companies, scale.tickets_a_month, &mia, &mut rows, now);
    activity::write(companies, &mia, &mut rows, now);
    rows
}

/// Sets the counters of the running month that Redis does not hold; those it holds have counted on since. Those of renewed
/// customers begin anew with what is stored.
async fn count(redis: &Redis, counters: &[Counter], renewed: &[Uuid], now: OffsetDateTime) -> Result<(), SeedError> {
    let mut connection = redis.connection();
    for group in counters.chunks(COUNTERS_PER_PIPELINE) {
        let mut pipeline = redis::pipe();
        for counter in group {
            for (metric, value) in [(Metric::ApiCalls, counter.api_calls), (Metric::StorageMb, counter.storage_mb)] {
                let name = metric.counter_name(CustomerId::from(counter.customer_id), now.date());
                let key = redis.key(&name);
                let command = if renewed.contains(&counter.customer_id) { pipeline.set(key, value) } else { pipeline.set_nx(key, value) };
                command.ignore();
            }
        }
        pipeline.exec_async(&mut connection).await?;
    }
    Ok(())
}
