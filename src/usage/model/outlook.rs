//! What is to be expected of the calls of the running month.

use serde::{Deserialize, Serialize};

use crate::number::grouped;

/// What is to be expected of the calls of a month. Days are said as "28 Nov".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlook {
    /// The first of the next month, when they count from zero again.
    pub starts_again_on: String,
    /// What comes if the rest of the month goes on like its beginning.
    pub at_this_pace: Option<Forecast>,
}

/// Where a month goes at its pace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Forecast {
    /// The limit is reached on this day.
    Reaches(String),
    /// It is not reached: so many calls by the last day.
    Ends(i64, String),
}

impl Outlook {
    /// The line below the meter.
    pub fn sentence(&self) -> String {
        let again = format!("Starts again on {}.", self.starts_again_on);
        match &self.at_this_pace {
            Some(Forecast::Reaches(day)) => format!("At this pace you reach the limit about {day}. {again}"),
            Some(Forecast::Ends(calls, day)) => format!("At this pace about {} by {day}. {again}", grouped(*calls)),
            None => again,
        }
    }
}

/// The calendar of a forecast: which day of a month of how many days it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthProgress {
    /// Minutes since the first, 00:00 UTC.
    pub minutes_passed: i64,
    /// Days of the month.
    pub days: i64,
}

/// The day of the month on which the limit is reached if the rest of the month goes on like its beginning. `None` if
/// it is not reached this month, or is already; and in the first six hours, which say too little.
pub fn day_of_limit(used: i64, limit: i64, progress: MonthProgress) -> Option<i64> {
    if !tells_enough(used, limit, progress) {
        return None;
    }
    let minutes = i128::from(progress.minutes_passed) * i128::from(limit) / i128::from(used);
    let day = i64::try_from(minutes / MINUTES_OF_A_DAY).ok()? + 1;
    (day <= progress.days).then_some(day)
}

/// The calls of the whole month under the same condition, to three figures and rounded down, so that it never reads as if a limit
/// would be reached that is not.
pub fn calls_of_month(used: i64, limit: i64, progress: MonthProgress) -> Option<i64> {
    if !tells_enough(used, limit, progress) {
        return None;
    }
    let calls = i128::from(used) * i128::from(progress.days) * MINUTES_OF_A_DAY / i128::from(progress.minutes_passed);
    let calls = i64::try_from(calls).ok()?;
    let unit = 10_i64.pow(calls.checked_ilog10().unwrap_or_default().saturating_sub(2));
    Some((calls / unit * unit).max(used))
}

const MINUTES_OF_A_DAY: i128 = 24 * 60;

fn tells_enough(used: i64, limit: i64, progress: MonthProgress) -> bool {
    used > 0 && used < limit && progress.minutes_passed >= 6 * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forecast_follows_the_pace_of_the_month() {
        let progress = |days: i64| MonthProgress { minutes_passed: days * 24 * 60, days: 30 };
        // 450,000 in 22.4 days is 20,089 a day: the limit falls on the 25th.
        let demo = MonthProgress { minutes_passed: 22 * 24 * 60 + 9 * 60, days: 30 };
        assert_eq!(day_of_limit(450_000, 500_000, demo), Some(25));
        assert_eq!(day_of_limit(100_000, 500_000, progress(15)), None, "not this month");
        assert_eq!(day_of_limit(500_000, 500_000, progress(15)), None, "already");
        assert_eq!(day_of_limit(0, 500_000, progress(15)), None);
        assert_eq!(day_of_limit(9_999, 10_000, MonthProgress { minutes_passed: 10, days: 30 }), None, "too early to tell");
        assert_eq!(day_of_limit(1, i64::MAX, progress(29)), None);
    }

    #[test]
    fn month_that_stays_below_the_limit_is_said_to_end_there() {
        let progress = |days: i64| MonthProgress { minutes_passed: days * 24 * 60, days: 30 };
        assert_eq!(calls_of_month(241_234, 500_000, progress(15)), Some(482_000));
        assert_eq!(calls_of_month(249_999, 500_000, progress(15)), Some(499_000), "never as if it were reached");
        assert_eq!(calls_of_month(450_600, 500_000, MonthProgress { minutes_passed: 30 * 24 * 60 - 1, days: 30 }), Some(450_600));
        assert_eq!(calls_of_month(3, 500_000, progress(15)), Some(6));
        assert_eq!(calls_of_month(500_000, 500_000, progress(15)), None, "already");
        assert_eq!(calls_of_month(100, 500_000, MonthProgress { minutes_passed: 10, days: 30 }), None, "too early to tell");
    }

    #[test]
    fn outlook_always_says_when_the_calls_start_again() {
        let sentence = |at_this_pace| Outlook { starts_again_on: "1 Dec".to_owned(), at_this_pace }.sentence();
        assert_eq!(sentence(None), "Starts again on 1 Dec.");
        assert_eq!(
            sentence(Some(Forecast::Reaches("25 Nov".to_owned()))),
            "At this pace you reach the limit about 25 Nov. Starts again on 1 Dec."
        );
        assert_eq!(
            sentence(Some(Forecast::Ends(482_000, "30 Nov".to_owned()))),
            "At this pace about 482,000 by 30 Nov. Starts again on 1 Dec."
        );
    }
}
