//! Paths, parameters and documented limits of V2, and its channels.

use std::borrow::Cow;

use crate::domain::{Interval, OrderClass, Product, Symbol, Text, Timestamp};
use crate::exchange::common_market::MarkPages;
use crate::exchange::{Channel, HttpRequest, Request};

/// The most rows that a page of history holds.
const PAGE: &str = "100";
/// The most candles that a response holds, of the recent and of the history path.
const MOST_RECENT: i64 = 1_000;
const MOST_OLD: i64 = 200;

/// The parameter that says which contracts a request is about.
const PRODUCT: &str = "productType";

const CLOSED: &str = "/api/v2/mix/position/history-position";

/// Returns the HTTP form of `request`.
pub(super) fn to_http(request: &Request) -> HttpRequest {
    let listed = |product: Product| (PRODUCT, product.wire().to_owned());
    let product = listed(request.contract().map_or(Product::UsdtFutures, Symbol::product));
    let of = |symbol: &Symbol| ("symbol", symbol.wire().to_owned());
    let (path, limit_per_second, signed, mut parameters) = match request {
        Request::ServerTime => ("/api/v2/public/time", 20, false, vec![]),
        Request::Contract(symbol) => {
            ("/api/v2/mix/market/contracts", 20, false, vec![product, of(symbol)])
        }
        Request::Ticker(symbol) => {
            ("/api/v2/mix/market/ticker", 20, false, vec![product, of(symbol)])
        }
        Request::Candles { symbol, interval, limit } => (
            "/api/v2/mix/market/candles",
            20,
            false,
            vec![
                product,
                of(symbol),
                ("granularity", granularity(*interval).to_owned()),
                ("limit", limit.to_string()),
            ],
        ),
        Request::MarkCandles { symbol, interval, since, until } => {
            return mark_candles(mark_pages(symbol, *interval, *since, *until));
        }
        Request::Funding(symbol) => {
            ("/api/v2/mix/market/current-fund-rate", 20, false, vec![product, of(symbol)])
        }
        Request::Tiers(symbol) => {
            ("/api/v2/mix/market/query-position-lever", 10, false, vec![product, of(symbol)])
        }
        Request::FeeRate(symbol) => (
            "/api/v2/common/trade-rate",
            10,
            true,
            vec![of(symbol), ("businessType", "mix".to_owned())],
        ),
        Request::KeyRights => ("/api/v2/spot/account/info", 1, true, vec![]),
        Request::Positions(product) => {
            ("/api/v2/mix/position/all-position", 5, true, vec![listed(*product)])
        }
        Request::Account | Request::AccountKind => {
            ("/api/v2/mix/account/accounts", 10, true, vec![product])
        }
        Request::Orders(product, class) => return orders(*product, *class, None),
        Request::MoreOrders { product, class, cursor } => {
            return orders(*product, *class, Some(cursor));
        }
        Request::Fills => {
            ("/api/v2/mix/order/fills", 10, true, vec![product, ("limit", PAGE.to_owned())])
        }
        Request::ClosedPositions => (CLOSED, 20, true, vec![product, ("limit", PAGE.to_owned())]),
        Request::MoreClosedPositions(cursor) => {
            let from = ("idLessThan", cursor.to_string());
            (CLOSED, 20, true, vec![product, ("limit", PAGE.to_owned()), from])
        }
        Request::AdlRanks => ("/api/v2/mix/position/adlRank", 5, true, vec![product]),
        Request::Ledger { since, until, cursor } => {
            let mut parameters = vec![
                product,
                ("startTime", since.as_millis().to_string()),
                ("endTime", until.as_millis().to_string()),
                ("limit", PAGE.to_owned()),
            ];
            if let Some(cursor) = cursor {
                parameters.push(("idLessThan", cursor.to_string()));
            }
            ("/api/v2/mix/account/bill", 10, true, parameters)
        }
    };
    parameters.sort_unstable();
    HttpRequest { path, query: parameters, signed, limit_per_second }
}

