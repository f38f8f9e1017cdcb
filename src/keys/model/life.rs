//! The life of a key: its transitions, and the rule that nothing brings a dead key back or lets one live past its end.
//!
//! ```text
//!            ┌── disable ──▶ disabled ── enable ──┐
//! active ────┤                                    ├──▶ as before
//!    │       └── rotate ──▶ ending (extend) ──▶ expired (final)
//!    ├────────────── its own end ─────────────────┘
//!    ├── rotate without an overlap ───────────────┐
//!    └── revoke, from every state but itself ─────┴──▶ revoked (final)
//! ```

use time::{Duration, OffsetDateTime};

use super::{KeyState, Overlap};
use crate::error::AppError;

/// What is stored about a key's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When somebody revoked it.
    pub revoked_at: Option<OffsetDateTime>,
    /// Since when it is switched off.
    pub disabled_at: Option<OffsetDateTime>,
    /// The end that its maker chose.
    pub expires_at: Option<OffsetDateTime>,
    /// The end of the overlap after its rotation.
    pub retires_at: Option<OffsetDateTime>,
}

impl Life {
    /// Its end: the earlier of the two.
    pub fn ends_at(&self) -> Option<OffsetDateTime> {
        [self.expires_at, self.retires_at].into_iter().flatten().min()
    }

    /// Where it stands. The final comes first: what mends the next cause would not mend this one.
    pub fn state(&self, now: OffsetDateTime) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.ends_at().is_some_and(|end| end <= now) {
            KeyState::Expired
        } else if self.disabled_at.is_some() {
            KeyState::Disabled
        } else if self.retires_at.is_some() {
            KeyState::Ending
        } else {
            KeyState::Active
        }
    }

    /// Makes room for a successor: the key goes on for the overlap, and never longer than it would have. Without an overlap it is
    /// revoked: a key that leaked must not live until the slowest clock has come to its end.
    ///
    /// # Errors
    /// `Conflict` with what to do instead.
    pub fn rotate(&mut self, overlap: Overlap, now: OffsetDateTime) -> Result<(), AppError> {
        match self.state(now) {
            KeyState::Active => {
                self.retires_at = Some(self.at_most(now + Duration::seconds(overlap.seconds())));
                self.revoked_at = (overlap == Overlap::Now).then_some(now);
                Ok(())
            }
            KeyState::Ending => conflict("This key was rotated already. Rotate its successor, or keep this one working for longer."),
            KeyState::Disabled => conflict("This key is disabled. Enable it first, or create a new one."),
            KeyState::Expired => conflict("This key has expired. Create a new one instead."),
            KeyState::Revoked => conflict("This key is revoked. Create a new one instead."),
        }
    }

    /// Whether this is what a rotation with this overlap made of it at that moment.
    pub fn was_rotated(&self, overlap: Overlap, at: OffsetDateTime) -> bool {
        self.retires_at == Some(self.at_most(at + Duration::seconds(overlap.seconds())))
    }

    /// Lets a rotated key go on for longer, counted from now; never past its own end.
    ///
    /// # Errors
    /// `Conflict` with what to do instead, also if that would not be longer.
    pub fn extend(&mut self, overlap: Overlap, now: OffsetDateTime) -> Result<(), AppError> {
        match (self.state(now), self.retires_at) {
            (KeyState::Ending, Some(retires_at)) => {
                let later = self.at_most(now + Duration::seconds(overlap.seconds()));
                if later <= retires_at {
                    return conflict("This key already works for at least that long. Choose a longer time.");
                }
                self.retires_at = Some(later);
                Ok(())
            }
            (KeyState::Disabled, Some(_)) => conflict("This key is disabled. Enable it first."),
            (KeyState::Active | KeyState::Disabled | KeyState::Ending, _) => conflict("This key was not rotated; it has no overlap."),
            (KeyState::Expired, _) => conflict("The overlap is over. Use the successor, or create a new key."),
            (KeyState::Revoked, _) => conflict("This key is revoked. Use the successor, or create a new key."),
        }
    }

    /// The shorter of the overlaps of a day and a week by which a rotated key gains an hour or more, and its end then. An offer that
    /// gains less, such as a day directly after a rotation with a day, would name the end that it has already.
    pub fn worth_extending(&self, now: OffsetDateTime) -> Option<(Overlap, OffsetDateTime)> {
        let ends_at = self.ends_at()?;
        [Overlap::Day, Overlap::Week].into_iter().find_map(|overlap| {
            let mut longer = *self;
            longer.extend(overlap, now).ok()?;
            let end = longer.ends_at()?;
            (end - ends_at >= Duration::HOUR).then_some((overlap, end))
        })
    }

    /// Switches the key off until somebody enables it again.
    ///
    /// # Errors
    /// `Conflict` if it is off already or no longer works anyway.
    pub fn disable(&mut self, now: OffsetDateTime) -> Result<(), AppError> {
        match self.state(now) {
            KeyState::Active | KeyState::Ending => {
                self.disabled_at = Some(now);
                Ok(())
            }
            KeyState::Disabled => conflict("This key is disabled already. Programs that use it are refused."),
            KeyState::Expired | KeyState::Revoked => conflict("This key no longer works, so there is nothing to disable."),
        }
    }

    /// Switches the key on again.
    ///
    /// # Errors
    /// `Conflict` if it is on, or has met its end meanwhile.
    pub fn enable(&mut self, now: OffsetDateTime) -> Result<(), AppError> {
        match self.state(now) {
            KeyState::Disabled => {
                self.disabled_at = None;
                Ok(())
            }
            KeyState::Active | KeyState::Ending => conflict("This key is enabled already."),
            KeyState::Expired => conflict("This key has expired meanwhile. Create a new one instead."),
            KeyState::Revoked => conflict("This key is revoked. Create a new one instead."),
        }
    }

    /// Ends the key for good. Revoking twice is refused, so that the first time stays on record.
    ///
    /// # Errors
    /// `Conflict` if it is revoked already.
    pub fn revoke(&mut self, now: OffsetDateTime) -> Result<(), AppError> {
        if self.revoked_at.is_some() {
            return conflict("This key is revoked already. Programs that use it are refused.");
        }
        self.revoked_at = Some(now);
        Ok(())
    }

    fn at_most(&self, wanted: OffsetDateTime) -> OffsetDateTime {
        self.expires_at.map_or(wanted, |end| wanted.min(end))
    }
}

