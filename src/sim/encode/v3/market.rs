//! Public data.

use serde_json::Value;

use crate::sim::contracts::{MAKER_FEE, Spec, TAKER_FEE};
use crate::sim::encode::derived::{
    self, best_quotes, book_sides, candle, day_stats, rest_book_sides,
};
use crate::sim::encode::wire_text::{join, ms, text};
use crate::sim::simulated_market::{Bar, Depth, Market, PublicTrade, next_funding_ms};

/// A row of `instruments`.
pub(in crate::sim) fn instrument(market: &Market) -> Value {
    let (spec, status) = (market.spec, market.status);
    let time = |at_ms: Option<i64>| at_ms.map_or_else(|| Value::String("-1".to_owned()), ms);
    object!({
        "symbol": spec.v3_name, "category": spec.product.wire(), "baseCoin": spec.base,
        "quoteCoin": spec.product.quote(),
        "isRwa": "NO", "buyLimitPriceRatio": "0.05", "sellLimitPriceRatio": "0.05",
        "feeRateUpRatio": "0.005", "makerFeeRate": text(MAKER_FEE), "takerFeeRate": text(TAKER_FEE),
        "openCostUpRatio": "0.01", "minOrderQty": text(spec.size_step()), "maxOrderQty": "1200",
        "pricePrecision": spec.price_places.to_string(),
        "quantityPrecision": spec.size_places.to_string(), "quotePrecision": "",
        "priceMultiplier": text(spec.price(1)), "quantityMultiplier": text(spec.size_step()),
        "type": "perpetual", "minOrderAmount": "5", "maxSymbolOrderNum": "",
        "maxProductOrderNum": "400", "maxPositionNum": "200", "status": if status.halted { "offline" } else { "online" },
        "offTime": time(status.delisted_at_ms),
        "limitOpenTime": time(status.closing_only_from_ms), "deliveryTime": "", "deliveryStartTime": "", "deliveryPeriod": "",
        "launchTime": "0", "fundInterval": spec.interval_hours.to_string(), "minLeverage": "1",
        "maxLeverage": spec.max_leverage.to_string(), "maintainTime": "", "symbolType": "crypto",
        "maxMarketOrderQty": "220",
    })
}

fn ticker(market: &Market) -> Value {
    let (day, [bid, bid_size, ask, ask_size]) = (day_stats(market), best_quotes(market));
    object!({
        "lastPrice": text(market.last_price()), "openPrice24h": text(day.open),
        "highPrice24h": text(day.high), "lowPrice24h": text(day.low), "ask1Price": ask,
        "bid1Price": bid, "bid1Size": bid_size, "ask1Size": ask_size,
        "price24hPcnt": text(day.change), "volume24h": text(day.base),
        "turnover24h": text(day.quote), "indexPrice": text(market.spec.price(market.index)),
        "markPrice": text(market.mark_price()), "fundingRate": text(market.funding_rate()),
        "openInterest": text(day.open_interest), "deliveryStartTime": "", "deliveryTime": "",
        "deliveryStatus": "",
    })
}

/// A row of `tickers`, which lacks the time of the next funding.
pub(in crate::sim) fn rest_ticker(market: &Market, now_ms: i64) -> Value {
    join(
        ticker(market),
        object!({
            "category": market.spec.product.wire(),
            "symbol": market.spec.v3_name,
            "ts": ms(now_ms),
        }),
    )
}

/// A row of the `ticker` topic, which has neither symbol nor time.
pub(in crate::sim) fn ws_ticker(market: &Market, now_ms: i64) -> Value {
    join(
        ticker(market),
        object!({
            "nextFundingTime": ms(next_funding_ms(market.spec, now_ms)),
        }),
    )
}

pub(in crate::sim) fn rest_candle(market: &Market, bar: &Bar) -> Value {
    candle(market, bar).into_iter().collect()
}

pub(in crate::sim) fn ws_candle(market: &Market, bar: &Bar) -> Value {
    let [start, open, high, low, close, volume, turnover] = candle(market, bar);
    object!({
        "start": start, "open": open, "close": close, "high": high, "low": low, "volume": volume,
        "turnover": turnover,
    })
}

/// A book row of a socket; the wire spells `maxdepth` in lower case.
pub(in crate::sim) fn ws_book(
    market: &Market,
    depth: &Depth,
    most: usize,
    (seq, previous): (i64, i64),
    now_ms: i64,
) -> Value {
    let [asks, bids] = book_sides(market, depth, most);
    object!({
        "a": asks, "b": bids, "seq": seq,
        "pseq": previous, "ts": ms(now_ms), "maxdepth": most.min(1_000).to_string(),
    })
}

/// The REST book.
pub(in crate::sim) fn rest_book(market: &Market, most: usize, now_ms: i64) -> Value {
    let [asks, bids] = rest_book_sides(market, most);
    object!({ "a": asks, "b": bids, "ts": ms(now_ms) })
}

pub(in crate::sim) fn rest_trade(market: &Market, trade: &PublicTrade) -> Value {
    object!({
        "execId": trade.id.to_string(), "execLinkId": (trade.id + 1).to_string(),
        "price": text(market.spec.price(trade.price)), "size": text(market.spec.size(trade.size)),
        "side": if trade.buy { "buy" } else { "sell" }, "ts": ms(trade.at_ms), "isRPI": "no",
    })
}

pub(in crate::sim) fn ws_trade(market: &Market, trade: &PublicTrade) -> Value {
    object!({
        "i": trade.id.to_string(), "p": text(market.spec.price(trade.price)),
        "v": text(market.spec.size(trade.size)), "S": if trade.buy { "buy" } else { "sell" },
        "T": ms(trade.at_ms), "L": (trade.id + 1).to_string(), "isRPI": "no",
    })
}

/// A row of `current-fund-rate`.
pub(in crate::sim) fn fund_rate(market: &Market, now_ms: i64) -> Value {
    derived::fund_rate(market, market.spec.v3_name, now_ms)
}

pub(in crate::sim) fn open_interest(market: &Market) -> Value {
    let open_interest = text(day_stats(market).open_interest);
    object!({ "symbol": market.spec.v3_name, "openInterest": open_interest })
}

pub(in crate::sim) fn tiers(spec: &Spec) -> Vec<Value> {
    let row = |(index, [start, end, leverage, rate]): (usize, [String; 4])| {
        object!({
            "tier": (index + 1).to_string(), "minTierValue": start, "maxTierValue": end,
            "leverage": leverage, "mmr": rate,
        })
    };
    derived::tiers(spec).into_iter().enumerate().map(row).collect()
}
