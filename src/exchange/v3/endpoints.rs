//! Paths, parameters and documented limits of V3, and its channels.

use std::borrow::Cow;

use super::ledger::Place;
use super::wire::CURSOR;
use crate::domain::{Interval, OrderClass, Product, Symbol, Text, Timestamp};
use crate::exchange::common_market::MarkPages;
use crate::exchange::{Channel, HttpRequest, Request};

/// The most rows that a page of history holds.
const PAGE: &str = "100";
/// The most candles that a response holds, of the recent and of the history path.
const MOST_RECENT: i64 = 1_000;
const MOST_OLD: i64 = 100;
/// The product of all private channels.
pub(super) const PRIVATE: &str = "UTA";
/// The selector by which a private channel covers all contracts.
pub(super) const ALL: &str = "default";

const CLOSED: &str = "/api/v3/position/history-position";

/// Returns the pages of a range of mark candles.
pub(super) const fn mark_pages(
    symbol: &Symbol,
    interval: Interval,
    since: Timestamp,
    until: Timestamp,
) -> MarkPages<'_> {
    MarkPages::new(symbol, interval, (since, until), (MOST_RECENT, MOST_OLD))
}

/// Returns the HTTP form of `request`.
pub(super) fn to_http(request: &Request) -> HttpRequest {
    let of = |symbol: &Symbol| {
        vec![category(symbol.product()), ("symbol", symbol.v3_wire().into_owned())]
    };
    let page = || vec![category(Product::UsdtFutures), ("limit", PAGE.to_owned())];
    let (path, limit_per_second, mut parameters) = match request {
        // V3 has no path of its own for this one.
        Request::ServerTime => ("/api/v2/public/time", 20, vec![]),
        Request::Contract(symbol) => ("/api/v3/market/instruments", 20, of(symbol)),
        Request::Ticker(symbol) => ("/api/v3/market/tickers", 20, of(symbol)),
        Request::Candles { symbol, interval, limit } => {
            let mut parameters = of(symbol);
            parameters.push(("interval", interval_name(*interval).to_owned()));
            parameters.push(("limit", limit.to_string()));
            parameters.push(("type", "market".to_owned()));
            ("/api/v3/market/candles", 20, parameters)
        }
        Request::MarkCandles { symbol, interval, since, until } => {
            let pages = mark_pages(symbol, *interval, *since, *until);
            let path = if pages.most == MOST_OLD {
                "/api/v3/market/history-candles"
            } else {
                "/api/v3/market/candles"
            };
            let mut parameters = of(symbol);
            parameters.push(("interval", interval_name(*interval).to_owned()));
            parameters.push(("type", "mark".to_owned()));
            parameters.extend(pages.parameters());
            (path, 20, parameters)
        }
        Request::Funding(symbol) => ("/api/v3/market/current-fund-rate", 20, of(symbol)),
        Request::Tiers(symbol) => ("/api/v3/market/position-tier", 20, of(symbol)),
        Request::FeeRate(symbol) => ("/api/v3/account/fee-rate", 3, of(symbol)),
        Request::KeyRights => ("/api/v3/account/info", 5, vec![]),
        Request::Positions(product) => {
            ("/api/v3/position/current-position", 20, vec![category(*product)])
        }
        Request::Account => ("/api/v3/account/assets", 20, vec![]),
        Request::AccountKind => ("/api/v3/account/settings", 20, vec![]),
        Request::Orders(product, class) => orders(*product, *class, None),
        Request::MoreOrders { product, class, cursor } => orders(*product, *class, Some(cursor)),
        Request::Fills => ("/api/v3/trade/fills", 20, page()),
        Request::ClosedPositions => (CLOSED, 20, page()),
        Request::MoreClosedPositions(cursor) => {
            let mut parameters = page();
            parameters.push((CURSOR, cursor.to_string()));
            (CLOSED, 20, parameters)
        }
        Request::AdlRanks => ("/api/v3/position/adlRank", 1, vec![]),
        Request::Ledger { since, until, cursor } => {
            let mut parameters = vec![("limit", PAGE.to_owned())];
            parameters.push(("startTime", since.as_millis().to_string()));
            parameters.push(("endTime", until.as_millis().to_string()));
            parameters.extend(Place::new(cursor.as_ref()).parameters());
            ("/api/v3/account/financial-records", 20, parameters)
        }
    };
    parameters.sort_unstable();
    HttpRequest { path, query: parameters, signed: request.is_private(), limit_per_second }
}

