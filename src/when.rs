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

/// The distance in the largest unit that fits, rounded down.
#[cfg(feature = "ssr")]
fn relative(distance: Duration) -> String {
    let seconds = distance.whole_seconds().unsigned_abs();
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance.is_negative() { format!("{count} {unit}{plural} ago") } else { format!("in {count} {unit}{plural}") }
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
    fn dates_are_counted_from_1970() {
        assert_eq!([date_of_day(0), date_of_day(20_772)], [Some(date!(1970 - 01 - 01)), Some(date!(2026 - 11 - 15))]);
        assert_eq!(date_of_day(i32::MAX), None);
    }

    #[test]
    fn days_are_written_out() {
        assert_eq!(Day::from(date!(2026 - 12 - 01)), Day { iso: "2026-12-01".into(), text: "1 Dec 2026".into() });
    }
}
