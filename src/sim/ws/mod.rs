//! The sockets: login, subscriptions, pushes, heartbeat and limits, strict as the real ones.
//! `generation` holds what V2 and V3 call things, `session` logs in and subscribes.

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
use super::fault::{Fault, Memory, On, Target, garbage, spoil_frames, when};
use super::hub::{Cut, Hub};
use super::push::Subscription;
use super::world::Happened;

/// A client that sent no text `ping` for this long is cut off.
const HEARTBEAT: Duration = Duration::from_secs(120);
/// More messages than this within a second close the connection.
const MESSAGES_A_SECOND: usize = 10;
/// More subscriptions than this within an hour close the connection.
const SUBSCRIPTIONS_AN_HOUR: usize = 240;
/// A client that does not read for this long is cut off.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The arguments of one subscription.
const MOST_BYTES: usize = 4_096;
/// Texts that may wait to be sent late.
const MOST_LATE: usize = 1_000;

struct Socket<S> {
    stream: WebSocketStream<S>,
    hub: Arc<Hub>,
    on: On,
    generation: &'static Generation,
    logged_in: bool,
    subscriptions: Vec<Subscription>,
    recent: VecDeque<Instant>,
    subscribed: VecDeque<Instant>,
    pinged_at: Instant,
    ticks: u64,
    memory: Memory,
    /// Texts that are sent late, soonest first.
    late: VecDeque<(Instant, String)>,
}

/// The end of a socket.
struct End;

/// Serves one socket until it ends.
pub(super) async fn serve<S>(
    stream: WebSocketStream<S>,
    hub: Arc<Hub>,
    on: On,
    generation: &'static Generation,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ticks = hub.ticks();
    let mut cuts = hub.cuts();
    let stop = hub.stop().clone();
    let mut socket = Socket {
        stream,
        hub,
        on,
        generation,
        logged_in: false,
        subscriptions: Vec::new(),
        recent: VecDeque::new(),
        subscribed: VecDeque::new(),
        pinged_at: Instant::now(),
        ticks: 0,
        memory: Memory::default(),
        late: VecDeque::new(),
    };
    loop {
        let limit = socket.pinged_at + HEARTBEAT;
        let late = socket.late.front().map_or(limit, |(at, _)| *at);
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(End),
            Ok(cut) = cuts.recv() => socket.on_cut(cut).await,
            () = sleep_until(limit) => socket.close(CloseCode::Normal, "no ping").await,
            () = sleep_until(late), if !socket.late.is_empty() => {
                let text = socket.late.pop_front().map(|(_, text)| text).unwrap_or_default();
                socket.send_text(text).await
            }
            message = socket.stream.next() => match message {
                Some(Ok(message)) => socket.on_message(message).await,
                Some(Err(_)) | None => Err(End),
            },
            tick = ticks.recv() => match tick {
                Ok(happened) => socket.on_tick(&happened).await,
                // A client that cannot keep up is cut off, as the real exchange does.
                Err(RecvError::Lagged(_) | RecvError::Closed) => Err(End),
            },
        };
        if result.is_err() {
            return;
        }
    }
}

/// Adds a moment and returns how many there are within `span`.
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
        self.hub.fault(Target { on: self.on, path }, pick)
    }

    async fn send(&mut self, value: &Value) -> Result<(), End> {
        self.send_text(value.to_string()).await
    }

    async fn send_text(&mut self, text: String) -> Result<(), End> {
        self.send_message(Message::text(text)).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE_TIMEOUT, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End),
        }
    }

    /// Sends a text after `ms`.
    fn send_late(&mut self, text: String, ms: u64) {
        let at = Instant::now() + Duration::from_millis(ms);
        if self.late.len() < MOST_LATE {
            let place = self.late.partition_point(|(due, _)| *due <= at);
            self.late.insert(place, (at, text));
        }
    }

    /// Sends data of a channel, as the faults let it.
    async fn push(&mut self, channel: &str, frame: Value) -> Result<(), End> {
        if !self.hub.is_scripted() {
            return self.send(&frame).await;
        }
        if let Some(kind) = self.fault(channel, when!(Fault::Garbage { kind } => *kind)) {
            self.send_message(garbage(kind, &frame)).await?;
        }
        let (target, memory) = (Target { on: self.on, path: channel }, &mut self.memory);
        let frames = self.hub.spoil(|plan, _, now| spoil_frames(plan, target, memory, now, frame));
        for frame in frames {
            self.send(&frame).await?;
        }
        Ok(())
    }

    async fn close(&mut self, code: CloseCode, reason: &'static str) -> Result<(), End> {
        let frame = CloseFrame { code, reason: reason.into() };
        drop(timeout(WRITE_TIMEOUT, self.stream.close(Some(frame))).await);
        Err(End)
    }

    async fn on_cut(&mut self, cut: Cut) -> Result<(), End> {
        if cut.on != On::All && cut.on != self.on {
            return Ok(());
        }
        match cut.code {
            Some(code) => self.close(code.into(), "the script says so").await,
            None => Err(End),
        }
    }

    async fn on_message(&mut self, message: Message) -> Result<(), End> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(End),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                return Ok(());
            }
        };
        let now = Instant::now();
        if count(&mut self.recent, now, Duration::from_secs(1)) > MESSAGES_A_SECOND {
            self.hub.record("WS", "messages", "30006");
            return self.close(CloseCode::Normal, "too many messages").await;
        }
        if text.as_str() == "ping" {
            return self.on_ping(now).await;
        }
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let operation = member(&request, "op").as_str().unwrap_or_default().to_owned();
        self.hub.record("WS", &operation, "");
        let args = member(&request, "args").as_array().cloned().unwrap_or_default();
        match operation.as_str() {
            "login" => self.login(args.first().unwrap_or(&Value::Null)).await,
            "subscribe" if text.len() > MOST_BYTES => {
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

    async fn on_ping(&mut self, now: Instant) -> Result<(), End> {
        self.pinged_at = now;
        self.hub.record("WS", "ping", "");
        if self.fault("ping", when!(Fault::NoPong => ())).is_some() {
            return Ok(());
        }
        if let Some(ms) = self.fault("ping", when!(Fault::LatePong { ms } => *ms)) {
            self.send_late("pong".to_owned(), ms);
            return Ok(());
        }
        self.send_text("pong".to_owned()).await
    }

    async fn on_tick(&mut self, happened: &[Happened]) -> Result<(), End> {
        self.ticks += 1;
        let ticks = self.ticks;
        let subscriptions = &mut self.subscriptions;
        if self.on == On::Private && happened.contains(&Happened::Switched) {
            return Err(End);
        }
        let frames: Vec<(String, Value)> = self.hub.world(|world| {
            let mut frames = Vec::new();
            for subscription in subscriptions.iter_mut() {
                let pushes = subscription.pushes(world, ticks, happened);
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

/// Returns a member of an object; null for one that is not there.
fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}
