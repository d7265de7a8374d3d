//! The schedule of faults: which are active at a moment.

use std::collections::VecDeque;

use serde_json::Value;

use super::kinds::{Fault, On};
use super::script::{Entry, Script};
use crate::sim::random::Random;

/// What a fault may affect: a connection, and a path or a channel on it.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct FaultTarget<'a> {
    pub(in crate::sim) on: On,
    pub(in crate::sim) path: &'a str,
}

/// Corruptions that are kept until they are read.
const KEPT_CORRUPTIONS: usize = 1_000;

/// A message whose data a fault has made wrong, incomplete or out of date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corruption {
    /// When it was sent, in milliseconds of the true exchange time.
    pub at_ms: i64,
    /// When its data were true; earlier than `at_ms` for old data.
    pub data_at_ms: i64,
    /// The connection that it was sent on.
    pub on: On,
    /// The path of a response, or the topic and the key of a push, such as `positions default`.
    pub path: String,
    /// The fault.
    pub fault: Fault,
    /// The rows that a list lacks.
    pub left_out: Vec<Value>,
}

/// A fault that happens once, at the start of its step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct OneShot {
    pub(in crate::sim) on: On,
    pub(in crate::sim) fault: Fault,
    /// How long its step lasts; 0 for one without an end.
    pub(in crate::sim) lasts_ms: i64,
}

#[derive(Debug)]
struct Active {
    entry: Entry,
    until_ms: i64,
}

/// The steps that are pending and those that are active.
#[derive(Debug)]
pub(in crate::sim) struct Schedule {
    start_ms: i64,
    now_ms: i64,
    pending: Vec<(i64, Entry)>,
    active: Vec<Active>,
    random: Random,
    corruptions: VecDeque<Corruption>,
}

fn ms(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Schedule {
    pub(in crate::sim) fn new(script: Script, start_ms: i64) -> Self {
        let pending =
            script.steps.into_iter().map(|e| (start_ms.saturating_add(ms(e.at)), e)).collect();
        let random = Random::new(script.seed);
        Self {
            start_ms,
            now_ms: start_ms,
            pending,
            active: Vec::new(),
            random,
            corruptions: VecDeque::new(),
        }
    }

    /// Adds a step, whose time counts from now.
    pub(in crate::sim) fn inject(&mut self, entry: Entry) {
        self.pending.push((self.now_ms.saturating_add(ms(entry.at)), entry));
    }

    /// Removes all faults, pending ones too.
    pub(in crate::sim) fn heal(&mut self) {
        self.pending.clear();
        self.active.clear();
    }

    /// Advances to `now_ms`. Returns whether any fault began or ended, and the one-shot faults that are due.
    pub(in crate::sim) fn advance(&mut self, now_ms: i64) -> (bool, Vec<OneShot>) {
        self.now_ms = self.now_ms.max(now_ms).max(self.start_ms);
        let now = self.now_ms;
        let before = self.active.len();
        self.active.retain(|active| active.until_ms > now);
        let mut changed = self.active.len() != before;
        let mut due = Vec::new();
        let mut again = Vec::new();
        for (at, entry) in self.pending.extract_if(.., |(at, _)| *at <= now) {
            changed = true;
            if let Some(every) = entry.every {
                again.push((at.saturating_add(ms(every)), entry.clone()));
            }
            if is_one_shot(&entry.fault) {
                let lasts_ms = entry.lasts.map_or(0, ms);
                due.push(OneShot { on: entry.on, fault: entry.fault.clone(), lasts_ms });
            }
            let until_ms = entry.lasts.map_or(i64::MAX, |lasts| at.saturating_add(ms(lasts)));
            // A repeated step without an end ends when it starts again.
            let until_ms = entry.every.map_or(until_ms, |e| until_ms.min(at.saturating_add(ms(e))));
            if has_duration(&entry.fault) {
                self.active.push(Active { entry, until_ms });
            }
        }
        self.pending.extend(again);
        (changed, due)
    }

    /// Returns what `pick` finds in the first fault that is active for `target`, if chance selects it.
    pub(in crate::sim) fn find<T>(
        &mut self,
        target: FaultTarget<'_>,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        let random = &mut self.random;
        self.active.iter().find_map(|Active { entry, .. }| {
            let on = entry.on == On::All || entry.on == target.on;
            let path = entry.path.as_ref().is_none_or(|part| target.path.contains(part.as_str()));
            if !on || !path {
                return None;
            }
            let found = pick(&entry.fault)?;
            (entry.one_in <= 1 || random.below(u64::from(entry.one_in)) == 0).then_some(found)
        })
    }

    /// Records that `fault` has corrupted a message of `target` whose data were true at `data_at_ms`.
    pub(in crate::sim) fn record(
        &mut self,
        target: FaultTarget<'_>,
        fault: Fault,
        data_at_ms: i64,
    ) {
        self.record_without(target, fault, data_at_ms, Vec::new());
    }

    /// Records that `fault` has left rows out of a message of `target` whose data were true at `data_at_ms`.
    pub(in crate::sim) fn record_without(
        &mut self,
        target: FaultTarget<'_>,
        fault: Fault,
        data_at_ms: i64,
        left_out: Vec<Value>,
    ) {
        if self.corruptions.len() >= KEPT_CORRUPTIONS {
            self.corruptions.pop_front();
        }
        let path = target.path.to_owned();
        self.corruptions.push_back(Corruption {
            at_ms: self.now_ms,
            data_at_ms,
            on: target.on,
            path,
            fault,
            left_out,
        });
    }

    /// Returns the corruptions since the last call, of a long time the newest.
    pub(in crate::sim) fn take_corruptions(&mut self) -> Vec<Corruption> {
        std::mem::take(&mut self.corruptions).into()
    }

    /// Returns the random numbers for faults.
    pub(in crate::sim) const fn random(&mut self) -> &mut Random {
        &mut self.random
    }
}

/// Returns whether a fault acts once, at the start of its step.
const fn is_one_shot(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Fin
            | Fault::Rst
            | Fault::Close { .. }
            | Fault::KeyRevoked
            | Fault::Upgrade
            | Fault::Switching
            | Fault::Price { .. }
            | Fault::Movement { .. }
            | Fault::ClosePosition { .. }
            | Fault::ContractStatus { .. }
    )
}

