//! Derived values that both generations write, each under its own names.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::wire_text::{PLACES, ms, text};
use crate::sim::account_records::Position;
use crate::sim::contracts::Spec;
use crate::sim::products::Coin;
use crate::sim::simulated_market::mark_price;
use crate::sim::simulated_market::{Bar, Depth, Market, next_funding_ms};
use crate::sim::world::World;

/// The values that every encoding of a position shares.
pub(super) struct PositionValues {
    pub(super) mark: Decimal,
    pub(super) pnl: Decimal,
    pub(super) ratio: Decimal,
    /// Zero for none.
    pub(super) liquidation: Decimal,
    pub(super) rate: Decimal,
    pub(super) locked: Decimal,
}

pub(super) fn position_values(world: &World, position: &Position) -> PositionValues {
    let mark = mark_price(&world.markets, position.contract);
    let liquidation = world.account.liquidation(position, &world.markets).unwrap_or_default();
    PositionValues {
        mark,
        pnl: position.pnl(mark).round_dp(PLACES),
        ratio: world.account.ratio(position, &world.markets).unwrap_or_default().round_dp(PLACES),
        liquidation: liquidation.round_dp(PLACES),
        rate: position.rate(mark),
        locked: world.account.locked(position),
    }
}

/// Returns the rank in the queue for automatic deleveraging, from 0 to 1: the higher the return on margin,
/// the higher the rank, and the sooner the position is reduced.
pub(super) fn deleveraging_rank(world: &World, position: &Position) -> Decimal {
    let roe = position_values(world, position).pnl.checked_div(position.margin).unwrap_or_default();
    let half = Decimal::new(5, 1);
    (half + roe * half).clamp(Decimal::ZERO, Decimal::ONE).round_dp(4)
}

/// The values that every encoding of the classic account shares.
pub(super) struct AccountValues {
    pub(super) equity: Decimal,
    pub(super) pnl: Decimal,
    pub(super) isolated: Decimal,
    pub(super) cross: Decimal,
    pub(super) locked: Decimal,
    pub(super) available: Decimal,
    pub(super) risk: Decimal,
    /// The equity in USDT.
    pub(super) usdt: Decimal,
    pub(super) bonus: Decimal,
    pub(super) coupon: Decimal,
}

/// Returns the values of the account that has `coin` as its margin.
pub(super) fn account_values(world: &World, coin: Coin) -> AccountValues {
    let (account, markets) = (&world.account, &world.markets);
    let (isolated, cross) = (account.isolated_margin(coin), account.cross_margin(coin));
    let locked = account.order_margin(coin);
    let free = account.balance(coin) - isolated - cross - locked;
    AccountValues {
        equity: account.equity(coin, markets).round_dp(8),
        usdt: (account.equity(coin, markets) * account.usd(coin, markets))
            .checked_div(account.usdt_usd)
            .unwrap_or_default()
            .round_dp(8),
        pnl: account.pnl(coin, markets).round_dp(8),
        isolated: isolated.round_dp(8),
        cross: cross.round_dp(8),
        locked,
        available: free.round_dp(8).max(Decimal::ZERO),
        risk: account.cross_ratio(coin, markets).unwrap_or_default().round_dp(PLACES),
        bonus: account.purse(coin).bonus,
        coupon: account.purse(coin).coupon,
    }
}

/// Statistics of the last 24 hours.
pub(super) struct DayStats {
    pub(super) open: Decimal,
    pub(super) high: Decimal,
    pub(super) low: Decimal,
    /// A fraction.
    pub(super) change: Decimal,
    pub(super) base: Decimal,
    pub(super) quote: Decimal,
    /// Base coin; less than what is traded in a day.
    pub(super) open_interest: Decimal,
}

/// Of what is traded in a day, how much is held.
const OPEN_SHARE: Decimal = Decimal::from_parts(41, 0, 0, false, 2);

