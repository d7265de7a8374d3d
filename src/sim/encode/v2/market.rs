//! Public data.

use serde_json::Value;

use crate::sim::contracts::{MAKER_FEE, Spec, TAKER_FEE};
use crate::sim::encode::derived::{
    self, best_quotes, book_sides, candle, day_stats, rest_book_sides,
};
use crate::sim::encode::wire_text::{ms, text};
use crate::sim::simulated_market::{Bar, Depth, Market, PublicTrade, next_funding_ms};

/// A row of `contracts`.
pub(in crate::sim) fn contract(market: &Market) -> Value {
    let (spec, status) = (market.spec, market.status);
    let time = |at_ms: Option<i64>| at_ms.map_or_else(|| Value::String("-1".to_owned()), ms);
    object!({
        "symbol": spec.name, "baseCoin": spec.base, "quoteCoin": spec.product.quote(),
        "buyLimitPriceRatio": "0.05", "sellLimitPriceRatio": "0.05", "feeRateUpRatio": "0.005",
        "makerFeeRate": text(MAKER_FEE), "takerFeeRate": text(TAKER_FEE), "openCostUpRatio": "0.01",
        "supportMarginCoins": [spec.product.coin().wire()], "minTradeNum": text(spec.size_step()), "priceEndStep": "1",
        "volumePlace": spec.size_places.to_string(), "pricePlace": spec.price_places.to_string(),
        "sizeMultiplier": text(spec.size_step()), "symbolType": "perpetual", "minTradeUSDT": "5",
        "maxSymbolOrderNum": "200", "maxProductOrderNum": "1000", "maxPositionNum": "200",
        "symbolStatus": if status.halted { "maintain" } else { "normal" },
        "offTime": time(status.delisted_at_ms), "limitOpenTime": time(status.closing_only_from_ms), "deliveryTime": "",
        "deliveryStartTime": "", "deliveryPeriod": "", "launchTime": "",
        "fundInterval": spec.interval_hours.to_string(), "minLever": "1",
        "maxLever": spec.max_leverage.to_string(), "posLimit": "0.2", "maintainTime": "",
        "openTime": "", "maxMarketOrderQty": "220", "maxOrderQty": "1200", "isRwa": "NO",
    })
}

pub(in crate::sim) fn rest_ticker(market: &Market, now_ms: i64) -> Value {
    let (day, [bid, bid_size, ask, ask_size]) = (day_stats(market), best_quotes(market));
    object!({
        "symbol": market.spec.name, "lastPr": text(market.last_price()), "askPr": ask, "bidPr": bid,
        "bidSz": bid_size, "askSz": ask_size, "high24h": text(day.high), "low24h": text(day.low),
        "ts": ms(now_ms), "change24h": text(day.change), "baseVolume": text(day.base),
        "quoteVolume": text(day.quote), "usdtVolume": text(day.quote), "openUtc": text(day.open),
        "changeUtc24h": text(day.change), "indexPrice": text(market.spec.price(market.index)),
        "fundingRate": text(market.funding_rate()), "holdingAmount": text(day.open_interest),
        "deliveryStartTime": Value::Null, "deliveryTime": Value::Null, "deliveryStatus": "",
        "open24h": text(day.open), "markPrice": text(market.mark_price()),
    })
}

pub(in crate::sim) fn ws_ticker(market: &Market, now_ms: i64) -> Value {
    let (day, [bid, bid_size, ask, ask_size]) = (day_stats(market), best_quotes(market));
    object!({
        "instId": market.spec.name, "lastPr": text(market.last_price()), "bidPr": bid, "askPr": ask,
        "bidSz": bid_size, "askSz": ask_size, "open24h": text(day.open), "high24h": text(day.high),
        "low24h": text(day.low), "change24h": text(day.change),
        "fundingRate": text(market.funding_rate()),
        "nextFundingTime": ms(next_funding_ms(market.spec, now_ms)),
        "markPrice": text(market.mark_price()),
        "indexPrice": text(market.spec.price(market.index)), "holdingAmount": text(day.open_interest),
        "baseVolume": text(day.base), "quoteVolume": text(day.quote), "openUtc": text(day.open),
        "symbolType": "1", "symbol": market.spec.name, "ts": ms(now_ms),
    })
}

/// A REST candle.
pub(in crate::sim) fn rest_candle(market: &Market, bar: &Bar) -> Value {
    candle(market, bar).into_iter().collect()
}

/// A socket candle, which has the turnover twice.
pub(in crate::sim) fn ws_candle(market: &Market, bar: &Bar) -> Value {
    let [.., turnover] = candle(market, bar);
    candle(market, bar).into_iter().chain([turnover]).collect()
}

/// A book row of a socket with at most `most` levels.
pub(in crate::sim) fn book(
    market: &Market,
    depth: &Depth,
    most: usize,
    (seq, previous): (i64, i64),
    now_ms: i64,
) -> Value {
    let [asks, bids] = book_sides(market, depth, most);
    object!({
        "asks": asks, "bids": bids, "ts": ms(now_ms),
        "seq": seq, "pseq": previous,
    })
}

/// The REST book.
pub(in crate::sim) fn merge_depth(market: &Market, most: usize, now_ms: i64) -> Value {
    let [asks, bids] = rest_book_sides(market, most);
    object!({
        "asks": asks, "bids": bids, "ts": ms(now_ms),
        "scale": text(market.spec.price(1)), "precision": "scale0", "isMaxPrecision": "NO",
    })
}

pub(in crate::sim) fn trade(market: &Market, trade: &PublicTrade) -> Value {
    object!({
        "ts": ms(trade.at_ms), "price": text(market.spec.price(trade.price)),
        "size": text(market.spec.size(trade.size)), "side": if trade.buy { "buy" } else { "sell" },
        "tradeId": trade.id.to_string(),
    })
}

/// A row of `current-fund-rate`.
pub(in crate::sim) fn fund_rate(market: &Market, now_ms: i64) -> Value {
    derived::fund_rate(market, market.spec.name, now_ms)
}

pub(in crate::sim) fn funding_time(market: &Market, now_ms: i64) -> Value {
    object!({
        "symbol": market.spec.name,
        "nextFundingTime": ms(next_funding_ms(market.spec, now_ms)),
        "ratePeriod": market.spec.interval_hours.to_string(),
    })
}

pub(in crate::sim) fn symbol_price(market: &Market, now_ms: i64) -> Value {
    object!({
        "symbol": market.spec.name, "price": text(market.last_price()),
        "indexPrice": text(market.spec.price(market.index)),
        "markPrice": text(market.mark_price()), "ts": ms(now_ms),
    })
}

pub(in crate::sim) fn open_interest(market: &Market, now_ms: i64) -> Value {
    let size = text(day_stats(market).open_interest);
    object!({ "openInterestList": [object!({ "symbol": market.spec.name, "size": size })], "ts": ms(now_ms) })
}

pub(in crate::sim) fn tiers(spec: &Spec) -> Vec<Value> {
    let row = |(index, [start, end, leverage, rate]): (usize, [String; 4])| {
        object!({
            "symbol": spec.name, "level": (index + 1).to_string(), "startUnit": start,
            "endUnit": end, "leverage": leverage, "keepMarginRate": rate,
        })
    };
    derived::tiers(spec).into_iter().enumerate().map(row).collect()
}