/// Returns the pages of a range of mark candles.
pub(super) const fn mark_pages(
    symbol: &Symbol,
    interval: Interval,
    since: Timestamp,
    until: Timestamp,
) -> MarkPages<'_> {
    MarkPages::new(symbol, interval, (since, until), (MOST_RECENT, MOST_OLD))
}

fn mark_candles(pages: MarkPages<'_>) -> HttpRequest {
    let mut query = vec![
        (PRODUCT, pages.symbol.product().wire().to_owned()),
        ("symbol", pages.symbol.wire().to_owned()),
        ("granularity", granularity(pages.interval).to_owned()),
    ];
    query.extend(pages.parameters());
    let path = if pages.interval == Interval::Day1 {
        "/api/v2/mix/market/history-mark-candles"
    } else {
        query.push(("kLineType", "MARK".to_owned()));
        "/api/v2/mix/market/candles"
    };
    query.sort_unstable();
    HttpRequest { path, query, signed: false, limit_per_second: 20 }
}

/// Without a status filter partially filled orders are included.
fn orders(product: Product, class: OrderClass, cursor: Option<&Text>) -> HttpRequest {
    let mut query = vec![(PRODUCT, product.wire().to_owned()), ("limit", PAGE.to_owned())];
    query.extend(cursor.map(|cursor| ("idLessThan", cursor.to_string())));
    let path = if class == OrderClass::Plain {
        "/api/v2/mix/order/orders-pending"
    } else {
        query.push(("planType", plan_type(class).to_owned()));
        "/api/v2/mix/order/orders-plan-pending"
    };
    query.sort_unstable();
    HttpRequest { path, query, signed: true, limit_per_second: 10 }
}

/// Returns the wire name of an interval. Case matters: `1m` is a minute, `1M` a month.
const fn granularity(interval: Interval) -> &'static str {
    match interval {
        Interval::Min1 => "1m",
        Interval::Min5 => "5m",
        Interval::Min15 => "15m",
        Interval::Hour1 => "1H",
        Interval::Hour4 => "4H",
        Interval::Day1 => "1Dutc",
    }
}

/// Returns the interval of a candle channel such as `candle1m`.
pub(super) fn interval_of(channel: &str) -> Option<Interval> {
    let name = channel.strip_prefix("candle")?;
    Interval::ALL.into_iter().find(|interval| granularity(*interval) == name)
}

const fn plan_type(class: OrderClass) -> &'static str {
    match class {
        OrderClass::ProfitLoss => "profit_loss",
        OrderClass::Trailing => "track_plan",
        OrderClass::Trigger | OrderClass::Plain => "normal_plan",
    }
}

/// Returns the channels of the public stream.
pub(super) fn public_channels(
    focus: &Symbol,
    interval: Interval,
    others: &[Symbol],
) -> Vec<Channel> {
    let channel = |name: Cow<'static, str>, symbol: &Symbol, expects_data| Channel {
        product: symbol.product().wire(),
        name,
        selector: Some(("instId", symbol.wire().to_owned())),
        expects_data,
    };
    let candles = format!("candle{}", granularity(interval));
    let mut all = vec![
        channel("ticker".into(), focus, true),
        channel(candles.into(), focus, true),
        channel("books".into(), focus, true),
        channel("trade".into(), focus, false),
    ];
    all.extend(others.iter().map(|symbol| channel("ticker".into(), symbol, true)));
    all
}

/// Returns the channels of the private stream. Each covers all contracts.
pub(super) fn private_channels() -> Vec<Channel> {
    // Positions and the account push once on subscription, the others only on events.
    [
        ("positions", "instId", true),
        ("positions-history", "instId", false),
        ("account", "coin", true),
        ("orders", "instId", false),
        ("orders-algo", "instId", false),
        ("fill", "instId", false),
        ("adl-noti", "instId", false),
    ]
    .into_iter()
    .map(|(name, selector, expects_data)| Channel {
        product: Product::UsdtFutures.wire(),
        name: name.into(),
        selector: Some((selector, "default".to_owned())),
        expects_data,
    })
    .collect()
}
