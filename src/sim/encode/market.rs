//! Public data.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{ms, text};
use crate::sim::contracts::{CONTRACTS, MAKER_FEE, Spec, TAKER_FEE};
use crate::sim::market::{Bar, Deal, Depth, Market, next_funding_ms};

pub(in crate::sim) fn contract(spec: &Spec) -> Value {
    json!({
        "symbol": spec.name, "baseCoin": spec.base, "quoteCoin": "USDT",
        "buyLimitPriceRatio": "0.05", "sellLimitPriceRatio": "0.05", "feeRateUpRatio": "0.005",
        "makerFeeRate": text(MAKER_FEE), "takerFeeRate": text(TAKER_FEE), "openCostUpRatio": "0.01",
        "supportMarginCoins": ["USDT"], "minTradeNum": text(spec.size_step()), "priceEndStep": "1",
        "volumePlace": spec.size_places.to_string(), "pricePlace": spec.price_places.to_string(),
        "sizeMultiplier": text(spec.size_step()), "symbolType": "perpetual", "minTradeUSDT": "5",
        "maxSymbolOrderNum": "200", "maxProductOrderNum": "1000", "maxPositionNum": "200",
        "symbolStatus": "normal", "offTime": "-1", "limitOpenTime": "-1", "deliveryTime": "",
        "deliveryStartTime": "", "deliveryPeriod": "", "launchTime": "",
        "fundInterval": spec.interval_hours.to_string(), "minLever": "1",
        "maxLever": spec.max_leverage.to_string(), "posLimit": "0.2", "maintainTime": "",
        "openTime": "", "maxMarketOrderQty": "220", "maxOrderQty": "1200", "isRwa": "NO",
    })
}

pub(in crate::sim) fn contracts() -> Vec<Value> {
    CONTRACTS.iter().map(contract).collect()
}

/// The figures of 24 hours.
struct Day {
    open: Decimal,
    high: Decimal,
    low: Decimal,
    change: Decimal,
    base: Decimal,
    quote: Decimal,
}

fn day(market: &Market) -> Day {
    let (spec, bars) = (market.spec, market.day());
    let open = spec.price(bars.first().map_or(market.last, |bar| bar.open));
    let high = bars.iter().map(|bar| bar.high).max().unwrap_or(market.last);
    let low = bars.iter().map(|bar| bar.low).min().unwrap_or(market.last);
    let base = spec.size(bars.iter().map(|bar| bar.volume).sum());
    Day {
        open,
        high: spec.price(high),
        low: spec.price(low),
        change: (market.last_price() / open - Decimal::ONE).round_dp(5),
        base,
        quote: (base * market.last_price()).round_dp(5),
    }
}

fn best(market: &Market) -> [Value; 4] {
    let depth = market.depth();
    let level = |levels: &[(i64, i64)]| levels.first().copied().unwrap_or_default();
    let (bid, ask, spec) = (level(&depth.bids), level(&depth.asks), market.spec);
    [
        text(spec.price(bid.0)),
        text(spec.size(bid.1)),
        text(spec.price(ask.0)),
        text(spec.size(ask.1)),
    ]
}

pub(in crate::sim) fn rest_ticker(market: &Market, now_ms: i64) -> Value {
    let (day, [bid, bid_size, ask, ask_size]) = (day(market), best(market));
    json!({
        "symbol": market.spec.name, "lastPr": text(market.last_price()), "askPr": ask, "bidPr": bid,
        "bidSz": bid_size, "askSz": ask_size, "high24h": text(day.high), "low24h": text(day.low),
        "ts": ms(now_ms), "change24h": text(day.change), "baseVolume": text(day.base),
        "quoteVolume": text(day.quote), "usdtVolume": text(day.quote), "openUtc": text(day.open),
        "changeUtc24h": text(day.change), "indexPrice": text(market.spec.price(market.index)),
        "fundingRate": text(market.funding_rate()), "holdingAmount": text(day.base),
        "deliveryStartTime": null, "deliveryTime": null, "deliveryStatus": "",
        "open24h": text(day.open), "markPrice": text(market.mark_price()),
    })
}

pub(in crate::sim) fn ws_ticker(market: &Market, now_ms: i64) -> Value {
    let (day, [bid, bid_size, ask, ask_size]) = (day(market), best(market));
    json!({
        "instId": market.spec.name, "lastPr": text(market.last_price()), "bidPr": bid, "askPr": ask,
        "bidSz": bid_size, "askSz": ask_size, "open24h": text(day.open), "high24h": text(day.high),
        "low24h": text(day.low), "change24h": text(day.change),
        "fundingRate": text(market.funding_rate()),
        "nextFundingTime": ms(next_funding_ms(market.spec, now_ms)),
        "markPrice": text(market.mark_price()),
        "indexPrice": text(market.spec.price(market.index)), "holdingAmount": text(day.base),
        "baseVolume": text(day.base), "quoteVolume": text(day.quote), "openUtc": text(day.open),
        "symbolType": "1", "symbol": market.spec.name, "ts": ms(now_ms),
    })
}

