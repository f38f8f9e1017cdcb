//! Storing what the counters hold, so that there is something to show while Redis is away.

use uuid::Uuid;

use super::{
    counters,
    model::{Metric, period},
    store::{self, Snapshots},
};
use crate::{
    ids::CustomerId,
    server::{database::Scope, state::AppState},
};

/// Customers whose counters travel together.
const BATCH: i64 = 500;

/// Stores the running month's counters of every customer. The worker does this every ten minutes; doing it twice, or
/// in two workers at once, harms nothing. While Redis is away nothing is written, and the earlier values keep their age.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn store_counters(state: &AppState) -> Result<(), sqlx::Error> {
    let now = state.clock.now();
    let mut last = Uuid::nil();
    loop {
        let mut transaction = state.database.begin(Scope::Worker).await?;
        let customers = store::list_customers(&mut transaction, last, BATCH).await?;
        let Some(end) = customers.last() else { return Ok(()) };
        last = *end;
        let Some(seen) = read(state, &customers, now.date()).await else { return Ok(()) };
        store::upsert_snapshots(&mut transaction, &seen, &period(now.date()), now).await?;
        transaction.commit().await?;
    }
}

/// The counters of these customers that exist; `None` while Redis is away.
async fn read(state: &AppState, customers: &[Uuid], today: time::Date) -> Option<Snapshots> {
    let wanted = customers.iter().flat_map(|customer| Metric::ALL.map(|metric| (*customer, metric)));
    let names: Vec<String> = wanted.clone().map(|(customer, metric)| metric.counter_name(CustomerId::from(customer), today)).collect();
    let values = state.redis.get_many(&names).await.ok()?;
    let mut seen = Snapshots::default();
    for (((customer, metric), name), value) in wanted.zip(&names).zip(values) {
        if let Some(text) = value {
            seen.customers.push(customer);
            seen.metrics.push(metric.as_str().to_owned());
            seen.quantities.push(counters::parse(name, &text).max(0));
        }
    }
    Some(seen)
}
