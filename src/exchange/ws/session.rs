//! [`Session`]: one connection's protocol as a value. Texts and times in, outputs out.
//!
//! Login comes first on every connection and subscriptions only after it was accepted. A text `ping`
//! is sent on time whatever else arrives, and only a `pong` answers it: data alone do not prove that
//! the exchange still receives us, and it disconnects clients that it does not hear from. Frames are
//! paced.

use std::sync::Arc;
use std::time::Duration;

use super::close::CloseReason;
use super::local_book::{BookUpdate, LocalBooks};
use super::operation;
use super::subscription::{ReadyChannel, Subscriptions};
use super::timing::Timing;
use crate::domain::{Body, Origin, Stream, Symbol, Text, Timestamp, Update};
use crate::exchange::{Api, BookPart, Channel, Credentials, ExchangeError, Message, Topic};

/// The exchange allows ten messages per second; this keeps to five.
const SEND_GAP: Duration = Duration::from_millis(200);
/// The exchange's code for a private channel before the login.
const NOT_LOGGED_IN: &str = "30004";

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Waits for the login's acknowledgement.
    LoggingIn,
    /// Waits for acknowledgements and, on the public stream, for the first price.
    Subscribing,
    /// Receives data.
    Live,
    /// Open, but silent for too long.
    Stale,
}

/// What a session wants done, or has found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "made one at a time; boxing would cost an allocation a frame"
)]
pub enum Output {
    /// Send this text.
    Send(String),
    /// Apply this update.
    Emit(Update),
    /// The phase changed.
    Phase(Phase),
    /// Round trip of a ping.
    Latency(Duration),
    /// A subscription has what it needs.
    ChannelReady(ReadyChannel),
    /// A subscription was refused; it is retried later.
    ChannelRefused {
        /// The channel.
        channel: Channel,
        /// Why.
        text: Text,
    },
    /// A channel sent no acknowledgement or no data in time; it is retried later.
    ChannelSilent {
        /// The channel.
        channel: Channel,
    },
    /// A channel lost its sequence; it is unsubscribed from and subscribed to again.
    ChannelLost {
        /// The channel.
        channel: Channel,
    },
    /// A text that is not a message of the exchange; the connection stays up.
    Unreadable(Text),
    /// Close the connection without waiting for the peer.
    Close(CloseReason),
}

/// The protocol of one connection.
#[derive(Debug)]
pub struct Session {
    api: &'static dyn Api,
    stream: Stream,
    login: Option<Arc<Credentials>>,
    timing: Timing,
    subscriptions: Subscriptions,
    books: LocalBooks,
    phase: Phase,
    login_sent: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    received_at: Timestamp,
    pinged_at: Timestamp,
    awaits_pong: bool,
    has_price: bool,
    /// Takes whatever comes, without having asked for it: what is played back was asked for once.
    listens: bool,
}

impl Session {
    /// Returns a session that subscribes to `channels`, after a login where one is given.
    pub fn new(
        api: &'static dyn Api,
        stream: Stream,
        channels: Vec<Channel>,
        login: Option<Arc<Credentials>>,
        timing: Timing,
    ) -> Self {
        let (ack, data) = (timing.acknowledgement, timing.first_data);
        Self {
            api,
            stream,
            login,
            timing,
            subscriptions: Subscriptions::new(channels, ack, data),
            books: LocalBooks::default(),
            phase: Phase::Subscribing,
            login_sent: None,
            sent_at: None,
            received_at: Timestamp::default(),
            pinged_at: Timestamp::default(),
            awaits_pong: false,
            has_price: false,
            listens: false,
        }
    }

    /// Returns a session that takes the data of a connection of before, and has subscribed to nothing.
    pub fn listener(api: &'static dyn Api, stream: Stream) -> Self {
        let session = Self::new(api, stream, Vec::new(), None, Timing::of(stream));
        Self { listens: true, ..session }
    }

    /// Returns whether the login was sent and has not been accepted.
    pub fn is_logging_in(&self) -> bool {
        self.phase == Phase::LoggingIn
    }

