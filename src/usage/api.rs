//! Reading usage.

use leptos::{prelude::*, server_fn::codec::GetUrl};

#[cfg(feature = "ssr")]
use {
    super::{
        counters::{self, Counted},
        model::{Month, Point, Used, period},
        store::{self, DayRow, Snapshot},
    },
    crate::{access::Permission, plan::Plan, server::caller::Caller, when::When},
    sqlx::PgConnection,
    std::collections::HashMap,
    time::{Date, Duration, Month as MonthName},
};

use super::model::{Meters, Usage};
use crate::error::AppError;

/// Months on the page, the running one included.
#[cfg(feature = "ssr")]
const MONTHS: i32 = 13;

/// The meters as they stand now; asked again and again while a page with meters is open, which keeps no session alive.
#[server(prefix = "/api", endpoint = "usage/meters", input = GetUrl)]
pub async fn find_meters() -> Result<Meters, AppError> {
    let caller = Caller::require_unnoted(Permission::ViewPortal).await?;
    let mut read = caller.read().await?;
    let today = caller.now().date();
    let month = period(today);
    let (standing, counted) = tokio::join!(
        store::find_standing(&mut read, caller.customer_id(), caller.now(), &month),
        counters::read(&caller.state().redis, caller.customer_id(), today)
    );
    let standing = standing?;
    Ok(meters(&caller, caller.plan(), (standing.members, standing.invited), counted.ok(), &standing.snapshots))
}

/// The page: meters, two months by day, thirteen months in all.
#[server(prefix = "/api", endpoint = "usage/find", input = GetUrl)]
pub async fn find_usage() -> Result<Usage, AppError> {
    let caller = Caller::require(Permission::ViewPortal).await?;
    let meters = find_meters().await?;
    let today = caller.now().date();
    let first = first_of(today, MONTHS - 1);
    let mut read = caller.read().await?;
    let days = store::list_days(&mut read, caller.customer_id(), first).await?;
    Ok(Usage {
        meters,
        this_month: month(&days, today, today),
        last_month: month(&days, first_of(today, 1), today),
        months: months(&days, today),
        may_upgrade: caller.can(Permission::ManageBilling),
    })
}

/// Puts the meters together, with people and invitations as `users`; `counted` is `None` where the counters cannot be read.
#[cfg(feature = "ssr")]
pub(crate) fn meters(caller: &Caller, plan: Plan, users: (i64, i64), counted: Option<Counted>, snapshots: &[Snapshot]) -> Meters {
    let oldest = snapshots.iter().map(|snapshot| snapshot.seen).min();
    let stored = counted.is_none().then(|| oldest.map(|seconds| When::at_second(seconds, caller.now())));
    let (api_calls, storage_mb) = counters::known(counted.unwrap_or_default(), snapshots);
    let (members, invited) = users;
    Meters {
        plan,
        used: Used { api_calls, storage_mb, members, invited },
        outlook: counters::outlook(stored.is_none().then_some(api_calls), plan.limits().api_calls, caller.now()),
        read_at: When::new(caller.now(), caller.now()).exact,
        stored,
    }
}

/// Calls of the running month and megabytes stored; `None` where the counters cannot be read.
#[cfg(feature = "ssr")]
pub(crate) async fn find_used(caller: &Caller, connection: &mut PgConnection) -> Result<Option<(i64, i64)>, AppError> {
    let today = caller.now().date();
    let Ok(counted) = counters::read(&caller.state().redis, caller.customer_id(), today).await else { return Ok(None) };
    // Redis has both all but always.
    let snapshots =
        if counted.contains(&None) { store::list_snapshots(connection, caller.customer_id(), &period(today)).await? } else { vec![] };
    Ok(Some(counters::known(counted, &snapshots)))
}

/// The first of the month that lies `back` months before that of `day`.
#[cfg(feature = "ssr")]
fn first_of(day: Date, back: i32) -> Date {
    let count = day.year() * 12 + i32::from(u8::from(day.month())) - 1 - back;
    let month =
        u8::try_from(count.rem_euclid(12) + 1).ok().and_then(|number| MonthName::try_from(number).ok()).unwrap_or(MonthName::January);
    Date::from_calendar_date(count.div_euclid(12), month, 1).unwrap_or(day)
}

#[cfg(feature = "ssr")]
fn short(day: Date) -> String {
    day.month().to_string().chars().take(3).collect()
}

/// Every day of the month of `day` up to today; days for which nothing is stored are zero.
#[cfg(feature = "ssr")]
fn month(rows: &[DayRow], day: Date, today: Date) -> Month {
    let stored: HashMap<Date, &DayRow> = rows.iter().map(|row| (row.day, row)).collect();
    let first = first_of(day, 0);
    let end = (first_of(day, -1) - Duration::DAY).min(today);
    let days: Vec<Point> = std::iter::successors(Some(first), |day| day.next_day())
        .take_while(|day| *day <= end)
        .map(|day| Point {
            label: format!("{} {}", day.day(), short(day)),
            api_calls: stored.get(&day).map_or(0, |row| row.api_calls),
            storage_mb: stored.get(&day).map_or(0, |row| row.storage_mb),
        })
        .collect();
    Month { name: format!("{} {}", first.month(), first.year()), api_calls: days.iter().map(|day| day.api_calls).sum(), days }
}

/// The months of the page: calls are added up, storage is that of the last stored day.
#[cfg(feature = "ssr")]
fn months(rows: &[DayRow], today: Date) -> Vec<Point> {
    (0..MONTHS)
        .rev()
        .map(|back| {
            let first = first_of(today, back);
            let mut within = rows.iter().filter(|row| first_of(row.day, 0) == first);
            Point {
                label: format!("{} {}", short(first), first.year()),
                api_calls: within.clone().map(|row| row.api_calls).sum(),
                storage_mb: within.next_back().map_or(0, |row| row.storage_mb),
            }
        })
        .collect()
}
