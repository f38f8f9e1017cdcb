//! How long a process may believe what it remembers.
//!
//! Each second, and at once when Redis announces a change, a process asks PostgreSQL what has changed and forgets it. So
//! whatever it still remembers is confirmed as of the moment at which that question was asked. Nothing is believed longer than
//! [`CEILING`] after such a moment without asking for it again; therefore a revoked key is refused
//! - everywhere within 1 s while PostgreSQL answers, usually at once, also when Redis is away (the announcement only hurries);
//! - everywhere within 5 s whatever breaks, with one exception: see below. No entry is special after a pause: the first call with
//!   a key that was not used for hours is judged by the same rule.
//!
//! Should a change ever escape that question, it is known after [`LONGEST`] all the same: what was read longer ago is asked for
//! again, and used only if there is no answer. Age alone makes nothing worthless, or an outage would take the busiest keys first.
//!
//! While PostgreSQL does not answer, nothing can be revoked in it, but this process may be the only one that is cut off. So it
//! goes on only as long as Redis proves that the announcements of others arrive: the connection that listens for them answers
//! (at most [`HEARD`] ago) and has announced no change since the last confirmation; and for at most [`WITHOUT_DATABASE`].
//! Cut off from both, it says that it does not know (503). The exception is a change that nobody announces, made by hand in SQL, or
//! whose announcement Redis did not take: a process that is cut off from PostgreSQL alone hears of it after [`WITHOUT_DATABASE`].

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How long what was confirmed is believed.
pub(super) const CEILING: Duration = Duration::from_secs(5);

/// How long recently seen keys are verified while PostgreSQL does not answer.
pub(super) const WITHOUT_DATABASE: Duration = Duration::from_secs(600);

/// However often something is used, it is read again after this time.
pub(super) const LONGEST: Duration = Duration::from_secs(3_600);

/// The listening connection counts as alive for so long after it answered.
const HEARD: Duration = Duration::from_secs(2);

/// A moment on the process's own clock: milliseconds since it began, never 0.
pub(super) type Moment = u64;

/// What to do with something remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Use it.
    Believe,
    /// Ask again; use it if there is no answer.
    AskFirst,
    /// Ask again; without an answer it is worth nothing.
    AskOnly,
}

/// What is known about this process's connections.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// When the last question about changes was asked that was answered; 0: never.
    confirmed: Moment,
    /// When Redis was last asked for a sign of life that came; 0: never.
    heard: Moment,
    /// When a change was last announced; 0: never.
    announced: Moment,
    /// Whether PostgreSQL did not answer lately.
    database_away: bool,
}

impl Known {
    fn trust(self, read: Moment, now: Moment) -> Trust {
        let within = |since: Moment, time: Duration| since > 0 && u128::from(now.saturating_sub(since)) <= time.as_millis();
        let confirmed = self.confirmed.max(read);
        let fresh = within(confirmed, CEILING);
        let unchanged = self.announced <= confirmed && within(self.heard, HEARD);
        let usable = fresh || (unchanged && within(confirmed, WITHOUT_DATABASE));
        if !usable {
            return Trust::AskOnly;
        }
        // Whoever is known not to answer is not asked: no call waits for that.
        if self.database_away || (fresh && within(read, LONGEST)) { Trust::Believe } else { Trust::AskFirst }
    }
}

/// The same, shared by all threads.
#[derive(Debug)]
pub(super) struct Freshness {
    began: Instant,
    confirmed: AtomicU64,
    heard: AtomicU64,
    announced: AtomicU64,
    database_away: AtomicBool,
    /// Milliseconds that a test has let pass.
    #[cfg(test)]
    passed: AtomicU64,
}

