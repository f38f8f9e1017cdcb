//! Reading what an address asks for. What cannot be read is left out, and the page shows what is left.

use serde_json::Value;
use time::{Date, Duration, OffsetDateTime, Time, macros::format_description};

use super::model::{Area, Asked, Period};
use crate::{ids::UserId, server::audit::ActorKind};

/// Which entries are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// What was understood, without a place.
    pub(super) asked: Asked,
    /// Only what this person did.
    pub(super) person: Option<UserId>,
    /// Only what this kind of actor did.
    pub(super) kind: Option<ActorKind>,
    /// Only events of kinds that begin so.
    pub(super) areas: Option<Vec<String>>,
    /// Not before.
    pub(super) from: OffsetDateTime,
    /// Before.
    pub(super) until: OffsetDateTime,
}

/// A place in the list: just beside the entry of this time and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: OffsetDateTime,
    pub(super) number: i64,
}

/// Which entries of the list make the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Those older than a place, the newest of them.
    Older(Place),
    /// Those newer than a place, the oldest of them.
    Newer(Place),
}

/// A time after every entry.
const END: OffsetDateTime = time::macros::datetime!(9999-12-31 23:59:59 UTC);

impl Filter {
    /// Reads the filter.
    pub(super) fn read(asked: &Asked, now: OffsetDateTime) -> Self {
        let area = Area::parse(&asked.area);
        let person: Option<UserId> = asked.person.parse().ok();
        let kind = match asked.person.as_str() {
            Asked::KEYS => Some(ActorKind::Key),
            Asked::SYSTEM => Some(ActorKind::System),
            _ => None,
        };
        let (first, last) = (day(&asked.from), day(&asked.to));
        let period = if first.is_none() && last.is_none() { Period::parse(&asked.period) } else { Period::All };
        let understood = Asked {
            person: person.map(|person| person.to_string()).or(kind.map(|_| asked.person.clone())).unwrap_or_default(),
            area: area.map_or("", Area::as_str).to_owned(),
            period: period.as_str().to_owned(),
            from: first.map(|day| day.to_string()).unwrap_or_default(),
            to: last.map(|day| day.to_string()).unwrap_or_default(),
            ..Asked::default()
        };
        let since = period.days().map(|days| now - Duration::days(days)).or(first.map(midnight));
        Self {
            asked: understood,
            person,
            kind,
            areas: area.map(|area| area.prefixes().iter().map(|prefix| (*prefix).to_owned()).collect()),
            from: since.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            until: last.and_then(Date::next_day).map_or(END, midnight),
        }
    }

    /// As kept in the trail.
    pub(super) fn words(&self) -> Value {
        self.asked.filter().into_iter().map(|(name, word)| (name.to_owned(), Value::String(word))).collect()
    }
}

impl Place {
    /// The place as it stands in an address: microseconds since 1970, a hyphen, the number.
    pub(super) fn word(self) -> String {
        format!("{}-{}", self.at.unix_timestamp_nanos() / 1_000, self.number)
    }

    fn read(word: &str) -> Option<Self> {
        let (at, number) = word.split_once('-')?;
        let at: i64 = at.parse().ok()?;
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).ok()?;
        Some(Self { at, number: number.parse().ok()? })
    }
}

impl Side {
    /// Reads the place; without one the page begins with the newest entry.
    pub(super) fn read(asked: &Asked) -> Self {
        match (Place::read(&asked.before), Place::read(&asked.after)) {
            (Some(place), _) => Self::Older(place),
            (None, Some(place)) => Self::Newer(place),
            (None, None) => Self::Older(Place { at: END, number: i64::MAX }),
        }
    }
}

fn day(word: &str) -> Option<Date> {
    Date::parse(word, format_description!("[year]-[month]-[day]")).ok().filter(|day| (1970..=9998).contains(&day.year()))
}

fn midnight(day: Date) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT).assume_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-23 09:00 UTC);

    #[test]
    fn days_count_whole_and_before_the_period() {
        let asked = Asked { from: "2026-11-01".into(), to: "2026-11-02".into(), period: "7d".into(), ..Asked::default() };
        let filter = Filter::read(&asked, NOW);
        assert_eq!((filter.from, filter.until), (datetime!(2026-11-01 00:00 UTC), datetime!(2026-11-03 00:00 UTC)));
        assert_eq!(filter.asked.period, "");
        let week = Filter::read(&Asked { period: "7d".into(), ..Asked::default() }, NOW);
        assert_eq!((week.from, week.until), (datetime!(2026-11-16 09:00 UTC), END));
    }

    #[test]
    fn nonsense_is_left_out_and_not_shown_as_understood() {
        let asked = Asked {
            person: "'; --".into(),
            area: "x".into(),
            period: "1y".into(),
            from: "2026-02-30".into(),
            to: "+99999-01-01".into(),
            before: "1-".into(),
            after: "x-1".into(),
        };
        let filter = Filter::read(&asked, NOW);
        assert_eq!(filter, Filter::read(&Asked::default(), NOW));
        assert!(!filter.asked.has_filter());
        assert_eq!(Side::read(&asked), Side::read(&Asked::default()));
    }

    #[test]
    fn place_reads_back() {
        let place = Place { at: datetime!(2026-11-23 09:00:00.123456 UTC), number: 7 };
        assert_eq!(Place::read(&place.word()), Some(place));
        assert_eq!(Place::read("9223372036854775807-1"), None);
    }
}
