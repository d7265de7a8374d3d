//! One WebSocket connection: opens it, drives one session over it, and returns why it ended.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

use super::context::{PollHint, Shared};
use super::progress::{Progress, Step};
use super::transport::{BoxIo, without_number};
use crate::domain::{
    AccountKind, Body, LinkFault, LinkReport, LinkState, Origin, Stream, Timestamp,
};
use crate::exchange::rest::HttpFailure;
use crate::exchange::ws::{CloseReason, Output, Phase, ReadyChannel, Session, Timing};
use crate::exchange::{Api, Channel, ChannelEvent, ExchangeError};

/// The largest message. Those of the exchange are far smaller: the first candles of a channel are about
/// 60 kB.
const MAX_BYTES: usize = 1 << 20;
/// The most bytes that may wait to be written.
const MAX_UNSENT: usize = 64 << 10;
/// A peer that does not accept a small frame within this time has stopped reading.
const SEND_TIMEOUT: Duration = Duration::from_secs(5);
/// Traffic is counted here and reported at this pace.
const REPORT_EVERY: Duration = Duration::from_millis(250);

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// It could not be opened, was lost, or was closed by us.
    Lost {
        /// Why, for the user.
        reason: String,
        /// What that means for the user.
        fault: LinkFault,
        /// How long it had been live; `None` if it never was.
        live_for: Option<Duration>,
    },
    /// The exchange refused the login.
    LoginRefused(ExchangeError),
}

/// Opens a connection and drives it until it ends.
pub(super) async fn run(
    shared: &Shared,
    api: &'static dyn Api,
    stream: Stream,
    attempts: u32,
) -> Ended {
    let deadline = shared.settings.connect_timeout;
    let began = shared.now();
    match open(shared, api, stream, deadline).await {
        Ok(socket) => {
            let left = deadline.saturating_sub(shared.now().since(began));
            Driver::new(shared, api, stream, attempts, left).drive(socket).await
        }
        Err(HttpFailure { text, fault }) => Ended::Lost { reason: text, fault, live_for: None },
    }
}

/// Opens a WebSocket; the error names the step that failed or timed out.
async fn open(
    shared: &Shared,
    api: &dyn Api,
    stream: Stream,
    deadline: Duration,
) -> Result<WebSocketStream<BoxIo>, HttpFailure> {
    let target = &shared.settings.stream_origin;
    let progress = Progress::default();
    let opening = async {
        let dialing = shared.settings.dialer.dial(target, &progress);
        let io = dialing.await?;
        progress.begin(Step::from("upgrade").blaming(LinkFault::Upgrade));
        let url = format!("{}{}", target.origin, api.stream_path(stream));
        let limits = WebSocketConfig::default()
            .read_buffer_size(32 << 10)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_UNSENT)
            .max_message_size(Some(MAX_BYTES))
            .max_frame_size(Some(MAX_BYTES));
        tokio_tungstenite::client_async_with_config(url, io, Some(limits))
            .await
            .map(|(socket, _)| socket)
            .map_err(|error| {
                let (text, fault) = told(&error);
                HttpFailure { text: format!("upgrade failed: {text}"), fault }
            })
    };
    timeout(deadline, opening).await.unwrap_or_else(|_| Err(progress.timed_out(deadline)))
}

/// Returns the text of a socket error, without the page that a proxy may have sent, and what it means.
fn told(error: &tungstenite::Error) -> (String, LinkFault) {
    match page_of(error) {
        Some(page) => (page.to_string(), page.fault()),
        None => (without_number(&error.to_string()), LinkFault::Cut),
    }
}

/// Returns what a page means that came in place of an upgrade.
fn page_of(error: &tungstenite::Error) -> Option<ExchangeError> {
    let tungstenite::Error::Http(response) = error else { return None };
    let body = response.body().as_deref().unwrap_or_default();
    Some(ExchangeError::of_page(response.status().as_u16(), body))
}

/// Drives one session over one socket.
struct Driver<'a> {
    shared: &'a Shared,
    stream: Stream,
    api: AccountKind,
    attempts: u32,
    session: Session,
    live_since: Option<Timestamp>,
    unreported: (u64, u64),
    reported_at: Timestamp,
}

