//! What the targets share: the requests, a store with a report, and what must hold of it.

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::report::{Context, Limits, Report, Source, build, json};
use bitget_watch::domain::{
    Body, Interval, OrderClass, Origin, Product, Symbol, Text, Timestamp, Update,
};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::v3::V3_API;
use bitget_watch::exchange::{Api, Request};
use bitget_watch::store::Store;
use serde_json::Value;

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_790_358_795_100);

/// Both generations of the API.
pub static APIS: [&dyn Api; 2] = [&V2_API, &V3_API];

/// Every kind of request.
pub fn requests() -> Vec<Request> {
    let focus = Symbol::default;
    let since = NOW.start_of_day();
    let class = OrderClass::Plain;
    let all = vec![
        Request::ServerTime,
        Request::Contract(focus()),
        Request::Ticker(focus()),
        Request::Candles { symbol: focus(), interval: Interval::Min1, limit: 200 },
        Request::Funding(focus()),
        Request::Tiers(focus()),
        Request::FeeRate(focus()),
        Request::KeyRights,
        Request::Positions(Product::UsdtFutures),
        Request::Positions(Product::UsdcFutures),
        Request::Positions(Product::CoinFutures),
        Request::Account,
        Request::Orders(Product::UsdtFutures, class),
        Request::Orders(Product::UsdtFutures, OrderClass::Trigger),
        Request::Orders(Product::UsdtFutures, OrderClass::ProfitLoss),
        Request::Orders(Product::UsdtFutures, OrderClass::Trailing),
        Request::MoreOrders { product: Product::UsdtFutures, class, cursor: Text::new("7") },
        Request::Fills,
        Request::ClosedPositions,
        Request::Ledger { since, until: NOW, cursor: None },
        Request::Ledger { since, until: NOW, cursor: Some(Text::new("7")) },
        Request::AccountKind,
        Request::MoreClosedPositions(Text::new("7")),
        Request::AdlRanks,
        Request::MarkCandles { symbol: focus(), interval: Interval::Min1, since, until: NOW },
    ];
    // A new kind must be added above as well.
    for request in &all {
        match request {
            Request::ServerTime
            | Request::Contract(_)
            | Request::Ticker(_)
            | Request::Candles { .. }
            | Request::Funding(_)
            | Request::Tiers(_)
            | Request::FeeRate(_)
            | Request::KeyRights
            | Request::Positions(_)
            | Request::Account
            | Request::AccountKind
            | Request::Orders(..)
            | Request::MoreOrders { .. }
            | Request::Fills
            | Request::MarkCandles { .. }
            | Request::MoreClosedPositions(_)
            | Request::AdlRanks
            | Request::ClosedPositions
            | Request::Ledger { .. } => {}
        }
    }
    all
}

/// What a report depends on.
pub fn context() -> Context {
    let limits = Limits::new(&RefreshConfig::default());
    Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits,
        risk: RiskConfig::default(),
    }
}

/// Applies the bodies of a response.
pub fn apply_response(store: &mut Store, bodies: Vec<Body>, now: Timestamp) {
    for body in bodies {
        store.apply(Update { origin: Origin::Rest, as_of: now, received: now, sent: None, body });
    }
}

/// Returns the report of a store; nothing that could steer a terminal may be in its document.
pub fn report(store: &Store, now: Timestamp) -> Report {
    let report = build(store.snapshot(), &context(), now);
    let document = json::to_string(&report).expect("a document can be written");
    assert_clean(&serde_json::from_str(&document).expect("a document is JSON"));
    report
}

fn assert_clean(value: &Value) {
    match value {
        Value::String(text) => assert!(text.chars().all(is_plain), "{text:?}"),
        Value::Array(members) => members.iter().for_each(assert_clean),
        Value::Object(members) => members.values().for_each(assert_clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Neither a control character nor a mark that turns the direction of what follows.
pub fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns
}
