//! What the tasks of a feed share: settings, the store, and small signals between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::offset::Measured;
use crate::domain::{
    AccountKind, Body, Clock, Interval, LinkReport, LinkState, ProblemCode, ProblemReport, Stream,
    Text, Timestamp, Update,
};
use crate::exchange::{Api, Channel, Query, api_of};
use crate::store::SharedStore;

/// Requests that are on their way at once in steady running.
const MOST_AT_ONCE: usize = 2;

/// What a person may ask of a running feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Reconnect what is not connected and ask for everything now.
    Refetch,
    /// Candles of another interval.
    Interval(Interval),
}

/// The handle through which the screen talks to the feeds; never blocks.
#[derive(Debug, Clone)]
pub struct Controls {
    refetch: Arc<watch::Sender<u64>>,
    interval: Arc<watch::Sender<Interval>>,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            refetch: Arc::new(watch::Sender::new(0)),
            interval: Arc::new(watch::Sender::new(Interval::default())),
        }
    }
}

impl Controls {
    /// Hands over a command.
    pub fn send(&self, command: Command) {
        match command {
            Command::Refetch => self.refetch.send_modify(|count| *count += 1),
            Command::Interval(interval) => {
                self.interval.send_replace(interval);
            }
        }
    }

    /// Returns the interval that is wanted now.
    pub fn interval(&self) -> Interval {
        *self.interval.borrow()
    }

    pub(super) fn refetches(&self) -> watch::Receiver<u64> {
        self.refetch.subscribe()
    }

    pub(super) fn intervals(&self) -> watch::Receiver<Interval> {
        self.interval.subscribe()
    }
}

/// What is known of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    /// No signed request has been answered yet: one probe goes first, so that a wrong key costs
    /// two attempts and not a dozen.
    Unproven,
    /// The exchange has answered a signed request.
    Proven,
    /// Refused for good; a person must act.
    Refused,
}

/// The generation of the API that the private side speaks.
#[derive(Debug, Clone, Default)]
pub(super) struct Generation {
    /// `None` while it is not known.
    pub(super) api: Option<&'static dyn Api>,
    /// What the other generation said to it.
    pub(super) because: Option<Text>,
}

impl Generation {
    /// Returns the kind of account that answers to it.
    pub(super) fn kind(&self) -> Option<AccountKind> {
        self.api.map(Api::kind)
    }
}

/// Requests that one task asks of the poller.
#[derive(Debug, Default)]
pub(super) struct Nudge {
    bits: AtomicU8,
    notify: Notify,
}

impl Nudge {
    /// The private state may have changed: confirm it by REST.
    pub(super) const PRIVATE: u8 = 1;
    /// The exchange complains about time: measure the offset again.
    pub(super) const CLOCK: u8 = 2;
    /// The private stream was refused: the account may be of another kind by now.
    pub(super) const KIND: u8 = 4;
    /// A place for a request has become free: look again at what is due.
    pub(super) const PLACE: u8 = 0;

    pub(super) fn ask(&self, bits: u8) {
        self.bits.fetch_or(bits, Ordering::SeqCst);
        self.notify.notify_one();
    }

    /// Waits until something was asked for and takes it.
    pub(super) async fn taken(&self) -> u8 {
        self.notify.notified().await;
        self.bits.swap(0, Ordering::SeqCst)
    }
}

/// What all tasks of a feed share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Arc<Settings>,
    pub(super) store: SharedStore,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) controls: Controls,
    pub(super) stop: CancellationToken,
    pub(super) nudge: Nudge,
    pub(super) key: watch::Sender<KeyState>,
    /// The generation of everything public.
    pub(super) public: &'static dyn Api,
    /// The generation of everything private.
    pub(super) private: watch::Sender<Generation>,
    /// The channels that the public stream should carry.
    pub(super) channels: watch::Sender<Vec<Channel>>,
    offset: watch::Sender<Option<Measured>>,
    /// Each request takes one of these places, those that read the past among them.
    pub(super) places: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(
        settings: Arc<Settings>,
        store: SharedStore,
        clock: Arc<dyn Clock>,
        controls: Controls,
        stop: CancellationToken,
    ) -> Self {
        let public = api_of(settings.api.kind().unwrap_or(AccountKind::Unified));
        let private = Generation { api: settings.api.kind().map(api_of), because: None };
        let channels = public.public_channels(&settings.focus, controls.interval(), &[]);
        Self {
            public,
            private: watch::Sender::new(private),
            channels: watch::Sender::new(channels),
            settings,
            store,
            clock,
            controls,
            stop,
            nudge: Nudge::default(),
            key: watch::Sender::new(KeyState::Unproven),
            offset: watch::Sender::new(None),
            places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the generation that a question goes to; `None` while that of the account is not known.
    pub(super) fn api_for(&self, query: &Query) -> Option<&'static dyn Api> {
        if query.is_private() { self.private.borrow().api } else { Some(self.public) }
    }

    /// Returns the exchange's clock minus ours; zero before the first measurement.
    pub(super) fn offset_ms(&self) -> i64 {
        self.offset().map_or(0, |known| known.offset_ms)
    }

    /// Returns what is known of the exchange's clock.
    pub(super) fn offset(&self) -> Option<Measured> {
        *self.offset.borrow()
    }

    /// Takes a new measurement of the clock offset.
    pub(super) fn measured(&self, new: Measured) {
        let known = self.offset().map_or(new, |held| held.with(new));
        self.offset.send_replace(Some(known));
        let (offset_ms, error_ms) = (known.offset_ms, known.error_at(new.at));
        self.settings.rest.set_offset_ms(offset_ms);
        self.apply(Body::ClockOffset { offset_ms, error_ms });
    }

    /// Applies a report of the program itself.
    pub(super) fn apply(&self, body: Body) {
        self.store.apply(Update::local(self.now(), body));
    }

    /// Reports the state of a link.
    pub(super) fn link(
        &self,
        stream: Stream,
        state: LinkState,
        attempts: u32,
        reason: Option<&str>,
    ) {
        self.apply(Body::Link(LinkReport::State {
            stream,
            state,
            attempts,
            reason: reason.map(Text::new),
            next_attempt_at: None,
        }));
    }

    /// Reports a link that waits before it is tried again.
    pub(super) fn waiting(
        &self,
        stream: Stream,
        state: LinkState,
        attempts: u32,
        reason: &str,
        wait: Duration,
    ) {
        self.apply(Body::Link(LinkReport::State {
            stream,
            state,
            attempts,
            reason: Some(Text::new(reason)),
            next_attempt_at: Some(self.now().after(wait)),
        }));
    }

    /// Begins, changes or (with `None`) ends a problem.
    pub(super) fn problem(&self, code: ProblemCode, subject: &str, text: Option<&str>) {
        let report = ProblemReport { code, subject: subject.into(), text: text.map(Text::new) };
        self.apply(Body::Problem(report));
    }

    /// Takes note of an answer to a signed request. One that was on its way while the key was refused for
    /// good does not take that back: a person must act.
    pub(super) fn prove_key(&self) {
        if *self.key.borrow() == KeyState::Unproven {
            self.mark_key(KeyState::Proven);
        }
    }

    /// Marks the key and tells whether that changed anything.
    pub(super) fn mark_key(&self, state: KeyState) -> bool {
        self.key.send_if_modified(|held| {
            let differs = *held != state;
            *held = state;
            differs
        })
    }
}
