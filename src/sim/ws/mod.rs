//! The sockets: login, subscriptions, pushes, heartbeat and limits, as strict as the real ones.
//! `generation` holds the names and frames of V2 and V3, `session` logs in and subscribes.

mod generation;
mod session;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

pub(super) use self::generation::{Generation, V2, V3};
use super::fault::{Fault, FaultTarget, On, TrafficHistory, corrupt_frame, garbage, when};
use super::shared_state::{Cut, SharedState};
use super::subscription::Subscription;
use super::world::Event;

/// A client that sends no text `ping` for this long is disconnected.
const HEARTBEAT: Duration = Duration::from_secs(120);
/// More messages than this within a second close the connection.
const MESSAGES_PER_SECOND: usize = 10;
/// More subscriptions than this within an hour close the connection.
const SUBSCRIPTIONS_PER_HOUR: usize = 240;
/// A client that does not read for this long is disconnected.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The size limit of a subscribe message.
const MAX_SUBSCRIBE_BYTES: usize = 4_096;
/// The limit of delayed texts.
const MAX_DELAYED: usize = 1_000;

struct Socket<S> {
    stream: WebSocketStream<S>,
    shared: Arc<SharedState>,
    on: On,
    generation: &'static Generation,
    logged_in: bool,
    subscriptions: Vec<Subscription>,
    recent: VecDeque<Instant>,
    subscribed: VecDeque<Instant>,
    pinged_at: Instant,
    ticks: u64,
    traffic: TrafficHistory,
    /// Texts that are sent later, soonest first.
    delayed: VecDeque<(Instant, String)>,
}

/// The socket is closed, or must be.
struct Closed;

/// Serves one socket until it ends.
pub(super) async fn serve<S>(
    stream: WebSocketStream<S>,
    shared: Arc<SharedState>,
    on: On,
    generation: &'static Generation,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ticks = shared.ticks();
    let mut cuts = shared.cuts();
    let stop = shared.stop().clone();
    let mut socket = Socket {
        stream,
        shared,
        on,
        generation,
        logged_in: false,
        subscriptions: Vec::new(),
        recent: VecDeque::new(),
        subscribed: VecDeque::new(),
        pinged_at: Instant::now(),
        ticks: 0,
        traffic: TrafficHistory::default(),
        delayed: VecDeque::new(),
    };
    loop {
        let limit = socket.pinged_at + HEARTBEAT;
        let next_delayed = socket.delayed.front().map_or(limit, |(at, _)| *at);
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(Closed),
            Ok(cut) = cuts.recv() => socket.on_cut(cut).await,
            () = sleep_until(limit) => socket.close(CloseCode::Normal, "no ping").await,
            () = sleep_until(next_delayed), if !socket.delayed.is_empty() => {
                let text = socket.delayed.pop_front().map(|(_, text)| text).unwrap_or_default();
                socket.send_text(text).await
            }
            message = socket.stream.next() => match message {
                Some(Ok(message)) => socket.on_message(message).await,
                Some(Err(_)) | None => Err(Closed),
            },
            tick = ticks.recv() => match tick {
                Ok(events) => socket.on_tick(&events).await,
                // A client that cannot keep up is disconnected, as by the real exchange.
                Err(RecvError::Lagged(_) | RecvError::Closed) => Err(Closed),
            },
        };
        if result.is_err() {
            return;
        }
    }
}

/// Records a moment and returns how many there are within `span`.
fn count(moments: &mut VecDeque<Instant>, now: Instant, span: Duration) -> usize {
    moments.push_back(now);
    while moments.front().is_some_and(|at| now - *at >= span) {
        moments.pop_front();
    }
    moments.len()
}

