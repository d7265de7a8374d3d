//! [`FaultInjector`]: the faults of one exchange, shared by everything that serves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::corruption::TrafficHistory;
use super::kinds::Fault;
use super::schedule::{Corruption, FaultTarget, OneShot, Schedule};
use super::script::{Entry, Script};

/// The faults of one exchange.
#[derive(Debug)]
pub(in crate::sim) struct FaultInjector {
    /// Whether there may be faults. If not, connections are served without the fault machinery.
    scripted: AtomicBool,
    schedule: Mutex<Schedule>,
    /// The REST traffic; each socket has its own.
    traffic: Mutex<TrafficHistory>,
    /// Notified when a fault begins or ends. It wakes waiters in the order in which they wait, so that
    /// equal seeds give equal histories.
    changes: Notify,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FaultInjector {
    pub(in crate::sim) fn new(script: Option<Script>, now_ms: i64) -> Self {
        Self {
            scripted: AtomicBool::new(script.is_some()),
            schedule: Mutex::new(Schedule::new(script.unwrap_or_default(), now_ms)),
            traffic: Mutex::default(),
            changes: Notify::new(),
        }
    }

    pub(in crate::sim) fn is_scripted(&self) -> bool {
        self.scripted.load(Ordering::Relaxed)
    }

    /// Returns what `pick` finds in the first fault that is active for `target`, if chance selects it.
    pub(in crate::sim) fn find<T>(
        &self,
        target: FaultTarget<'_>,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        if !self.is_scripted() {
            return None;
        }
        lock(&self.schedule).find(target, pick)
    }

    /// Returns a random number below `below`.
    pub(in crate::sim) fn random_below(&self, below: u64) -> u64 {
        lock(&self.schedule).random().below(below).unsigned_abs()
    }

    pub(in crate::sim) const fn changes(&self) -> &Notify {
        &self.changes
    }

    /// Gives `corrupt` the schedule and the REST traffic.
    pub(in crate::sim) fn corrupt<T>(
        &self,
        corrupt: impl FnOnce(&mut Schedule, &mut TrafficHistory) -> T,
    ) -> T {
        corrupt(&mut lock(&self.schedule), &mut lock(&self.traffic))
    }

    /// Returns the corruptions since the last call.
    pub(in crate::sim) fn take_corruptions(&self) -> Vec<Corruption> {
        lock(&self.schedule).take_corruptions()
    }

    /// Adds a fault, whose time counts from now.
    pub(in crate::sim) fn inject(&self, entry: Entry) {
        self.scripted.store(true, Ordering::Relaxed);
        lock(&self.schedule).inject(entry);
    }

    /// Removes all faults, pending ones too.
    pub(in crate::sim) fn heal(&self) {
        lock(&self.schedule).heal();
        self.changes.notify_waiters();
    }

    /// Advances to `now_ms` and returns the one-shot faults that are due.
    pub(in crate::sim) fn advance(&self, now_ms: i64) -> Vec<OneShot> {
        let (changed, due) = lock(&self.schedule).advance(now_ms);
        if changed {
            self.changes.notify_waiters();
        }
        due
    }
}
