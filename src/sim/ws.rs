//! The sockets of V2: login, subscriptions, pushes, heartbeat and limits, strict as the real ones.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::auth::{self, Claim};
use super::fault::{Answer, Fault, Memory, On, Stage, Target, garbage, spoil_frames, when};
use super::hub::{Cut, Hub};
use super::push::{Subscription, first, is_public, private_pushes, public_push};
use super::rest::exists;
use super::world::Happened;
use crate::domain::Symbol;

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

const PRIVATE: [&str; 8] = [
    "positions",
    "positions-history",
    "account",
    "equity",
    "orders",
    "orders-algo",
    "fill",
    "adl-noti",
];

struct Socket<S> {
    stream: WebSocketStream<S>,
    hub: Arc<Hub>,
    on: On,
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
pub(super) async fn serve<S>(stream: WebSocketStream<S>, hub: Arc<Hub>, on: On)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ticks = hub.ticks();
    let mut cuts = hub.cuts();
    let stop = hub.stop().clone();
    let mut socket = Socket {
        stream,
        hub,
        on,
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
                self.send(&error(None, 30_002, "illegal request", "subscribe")).await
            }
            "subscribe" => {
                for arg in args {
                    self.subscribe(arg).await?;
                }
                Ok(())
            }
            "unsubscribe" => {
                for arg in args {
                    self.subscriptions.retain(|held| held.arg != arg);
                    self.send(&json!({ "event": "unsubscribe", "arg": arg })).await?;
                }
                Ok(())
            }
            _ => self.send(&error(None, 30_003, "Invalid op", &operation)).await,
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

    async fn login(&mut self, arg: &Value) -> Result<(), End> {
        let word = |name: &str| member(arg, name).as_str().unwrap_or_default();
        // Clients write the time as a string or as a number.
        let timestamp = member(arg, "timestamp");
        let timestamp =
            timestamp.as_str().map_or_else(|| Cow::Owned(timestamp.to_string()), Cow::Borrowed);
        let claim = Claim {
            key: word("apiKey"),
            sign: word("sign"),
            timestamp: &timestamp,
            passphrase: word("passphrase"),
        };
        if self.fault("login", when!(Fault::Stall { at: Stage::Login } => ())).is_some() {
            return Ok(());
        }
        let offset = self.fault("login", when!(Fault::ClockOffset { ms } => *ms));
        let now = self.hub.world(|world| world.now_ms()) + offset.unwrap_or_default();
        let revoked = self.fault("login", when!(Fault::KeyRevoked => ())).is_some();
        let checked = if revoked {
            Err((30_011, "Invalid ACCESS_KEY"))
        } else {
            auth::login(self.hub.expected(), &claim, now)
        };
        if let Err((code, text)) = checked {
            return self.send(&json!({ "event": "error", "code": code, "msg": text })).await;
        }
        self.logged_in = true;
        let id = "0621ccff00000000-00000000-00000000-0000000000000000-00000000";
        let mut good = json!({ "event": "login", "code": 0, "connId": id });
        let other = when!(Fault::Login { answer, ms, code } => (*answer, *ms, *code));
        let Some((answer, ms, code)) = self.fault("login", other) else {
            return self.send(&good).await;
        };
        match answer {
            Answer::None => return Ok(()),
            Answer::Late => {
                self.send_late(good.to_string(), ms);
                return Ok(());
            }
            Answer::Twice => self.send(&good).await?,
            Answer::Error => {
                self.logged_in = false;
                good = json!({ "event": "error", "code": code, "msg": "the script says so" });
            }
            Answer::StringCode => good = json!({ "event": "login", "code": "0", "connId": id }),
            Answer::NoCode => good = json!({ "event": "login" }),
        }
        self.send(&good).await
    }

    async fn subscribe(&mut self, arg: Value) -> Result<(), End> {
        let word = |name: &str| member(&arg, name).as_str().unwrap_or_default().to_owned();
        let (product, channel) = (word("instType"), word("channel"));
        let key = if member(&arg, "coin").is_string() { word("coin") } else { word("instId") };
        let now = Instant::now();
        if count(&mut self.subscribed, now, Duration::from_secs(3_600)) > SUBSCRIPTIONS_AN_HOUR {
            self.hub.record("WS", "subscriptions", "30006");
            return self.close(CloseCode::Normal, "too many subscriptions").await;
        }
        if PRIVATE.contains(&channel.as_str()) {
            if self.on != On::Private || !self.logged_in {
                self.hub.record("WS", "early subscription", "30004");
                let text = "User not logged in / User must be logged in";
                return self.send(&json!({ "event": "error", "code": 30_004, "msg": text })).await;
            }
        } else if !is_public(&channel) {
            return self.send(&error(Some(&arg), 30_016, "Param error", "subscribe")).await;
        } else if !exists(&key) {
            let text = format!(
                "instType:{product},channel:{channel},instId:{key},precision:null doesn't exist"
            );
            return self.send(&error(Some(&arg), 30_001, &text, "subscribe")).await;
        }
        let subject = format!("{channel} {key}");
        if self.fault(&subject, when!(Fault::Stall { at: Stage::Subscribe } => ())).is_some() {
            return Ok(());
        }
        if !self.acknowledge(&arg, &subject).await? {
            return Ok(());
        }
        // A wrong product is acknowledged and stays silent, as on the real exchange.
        let known = product == Symbol::V2_PRODUCT;
        self.subscriptions.retain(|held| held.arg != arg);
        if !known {
            return Ok(());
        }
        let mut subscription = Subscription { arg, channel, key, book: None };
        let first = self.hub.world(|world| first(world, &mut subscription));
        self.subscriptions.push(subscription);
        match first {
            Some(frame) => self.push(&subject, frame).await,
            None => Ok(()),
        }
    }

    /// Acknowledges a subscription, as the faults let it, and returns whether it is served.
    async fn acknowledge(&mut self, arg: &Value, subject: &str) -> Result<bool, End> {
        let good = json!({ "event": "subscribe", "arg": arg });
        let other = when!(Fault::Ack { answer, ms, code } => (*answer, *ms, *code));
        match self.fault(subject, other) {
            Some((Answer::None, ..)) => {}
            Some((Answer::Late, ms, _)) => self.send_late(good.to_string(), ms),
            Some((Answer::Twice, ..)) => {
                self.send(&good).await?;
                self.send(&good).await?;
            }
            Some((Answer::Error, _, code)) => {
                self.send(&error(Some(arg), code, "the script says so", "subscribe")).await?;
                return Ok(false);
            }
            Some((Answer::StringCode | Answer::NoCode, ..)) | None => self.send(&good).await?,
        }
        Ok(true)
    }

    async fn on_tick(&mut self, happened: &[Happened]) -> Result<(), End> {
        self.ticks += 1;
        let ticks = self.ticks;
        let subscriptions = &mut self.subscriptions;
        let frames: Vec<(String, Value)> = self.hub.world(|world| {
            let mut frames = Vec::new();
            for subscription in subscriptions.iter_mut() {
                let public = public_push(world, subscription, ticks);
                let private = private_pushes(world, subscription, happened);
                let subject = || format!("{} {}", subscription.channel, subscription.key);
                frames.extend(public.into_iter().chain(private).map(|frame| (subject(), frame)));
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

fn error(arg: Option<&Value>, code: i64, text: &str, operation: &str) -> Value {
    match arg {
        Some(arg) => json!({
            "event": "error", "arg": arg, "code": code, "msg": text, "op": operation,
        }),
        None => json!({ "event": "error", "code": code, "msg": text, "op": operation }),
    }
}
