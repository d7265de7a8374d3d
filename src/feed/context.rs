//! What the tasks of a feed share: settings, the store, and signals between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::offset::Measured;
use super::settings::Settings;
use crate::domain::{
    AccountKind, Body, Clock, Interval, LinkFault, LinkReport, LinkState, Obstacle, ProblemCode,
    ProblemReport, RequestKind, Stream, Symbol, Text, Timestamp, Update, spoken,
};
use crate::exchange::{Api, Channel, Request, api_of};
use crate::store::SharedStore;

/// The most requests in flight at once in steady running.
pub(super) const MAX_IN_FLIGHT: usize = 2;

/// What the user may request of a running feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Reconnect what is not connected and fetch everything now.
    Refetch,
    /// Switch to candles of this interval.
    Interval(Interval),
    /// Put this contract in focus.
    Focus(Symbol),
}

/// The handle through which the screen commands the feeds; never blocks.
#[derive(Debug, Clone)]
pub struct Controls {
    refetch: Arc<watch::Sender<u64>>,
    interval: Arc<watch::Sender<Interval>>,
    /// `None` leaves the one of the settings.
    focus: Arc<watch::Sender<Option<Symbol>>>,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            refetch: Arc::new(watch::Sender::new(0)),
            interval: Arc::new(watch::Sender::new(Interval::default())),
            focus: Arc::new(watch::Sender::new(None)),
        }
    }
}

impl Controls {
    /// Sends a command.
    pub fn send(&self, command: Command) {
        match command {
            Command::Refetch => self.refetch.send_modify(|count| *count += 1),
            Command::Interval(interval) => {
                self.interval.send_replace(interval);
            }
            Command::Focus(symbol) => {
                self.focus.send_replace(Some(symbol));
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

    pub(super) fn focuses(&self) -> watch::Receiver<Option<Symbol>> {
        self.focus.subscribe()
    }

    pub(super) fn intervals(&self) -> watch::Receiver<Interval> {
        self.interval.subscribe()
    }
}

/// What is known about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    /// No signed request has succeeded yet: one probe is sent first, so that a wrong key costs two
    /// attempts and not a dozen.
    Unproven,
    /// A signed request has succeeded.
    Proven,
    /// Refused for good; the user must act.
    Refused,
}

/// Why no signed request has had a good answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unanswered {
    pub(super) reason: Text,
    /// The exchange answered, and not about the key: the login of the stream may prove it.
    pub(super) may_login: bool,
    /// What it means for the user.
    pub(super) fault: LinkFault,
}

/// The generation of the API that the private side uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Generation {
    /// `None` while it is unknown.
    pub(super) api: Option<&'static dyn Api>,
    /// The error of the other generation that decided it, if one did.
    pub(super) because: Option<Text>,
}

impl Generation {
    /// Returns the kind of account that it serves; `None` while it is unknown.
    pub(super) fn kind(&self) -> Option<AccountKind> {
        self.api.map(Api::kind)
    }
}

/// A reason to poll sooner, sent to the poller by another task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollHint {
    /// The private state may have changed: confirm it by REST.
    Private = 1,
    /// The exchange complains about the time: measure the clock offset again.
    Clock = 2,
    /// The private stream was refused: the account may be of another kind by now.
    AccountKind = 4,
    /// A permit for a request is free: check what is due.
    PermitFree = 8,
}

/// The hints that were received together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HintSet(u8);

impl HintSet {
    pub(super) const fn contains(self, hint: PollHint) -> bool {
        self.0 & hint as u8 != 0
    }
}

/// Hints on their way to the poller; sending never blocks, and equal ones coalesce.
#[derive(Debug, Default)]
pub(super) struct PollHints {
    bits: AtomicU8,
    notify: Notify,
}

impl PollHints {
    pub(super) fn send(&self, hint: PollHint) {
        self.bits.fetch_or(hint as u8, Ordering::SeqCst);
        self.notify.notify_one();
    }

