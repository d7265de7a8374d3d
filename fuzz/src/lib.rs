//! What the targets share: the questions, a store with a document, and what must hold of it.

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::report::{Context, Document, Limits, Source, build};
use bitget_watch::domain::{Body, Interval, OrderClass, Origin, Symbol, Text, Timestamp, Update};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::v3::V3_API;
use bitget_watch::exchange::{Api, Query};
use bitget_watch::store::Store;
use serde_json::Value;

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_790_358_795_100);

/// Both generations of the API.
pub static APIS: [&dyn Api; 2] = [&V2_API, &V3_API];

/// Every question there is.
pub fn queries() -> Vec<Query> {
    let focus = Symbol::default;
    let since = NOW.start_of_day();
    let class = OrderClass::Plain;
    let all = vec![
        Query::ServerTime,
        Query::Contract(focus()),
        Query::Ticker(focus()),
        Query::Candles { symbol: focus(), interval: Interval::Min1, limit: 200 },
        Query::Funding(focus()),
        Query::Tiers(focus()),
        Query::FeeRate(focus()),
        Query::KeyRights,
        Query::Positions,
        Query::Account,
        Query::Orders(class),
        Query::Orders(OrderClass::Trigger),
        Query::Orders(OrderClass::ProfitLoss),
        Query::Orders(OrderClass::Trailing),
        Query::MoreOrders { class, cursor: Text::new("7") },
        Query::Fills,
        Query::ClosedPositions,
        Query::Ledger { since, until: NOW, cursor: None },
        Query::Ledger { since, until: NOW, cursor: Some(Text::new("7")) },
        Query::AccountKind,
        Query::MoreClosedPositions(Text::new("7")),
        Query::AdlRanks,
        Query::MarkCandles { symbol: focus(), interval: Interval::Min1, since, until: NOW },
    ];
    // A new question must be added above as well.
    for query in &all {
        match query {
            Query::ServerTime
            | Query::Contract(_)
            | Query::Ticker(_)
            | Query::Candles { .. }
            | Query::Funding(_)
            | Query::Tiers(_)
            | Query::FeeRate(_)
            | Query::KeyRights
            | Query::Positions
            | Query::Account
            | Query::AccountKind
            | Query::Orders(_)
            | Query::MoreOrders { .. }
            | Query::Fills
            | Query::MarkCandles { .. }
            | Query::MoreClosedPositions(_)
            | Query::AdlRanks
            | Query::ClosedPositions
            | Query::Ledger { .. } => {}
        }
    }
    all
}

/// What a document depends on.
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

/// Applies the bodies of an answer.
pub fn answered(store: &mut Store, bodies: Vec<Body>, now: Timestamp) {
    for body in bodies {
        store.apply(Update { origin: Origin::Rest, as_of: now, received: now, sent: None, body });
    }
}

/// Returns the document of a store; nothing that could steer a terminal may be in it.
pub fn document(store: &Store, now: Timestamp) -> Document {
    let document = build(store.snapshot(), &context(), now);
    assert_clean(&serde_json::to_value(&document).expect("a document can be written"));
    document
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
