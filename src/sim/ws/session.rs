//! The session of a socket: heartbeat, limits, logins, subscriptions and pushes.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::generation::{CONNECTION, Generation, SubscribeRequest, member};
use super::socket::{Closed, Socket};
use crate::domain::AccountKind;
use crate::sim::auth::{self, Claim};
use crate::sim::contracts::index_of;
use crate::sim::fault::{Fault, On, Reply, Stage, when};
use crate::sim::shared_state::SharedState;
use crate::sim::subscription::{Products, Subscription, Topic};
use crate::sim::world::Event;

/// A client that sends no text `ping` for this long is disconnected.
const HEARTBEAT: Duration = Duration::from_secs(120);
/// More messages than this within a second close the connection.
const MESSAGES_PER_SECOND: usize = 10;
/// More subscriptions than this within an hour close the connection.
const SUBSCRIPTIONS_PER_HOUR: usize = 240;
/// The size limit of a subscribe message.
const MAX_SUBSCRIBE_BYTES: usize = 4_096;

struct Session<S> {
    socket: Socket<S>,
    generation: &'static Generation,
    logged_in: bool,
    subscriptions: Vec<Subscription>,
    /// The times of recent messages and of recent subscriptions, for their limits.
    messages: VecDeque<Instant>,
    subscribed: VecDeque<Instant>,
    pinged_at: Instant,
    ticks: u64,
}

