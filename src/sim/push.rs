//! What a subscription begins with, and what each step of the world brings to it.

use serde_json::{Value, json};

use super::encode::{account, market, orders};
use super::market::{Depth, Market};
use super::rest::INTERVALS;
use super::world::{Happened, World};

/// Candles of a first push.
const FIRST_CANDLES: usize = 500;

/// One subscription of a client.
pub(super) struct Subscription {
    pub(super) arg: Value,
    pub(super) channel: String,
    pub(super) key: String,
    /// The last full book that was sent, for the changes of the next.
    pub(super) book: Option<(i64, Depth)>,
}

pub(super) fn is_public(channel: &str) -> bool {
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
pub(super) fn first(world: &World, subscription: &mut Subscription) -> Option<Value> {
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
pub(super) fn public_push(
    world: &World,
    subscription: &mut Subscription,
    ticks: u64,
) -> Option<Value> {
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
pub(super) fn private_pushes(
    world: &World,
    subscription: &Subscription,
    happened: &[Happened],
) -> Vec<Value> {
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