impl<S> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn fault<T>(&self, path: &str, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.shared.fault(FaultTarget { on: self.on, path }, pick)
    }

    async fn send(&mut self, value: &Value) -> Result<(), Closed> {
        self.send_text(value.to_string()).await
    }

    async fn send_text(&mut self, text: String) -> Result<(), Closed> {
        self.send_message(Message::text(text)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), Closed> {
        match timeout(WRITE_TIMEOUT, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Closed),
        }
    }

    /// Sends a text after `ms`.
    fn send_delayed(&mut self, text: String, ms: u64) {
        let at = Instant::now() + Duration::from_millis(ms);
        if self.delayed.len() < MAX_DELAYED {
            let place = self.delayed.partition_point(|(due, _)| *due <= at);
            self.delayed.insert(place, (at, text));
        }
    }

    /// Sends data of a channel, subject to faults.
    async fn push(&mut self, channel: &str, frame: Value) -> Result<(), Closed> {
        if !self.shared.is_scripted() {
            return self.send(&frame).await;
        }
        if let Some(kind) = self.fault(channel, when!(Fault::Garbage { kind } => *kind)) {
            self.send_message(garbage(kind, &frame)).await?;
        }
        let (target, traffic) = (FaultTarget { on: self.on, path: channel }, &mut self.traffic);
        let frames = self
            .shared
            .corrupt(|schedule, _, now| corrupt_frame(schedule, target, traffic, now, frame));
        for frame in frames {
            self.send(&frame).await?;
        }
        Ok(())
    }

    async fn close(&mut self, code: CloseCode, reason: &'static str) -> Result<(), Closed> {
        let frame = CloseFrame { code, reason: reason.into() };
        drop(timeout(WRITE_TIMEOUT, self.stream.close(Some(frame))).await);
        Err(Closed)
    }

    async fn on_cut(&mut self, cut: Cut) -> Result<(), Closed> {
        if cut.on != On::All && cut.on != self.on {
            return Ok(());
        }
        match cut.code {
            Some(code) => self.close(code.into(), "by the fault script").await,
            None => Err(Closed),
        }
    }

    async fn on_message(&mut self, message: Message) -> Result<(), Closed> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(Closed),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                return Ok(());
            }
        };
        let now = Instant::now();
        if count(&mut self.recent, now, Duration::from_secs(1)) > MESSAGES_PER_SECOND {
            self.shared.record("WS", "messages", "30006");
            return self.close(CloseCode::Normal, "too many messages").await;
        }
        if text.as_str() == "ping" {
            return self.on_ping(now).await;
        }
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let operation = member(&request, "op").as_str().unwrap_or_default().to_owned();
        self.shared.record("WS", &operation, "");
        let args = member(&request, "args").as_array().cloned().unwrap_or_default();
        match operation.as_str() {
            "login" => self.login(args.first().unwrap_or(&Value::Null)).await,
            "subscribe" if text.len() > MAX_SUBSCRIBE_BYTES => {
                self.refuse(None, 30_002, "illegal request", "subscribe").await
            }
            "subscribe" => {
                for arg in args {
                    self.subscribe(arg).await?;
                }
                Ok(())
            }
            "unsubscribe" => {
                for arg in args {
                    self.unsubscribe(&arg).await?;
                }
                Ok(())
            }
            _ => self.refuse(None, 30_003, "Invalid op", &operation).await,
        }
    }

    async fn on_ping(&mut self, now: Instant) -> Result<(), Closed> {
        self.pinged_at = now;
        self.shared.record("WS", "ping", "");
        if self.fault("ping", when!(Fault::NoPong => ())).is_some() {
            return Ok(());
        }
        if let Some(ms) = self.fault("ping", when!(Fault::LatePong { ms } => *ms)) {
            self.send_delayed("pong".to_owned(), ms);
            return Ok(());
        }
        self.send_text("pong".to_owned()).await
    }

    async fn on_tick(&mut self, events: &[Event]) -> Result<(), Closed> {
        self.ticks += 1;
        let ticks = self.ticks;
        let subscriptions = &mut self.subscriptions;
        if self.on == On::Private && events.contains(&Event::AccountKindChanged) {
            return Err(Closed);
        }
        let frames: Vec<(String, Value)> = self.shared.world(|world| {
            let mut frames = Vec::new();
            for subscription in subscriptions.iter_mut() {
                let pushes = subscription.pushes(world, ticks, events);
                let subject = || subscription.subject.clone();
                frames.extend(pushes.into_iter().map(|frame| (subject(), frame)));
            }
            frames
        });
        for (subject, frame) in frames {
            self.push(&subject, frame).await?;
        }
        Ok(())
    }
}

/// Returns a member of an object, null if there is none.
fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}