fn conflict(what_to_do: &str) -> Result<(), AppError> {
    Err(AppError::Conflict(what_to_do.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const START: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Rotate(Overlap),
        Extend(Overlap),
        Disable,
        Enable,
        Revoke,
        Wait(i64),
    }

    fn overlaps() -> impl Strategy<Value = Overlap> {
        prop::sample::select(&Overlap::ALL[..])
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            overlaps().prop_map(Step::Rotate),
            overlaps().prop_map(Step::Extend),
            Just(Step::Disable),
            Just(Step::Enable),
            Just(Step::Revoke),
            (0..200_000_i64).prop_map(Step::Wait),
        ];
        prop::collection::vec(step, 0..24)
    }

    fn lives() -> impl Strategy<Value = Life> {
        prop::option::of(1..2_000_000_i64)
            .prop_map(|seconds| Life { expires_at: seconds.map(|seconds| START + Duration::seconds(seconds)), ..Life::default() })
    }

    fn take(life: &mut Life, step: Step, now: &mut OffsetDateTime) -> Result<(), AppError> {
        match step {
            Step::Rotate(overlap) => life.rotate(overlap, *now),
            Step::Extend(overlap) => life.extend(overlap, *now),
            Step::Disable => life.disable(*now),
            Step::Enable => life.enable(*now),
            Step::Revoke => life.revoke(*now),
            Step::Wait(seconds) => {
                *now += Duration::seconds(seconds);
                Ok(())
            }
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_a_dead_key_valid(mut life in lives(), steps in steps()) {
            let (mut now, mut dead) = (START, false);
            for step in steps {
                let before = life;
                let refused = take(&mut life, step, &mut now).is_err();
                prop_assert!(!refused || life == before, "a refused step changes nothing");
                dead |= life.state(now).is_final();
                prop_assert!(!(dead && life.state(now).is_accepted()), "{step:?} brought it back: {life:?}");
            }
        }

        #[test]
        fn nothing_lengthens_a_life_beyond_its_own_end(mut life in lives(), steps in steps()) {
            let (mut now, own_end) = (START, life.expires_at);
            for step in steps {
                // A refusal changes nothing, as the property above says.
                _ = take(&mut life, step, &mut now);
                prop_assert_eq!(life.expires_at, own_end);
                prop_assert!(own_end.is_none_or(|end| life.ends_at().is_some_and(|ends_at| ends_at <= end)));
                prop_assert!(own_end.is_none_or(|end| now < end || !life.state(now).is_accepted()));
            }
        }
    }

    #[test]
    fn final_states_come_first() {
        let past = Some(START - Duration::HOUR);
        let life = Life { revoked_at: past, disabled_at: past, expires_at: past, retires_at: past };
        assert_eq!(life.state(START), KeyState::Revoked);
        let life = Life { revoked_at: None, ..life };
        assert_eq!(life.state(START), KeyState::Expired);
        let life = Life { expires_at: None, retires_at: Some(START + Duration::HOUR), ..life };
        assert_eq!(life.state(START), KeyState::Disabled);
        let life = Life { disabled_at: None, ..life };
        assert_eq!(life.state(START), KeyState::Ending);
        assert_eq!(life.state(START + Duration::HOUR), KeyState::Expired, "the end itself is too late");
    }

    #[test]
    fn old_key_goes_on_for_the_overlap_but_not_past_its_end() {
        let mut life = Life { expires_at: Some(START + Duration::hours(2)), ..Life::default() };
        life.rotate(Overlap::Day, START).unwrap();
        assert_eq!(life.ends_at(), Some(START + Duration::hours(2)));
        assert!(life.extend(Overlap::Week, START).is_err(), "it cannot go on for longer");
        let mut life = Life::default();
        life.rotate(Overlap::Hour, START).unwrap();
        assert!(life.extend(Overlap::Now, START).is_err(), "that would be shorter");
        life.extend(Overlap::Day, START).unwrap();
        assert_eq!(life.ends_at(), Some(START + Duration::DAY));
        assert!(life.rotate(Overlap::Day, START).is_err(), "one successor");
    }

    #[test]
    fn extension_that_gains_nothing_is_not_offered() {
        let rotated = |overlap, expires_at| {
            let mut life = Life { expires_at, ..Life::default() };
            life.rotate(overlap, START).unwrap();
            life
        };
        let (moment, day) = (START + Duration::seconds(20), rotated(Overlap::Day, None));
        assert_eq!(day.worth_extending(moment), Some((Overlap::Week, moment + Duration::WEEK)), "a day gains seconds");
        let hour_later = START + Duration::HOUR;
        assert_eq!(day.worth_extending(hour_later - Duration::SECOND).unwrap().0, Overlap::Week);
        assert_eq!(day.worth_extending(hour_later), Some((Overlap::Day, hour_later + Duration::DAY)), "it gains an hour");
        assert_eq!(rotated(Overlap::Hour, None).worth_extending(moment), Some((Overlap::Day, moment + Duration::DAY)));
        assert_eq!(rotated(Overlap::Week, None).worth_extending(moment), None);
        let soon = Some(START + Duration::hours(25) - Duration::SECOND);
        assert_eq!(rotated(Overlap::Day, soon).worth_extending(moment), None, "its own end gains less than an hour");
        assert_eq!(Life::default().worth_extending(START), None, "it was not rotated");
    }

    #[test]
    fn leaked_key_is_dead_the_moment_it_is_rotated() {
        let mut life = Life::default();
        life.rotate(Overlap::Now, START).unwrap();
        assert!(life.was_rotated(Overlap::Now, START));
        for clock in [START - Duration::HOUR, START] {
            assert_eq!(life.state(clock), KeyState::Revoked, "whatever the clock of another machine says");
        }
        assert!(life.extend(Overlap::Day, START).is_err());
    }
}
