//! Usage per day for thirteen months: offices rest at the weekend, companies grow, days differ.

use time::{Date, OffsetDateTime};

use super::calendar::{USAGE_MONTHS, days, first_of_month, on_day_of_month, weekday_weight};
use super::company::{CallTarget, Company};
use super::random::Random;
use super::store::UsageBatch;

/// Adds every day of one company from a day on, up to and including today.
pub(super) fn write(company: &Company, from: Date, batch: &mut UsageBatch, now: OffsetDateTime) {
    let today = now.date();
    let first = first_of_month(today, USAGE_MONTHS - 1);
    let calls = calls(company, first, now);
    let storage_now = company.plan.limits().storage_mb * company.storage_percent / 100;
    let total_days = (today - first).whole_days().max(1);
    let mut random = Random::of("storage", company.index);
    // Storage mostly grows: from about half of today's level, with a clean-up now and then.
    let start = storage_now * random.between(42, 70) / 100;
    let mut dip = 0;
    for ((day, calls), passed) in calls.into_iter().zip(0_i64..) {
        let steady = start + (storage_now - start) * passed / total_days;
        dip = if random.chance(1) { steady * random.between(2, 6) / 100 } else { dip * 9 / 10 };
        if day < from {
            continue;
        }
        batch.customer_ids.push(company.id);
        batch.days.push(day);
        batch.api_calls.push(calls);
        batch.storage_mb.push(if day == today { storage_now } else { (steady - dip).max(0) });
    }
}

/// Calls of each day, month by month.
fn calls(company: &Company, first: Date, now: OffsetDateTime) -> Vec<(Date, i64)> {
    let today = now.date();
    let mut random = Random::of("calls", company.index);
    let limit = company.plan.limits().api_calls;
    let mut counted = Vec::new();
    for back in (0..USAGE_MONTHS).rev() {
        let start = first_of_month(today, back);
        let end = on_day_of_month(today, back - 1, 1).previous_day().unwrap_or(start);
        let reached: Vec<Date> = days(start.max(first), end.min(today)).collect();
        // Each month back was 2 % smaller, give or take a twentieth.
        let growth = (100 - 2 * i64::from(back)) * random.between(95, 105);
        let total = match company.calls {
            CallTarget::ThisMonth(exactly) if back == 0 => exactly,
            CallTarget::ThisMonth(exactly) => exactly * growth / 10_000,
            CallTarget::PercentOfPlan(percent) => {
                let whole_month = limit * percent / 100 * growth / 10_000;
                let (passed, length) = (i64::try_from(reached.len()).unwrap_or(1), i64::from(end.day()));
                whole_month * passed / length
            }
        };
        counted.extend(spread(total, &reached, now, &mut random));
    }
    counted
}

/// Divides a total over days by their weight; what rounding leaves over goes to the last day, so the sum is exact.
fn spread(total: i64, on: &[Date], now: OffsetDateTime, random: &mut Random) -> Vec<(Date, i64)> {
    let weights: Vec<i64> = on
        .iter()
        .map(|day| {
            let whole = weekday_weight(*day) * random.between(80, 120);
            // Today is not over.
            if *day == now.date() { whole * (i64::from(now.hour()) + 1) / 24 } else { whole }
        })
        .map(|weight| weight.max(1))
        .collect();
    let sum: i64 = weights.iter().sum::<i64>().max(1);
    let mut left = total;
    let mut spread: Vec<(Date, i64)> = on
        .iter()
        .zip(&weights)
        .map(|(day, weight)| {
            let share = total * weight / sum;
            left -= share;
            (*day, share)
        })
        .collect();
    if let Some((_, last)) = spread.last_mut() {
        *last += left;
    }
    spread
}