/// Serves one socket until it ends.
pub(in crate::sim) async fn serve<S>(
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
    let mut session = Session {
        socket: Socket::new(stream, shared, on),
        generation,
        logged_in: false,
        subscriptions: Vec::new(),
        messages: VecDeque::new(),
        subscribed: VecDeque::new(),
        pinged_at: Instant::now(),
        ticks: 0,
    };
    loop {
        let limit = session.pinged_at + HEARTBEAT;
        let delayed = session.socket.next_delayed();
        let result = tokio::select! {
            biased;
            () = stop.cancelled() => Err(Closed),
            Ok(cut) = cuts.recv() => session.socket.on_cut(cut).await,
            () = sleep_until(limit) => session.socket.close(CloseCode::Normal, "no ping").await,
            () = sleep_until(delayed.unwrap_or(limit)), if delayed.is_some() => {
                session.socket.send_next_delayed().await
            }
            message = session.socket.next() => match message {
                Some(Ok(message)) => session.on_message(message).await,
                Some(Err(_)) | None => Err(Closed),
            },
            tick = ticks.recv() => match tick {
                Ok(events) => session.on_tick(&events).await,
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

impl<S> Session<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    async fn on_message(&mut self, message: Message) -> Result<(), Closed> {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(Closed),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {
                return Ok(());
            }
        };
        let now = Instant::now();
        if count(&mut self.messages, now, Duration::from_secs(1)) > MESSAGES_PER_SECOND {
            self.socket.shared.record("WS", "messages", "30006");
            return self.socket.close(CloseCode::Normal, "too many messages").await;
        }
        if text.as_str() == "ping" {
            return self.on_ping(now).await;
        }
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let operation = member(&request, "op").as_str().unwrap_or_default().to_owned();
        self.socket.shared.record("WS", &operation, "");
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
        self.socket.shared.record("WS", "ping", "");
        if self.socket.fault("ping", when!(Fault::NoPong => ())).is_some() {
            return Ok(());
        }
        if let Some(ms) = self.socket.fault("ping", when!(Fault::LatePong { ms } => *ms)) {
            self.socket.send_delayed("pong".to_owned(), ms);
            return Ok(());
        }
        self.socket.send_text("pong".to_owned()).await
    }

    async fn on_tick(&mut self, events: &[Event]) -> Result<(), Closed> {
        self.ticks += 1;
        let ticks = self.ticks;
        let subscriptions = &mut self.subscriptions;
        if self.socket.on == On::Private && events.contains(&Event::AccountKindChanged) {
            return Err(Closed);
        }
        let frames: Vec<(String, Value)> = self.socket.shared.world(|world| {
            let mut frames = Vec::new();
            for subscription in subscriptions.iter_mut() {
                let pushes = subscription.pushes(world, ticks, events);
                let subject = || subscription.subject.clone();
                frames.extend(pushes.into_iter().map(|frame| (subject(), frame)));
            }
            frames
        });
        for (subject, frame) in frames {
            self.socket.push(&subject, frame).await?;
        }
        Ok(())
    }

    async fn login(&mut self, arg: &Value) -> Result<(), Closed> {
        let text = |name: &str| member(arg, name).as_str().unwrap_or_default();
        // Clients send the time as a string or as a number.
        let timestamp = member(arg, "timestamp");
        let timestamp =
            timestamp.as_str().map_or_else(|| Cow::Owned(timestamp.to_string()), Cow::Borrowed);
        let claim = Claim {
            key: text("apiKey"),
            sign: text("sign"),
            timestamp: &timestamp,
            passphrase: text("passphrase"),
        };
        if self.socket.fault("login", when!(Fault::Stall { at: Stage::Login } => ())).is_some() {
            return Ok(());
        }
        let offset = self.socket.fault("login", when!(Fault::ClockOffset { ms } => *ms));
        let now = self.socket.shared.world(|world| world.now_ms()) + offset.unwrap_or_default();
        let revoked = self.socket.fault("login", when!(Fault::KeyRevoked => ())).is_some();
        let checked = if revoked {
            Err((30_011, "Invalid ACCESS_KEY"))
        } else {
            auth::login(self.socket.shared.expected(), &claim, now)
        };
        // The private socket of V2 accepts the login of a unified account and then stays silent, as seen
        // with live keys. There is no report of what V3 does with a classic one; here it replies as REST.
        let refusal = self.socket.shared.world(|world| world.mode.refusal(self.generation.kind));
        let checked = match refusal {
            Some((_, message)) if self.generation.kind == AccountKind::Unified => {
                checked.and(Err((40_084, message)))
            }
            _ => checked,
        };
        if let Err((code, text)) = checked {
            return self.socket.send(&plain_error(code, text)).await;
        }
        self.logged_in = true;
        let mut good = json!({ "event": "login", "code": 0, "connId": CONNECTION });
        let other = when!(Fault::Login { reply, ms, code } => (*reply, *ms, *code));
        let Some((reply, ms, code)) = self.socket.fault("login", other) else {
            return self.socket.send(&good).await;
        };
        match reply {
            Reply::None => return Ok(()),
            Reply::Late => {
                self.socket.send_delayed(good.to_string(), ms);
                return Ok(());
            }
            Reply::Twice => self.socket.send(&good).await?,
            Reply::Error => {
                self.logged_in = false;
                good = plain_error(code, "by the fault script");
            }
            Reply::StringCode => {
                good = json!({ "event": "login", "code": "0", "msg": "" });
            }
            Reply::NoCode => good = json!({ "event": "login" }),
        }
        self.socket.send(&good).await
    }

    /// Sends an error as the generation writes it.
    async fn refuse(
        &mut self,
        arg: Option<&Value>,
        code: i64,
        text: &str,
        operation: &str,
    ) -> Result<(), Closed> {
        self.socket.send(&(self.generation.error)(arg, code, text, operation)).await
    }

    async fn unsubscribe(&mut self, arg: &Value) -> Result<(), Closed> {
        self.subscriptions.retain(|existing| existing.arg != *arg);
        let request = (self.generation.read)(arg);
        self.socket.send(&(self.generation.done)("unsubscribe", arg, &request)).await
    }

    async fn subscribe(&mut self, arg: Value) -> Result<(), Closed> {
        let now = Instant::now();
        if count(&mut self.subscribed, now, Duration::from_secs(3_600)) > SUBSCRIPTIONS_PER_HOUR {
            self.socket.shared.record("WS", "subscriptions", "30006");
            return self.socket.close(CloseCode::Normal, "too many subscriptions").await;
        }
        let request = (self.generation.read)(&arg);
        let Some(topic) = request.topic else {
            return self.refuse(Some(&arg), 30_016, "Param error", "subscribe").await;
        };
        let private = matches!(topic, Topic::Private(_));
        if private {
            if self.socket.on != On::Private || !self.logged_in {
                self.socket.shared.record("WS", "early subscription", "30004");
                let text = "User not logged in / User must be logged in";
                return self.socket.send(&plain_error(30_004, text)).await;
            }
        } else if index_of(&request.key).is_none() {
            return self.refuse(Some(&arg), 30_001, &request.unknown_message, "subscribe").await;
        }
        let subject = format!("{} {}", request.name, request.key);
        if self.socket.fault(&subject, when!(Fault::Stall { at: Stage::Subscribe } => ())).is_some()
        {
            return Ok(());
        }
        if !self.acknowledge(&arg, &subject, &request).await? {
            return Ok(());
        }
        self.subscriptions.retain(|existing| existing.arg != arg);
        let kind = self.generation.kind;
        let serves_account = self.socket.shared.world(|world| world.mode.refusal(kind)).is_none();
        if request.products == Products::None || private && !serves_account {
            return Ok(());
        }
        let encode = self.generation.encode;
        let (key, products) = (request.key, request.products);
        let pace = self.socket.shared.pace();
        let mut subscription =
            Subscription { arg, topic, subject, key, encode, book: None, products, pace };
        let first = self.socket.shared.world(|world| subscription.first_push(world));
        let subject = subscription.subject.clone();
        self.subscriptions.push(subscription);
        match first {
            Some(frame) => self.socket.push(&subject, frame).await,
            None => Ok(()),
        }
    }

    /// Acknowledges a subscription, subject to faults, and returns whether it is served.
    async fn acknowledge(
        &mut self,
        arg: &Value,
        subject: &str,
        request: &SubscribeRequest,
    ) -> Result<bool, Closed> {
        let good = (self.generation.done)("subscribe", arg, request);
        let other = when!(Fault::Ack { reply, ms, code } => (*reply, *ms, *code));
        match self.socket.fault(subject, other) {
            Some((Reply::None, ..)) => {}
            Some((Reply::Late, ms, _)) => self.socket.send_delayed(good.to_string(), ms),
            Some((Reply::Twice, ..)) => {
                self.socket.send(&good).await?;
                self.socket.send(&good).await?;
            }
            Some((Reply::Error, _, code)) => {
                self.refuse(Some(arg), code, &request.unknown_message, "subscribe").await?;
                return Ok(false);
            }
            Some((Reply::StringCode | Reply::NoCode, ..)) | None => self.socket.send(&good).await?,
        }
        Ok(true)
    }
}

/// An error about the connection, not about an argument.
fn plain_error(code: i64, text: &str) -> Value {
    json!({ "event": "error", "code": code, "msg": text })
}