impl<'a> Driver<'a> {
    fn new(
        shared: &'a Shared,
        api: &'static dyn Api,
        stream: Stream,
        attempts: u32,
        login_within: Duration,
    ) -> Self {
        let settings = &shared.settings;
        let (channels, login) = match stream {
            Stream::WsPrivate => (api.private_channels(), settings.credentials.clone()),
            Stream::WsPublic | Stream::Rest => (shared.channels.borrow().clone(), None),
        };
        let usual = Timing::of(stream);
        let ping_every = settings.ping_every.unwrap_or(usual.ping_every);
        let timing = Timing { login: login_within, ping_every, ..usual };
        let session = Session::new(api, stream, channels, login, timing);
        let reported_at = shared.now();
        let unreported = (0, 0);
        let (api, live_since) = (api.kind(), None);
        Self { shared, stream, api, attempts, session, live_since, unreported, reported_at }
    }

    async fn drive(mut self, mut socket: WebSocketStream<BoxIo>) -> Ended {
        let mut channels = self.shared.channels.subscribe();
        let mut out = Vec::new();
        let now = self.shared.now();
        if let Some(observer) = &self.shared.settings.observer {
            observer.opened(self.stream, self.api, now);
        }
        self.session.on_open(now, self.shared.offset_ms(), &mut out);
        loop {
            for output in out.drain(..) {
                if let Some(ended) = self.execute(output, &mut socket).await {
                    self.report_traffic();
                    return ended;
                }
            }
            let wait = self.wait();
            tokio::select! {
                // Deadlines first: a flood of frames must not delay a ping.
                biased;
                () = tokio::time::sleep(wait) => {
                    self.session.on_time(self.shared.now(), &mut out);
                    self.report_traffic();
                }
                wanted = changed_channels(&mut channels, self.stream) => {
                    self.session.set_channels(wanted, self.shared.now(), &mut out);
                }
                message = socket.next() => {
                    if let Some(reason) = self.receive(message, &mut out) {
                        self.report_traffic();
                        return self.lost(reason, LinkFault::Cut);
                    }
                }
            }
        }
    }

    fn wait(&self) -> Duration {
        let now = self.shared.now();
        let report = if self.unreported.0 > 0 { REPORT_EVERY } else { Duration::from_secs(60) };
        self.session.next_deadline().map_or(report, |deadline| deadline.since(now)).min(report)
    }

    /// Feeds a message to the session and returns the reason if the socket has ended.
    fn receive(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
        out: &mut Vec<Output>,
    ) -> Option<String> {
        let now = self.shared.now();
        let bytes = match message {
            Some(Ok(Message::Text(text))) => {
                self.on_text(&text, now, out);
                text.len()
            }
            // Some proxies turn the text `pong` into a binary frame.
            Some(Ok(Message::Binary(bytes))) => {
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    self.on_text(text, now, out);
                }
                bytes.len()
            }
            Some(Ok(Message::Close(frame))) => {
                let reason = frame.map_or_else(
                    || "closed by the exchange".to_owned(),
                    |frame| format!("closed by the exchange: {} {}", frame.code, frame.reason),
                );
                return Some(reason);
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => 0,
            Some(Err(error)) => return Some(told(&error).0),
            None => return Some("connection closed".to_owned()),
        };
        self.unreported.0 += 1;
        self.unreported.1 += u64::try_from(bytes).unwrap_or(0);
        if now.since(self.reported_at) >= REPORT_EVERY {
            self.report_traffic();
        }
        None
    }

    fn on_text(&mut self, text: &str, now: Timestamp, out: &mut Vec<Output>) {
        if let Some(observer) = &self.shared.settings.observer {
            observer.received(self.stream, text, now);
        }
        self.session.on_text(text, now, out);
    }