    /// Waits for a hint and takes all that have been sent.
    pub(super) async fn receive(&self) -> HintSet {
        self.notify.notified().await;
        HintSet(self.bits.swap(0, Ordering::SeqCst))
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
    pub(super) poll_hints: PollHints,
    pub(super) key: watch::Sender<KeyState>,
    /// The last failure of a signed request while none had succeeded.
    pub(super) unanswered: watch::Sender<Option<Unanswered>>,
    /// The generation of everything public.
    pub(super) public: &'static dyn Api,
    /// The generation of everything private.
    pub(super) private: watch::Sender<Generation>,
    /// The channels that the public stream should subscribe to.
    pub(super) channels: watch::Sender<Vec<Channel>>,
    offset: watch::Sender<Option<Measured>>,
    /// Every request takes one of these, the reads of history included.
    pub(super) permits: Arc<Semaphore>,
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
            poll_hints: PollHints::default(),
            key: watch::Sender::new(KeyState::Unproven),
            unanswered: watch::Sender::new(None),
            offset: watch::Sender::new(None),
            permits: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
        }
    }

    /// Returns the contract that is in focus now.
    pub(super) fn focus(&self) -> Symbol {
        let wanted = self.controls.focus.borrow().clone();
        wanted.unwrap_or_else(|| self.settings.focus.clone())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the generation that a request goes to; `None` while that of the account is unknown.
    pub(super) fn api_for(&self, request: &Request) -> Option<&'static dyn Api> {
        if request.is_private() { self.private.borrow().api } else { Some(self.public) }
    }

    /// Returns the exchange's clock minus ours, in milliseconds; zero before the first measurement.
    pub(super) fn offset_ms(&self) -> i64 {
        self.offset().map_or(0, |known| known.offset_ms)
    }

    /// Returns the offset of the exchange's clock; `None` before the first measurement.
    pub(super) fn offset(&self) -> Option<Measured> {
        *self.offset.borrow()
    }

    /// Takes a measurement of the clock offset.
    pub(super) fn measured(&self, new: Measured) {
        let known = self.offset().map_or(new, |held| held.with(new));
        self.offset.send_replace(Some(known));
        let (offset_ms, error_ms) = (known.offset_ms, known.error_at(new.at));
        self.settings.rest.set_offset_ms(offset_ms);
        self.apply(Body::ClockOffset { offset_ms, error_ms });
    }

    /// Applies a report of the program itself.
    pub(super) fn apply(&self, body: Body) {
        let update = Update::local(self.now(), body);
        if let Some(observer) = &self.settings.observer {
            observer.told(&update);
        }
        self.store.apply(update);
    }

    /// Reports the state of a link.
    pub(super) fn link(
        &self,
        stream: Stream,
        state: LinkState,
        attempts: u32,
        reason: Option<(&str, LinkFault)>,
    ) {
        self.apply(Body::Link(LinkReport::State {
            stream,
            state,
            attempts,
            reason: reason.map(|(text, _)| Text::new(text)),
            next_attempt_at: None,
            fault: reason.map(|(_, fault)| fault),
        }));
    }

    /// Reports a link that waits before its next attempt.
    pub(super) fn waiting(
        &self,
        stream: Stream,
        state: LinkState,
        attempts: u32,
        (reason, fault): (&str, LinkFault),
        wait: Duration,
    ) {
        self.apply(Body::Link(LinkReport::State {
            stream,
            state,
            attempts,
            reason: Some(Text::new(reason)),
            next_attempt_at: Some(self.now().after(wait)),
            fault: Some(fault),
        }));
    }

    /// Raises, changes or (with `None`) ends a problem.
    pub(super) fn problem(&self, code: ProblemCode, subject: &str, text: Option<&str>) {
        let report = ProblemReport { code, subject: subject.into(), text: text.map(Text::new) };
        self.apply(Body::Problem(report));
    }

    /// Reports what stands in the way of a link; `None` when it has become live.
    pub(super) fn obstructed(&self, stream: Stream, found: Option<(Obstacle, &str)>) {
        let name = stream.to_string();
        let text = found.map(|(obstacle, reason)| {
            format!("{}: {reason}; {}", spoken(stream), obstacle.remedy())
        });
        self.problem(ProblemCode::NetworkBlocked, &name, text.as_deref());
    }

    /// Reports why a request failed; `None` clears its failure.
    pub(super) fn failure(&self, request: RequestKind, reason: Option<&str>) {
        self.apply(Body::Failed { request, reason: reason.map(Text::new) });
    }

    /// Withdraws the failures of requests that are no longer sent, and the permissions that they lacked:
    /// no success will ever clear them.
    pub(super) fn withdraw_failures(&self, is_sent: impl Fn(&RequestKind) -> bool) {
        let withdrawn: Vec<RequestKind> = self.store.with(|state| {
            state.failures.keys().filter(|request| !is_sent(request)).cloned().collect()
        });
        for request in withdrawn {
            self.problem(ProblemCode::PermissionMissing, &request.to_string(), None);
            self.failure(request, None);
        }
    }

    /// Records that a signed request succeeded. One that was in flight while the key was refused for good
    /// does not undo that: the user must act.
    pub(super) fn prove_key(&self) {
        if *self.key.borrow() == KeyState::Unproven {
            self.mark_key(KeyState::Proven);
        }
    }

    /// Sets the state of the key and returns whether that changed it.
    pub(super) fn mark_key(&self, state: KeyState) -> bool {
        self.key.send_if_modified(|held| {
            let differs = *held != state;
            *held = state;
            differs
        })
    }
}
