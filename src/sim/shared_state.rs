//! The state that all connections of one exchange share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::auth::Expected;
use super::fault::{
    Ending, Entry, Fault, FaultInjector, FaultTarget, Links, On, OneShot, Schedule, TrafficHistory,
};
use super::rate_limits::RateLimits;
use super::sim_config::{Holdings, Pace, SimConfig};
use super::simulated_market::ContractStatus;
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
    faults: FaultInjector,
    links: Links,
    pace: Pace,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SharedState {
    pub(super) fn new(config: SimConfig, now_ms: i64) -> Self {
        let world = World::new(config.seed, now_ms, config.flat)
            .with_account_kind(config.account, config.bitcoin);
        Self {
            world: Mutex::new(match config.holdings {
                Holdings::Simple => world,
                Holdings::Mixed => world.mixed(),
            }),
            limits: Mutex::default(),
            expected: config.expected,
            ticks: broadcast::Sender::new(LAG),
            cuts: broadcast::Sender::new(LAG),
            records: config.record,
            recorded: Mutex::default(),
            stop: CancellationToken::new(),
            faults: FaultInjector::new(config.script, now_ms),
            links: Links::default(),
            pace: config.pace,
        }
    }

    pub(super) fn world<T>(&self, access: impl FnOnce(&mut World) -> T) -> T {
        access(&mut lock(&self.world))
    }

    pub(super) fn limits<T>(&self, access: impl FnOnce(&mut RateLimits) -> T) -> T {
        access(&mut lock(&self.limits))
    }

    pub(super) const fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    pub(super) const fn pace(&self) -> Pace {
        self.pace
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

    pub(super) const fn faults(&self) -> &FaultInjector {
        &self.faults
    }

    pub(super) const fn links(&self) -> &Links {
        &self.links
    }

    fn now_ms(&self) -> i64 {
        self.world(|world| world.now_ms())
    }

    pub(super) fn record(&self, method: &str, what: &str, refused: &'static str) {
        if !self.records {
            return;
        }
        let at_ms = self.now_ms();
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

    /// Reads or changes the world, and publishes the events of a change at once.
    pub(super) fn change_world<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let (result, events) = self.world(|world| (change(world), world.take_events()));
        if !events.is_empty() {
            self.publish(events);
        }
        result
    }

    // Faults.

    pub(super) fn fault<T>(
        &self,
        target: FaultTarget<'_>,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        self.faults.find(target, pick)
    }

    /// Gives `corrupt` the fault schedule, the REST traffic and the exchange's time.
    pub(super) fn corrupt<T>(
        &self,
        corrupt: impl FnOnce(&mut Schedule, &mut TrafficHistory, i64) -> T,
    ) -> T {
        let now_ms = self.now_ms();
        self.faults.corrupt(|schedule, traffic| corrupt(schedule, traffic, now_ms))
    }

    /// Adds a fault, whose time counts from now.
    pub(super) fn inject(&self, entry: Entry) {
        self.faults.inject(entry);
        self.advance_faults();
    }

    /// Removes all faults, and completes a change of the account kind that is in progress.
    pub(super) fn heal(&self) {
        self.faults.heal();
        self.change_world(World::complete_kind_change);
    }

    /// Advances the faults to the exchange's time and applies the one-shot faults that are due.
    pub(super) fn advance_faults(&self) {
        if !self.faults.is_scripted() {
            return;
        }
        for OneShot { on, fault, lasts_ms } in self.faults.advance(self.now_ms()) {
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
        let now_ms = self.now_ms();
        self.change_world(|world| {
            if matches!(fault, Fault::Upgrade) {
                world.begin_kind_change(AccountKind::Unified, lasts_ms);
            }
            if matches!(fault, Fault::Switching) {
                world.begin_kind_change(AccountKind::Classic, lasts_ms);
            }
            if let Fault::Price { symbol, price } = fault {
                world.set_price(symbol, *price);
            }
            if let Fault::Movement { reason, coin, amount } = fault {
                world.move_money(*reason, coin, *amount);
            }
            if let Fault::ClosePosition { symbol } = fault {
                world.close(symbol);
            }
            if let Fault::ContractStatus { symbol, delisted_in_ms, closing_only_in_ms, halted } =
                fault
            {
                let at = |ms: Option<i64>| ms.map(|ms| now_ms.saturating_add(ms));
                let status = ContractStatus {
                    delisted_at_ms: at(*delisted_in_ms),
                    closing_only_from_ms: at(*closing_only_in_ms),
                    halted: *halted,
                };
                world.set_contract_status(symbol, status);
            }
        });
    }
}