    /// The connection is open. `offset_ms` is the exchange's clock minus ours.
    pub fn on_open(&mut self, now: Timestamp, offset_ms: i64, out: &mut Vec<Output>) {
        (self.received_at, self.pinged_at) = (now, now);
        if let Some(credentials) = &self.login {
            let text = operation::login(credentials, now.plus_millis(offset_ms));
            self.login_sent = Some(now);
            self.send(text, now, out);
            self.enter(Phase::LoggingIn, out);
        } else {
            self.enter(Phase::Subscribing, out);
            self.pump(now, out);
        }
    }

    /// A text arrived.
    pub fn on_text(&mut self, text: &str, now: Timestamp, out: &mut Vec<Output>) {
        self.received_at = now;
        match self.api.read_message(text) {
            Ok(message) => self.on_message(message, now, out),
            Err(error) => out.push(Output::Unreadable(Text::new(&error.to_string()))),
        }
        if self.phase == Phase::Stale {
            self.enter(Phase::Live, out);
        }
    }

    fn on_message(&mut self, message: Message<'_>, now: Timestamp, out: &mut Vec<Output>) {
        match message {
            Message::Push { topic, sent, bodies } => {
                let ready = self.subscriptions.data(&topic, now);
                for body in bodies {
                    self.has_price |= matches!(body, Body::Ticker(_));
                    self.emit(body, sent, now, out);
                }
                out.extend(ready.map(Output::ChannelReady));
                self.settle(out);
            }
            Message::Pong => {
                if std::mem::take(&mut self.awaits_pong) {
                    out.push(Output::Latency(now.since(self.pinged_at)));
                }
            }
            Message::LoginAccepted => {
                if self.phase == Phase::LoggingIn {
                    self.enter(Phase::Subscribing, out);
                    self.pump(now, out);
                }
            }
            Message::Subscribed(topic) => {
                let ready = self.subscriptions.acknowledged(&topic, now);
                out.extend(ready.map(Output::ChannelReady));
                self.settle(out);
            }
            Message::Refused { topic, code, text } => {
                self.on_refusal(topic.as_ref(), code, text, now, out);
            }
            Message::Book { topic, symbol, sent, parts } => {
                self.on_book(&topic, symbol, sent, parts, now, out);
            }
            Message::Unsubscribed(_) | Message::Unknown(_) => {}
        }
    }

    fn emit(&self, body: Body, sent: Option<Timestamp>, now: Timestamp, out: &mut Vec<Output>) {
        let origin = match self.stream {
            Stream::WsPrivate => Origin::PrivatePush,
            Stream::WsPublic | Stream::Rest => Origin::PublicPush,
        };
        out.push(Output::Emit(Update { origin, as_of: now, received: now, sent, body }));
    }

    /// Emits a valid book; a lost one is withdrawn at once and subscribed to again.
    fn on_book(
        &mut self,
        topic: &Topic<'_>,
        symbol: Symbol,
        sent: Option<Timestamp>,
        parts: Vec<BookPart>,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        if !self.listens && !self.subscriptions.accepts(topic) {
            return;
        }
        let book = match self.books.apply(&symbol, parts, now) {
            BookUpdate::AwaitsSnapshot => return,
            BookUpdate::Valid(book) => {
                out.extend(self.subscriptions.data(topic, now).map(Output::ChannelReady));
                Some(book)
            }
            BookUpdate::Lost { was_healthy } => {
                let lost = self.subscriptions.resubscribe(topic, now, was_healthy);
                out.extend(lost.map(|channel| Output::ChannelLost { channel }));
                None
            }
        };
        self.emit(Body::Book { symbol, book }, sent, now, out);
        self.settle(out);
        self.pump(now, out);
    }

    fn on_refusal(
        &mut self,
        topic: Option<&Topic<'_>>,
        code: String,
        text: Text,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        if self.phase == Phase::LoggingIn {
            let error = ExchangeError::refused(code, text);
            out.push(Output::Close(CloseReason::LoginRefused(error)));
            return;
        }
        if code == NOT_LOGGED_IN {
            out.push(Output::Close(CloseReason::LoggedOut));
            return;
        }
        if let Some(channel) = topic.and_then(|topic| self.subscriptions.refused(topic, now)) {
            out.push(Output::ChannelRefused { channel, text: text.clone() });
            self.settle(out);
            if self.subscriptions.all_backing_off() {
                out.push(Output::Close(CloseReason::Refused(text)));
            }
        } else if matches!(
            ExchangeError::refused(code, text.clone()),
            ExchangeError::RateLimited { .. }
        ) {
            out.push(Output::Close(CloseReason::TooManyMessages));
        } else {
            out.push(Output::Unreadable(text));
        }
    }

