//! When the record of a proved domain is looked for again, and what follows when it is not there.

use time::{Duration, OffsetDateTime};

/// How long a proof is relied on before its record is looked for again.
pub(super) const RECHECK_AFTER: Duration = Duration::WEEK;

/// How long a record may be missing: so long a mistake in a name server can be put right.
pub(super) const GRACE: Duration = Duration::DAY;

/// What follows when the record of a proved domain is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// It was there the last time.
    First,
    /// It was missing already, for less than a day.
    Again,
    /// It is gone: the domain proves nothing any more.
    Lost,
}

impl Miss {
    /// At this moment, for a record that was first missed at that one.
    pub(super) fn of(missing_since: Option<OffsetDateTime>, now: OffsetDateTime) -> Self {
        match missing_since {
            None => Self::First,
            Some(since) if now - since < GRACE => Self::Again,
            Some(_) => Self::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_gone_when_it_is_missing_for_a_day() {
        let since = time::macros::datetime!(2026-11-28 04:00 UTC);
        assert_eq!(Miss::of(None, since), Miss::First);
        assert_eq!(Miss::of(Some(since), since + Duration::hours(23)), Miss::Again);
        assert_eq!(Miss::of(Some(since), since + Duration::DAY), Miss::Lost);
    }
}
