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
use super::encode::{account, market, orders};
use super::market::{Depth, Market};
use super::rest::{INTERVALS, exists};
use super::server::Hub;
use super::world::{Happened, World};
use crate::domain::Symbol;

/// A client that sent no text `ping` for this long is cut off.
const HEARTBEAT: Duration = Duration::from_secs(120);
/// More messages than this within a second close the connection.
const MESSAGES_A_SECOND: usize = 10;
/// A client that does not read for this long is cut off.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The arguments of one subscription.
const MOST_BYTES: usize = 4_096;
/// Candles of a first push.
const FIRST_CANDLES: usize = 500;

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

/// One subscription of a client.
struct Subscription {
    arg: Value,
    channel: String,
    key: String,
    /// The last full book that was sent, for the changes of the next.
    book: Option<(i64, Depth)>,
}

struct Socket<S> {
    stream: WebSocketStream<S>,
    hub: Arc<Hub>,
    private: bool,
    logged_in: bool,
    subscriptions: Vec<Subscription>,
    recent: VecDeque<Instant>,
    pinged_at: Instant,
    ticks: u64,
}

/// The end of a socket.
struct End;

/// Serves one socket until it ends.
pub(super) async fn serve<S>(stream: WebSocketStream<S>, hub: Arc<Hub>, private: bool)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut ticks = hub.ticks();
    let mut cuts = hub.cuts();
    let stop = hub.stop().clone();
    let mut socket = Socket {
        stream,
        hub,
        private,
        logged_in: false,
        subscriptions: Vec::new(),
        recent: VecDeque::new(),
        pinged_at: Instant::now(),
        ticks: 0,
    };
    loop {
        let limit = socket.pinged_at + HEARTBEAT;
        let result = tokio::select! {
            () = stop.cancelled() => Err(End),
            _ = cuts.changed() => Err(End),
            () = sleep_until(limit) => socket.close("no ping").await,
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

impl<S> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    async fn send(&mut self, value: &Value) -> Result<(), End> {
        self.send_text(value.to_string()).await
    }

    async fn send_text(&mut self, text: String) -> Result<(), End> {
        match timeout(WRITE_TIMEOUT, self.stream.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End),
        }
    }

    async fn close(&mut self, reason: &'static str) -> Result<(), End> {
        let frame = CloseFrame { code: CloseCode::Normal, reason: reason.into() };
        drop(timeout(WRITE_TIMEOUT, self.stream.close(Some(frame))).await);
        Err(End)
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
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|at| now - *at >= Duration::from_secs(1)) {
            self.recent.pop_front();
        }
        if self.recent.len() > MESSAGES_A_SECOND {
            return self.close("too many messages").await;
        }
        if text.as_str() == "ping" {
            self.pinged_at = now;
            self.hub.record("WS", "ping");
            return self.send_text("pong".to_owned()).await;
        }
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let operation = member(&request, "op").as_str().unwrap_or_default().to_owned();
        self.hub.record("WS", &operation);
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
        let now = self.hub.world(|world| world.now_ms());
        match auth::login(self.hub.expected(), &claim, now) {
            Ok(()) => {
                self.logged_in = true;
                let id = "0621ccff00000000-00000000-00000000-0000000000000000-00000000";
                self.send(&json!({ "event": "login", "code": 0, "connId": id })).await
            }
            Err((code, text)) => {
                self.send(&json!({ "event": "error", "code": code, "msg": text })).await
            }
        }
    }

    async fn subscribe(&mut self, arg: Value) -> Result<(), End> {
        let word = |name: &str| member(&arg, name).as_str().unwrap_or_default().to_owned();
        let (product, channel) = (word("instType"), word("channel"));
        let key = if member(&arg, "coin").is_string() { word("coin") } else { word("instId") };
        if PRIVATE.contains(&channel.as_str()) {
            if !self.private || !self.logged_in {
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
        self.send(&json!({ "event": "subscribe", "arg": arg })).await?;
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
            Some(frame) => self.send(&frame).await,
            None => Ok(()),
        }
    }

    async fn on_tick(&mut self, happened: &[Happened]) -> Result<(), End> {
        self.ticks += 1;
        let ticks = self.ticks;
        let subscriptions = &mut self.subscriptions;
        let frames: Vec<Value> = self.hub.world(|world| {
            let mut frames = Vec::new();
            for subscription in subscriptions.iter_mut() {
                frames.extend(public_push(world, subscription, ticks));
                frames.extend(private_pushes(world, subscription, happened));
            }
            frames
        });
        for frame in frames {
            self.send(&frame).await?;
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

fn is_public(channel: &str) -> bool {
    let plain = ["ticker", "trade", "books", "books1", "books5", "books15"].contains(&channel);
    plain || minutes_of(channel).is_some()
}

fn minutes_of(channel: &str) -> Option<i64> {
    let word = channel.strip_prefix("candle")?;
    INTERVALS.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes)
}

fn frame(subscription: &Subscription, action: &str, data: &[Value], now: i64) -> Value {
    json!({ "action": action, "arg": subscription.arg, "data": data, "ts": now })
}

fn market_of<'a>(world: &'a World, subscription: &Subscription) -> Option<&'a Market> {
    world.markets.iter().find(|market| market.spec.name == subscription.key)
}

