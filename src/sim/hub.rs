//! What all connections of one exchange share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::auth::Expected;
use super::fault::{Due, Ending, Entry, Fault, Links, Memory, On, Plan, Target};
use super::limits::Limits;
use super::server::SimConfig;
use super::world::{Happened, World};
use crate::domain::AccountKind;

/// Steps that a slow socket may lag behind before it is cut off.
const LAG: usize = 256;
/// Requests and operations that are remembered.
const RECORDED: usize = 200_000;

/// A request or an operation that the exchange was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `GET` or another method, or `WS` for an operation on a socket.
    pub method: String,
    /// The path, or the name of the operation.
    pub what: String,
    /// The exchange's time.
    pub at_ms: i64,
    /// The code with which it was refused; empty when it was not.
    pub refused: &'static str,
}

/// The end of sockets: which ones, and the code of the close frame where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) on: On,
    pub(super) code: Option<u16>,
}

/// What all connections of one exchange share.
#[derive(Debug)]
pub(super) struct Hub {
    world: Mutex<World>,
    limits: Mutex<Limits>,
    expected: Option<Expected>,
    ticks: broadcast::Sender<Arc<Vec<Happened>>>,
    cuts: broadcast::Sender<Cut>,
    records: bool,
    recorded: Mutex<Vec<Recorded>>,
    stop: CancellationToken,
    /// Whether there may be faults: without any nothing is put in between.
    scripted: AtomicBool,
    plan: Mutex<Plan>,
    memory: Mutex<Memory>,
    /// Wakes in the order of waiting, so that equal seeds give equal histories.
    fault_changes: Notify,
    links: Links,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub(super) fn new(config: SimConfig, now_ms: i64) -> Self {
        let scripted = AtomicBool::new(config.script.is_some());
        Self {
            world: Mutex::new(
                World::new(config.seed, now_ms, config.flat)
                    .of_kind(config.account, config.bitcoin),
            ),
            limits: Mutex::default(),
            expected: config.expected,
            ticks: broadcast::Sender::new(LAG),
            cuts: broadcast::Sender::new(LAG),
            records: config.record,
            recorded: Mutex::default(),
            stop: CancellationToken::new(),
            scripted,
            plan: Mutex::new(Plan::new(config.script.unwrap_or_default(), now_ms)),
            memory: Mutex::default(),
            fault_changes: Notify::new(),
            links: Links::default(),
        }
    }

    pub(super) fn world<T>(&self, read: impl FnOnce(&mut World) -> T) -> T {
        read(&mut lock(&self.world))
    }

    pub(super) fn limits<T>(&self, read: impl FnOnce(&mut Limits) -> T) -> T {
        read(&mut lock(&self.limits))
    }

    pub(super) const fn expected(&self) -> Option<&Expected> {
        self.expected.as_ref()
    }

    pub(super) fn ticks(&self) -> broadcast::Receiver<Arc<Vec<Happened>>> {
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

    /// Cuts sockets off.
    pub(super) fn cut(&self, on: On, code: Option<u16>) {
        // No socket may be open.
        drop(self.cuts.send(Cut { on, code }));
    }

    /// Tells the streams what happened; nobody may be listening.
    pub(super) fn tell(&self, happened: Vec<Happened>) {
        drop(self.ticks.send(Arc::new(happened)));
    }

    // Faults.

    pub(super) fn is_scripted(&self) -> bool {
        self.scripted.load(Ordering::Relaxed)
    }

    pub(super) fn fault<T>(
        &self,
        target: Target<'_>,
        pick: impl Fn(&Fault) -> Option<T>,
    ) -> Option<T> {
        if !self.is_scripted() {
            return None;
        }
        lock(&self.plan).find(target, pick)
    }

    /// Returns a random number below `below`.
    pub(super) fn chance(&self, below: u64) -> u64 {
        lock(&self.plan).random().below(below).unsigned_abs()
    }

    pub(super) const fn fault_changes(&self) -> &Notify {
        &self.fault_changes
    }

    /// Gives `spoil` the plan, the exchange's memory and time.
    pub(super) fn spoil<T>(&self, spoil: impl FnOnce(&mut Plan, &mut Memory, i64) -> T) -> T {
        let now_ms = self.world(|world| world.now_ms());
        spoil(&mut lock(&self.plan), &mut lock(&self.memory), now_ms)
    }

    pub(super) fn inject(&self, entry: Entry) {
        self.scripted.store(true, Ordering::Relaxed);
        lock(&self.plan).inject(entry);
        self.advance_plan();
    }

    pub(super) fn heal(&self) {
        lock(&self.plan).heal();
        self.fault_changes.notify_waiters();
        let happened = self.world(|world| {
            world.hasten_change();
            world.take_happened()
        });
        self.announce(happened);
    }

    /// Tells the streams what happened between two steps, where something did.
    fn announce(&self, happened: Vec<Happened>) {
        if !happened.is_empty() {
            self.tell(happened);
        }
    }

    /// Moves the faults to the world's time and does what is due once.
    pub(super) fn advance_plan(&self) {
        if !self.is_scripted() {
            return;
        }
        let now_ms = self.world(|world| world.now_ms());
        let (changed, due) = lock(&self.plan).advance(now_ms);
        if changed {
            self.fault_changes.notify_waiters();
        }
        for Due { on, fault, lasts_ms } in due {
            self.happen(on, &fault, lasts_ms);
        }
    }

    fn happen(&self, on: On, fault: &Fault, lasts_ms: i64) {
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
        let happened = self.world(|world| {
            if matches!(fault, Fault::Upgrade) {
                world.change_kind(AccountKind::Unified, lasts_ms);
            }
            if matches!(fault, Fault::Switching) {
                world.change_kind(AccountKind::Classic, lasts_ms);
            }
            if let Fault::Price { symbol, price } = fault {
                world.set_price(symbol, *price);
            }
            if let Fault::ClosePosition { symbol } = fault {
                world.close(symbol);
            }
            world.take_happened()
        });
        self.announce(happened);
    }
}
