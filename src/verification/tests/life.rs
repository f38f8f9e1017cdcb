//! Whatever happens to a key, in whatever order: the verdict lets no dead key in.

use std::net::IpAddr;

use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    error::AppError,
    keys::model::{Life, Overlap},
    verification::model::{Code, StoredKey, tests::key},
};

const START: OffsetDateTime = datetime!(2026-11-25 09:00 UTC);

#[derive(Clone, Copy, Debug)]
enum Step {
    Rotate(Overlap),
    Extend(Overlap),
    Disable,
    Enable,
    Revoke,
    /// A scanner found it: as `store::mark_leaked` does, by policy and whatever state it is in.
    Leak {
        revoke: bool,
    },
    /// Its customer's account is closed.
    Close,
    /// What it is limited to is taken away.
    Loosen,
    Wait(i64),
}

fn overlaps() -> impl Strategy<Value = Overlap> {
    prop::sample::select(&Overlap::ALL[..])
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => overlaps().prop_map(Step::Rotate),
        2 => overlaps().prop_map(Step::Extend),
        2 => Just(Step::Disable),
        4 => Just(Step::Enable),
        1 => Just(Step::Revoke),
        1 => any::<bool>().prop_map(|revoke| Step::Leak { revoke }),
        1 => Just(Step::Close),
        1 => Just(Step::Loosen),
        4 => (0..200_000_i64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..32)
}

fn keys() -> impl Strategy<Value = StoredKey> {
    (prop::option::of(1..2_000_000_i64), any::<bool>()).prop_map(|(seconds, limited)| StoredKey {
        life: Life { expires_at: seconds.map(|seconds| START + Duration::seconds(seconds)), ..Life::default() },
        scopes: limited.then(|| vec!["write".to_owned()]),
        networks: limited.then(Vec::new),
        ..key()
    })
}

fn take(key: &mut StoredKey, step: Step, now: &mut OffsetDateTime) -> Result<(), AppError> {
    match step {
        Step::Rotate(overlap) => return key.life.rotate(overlap, *now),
        Step::Extend(overlap) => return key.life.extend(overlap, *now),
        Step::Disable => return key.life.disable(*now),
        Step::Enable => return key.life.enable(*now),
        Step::Revoke => return key.life.revoke(*now),
        Step::Leak { revoke: true } => key.life.revoked_at = key.life.revoked_at.or(Some(*now)),
        Step::Leak { revoke: false } => {}
        Step::Close => key.closed = true,
        Step::Loosen => (key.scopes, key.networks) = (None, None),
        Step::Wait(seconds) => *now += Duration::seconds(seconds),
    }
    Ok(())
}

fn is_final(code: Code) -> bool {
    matches!(code, Code::Revoked | Code::Expired)
}

#[test]
fn key_stopped_by_its_rotation_is_refused_whatever_the_clock_says() {
    let mut key = key();
    key.life.rotate(Overlap::Now, START).unwrap();
    for behind in [Duration::ZERO, Duration::seconds(3), Duration::HOUR] {
        assert_eq!(key.judge(START - behind, None, None), Code::Revoked, "{behind}");
    }
}

proptest! {
    #[test]
    fn no_path_makes_a_dead_key_valid(mut key in keys(), steps in steps()) {
        let (mut now, mut dead, mut off) = (START, false, false);
        for step in steps {
            let done = take(&mut key, step, &mut now).is_ok();
            off = match step {
                Step::Disable if done => true,
                Step::Enable if done => false,
                _ => off,
            };
            let bare = key.judge(now, None, None);
            let asked = key.judge(now, Some("read"), Some(IpAddr::from([203, 0, 113, 9])));
            dead |= is_final(bare) || matches!(step, Step::Revoke if done) || matches!(step, Step::Close | Step::Leak { revoke: true });
            for code in [bare, asked] {
                prop_assert_eq!(dead, is_final(code), "after {:?}: {:?}, {:?}", step, code, &key);
                prop_assert!(!off || code != Code::Valid, "{:?} let a key in that is switched off: {:?}", step, &key);
            }
        }
    }

    #[test]
    fn no_path_lets_a_key_in_after_its_own_end(mut key in keys(), steps in steps()) {
        let (mut now, own_end) = (START, key.life.expires_at);
        for step in steps {
            // A refusal changes nothing, as the properties of `Life` say.
            _ = take(&mut key, step, &mut now);
            let over = own_end.is_some_and(|end| end <= now);
            prop_assert!(!over || key.judge(now, None, None) != Code::Valid, "after {:?}: {:?}", step, &key);
        }
    }
}
