//! Times and days as people read them. The texts are made on the server, so that server and browser render the same.

use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use time::{Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// RFC 3339, for machines.
    pub iso: String,
    /// `23 Nov 2026, 03:40 UTC`, shown on hover.
    pub exact: String,
    /// `2 hours ago`, `in 3 days`.
    pub relative: String,
}

/// A calendar day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `2026-12-01`, for machines.
    pub iso: String,
    /// `1 Dec 2026`.
    pub text: String,
}

#[cfg(feature = "ssr")]
impl When {
    /// The moment as seen from `now`.
    pub fn new(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        Self { iso: at.format(&Rfc3339).unwrap_or_default(), exact: at.format(format).unwrap_or_default(), relative: relative(at - now) }
    }

    /// The same of a time in seconds since 1970, which is how statements that answer in JSON tell times.
    pub fn at_second(seconds: i64, now: OffsetDateTime) -> Self {
        Self::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(now), now)
    }
}

#[cfg(feature = "ssr")]
impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self {
            iso: date.format(format_description!("[year]-[month]-[day]")).unwrap_or_default(),
            text: date.format(format_description!("[day padding:none] [month repr:short] [year]")).unwrap_or_default(),
        }
    }
}

/// The date so many days after 1970-01-01, which is how statements that answer in JSON tell dates; `None`: no date at all.
#[cfg(feature = "ssr")]
pub fn date_of_day(days: i32) -> Option<Date> {
    /// 1970-01-01.
    const EPOCH: i32 = 2_440_588;
    Date::from_julian_day(EPOCH.checked_add(days)?).ok()
}

/// The distance in the largest unit that fits. What is past is rounded down. What lies ahead is rounded to the nearest: a link that
/// was made a moment ago for seven days works for seven days, and not for six.
#[cfg(feature = "ssr")]
fn relative(distance: Duration) -> String {
    /// The length of each unit in seconds, and how much less than that already reads as one when it lies ahead.
    const UNITS: [(u64, u64, &str); 5] =
        [(31_536_000, 43_200, "year"), (2_592_000, 43_200, "month"), (86_400, 1_800, "day"), (3_600, 30, "hour"), (60, 30, "minute")];
    let (seconds, past) = (distance.whole_seconds().unsigned_abs(), distance.is_negative());
    let fits = |(length, less, _): &(u64, u64, &str)| if past { seconds >= *length } else { seconds + less >= *length };
    let Some((length, _, unit)) = UNITS.into_iter().find(fits) else { return "just now".to_owned() };
    let count = if past { seconds / length } else { (seconds + length / 2) / length };
    let plural = if count == 1 { "" } else { "s" };
    if past { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn reads_as_a_distance_with_the_exact_time_beside_it() {
        let now = datetime!(2026-11-23 09:00 UTC);
        let texts = [
            (datetime!(2026-11-23 08:59:30 UTC), "just now"),
            (datetime!(2026-11-23 08:59 UTC), "1 minute ago"),
            (datetime!(2026-11-23 06:10 UTC), "2 hours ago"),
            (datetime!(2026-11-30 09:00 UTC), "in 7 days"),
            (datetime!(2025-11-22 09:00 UTC), "1 year ago"),
        ];
        for (at, text) in texts {
            assert_eq!(When::new(at, now).relative, text);
        }
        assert_eq!(When::new(datetime!(2026-11-03 08:05 +2), now).exact, "3 Nov 2026, 06:05 UTC");
    }

    #[test]
    fn what_was_just_promised_reads_as_promised() {
        let promised = [(60, "minute"), (3_600, "hour"), (86_400, "day"), (31_536_000, "year")];
        for (length, unit) in promised {
            assert_eq!([-1, 0, 1].map(|more| relative(Duration::seconds(length + more))), [(); 3].map(|()| format!("in 1 {unit}")));
            assert_eq!(relative(Duration::seconds(7 * length - 1)), format!("in 7 {unit}s"));
        }
        assert_eq!([29, 30].map(|seconds| relative(Duration::seconds(seconds))), ["just now", "in 1 minute"]);
        let minutes = [59, 89, 90, 23 * 60 + 29, 23 * 60 + 30, 36 * 60 - 1, 36 * 60];
        let texts = ["in 59 minutes", "in 1 hour", "in 2 hours", "in 23 hours", "in 1 day", "in 1 day", "in 2 days"];
        assert_eq!(minutes.map(|minutes| relative(Duration::minutes(minutes))), texts);
    }

    #[test]
    fn what_is_past_is_never_said_to_be_longer_ago_than_it_is() {
        let seconds = [59, 119, 3_599, 7_199, 86_399, 2 * 86_400 - 1, 2_591_999, 31_535_999];
        let texts =
            ["just now", "1 minute ago", "59 minutes ago", "1 hour ago", "23 hours ago", "1 day ago", "29 days ago", "12 months ago"];
        assert_eq!(seconds.map(|seconds| relative(Duration::seconds(-seconds))), texts);
    }

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!([date_of_day(0), date_of_day(20_772)], [Some(date!(1970 - 01 - 01)), Some(date!(2026 - 11 - 15))]);
        assert_eq!(date_of_day(i32::MAX), None);
    }

    #[test]
    fn days_are_written_out() {
        assert_eq!(Day::from(date!(2026 - 12 - 01)), Day { iso: "2026-12-01".into(), text: "1 Dec 2026".into() });
    }
}