/// A candle; REST has seven items, the stream eight.
pub(in crate::sim) fn candle(market: &Market, bar: &Bar, items: usize) -> Value {
    let spec = market.spec;
    let quote = (spec.size(bar.volume) * spec.price(bar.close)).round_dp(5);
    let mut row = vec![
        ms(bar.start_ms),
        text(spec.price(bar.open)),
        text(spec.price(bar.high)),
        text(spec.price(bar.low)),
        text(spec.price(bar.close)),
        text(spec.size(bar.volume)),
        text(quote),
        text(quote),
    ];
    row.truncate(items);
    Value::Array(row)
}

/// A book row of a stream with so many levels. A push of a snapshot has no predecessor.
pub(in crate::sim) fn book(
    market: &Market,
    depth: &Depth,
    levels: usize,
    previous: Option<i64>,
    now_ms: i64,
) -> Value {
    let side = |side: &[(i64, i64)]| -> Vec<Value> {
        side.iter()
            .take(levels)
            .map(|(price, size)| {
                json!([text(market.spec.price(*price)), text(market.spec.size(*size))])
            })
            .collect()
    };
    json!({
        "asks": side(&depth.asks), "bids": side(&depth.bids), "ts": ms(now_ms),
        "seq": market.seq, "pseq": previous.unwrap_or(0),
    })
}

/// The changes from one book to the next: a level that is gone has size zero.
pub(in crate::sim) fn book_changes(old: &Depth, new: &Depth) -> Depth {
    let side = |old: &[(i64, i64)], new: &[(i64, i64)]| {
        let mut changed: Vec<_> =
            new.iter().filter(|level| !old.contains(level)).copied().collect();
        let gone = old.iter().filter(|(price, _)| !new.iter().any(|(p, _)| p == price));
        changed.extend(gone.map(|(price, _)| (*price, 0)));
        changed
    };
    Depth { bids: side(&old.bids, &new.bids), asks: side(&old.asks, &new.asks) }
}

/// The book of REST: its levels are JSON numbers.
pub(in crate::sim) fn merge_depth(market: &Market, levels: usize, now_ms: i64) -> Value {
    let depth = market.depth();
    let number = |value: Decimal| {
        value
            .normalize()
            .to_string()
            .parse::<serde_json::Number>()
            .map_or(Value::Null, Value::Number)
    };
    let side = |side: &[(i64, i64)]| -> Vec<Value> {
        side.iter()
            .take(levels)
            .map(|(price, size)| {
                json!([number(market.spec.price(*price)), number(market.spec.size(*size))])
            })
            .collect()
    };
    json!({
        "asks": side(&depth.asks), "bids": side(&depth.bids), "ts": ms(now_ms),
        "scale": text(market.spec.price(1)), "precision": "scale0", "isMaxPrecision": "NO",
    })
}

pub(in crate::sim) fn trade(market: &Market, deal: &Deal) -> Value {
    json!({
        "ts": ms(deal.at_ms), "price": text(market.spec.price(deal.price)),
        "size": text(market.spec.size(deal.size)), "side": if deal.buy { "buy" } else { "sell" },
        "tradeId": deal.id.to_string(),
    })
}

pub(in crate::sim) fn fund_rate(market: &Market, now_ms: i64) -> Value {
    json!({
        "symbol": market.spec.name, "fundingRate": text(market.funding_rate()),
        "fundingRateInterval": market.spec.interval_hours.to_string(),
        "nextUpdate": ms(next_funding_ms(market.spec, now_ms)),
        "minFundingRate": "-0.003", "maxFundingRate": "0.003",
    })
}

pub(in crate::sim) fn funding_time(market: &Market, now_ms: i64) -> Value {
    json!({
        "symbol": market.spec.name,
        "nextFundingTime": ms(next_funding_ms(market.spec, now_ms)),
        "ratePeriod": market.spec.interval_hours.to_string(),
    })
}

pub(in crate::sim) fn symbol_price(market: &Market, now_ms: i64) -> Value {
    json!({
        "symbol": market.spec.name, "price": text(market.last_price()),
        "indexPrice": text(market.spec.price(market.index)),
        "markPrice": text(market.mark_price()), "ts": ms(now_ms),
    })
}

pub(in crate::sim) fn open_interest(market: &Market, now_ms: i64) -> Value {
    let size = text(day(market).base);
    json!({ "openInterestList": [{ "symbol": market.spec.name, "size": size }], "ts": ms(now_ms) })
}

pub(in crate::sim) fn tiers(spec: &Spec) -> Vec<Value> {
    let mut start = 0;
    let mut rows = Vec::new();
    for (index, (end, leverage, rate)) in spec.tiers.iter().enumerate() {
        rows.push(json!({
            "symbol": spec.name, "level": (index + 1).to_string(), "startUnit": start.to_string(),
            "endUnit": end.to_string(), "leverage": leverage.to_string(),
            "keepMarginRate": Decimal::new(*rate, 4).to_string(),
        }));
        start = *end;
    }
    rows
}