    /// Executes an output of the session; returns an end if the connection is to be closed.
    async fn execute(
        &mut self,
        output: Output,
        socket: &mut WebSocketStream<BoxIo>,
    ) -> Option<Ended> {
        match output {
            Output::Send(text) => {
                if let Some(observer) = &self.shared.settings.observer
                    && !self.session.is_logging_in()
                {
                    observer.sent(self.stream, &text, self.shared.now());
                }
                let sent = timeout(SEND_TIMEOUT, socket.send(Message::text(text))).await;
                match sent {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(self.lost(told(&error).0, LinkFault::Cut)),
                    Err(_) => Some(self.lost("send timed out".to_owned(), LinkFault::Slow)),
                }
            }
            Output::Emit(update) => {
                let is_account =
                    update.origin == Origin::PrivatePush && changes_account(&update.body);
                self.shared.store.apply(update);
                if is_account {
                    self.shared.poll_hints.send(PollHint::Private);
                }
                None
            }
            Output::Phase(phase) => {
                self.phase(phase);
                None
            }
            Output::Latency(round_trip) => {
                let report = LinkReport::Latency { stream: self.stream, round_trip };
                self.shared.apply(Body::Link(report));
                None
            }
            Output::ChannelReady(ReadyChannel { channel, after, has_data }) => {
                let event = if has_data {
                    ChannelEvent::FirstData { after }
                } else {
                    ChannelEvent::Acknowledged { after }
                };
                self.observe(&channel, event);
                None
            }
            Output::ChannelRefused { channel, text } => {
                tracing::warn!(stream = %self.stream, %channel, %text, "subscription refused");
                self.observe(&channel, ChannelEvent::Refused(text));
                None
            }
            Output::ChannelSilent { channel } => {
                tracing::warn!(stream = %self.stream, %channel, "no acknowledgement or no data");
                self.observe(&channel, ChannelEvent::Silent);
                None
            }
            Output::ChannelLost { channel } => {
                tracing::warn!(stream = %self.stream, %channel, "lost its sequence, resubscribing");
                None
            }
            Output::Unreadable(excerpt) => {
                tracing::warn!(stream = %self.stream, %excerpt, "unreadable message");
                None
            }
            Output::Close(CloseReason::LoginRefused(error)) => Some(Ended::LoginRefused(error)),
            Output::Close(reason) => {
                let refused = matches!(reason, CloseReason::Refused(_));
                if refused && self.stream == Stream::WsPrivate {
                    self.shared.poll_hints.send(PollHint::AccountKind);
                }
                Some(self.lost(reason.to_string(), reason.fault()))
            }
        }
    }

    fn observe(&self, channel: &Channel, event: ChannelEvent) {
        if let Some(observer) = &self.shared.settings.observer {
            observer.channel(self.stream, channel, event);
        }
    }

    fn phase(&mut self, phase: Phase) {
        let state = match phase {
            Phase::LoggingIn | Phase::Subscribing => return,
            Phase::Live => LinkState::Live,
            Phase::Stale => LinkState::Stale,
        };
        if state == LinkState::Live && self.live_since.is_none() {
            self.shared.obstructed(self.stream, None);
            self.live_since = Some(self.shared.now());
            if self.stream == Stream::WsPrivate {
                // Only REST knows what changed before the subscription.
                self.shared.poll_hints.send(PollHint::Private);
            }
        }
        let attempts = if state == LinkState::Live { 0 } else { self.attempts };
        self.shared.link(self.stream, state, attempts, None);
    }

    fn report_traffic(&mut self) {
        let (frames, bytes) = std::mem::take(&mut self.unreported);
        self.reported_at = self.shared.now();
        if frames > 0 {
            let report = LinkReport::Traffic { stream: self.stream, frames, bytes };
            self.shared.apply(Body::Link(report));
        }
    }

    fn lost(&self, reason: String, fault: LinkFault) -> Ended {
        Ended::Lost {
            reason,
            fault,
            live_for: self.live_since.map(|since| self.shared.now().since(since)),
        }
    }
}

/// Waits for another set of channels; those of the private stream never change.
async fn changed_channels(
    channels: &mut watch::Receiver<Vec<Channel>>,
    stream: Stream,
) -> Vec<Channel> {
    if stream == Stream::WsPublic && channels.changed().await.is_ok() {
        return channels.borrow_and_update().clone();
    }
    std::future::pending().await
}

/// Returns whether REST confirms the account after a push.
const fn changes_account(body: &Body) -> bool {
    matches!(
        body,
        Body::Positions(_)
            | Body::Orders(_)
            | Body::Fills(_)
            | Body::ClosedPositions(_)
            | Body::Account(_)
            | Body::Deleveraged { .. }
    )
}