impl Freshness {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            began: Instant::now(),
            confirmed: zero(),
            heard: zero(),
            announced: zero(),
            database_away: AtomicBool::new(false),
            #[cfg(test)]
            passed: zero(),
        }
    }

    /// The present moment.
    pub(super) fn moment(&self) -> Moment {
        let moment = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        #[cfg(test)]
        let moment = moment + self.passed.load(Ordering::Acquire);
        moment
    }

    /// What to do with what was read at a moment.
    pub(super) fn trust(&self, read: Moment) -> Trust {
        let known = Known {
            confirmed: self.confirmed.load(Ordering::Acquire),
            heard: self.heard.load(Ordering::Acquire),
            announced: self.announced.load(Ordering::Acquire),
            database_away: self.database_away.load(Ordering::Acquire),
        };
        known.trust(read, self.moment())
    }

    /// When changes were last asked for; 0: never.
    pub(super) fn confirmed(&self) -> Moment {
        self.confirmed.load(Ordering::Acquire)
    }

    /// All changes that were there at `asked` are forgotten.
    pub(super) fn confirm(&self, asked: Moment) {
        self.confirmed.fetch_max(asked, Ordering::AcqRel);
        self.database_away.store(false, Ordering::Release);
    }

    /// PostgreSQL did not answer.
    pub(super) fn database_is_away(&self) {
        self.database_away.store(true, Ordering::Release);
    }

    /// Redis answered what was asked at `asked`, on the connection that listens; everything announced before has arrived.
    pub(super) fn hear(&self, asked: Moment) {
        self.heard.store(asked, Ordering::Release);
    }

    /// The listening connection broke.
    pub(super) fn hear_nothing(&self) {
        self.heard.store(0, Ordering::Release);
    }

    /// A change was announced.
    pub(super) fn announce(&self) {
        self.announced.store(self.moment(), Ordering::Release);
    }

    /// Lets time pass.
    #[cfg(test)]
    pub(super) fn pass(&self, time: Duration) {
        self.passed.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Moment = 60_000;

    #[test]
    fn nothing_is_believed_longer_than_the_ceiling_without_being_confirmed() {
        let known = Known { confirmed: 10_000, heard: 14_500, announced: 0, database_away: false };
        assert_eq!(known.trust(1, 15_000), Trust::Believe);
        assert_eq!(known.trust(1, 15_001), Trust::AskFirst);
        assert_eq!(known.trust(14_000, 19_000), Trust::Believe, "read later than confirmed");
        assert_eq!(Known { heard: 0, ..known }.trust(1, 15_001), Trust::AskOnly);
        assert_eq!(Known::default().trust(1, 5_002), Trust::AskOnly, "the first call after a pause");
    }

    #[test]
    fn without_the_database_only_a_listening_process_goes_on_and_not_for_ever() {
        let known = Known { confirmed: 10_000, heard: 0, announced: 9_000, database_away: true };
        let at = |heard, announced, now| Known { heard, announced, ..known }.trust(1, now);
        assert_eq!(at(MINUTE, 9_000, MINUTE), Trust::Believe);
        assert_eq!(at(MINUTE, 10_001, MINUTE), Trust::AskOnly, "others changed something that this process cannot read");
        assert_eq!(at(MINUTE - 2_001, 9_000, MINUTE), Trust::AskOnly, "Redis is silent");
        assert_eq!(at(0, 9_000, MINUTE), Trust::AskOnly, "Redis is away");
        assert_eq!(at(11 * MINUTE, 9_000, 10_000 + 10 * MINUTE), Trust::Believe);
        assert_eq!(at(11 * MINUTE, 9_000, 10_001 + 10 * MINUTE), Trust::AskOnly, "ten minutes are over");
    }

    #[test]
    fn what_was_read_long_ago_is_asked_for_again_and_used_without_an_answer() {
        let (read, hour, now) = (1, 60 * MINUTE, 61 * MINUTE);
        let known = Known { confirmed: hour, heard: hour, announced: 0, database_away: false };
        assert_eq!(known.trust(read, hour + 1), Trust::Believe, "an hour old");
        assert_eq!(known.trust(read, hour + 2), Trust::AskFirst);
        assert_eq!(known.trust(2, hour + 2), Trust::Believe, "an answer begins a new hour");
        let away = Known { heard: now, database_away: true, ..known };
        assert_eq!(away.trust(read, hour + 2), Trust::Believe, "nobody waits for a database that does not answer");
        assert_eq!(away.trust(read, now), Trust::Believe, "busy keys do not end before others");
        assert_eq!(Known { announced: hour + 1, ..away }.trust(read, now), Trust::AskOnly, "age makes nothing better, either");
    }
}
