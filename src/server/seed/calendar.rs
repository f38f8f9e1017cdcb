//! Months and days around the day of the seed.

use time::{Date, Duration, Month, OffsetDateTime};

/// The months that usage goes back, the current one included.
pub(super) const USAGE_MONTHS: i32 = 13;

/// The first day of the month that lies `months` before the month of `day`.
pub(super) fn first_of_month(day: Date, months: i32) -> Date {
    on_day_of_month(day, months, 1)
}

/// The `anchor`th (1 to 28) of the month that lies `months` before the month of `day`; negative looks ahead.
pub(super) fn on_day_of_month(day: Date, months: i32, anchor: u8) -> Date {
    let count = day.year() * 12 + i32::from(u8::from(day.month())) - 1 - months;
    let month = u8::try_from(count.rem_euclid(12) + 1).ok().and_then(|number| Month::try_from(number).ok()).unwrap_or(Month::January);
    Date::from_calendar_date(count.div_euclid(12), month, anchor.clamp(1, 28)).unwrap_or(day)
}

/// Every day from `first` to `last`, both included.
pub(super) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.next_day()).take_while(move |day| *day <= last)
}

/// A share of the whole week's traffic: offices rest at the weekend.
pub(super) fn weekday_weight(day: Date) -> i64 {
    match day.weekday().number_from_monday() {
        6 => 38,
        7 => 30,
        1 => 92,
        5 => 88,
        _ => 100,
    }
}

/// As PostgreSQL reads it inside JSON.
pub(super) fn stamp(at: OffsetDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
}

/// "1 Oct to 31 Oct 2026".
pub(super) fn span(first: Date, last: Date) -> String {
    let short = |day: Date| format!("{} {}", day.day(), day.month().to_string().chars().take(3).collect::<String>());
    format!("{} to {} {}", short(first), short(last), last.year())
}

/// So many days before a moment.
pub(super) fn days_before(now: OffsetDateTime, days: i64) -> OffsetDateTime {
    now - Duration::days(days)
}
