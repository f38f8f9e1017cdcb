//! Adding what was kept to the counters. An answer that comes too late or never says nothing about whether it was added, so the same
//! calls are sent again under the same name, and Redis remembers the names.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{Away, Counter, Meter, argument};
use crate::server::{redis::limited, state::AppState};

/// Adds calls to counters unless the batch `KEYS[1]` was added before, and remembers that for `ARGV[1]` seconds. Of the counter
/// `KEYS[i]`, `ARGV[2i - 2]` are the calls and `ARGV[2i - 1]` what it begins with. If that is empty and the counter is missing, nothing is
/// added, and the answer says first which these are, from 0; otherwise it says second what each counter holds then. A counter that
/// holds no number is left alone, and the answer has none for it.
const SETTLE: &str = "local missing, sums = {}, {}
local added = redis.call('EXISTS', KEYS[1]) == 1
if not added then
    for i = 2, #KEYS do
        if ARGV[2 * i - 1] == '' and redis.call('EXISTS', KEYS[i]) == 0 then missing[#missing + 1] = i - 2 end
    end
    if #missing > 0 then return {missing, sums} end
    redis.call('SET', KEYS[1], '', 'EX', ARGV[1])
end
for i = 2, #KEYS do
    if not added then
        if ARGV[2 * i - 1] ~= '' then redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'NX') end
        redis.pcall('INCRBYFLOAT', KEYS[i], ARGV[2 * i - 2])
    end
    local held = redis.pcall('GET', KEYS[i])
    local is_number = type(held) == 'string' and held:find('^%-?%d+%.?%d*$')
    sums[i - 1] = is_number and math.floor(tonumber(held)) or false
end
return {missing, sums}";

/// Counters settled at once: Redis does nothing else meanwhile, for a few milliseconds.
const AT_ONCE: usize = 1_000;

/// How long Redis remembers what was added. A batch is sent again each second, so this is the longest outage between an answer that
/// got lost and the next one that arrives.
const REMEMBERED: Duration = Duration::from_secs(86_400);

/// Calls that are sent together, and again until it is known that they arrived.
#[derive(Debug)]
pub(super) struct Batch {
    name: String,
    pub(super) calls: HashMap<Counter, i64>,
}

impl Meter {
    /// Adds what was kept to the counters, each call once.
    pub(in crate::verification) async fn settle(&self, state: &AppState) -> Result<(), Away> {
        while let Some(batch) = self.next_batch(state) {
            let sums = self.send(state, &batch).await?;
            self.note_settled(&batch, &sums);
        }
        Ok(())
    }

    /// What was kept is in the sums from here on: Redis may be away again before anybody asks it.
    fn note_settled(&self, batch: &Batch, sums: &HashMap<Counter, i64>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (counter, calls) in &batch.calls {
            // Of a counter that holds no number nobody but this process knows what it let through.
            let sum = sums.get(counter).copied().unwrap_or_else(|| self.sums.get(counter).unwrap_or(0) + calls);
            self.sums.insert(*counter, sum);
        }
        kept.batch = None;
    }

    /// The batch that is under way, or a new one.
    pub(super) fn next_batch(&self, state: &AppState) -> Option<Arc<Batch>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.batch.is_none() && !kept.calls.is_empty() {
            let counters: Vec<Counter> = kept.calls.keys().take(AT_ONCE).copied().collect();
            let calls = counters.into_iter().filter_map(|counter| kept.calls.remove_entry(&counter)).collect();
            kept.batch = Some(Arc::new(Batch { name: format!("settled:{}", state.entropy.hex::<16>()), calls }));
        }
        kept.batch.clone()
    }

    /// What these counters hold then; those that hold no number are left out.
    pub(super) async fn send(&self, state: &AppState, batch: &Batch) -> Result<HashMap<Counter, i64>, Away> {
        let calls: Vec<(Counter, i64)> = batch.calls.iter().map(|(counter, calls)| (*counter, *calls)).collect();
        let held = |sums: Vec<Option<i64>>| calls.iter().zip(sums).filter_map(|((counter, _), sum)| Some((*counter, sum?))).collect();
        let (missing, sums) = add(state, &batch.name, &calls, &HashMap::new()).await?;
        if missing.is_empty() {
            return Ok(held(sums));
        }
        let missing: Vec<Counter> = missing.into_iter().filter_map(|at| calls.get(at).map(|(counter, _)| *counter)).collect();
        let beginnings = self.beginnings(state, &missing).await?;
        let beginnings = missing.into_iter().zip(beginnings).collect();
        let (missing, sums) = add(state, &batch.name, &calls, &beginnings).await?;
        // What went missing in between is for the next time.
        if missing.is_empty() { Ok(held(sums)) } else { Err(Away) }
    }
}

/// What [`SETTLE`] answers: which counters are missing, and what each holds.
type Settled = (Vec<usize>, Vec<Option<i64>>);

/// Runs [`SETTLE`].
async fn add(state: &AppState, name: &str, calls: &[(Counter, i64)], beginnings: &HashMap<Counter, i64>) -> Result<Settled, Away> {
    let mut command = ::redis::cmd("EVAL");
    command.arg(SETTLE).arg(calls.len() + 1).arg(state.redis.key(name));
    for (counter, _) in calls {
        command.arg(state.redis.key(&counter.name()));
    }
    command.arg(REMEMBERED.as_secs());
    for (counter, calls) in calls {
        command.arg(*calls).arg(argument(beginnings.get(counter).copied()));
    }
    let mut connection = state.redis.connection();
    limited(async move { command.query_async::<Settled>(&mut connection).await }).await.map_err(Away::from)
}
