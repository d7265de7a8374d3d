//! The state that all connections of one exchange share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::auth::Expected;
use super::fault::{
    Ending, Entry, Fault, FaultTarget, Links, On, OneShot, Schedule, TrafficHistory,
};
use super::rate_limits::RateLimits;
use super::server::SimConfig;
use super::world::{Event, World};
use crate::domain::AccountKind;

/// Steps that a slow socket may lag behind before it is disconnected.
const LAG: usize = 256;
/// Requests and operations that are recorded.
const RECORDED: usize = 200_000;

/// A request, or an operation on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The HTTP method, or `WS` for an operation on a socket.
    pub method: String,
    /// The path, or the name of the operation.
    pub what: String,
    /// The exchange's time.
    pub at_ms: i64,
    /// The error code with which it was refused; empty when it was not.
    pub refused: &'static str,
}

/// The order to end sockets: which ones, and the code of the close frame where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) on: On,
    pub(super) code: Option<u16>,
}

/// The state that all connections of one exchange share.
#[derive(Debug)]
pub(super) struct SharedState {
    world: Mutex<World>,
    limits: Mutex<RateLimits>,
    expected: Option<Expected>,
    ticks: broadcast::Sender<Arc<Vec<Event>>>,
    cuts: broadcast::Sender<Cut>,
    records: bool,
    recorded: Mutex<Vec<Recorded>>,
    stop: CancellationToken,
    /// Whether there may be faults. If not, connections are served without the fault machinery.
    scripted: AtomicBool,
    schedule: Mutex<Schedule>,
    traffic: Mutex<TrafficHistory>,
    /// Notified when a fault begins or ends. It wakes waiters in the order in which they wait, so that
    /// equal seeds give equal histories.
    fault_changes: Notify,
    links: Links,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SharedState {
    pub(super) fn new(config: SimConfig, now_ms: i64) -> Self {
        let scripted = AtomicBool::new(config.script.is_some());
        Self {
            world: Mutex::new(
                World::new(config.seed, now_ms, config.flat)
                    .with_account_kind(config.account, config.bitcoin),
            ),
            limits: Mutex::default(),
            expected: config.expected,
            ticks: broadcast::Sender::new(LAG),
            cuts: broadcast::Sender::new(LAG),
            records: config.record,
            recorded: Mutex::default(),
            stop: CancellationToken::new(),
            scripted,
            schedule: Mutex::new(Schedule::new(config.script.unwrap_or_default(), now_ms)),
            traffic: Mutex::default(),
            fault_changes: Notify::new(),
            links: Links::default(),
        }
    }

    pub(super) fn world<T>(&self, read: impl FnOnce(&mut World) -> T) -> T {
        read(&mut lock(&self.world))
    }

    pub(super) fn limits<T>(&self, read: impl FnOnce(&mut RateLimits) -> T) -> T {
        read(&mut lock(&self.limits))
    }

    pub(super) const fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    pub(super) fn ticks(&self) -> broadcast::Receiver<Arc<Vec<Event>>> {
        self.ticks.subscribe()
    }

    pub(super) fn cuts(&self) -> broadcast::Receiver<Cut> {
        self.cuts.subscribe()
    }

    pub(super) const fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    pub(super) const fn links(&self) -> &Links {
        &self.links
    }

    pub(super) fn record(&self, method: &str, what: &str, refused: &'static str) {
        if !self.records {
            return;
        }
        let at_ms = self.world(|world| world.now_ms());
        let mut recorded = lock(&self.recorded);
        if recorded.len() < RECORDED {
            let (method, what) = (method.to_owned(), what.to_owned());
            recorded.push(Recorded { method, what, at_ms, refused });
        }
    }

    pub(super) fn recorded(&self) -> Vec<Recorded> {
        lock(&self.recorded).clone()
    }

    pub(super) fn take_recorded(&self) -> Vec<Recorded> {
        std::mem::take(&mut lock(&self.recorded))
    }

    /// Ends sockets.
    pub(super) fn cut(&self, on: On, code: Option<u16>) {
        // No socket may be open.
        drop(self.cuts.send(Cut { on, code }));
    }

    /// Publishes the events of a step to all sockets.
    pub(super) fn publish(&self, events: Vec<Event>) {
        // No socket may be open.
        drop(self.ticks.send(Arc::new(events)));
    }

    // Faults.

    pub(super) fn is_scripted(&self) -> bool {
        self.scripted.load(Ordering::Relaxed)
    }

    pub(super) fn fault<T>(
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
    pub(super) fn chance(&self, below: u64) -> u64 {
        lock(&self.schedule).random().below(below).unsigned_abs()
    }

    pub(super) const fn fault_changes(&self) -> &Notify {
        &self.fault_changes
    }

    /// Gives `corrupt` the fault schedule, the traffic history and the exchange's time.
    pub(super) fn corrupt<T>(
        &self,
        corrupt: impl FnOnce(&mut Schedule, &mut TrafficHistory, i64) -> T,
    ) -> T {
        let now_ms = self.world(|world| world.now_ms());
        corrupt(&mut lock(&self.schedule), &mut lock(&self.traffic), now_ms)
    }

    pub(super) fn inject(&self, entry: Entry) {
        self.scripted.store(true, Ordering::Relaxed);
        lock(&self.schedule).inject(entry);
        self.advance_faults();
    }

    pub(super) fn heal(&self) {
        lock(&self.schedule).heal();
        self.fault_changes.notify_waiters();
        let events = self.world(|world| {
            world.complete_kind_change();
            world.take_events()
        });
        self.publish_some(events);
    }

    /// Publishes the events between two steps, if there are any.
    pub(super) fn publish_some(&self, events: Vec<Event>) {
        if !events.is_empty() {
            self.publish(events);
        }
    }

    /// Advances the faults to the exchange's time and applies the one-shot faults that are due.
    pub(super) fn advance_faults(&self) {
        if !self.is_scripted() {
            return;
        }
        let now_ms = self.world(|world| world.now_ms());
        let (changed, due) = lock(&self.schedule).advance(now_ms);
        if changed {
            self.fault_changes.notify_waiters();
        }
        for OneShot { on, fault, lasts_ms } in due {
            self.apply(on, &fault, lasts_ms);
        }
    }

    fn apply(&self, on: On, fault: &Fault, lasts_ms: i64) {
        if let Fault::Close { code } = fault {
            self.cut(on, Some(*code));
        }
        if matches!(fault, Fault::KeyRevoked) {
            self.cut(On::Private, None);
        }
        if matches!(fault, Fault::Fin) {
            self.links.end(on, Ending::Fin);
        }
        if matches!(fault, Fault::Rst) {
            self.links.end(on, Ending::Rst);
        }
        let events = self.world(|world| {
            if matches!(fault, Fault::Upgrade) {
                world.begin_kind_change(AccountKind::Unified, lasts_ms);
            }
            if matches!(fault, Fault::Switching) {
                world.begin_kind_change(AccountKind::Classic, lasts_ms);
            }
            if let Fault::Price { symbol, price } = fault {
                world.set_price(symbol, *price);
            }
            if let Fault::ClosePosition { symbol } = fault {
                world.close(symbol);
            }
            world.take_events()
        });
        self.publish_some(events);
    }
}