    /// Time has passed.
    pub fn on_time(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        if self.awaits_pong && now >= self.pinged_at.after(self.timing.pong) {
            out.push(Output::Close(CloseReason::PongTimeout));
            return;
        }
        if self.phase == Phase::LoggingIn {
            let limit = self.login_sent.map(|sent| sent.after(self.timing.login));
            if limit.is_some_and(|limit| now >= limit) {
                out.push(Output::Close(CloseReason::LoginTimeout));
                return;
            }
        }
        let overdue = self.subscriptions.overdue(now);
        if overdue.ack_timeout {
            out.push(Output::Close(CloseReason::AckTimeout));
            return;
        }
        out.extend(overdue.silent.into_iter().map(|channel| Output::ChannelSilent { channel }));
        let is_stale = self.timing.stale.is_some_and(|stale| now > self.received_at.after(stale));
        if self.phase == Phase::Live && is_stale {
            self.enter(Phase::Stale, out);
        }
        self.settle(out);
        if !self.awaits_pong && now >= self.ping_due() {
            self.pinged_at = now;
            self.awaits_pong = true;
            self.send(operation::PING.to_owned(), now, out);
        }
        self.pump(now, out);
    }

    /// Returns the next time at which [`on_time`](Self::on_time) has something to do.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let ping =
            if self.awaits_pong { self.pinged_at.after(self.timing.pong) } else { self.ping_due() };
        let login = self
            .login_sent
            .filter(|_| self.phase == Phase::LoggingIn)
            .map(|sent| sent.after(self.timing.login));
        let stale = self
            .timing
            .stale
            .filter(|_| self.phase == Phase::Live)
            .map(|stale| self.received_at.after(stale).plus_millis(1));
        // Whatever waits to be sent is paced as well.
        let may_send = self.sent_at.map_or(self.received_at, |sent| sent.after(SEND_GAP));
        let is_open = self.phase != Phase::LoggingIn;
        let work = (is_open && self.subscriptions.has_work()).then_some(may_send);
        let subscriptions = self.subscriptions.next_deadline().map(|due| due.max(may_send));
        [Some(ping), login, stale, work, subscriptions].into_iter().flatten().min()
    }

    /// Changes the channels to be subscribed to.
    pub fn set_channels(&mut self, channels: Vec<Channel>, now: Timestamp, out: &mut Vec<Output>) {
        self.subscriptions.want(channels);
        self.pump(now, out);
    }

    fn ping_due(&self) -> Timestamp {
        let regular = self.pinged_at.after(self.timing.ping_every);
        match self.timing.ping_when_silent {
            Some(silence) => regular.min(self.received_at.max(self.pinged_at).after(silence)),
            None => regular,
        }
    }

    /// Sends the next frame that waits, if the pace allows it.
    fn pump(&mut self, now: Timestamp, out: &mut Vec<Output>) {
        let too_early = self.sent_at.is_some_and(|sent| now < sent.after(SEND_GAP));
        if self.phase == Phase::LoggingIn || too_early {
            return;
        }
        let unwanted = self.subscriptions.next_unwanted();
        if !unwanted.is_empty() {
            self.send(operation::unsubscribe(self.api, &unwanted), now, out);
            return;
        }
        let wanted = self.subscriptions.next_wanted(now);
        if !wanted.is_empty() {
            self.send(operation::subscribe(self.api, &wanted), now, out);
        }
    }

    fn send(&mut self, text: String, now: Timestamp, out: &mut Vec<Output>) {
        self.sent_at = Some(now);
        out.push(Output::Send(text));
    }

    /// Becomes live once all channels are settled and, on the public stream, a price has arrived.
    fn settle(&mut self, out: &mut Vec<Output>) {
        let priced = self.stream != Stream::WsPublic || self.has_price;
        if self.phase == Phase::Subscribing && priced && self.subscriptions.settled() {
            self.enter(Phase::Live, out);
        }
    }

    fn enter(&mut self, phase: Phase, out: &mut Vec<Output>) {
        self.phase = phase;
        out.push(Output::Phase(phase));
    }
}