/// Returns whether a fault stays active until the end of its step.
const fn has_duration(fault: &Fault) -> bool {
    !is_one_shot(fault) || matches!(fault, Fault::KeyRevoked)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(at: u64, lasts: Option<u64>, fault: Fault) -> Entry {
        let at = Duration::from_secs(at);
        Entry { at, lasts: lasts.map(Duration::from_secs), ..Entry::now(fault) }
    }

    fn is_silent(schedule: &mut Schedule, on: On, path: &str) -> bool {
        let no_pong = |fault: &Fault| matches!(fault, Fault::NoPong).then_some(());
        schedule.find(FaultTarget { on, path }, no_pong).is_some()
    }

    #[test]
    fn steps_start_end_and_repeat_on_time() {
        let step = entry(10, Some(5), Fault::NoPong).on(On::Private).path("posi");
        let repeated = Entry { every: Some(Duration::from_secs(60)), ..step };
        let mut schedule = Schedule::new(Script { seed: 0, steps: vec![repeated] }, 1_000);
        for (second, silent) in [(9, false), (10, true), (14, true), (15, false), (70, true)] {
            schedule.advance(1_000 + second * 1_000);
            assert_eq!(is_silent(&mut schedule, On::Private, "positions"), silent, "{second}");
            assert!(!is_silent(&mut schedule, On::Public, "positions"));
            assert!(!is_silent(&mut schedule, On::Private, "account"));
        }
        schedule.heal();
        assert!(!schedule.advance(1_000_000).0);
        assert!(!is_silent(&mut schedule, On::Private, "positions"));
    }

    #[test]
    fn a_one_shot_fault_is_due_once() {
        let mut schedule =
            Schedule::new(Script { seed: 0, steps: vec![entry(3, None, Fault::Rst)] }, 0);
        assert_eq!(schedule.advance(2_999).1, []);
        assert_eq!(
            schedule.advance(3_000).1,
            [OneShot { on: On::All, fault: Fault::Rst, lasts_ms: 0 }]
        );
        assert_eq!(schedule.advance(9_000).1, []);
    }

    #[test]
    fn chance_follows_the_seed() {
        let strikes = |seed| {
            let mut schedule = Schedule::new(
                Script { seed, steps: vec![entry(0, None, Fault::NoPong).one_in(4)] },
                0,
            );
            schedule.advance(0);
            (0..1_000).filter(|_| is_silent(&mut schedule, On::Rest, "")).collect::<Vec<_>>()
        };
        assert_eq!(strikes(1), strikes(1));
        assert_ne!(strikes(1), strikes(2));
        assert!((200..300).contains(&strikes(1).len()));
    }
}