/// Returns the parameter that says which contracts a request is about.
fn category(product: Product) -> (&'static str, String) {
    ("category", product.wire().to_owned())
}

type Parts = (&'static str, u32, Vec<(&'static str, String)>);

/// Plan orders come as one bare list per type, without pages.
fn orders(product: Product, class: OrderClass, cursor: Option<&Text>) -> Parts {
    let mut parameters = vec![category(product)];
    let kind = match class {
        OrderClass::Plain => {
            parameters.push(("limit", PAGE.to_owned()));
            parameters.extend(cursor.map(|cursor| (CURSOR, cursor.to_string())));
            return ("/api/v3/trade/unfilled-orders", 20, parameters);
        }
        OrderClass::ProfitLoss => "tpsl",
        OrderClass::Trigger | OrderClass::Trailing => "trigger",
    };
    parameters.push(("type", kind.to_owned()));
    ("/api/v3/trade/unfilled-strategy-orders", 20, parameters)
}

/// Returns the wire name of an interval. Case matters: `1m` is a minute, `1M` a month. A plain `1D`
/// starts at 16:00 UTC.
const fn interval_name(interval: Interval) -> &'static str {
    match interval {
        Interval::Min1 => "1m",
        Interval::Min5 => "5m",
        Interval::Min15 => "15m",
        Interval::Hour1 => "1H",
        Interval::Hour4 => "4H",
        Interval::Day1 => "1Dutc",
    }
}

/// Returns the interval with a wire name.
pub(super) fn interval_of(text: &str) -> Option<Interval> {
    Interval::ALL.into_iter().find(|interval| interval_name(*interval) == text)
}

/// Splits a channel's name into topic and interval. Only both together distinguish the candle channels
/// of one contract, so the name holds both.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once(' ').map_or((name, None), |(topic, interval)| (topic, Some(interval)))
}

/// Returns the name of a channel, the inverse of [`split`].
pub(super) fn join<'a>(topic: Cow<'a, str>, interval: &str) -> Cow<'a, str> {
    if interval.is_empty() { topic } else { format!("{topic} {interval}").into() }
}

/// Returns the channels of the public stream.
pub(super) fn public_channels(
    focus: &Symbol,
    interval: Interval,
    others: &[Symbol],
) -> Vec<Channel> {
    let channel = |name: Cow<'static, str>, symbol: &Symbol| Channel {
        product: symbol.product().v3_stream(),
        expects_data: name != "publicTrade",
        name,
        selector: Some(("symbol", symbol.v3_wire().into_owned())),
    };
    let candles = join("kline".into(), interval_name(interval));
    ["ticker".into(), candles, "books".into(), "publicTrade".into()]
        .into_iter()
        .map(|name| channel(name, focus))
        .chain(others.iter().map(|symbol| channel("ticker".into(), symbol)))
        .collect()
}

/// Returns the channels of the private stream; each covers all products.
pub(super) fn private_channels() -> Vec<Channel> {
    // The account pushes once on subscription. Whether positions do for a flat account is unknown.
    ["account", "position", "order", "fill", "strategy-order", "adl-notification"]
        .into_iter()
        .map(|name| Channel {
            product: PRIVATE,
            name: name.into(),
            selector: (name == "strategy-order").then(|| ("symbol", ALL.to_owned())),
            expects_data: name == "account",
        })
        .collect()
}