pub(super) fn day_stats(market: &Market) -> DayStats {
    let (spec, bars) = (market.spec, market.day());
    let open = spec.price(bars.first().map_or(market.last, |bar| bar.open));
    let high = bars.iter().map(|bar| bar.high).max().unwrap_or(market.last);
    let low = bars.iter().map(|bar| bar.low).min().unwrap_or(market.last);
    let base = spec.size(bars.iter().map(|bar| bar.volume).sum());
    DayStats {
        open,
        high: spec.price(high),
        low: spec.price(low),
        change: (market.last_price() / open - Decimal::ONE).round_dp(5),
        base,
        quote: (base * market.last_price()).round_dp(5),
        open_interest: (base * OPEN_SHARE).round_dp(spec.size_places),
    }
}

/// Returns best bid, its size, best ask, its size.
pub(super) fn best_quotes(market: &Market) -> [Value; 4] {
    let depth = market.depth_to(1);
    let level = |levels: &[(i64, i64)]| levels.first().copied().unwrap_or_default();
    let (bid, ask, spec) = (level(&depth.bids), level(&depth.asks), market.spec);
    [
        text(spec.price(bid.0)),
        text(spec.size(bid.1)),
        text(spec.price(ask.0)),
        text(spec.size(ask.1)),
    ]
}

/// Returns start, open, high, low, close, volume in the base coin and in the quote coin.
pub(super) fn candle(market: &Market, bar: &Bar) -> [Value; 7] {
    let spec = market.spec;
    let quote = (spec.size(bar.volume) * spec.price(bar.close)).round_dp(5);
    [
        ms(bar.start_ms),
        text(spec.price(bar.open)),
        text(spec.price(bar.high)),
        text(spec.price(bar.low)),
        text(spec.price(bar.close)),
        text(spec.size(bar.volume)),
        text(quote),
    ]
}

/// Returns the first `most` levels of one side, with `write` for the numbers.
fn levels(
    spec: &Spec,
    side: &[(i64, i64)],
    most: usize,
    write: fn(Decimal) -> Value,
) -> Vec<Value> {
    side.iter()
        .take(most)
        .map(|(price, size)| json!([write(spec.price(*price)), write(spec.size(*size))]))
        .collect()
}

/// Returns the asks and the bids of a book on a socket.
pub(super) fn book_sides(market: &Market, depth: &Depth, most: usize) -> [Vec<Value>; 2] {
    [&depth.asks, &depth.bids].map(|side| levels(market.spec, side, most, text))
}

/// Returns the asks and the bids of the REST book, whose levels are JSON numbers.
pub(super) fn rest_book_sides(market: &Market, most: usize) -> [Vec<Value>; 2] {
    let depth = market.depth();
    [depth.asks, depth.bids].map(|side| levels(market.spec, &side, most, number))
}

fn number(value: Decimal) -> Value {
    value.normalize().to_string().parse().map_or(Value::Null, Value::Number)
}

/// Returns the changes from one book to the next; a removed level has size zero.
pub(in crate::sim) fn book_changes(old: &Depth, new: &Depth) -> Depth {
    let side = |old: &[(i64, i64)], new: &[(i64, i64)]| {
        let mut gone: BTreeMap<i64, i64> = old.iter().copied().collect();
        let changed = new.iter().filter(|(price, size)| gone.remove(price) != Some(*size));
        let mut changed: Vec<_> = changed.copied().collect();
        changed.extend(gone.into_keys().map(|price| (price, 0)));
        changed
    };
    Depth { bids: side(&old.bids, &new.bids), asks: side(&old.asks, &new.asks) }
}

/// A row of `current-fund-rate`, the same in both generations but for the name.
pub(super) fn fund_rate(market: &Market, name: &str, now_ms: i64) -> Value {
    object!({
        "symbol": name, "fundingRate": text(market.funding_rate()),
        "fundingRateInterval": market.spec.interval_hours.to_string(),
        "nextUpdate": ms(next_funding_ms(market.spec, now_ms)),
        "minFundingRate": "-0.003", "maxFundingRate": "0.003",
    })
}

/// Returns the tiers of a contract: lower end, upper end, maximum leverage, maintenance rate.
pub(super) fn tiers(spec: &Spec) -> Vec<[String; 4]> {
    let mut start = 0;
    let mut rows = Vec::new();
    for (end, leverage, rate) in spec.tiers {
        let rate = Decimal::new(*rate, 4).to_string();
        rows.push([start.to_string(), end.to_string(), leverage.to_string(), rate]);
        start = *end;
    }
    rows
}
