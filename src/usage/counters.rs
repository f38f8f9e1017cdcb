//! The counters of the running month.

use time::{Date, Month, OffsetDateTime};
use uuid::Uuid;

use super::{
    model::{Forecast, Metric, MonthProgress, Outlook, calls_of_month, day_of_limit, period},
    store::{self, Snapshot},
};
use crate::{
    ids::CustomerId,
    server::{
        database::Scope,
        redis::{Redis, RedisAway},
        state::AppState,
    },
};

/// Calls of the running UTC month and megabytes stored, in one round trip; `None` for a counter that Redis does not hold. A value
/// that is not a number is reported and counts as 0.
///
/// # Errors
/// [`RedisAway`] if there is no answer in time.
pub(crate) async fn read(redis: &Redis, customer: CustomerId, today: Date) -> Result<Counted, RedisAway> {
    let names = Metric::ALL.map(|metric| metric.counter_name(customer, today));
    let values = redis.get_many(&names).await?;
    let mut values = names.iter().zip(values).map(|(name, value)| value.map(|text| parse(name, &text)));
    Ok(names.each_ref().map(|_| values.next().flatten()))
}

/// Calls and megabytes.
pub(crate) type Counted = [Option<i64>; 2];

/// The counters, with what was last stored in the place of those that Redis does not hold: it may have lost them. One that was never
/// stored is 0 (seed).
pub(crate) fn known([api_calls, storage_mb]: Counted, snapshots: &[Snapshot]) -> (i64, i64) {
    let stored =
        |metric: Metric| snapshots.iter().find(|snapshot| snapshot.metric == metric.as_str()).map_or(0, |snapshot| snapshot.quantity);
    (api_calls.unwrap_or_else(|| stored(Metric::ApiCalls)), storage_mb.unwrap_or_else(|| stored(Metric::StorageMb)))
}

/// What was last stored of customers' calls in the UTC month of a day, in their order; 0 where nothing is.
///
/// # Errors
/// If the database does not answer.
pub(crate) async fn stored_calls(state: &AppState, months: &[(CustomerId, Date)]) -> sqlx::Result<Vec<i64>> {
    let customers: Vec<Uuid> = months.iter().map(|(customer, _)| customer.as_uuid()).collect();
    let periods: Vec<String> = months.iter().map(|(_, day)| period(*day)).collect();
    let mut transaction = state.database.begin(Scope::Worker).await?;
    store::list_stored_calls(&mut transaction, &customers, &periods).await
}

/// Counters may hold fractions (`INCRBYFLOAT`), of which the whole part counts.
pub(super) fn parse(name: &str, text: &str) -> i64 {
    let whole = text.split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_else(|_| {
        tracing::error!(counter = name, "a usage counter does not hold a number");
        0
    })
}

/// What is to be expected of the calls: `used` of `limit` so far, `None` if that is not known of now.
pub(super) fn outlook(used: Option<i64>, limit: i64, now: OffsetDateTime) -> Outlook {
    let first = now.date().replace_day(1).unwrap_or(now.date());
    let days = now.month().length(now.year());
    let progress = MonthProgress { minutes_passed: (now - first.midnight().assume_utc()).whole_minutes(), days: days.into() };
    let at_this_pace = used.and_then(|used| {
        let reaches = day_of_limit(used, limit, progress).map(|day| Forecast::Reaches(said(day, now.month())));
        let ends = || calls_of_month(used, limit, progress).map(|calls| Forecast::Ends(calls, said(days.into(), now.month())));
        reaches.or_else(ends)
    });
    Outlook { starts_again_on: said(1, now.month().next()), at_this_pace }
}

fn said(day: i64, month: Month) -> String {
    let month = month.to_string();
    format!("{day} {}", month.get(..3).unwrap_or(&month))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn counters_are_read_leniently() {
        assert_eq!(["0", "450000", "12.75", "-3", "", "many"].map(|text| parse("usage:x", text)), [0, 450_000, 12, -3, 0, 0]);
    }
}