/// What a subscription begins with; some channels begin silently.
fn first(world: &World, subscription: &mut Subscription) -> Option<Value> {
    let now = world.now_ms();
    let data = match subscription.channel.as_str() {
        "positions" => positions(world),
        "account" => vec![account::ws_account(world)],
        "equity" => vec![account::ws_equity(world)],
        "orders" | "orders-algo" | "fill" | "positions-history" | "adl-noti" => return None,
        "ticker" => vec![market::ws_ticker(market_of(world, subscription)?, now)],
        "trade" => {
            let market = market_of(world, subscription)?;
            market.deals.iter().map(|deal| market::trade(market, deal)).collect()
        }
        "books" => {
            let market = market_of(world, subscription)?;
            let depth = market.depth();
            let row = market::book(market, &depth, usize::MAX, None, now);
            subscription.book = Some((market.seq, depth));
            vec![row]
        }
        channel => match minutes_of(channel) {
            Some(minutes) => {
                let market = market_of(world, subscription)?;
                let bars = market.bars_of(minutes);
                let skip = bars.len().saturating_sub(FIRST_CANDLES);
                bars.iter().skip(skip).map(|bar| market::candle(market, bar, 8)).collect()
            }
            None => vec![shallow(market_of(world, subscription)?, channel, now)],
        },
    };
    Some(frame(subscription, "snapshot", &data, now))
}

/// A book of few levels: the whole of it in every push.
fn shallow(market: &Market, channel: &str, now: i64) -> Value {
    let levels = channel.strip_prefix("books").and_then(|levels| levels.parse().ok()).unwrap_or(5);
    market::book(market, &market.depth(), levels, None, now)
}

fn positions(world: &World) -> Vec<Value> {
    world.account.positions.iter().map(|position| account::ws_position(world, position)).collect()
}

/// What this step brings to a public channel; each has its own pace.
fn public_push(world: &World, subscription: &mut Subscription, ticks: u64) -> Option<Value> {
    let market = market_of(world, subscription)?;
    let now = world.now_ms();
    match subscription.channel.as_str() {
        "ticker" if ticks.is_multiple_of(3) => {
            Some(frame(subscription, "snapshot", &[market::ws_ticker(market, now)], now))
        }
        "trade" if market.fresh_deals > 0 => {
            let fresh = market.deals.iter().take(market.fresh_deals);
            let rows: Vec<_> = fresh.map(|deal| market::trade(market, deal)).collect();
            Some(frame(subscription, "update", &rows, now))
        }
        "books" if ticks.is_multiple_of(2) => {
            let depth = market.depth();
            let (seq, old) = subscription.book.as_ref()?;
            let changes = market::book_changes(old, &depth);
            let row = market::book(market, &changes, usize::MAX, Some(*seq), now);
            let push = frame(subscription, "update", &[row], now);
            subscription.book = Some((market.seq, depth));
            Some(push)
        }
        channel if channel.starts_with("books") && ticks.is_multiple_of(2) => {
            let row = shallow(market, channel, now);
            Some(frame(subscription, "snapshot", &[row], now))
        }
        channel if ticks.is_multiple_of(10) => {
            let bars = market.bars_of(minutes_of(channel)?);
            let row = market::candle(market, bars.last()?, 8);
            Some(frame(subscription, "update", &[row], now))
        }
        _ => None,
    }
}

/// What this step brings to a private channel. Prices moving bring nothing.
fn private_pushes(world: &World, subscription: &Subscription, happened: &[Happened]) -> Vec<Value> {
    let rows: Vec<Value> = match subscription.channel.as_str() {
        "positions" if happened.contains(&Happened::Positions) => {
            return vec![frame(subscription, "snapshot", &positions(world), world.now_ms())];
        }
        "account" if happened.contains(&Happened::Wallet) => vec![account::ws_account(world)],
        "equity" if happened.contains(&Happened::Wallet) => vec![account::ws_equity(world)],
        channel => happened.iter().filter_map(|what| row_of(channel, what)).collect(),
    };
    rows.into_iter().map(|row| frame(subscription, "snapshot", &[row], world.now_ms())).collect()
}

fn row_of(channel: &str, what: &Happened) -> Option<Value> {
    match (channel, what) {
        ("orders", Happened::Order(order)) => Some(orders::ws_order(order)),
        ("orders-algo", Happened::Plan(order)) => Some(orders::ws_plan(order, order.plan?)),
        ("fill", Happened::Fill(fill)) => Some(orders::ws_fill(fill)),
        ("positions-history", Happened::Closed(closed)) => Some(account::ws_closed(closed)),
        _ => None,
    }
}
