//! Rules against reports, and properties of every alert over random walks.

mod delivery;
mod events;
mod properties;
mod states;
mod ways;

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::{Decimal, dec};

use super::{Change, Monitor};
use crate::config::{AlertConfig, AlertLimit};
use crate::domain::{
    AlertChange, Body, EarlierAlert, MarginMode, MemoryReport, MemoryState, Metric, OpenEnum,
    Origin, Position, PositionDetails, PositionKey, PositionSet, Product, Scope, Side, Symbol,
    Ticker, Timestamp, Update,
};
use crate::report::{Context, Engine, Report};
use crate::store::Store;

/// 2026-09-25T17:53:14.987Z.
const BEGAN: Timestamp = Timestamp::from_millis(1_790_358_794_987);

/// A store, an engine and a monitor, at one time after the other.
struct Rig {
    store: Store,
    engine: Engine,
    monitor: Monitor,
    now: Timestamp,
    rows: Vec<Position>,
}

impl Rig {
    fn new(rules: Vec<AlertConfig>) -> Self {
        Self::resumed(rules, Vec::new())
    }

    fn resumed(rules: Vec<AlertConfig>, earlier: Vec<EarlierAlert>) -> Self {
        let mut rig = Self {
            store: Store::new(Symbol::default()),
            engine: Engine::new(Context::of_defaults()),
            monitor: Monitor::new(rules),
            now: BEGAN,
            rows: Vec::new(),
        };
        if !earlier.is_empty() {
            rig.remember(earlier);
        }
        rig
    }

    /// The memory is written, and knows these alerts of before.
    fn remember(&mut self, earlier: Vec<EarlierAlert>) {
        let state = MemoryState::Writing { until: None };
        let periods = Vec::new();
        let earlier = Arc::new(earlier);
        let report = MemoryReport { state, periods, earlier, away: None };
        self.apply(Body::Memory(Arc::new(report)));
    }

    fn apply(&mut self, body: Body) {
        let (as_of, received) = (self.now, self.now);
        self.store.apply(Update { origin: Origin::Rest, as_of, received, sent: None, body });
    }

    /// All lists arrive.
    fn list(&mut self) {
        let rows = self.rows.clone();
        self.apply(Body::Positions(PositionSet {
            scope: Scope::Complete,
            rows,
            closed: Vec::new(),
            unreadable: 0,
            products: Product::ALL.to_vec(),
        }));
    }

    fn mark(&mut self, price: Decimal) {
        let mut ticker = Ticker::unknown(Symbol::default());
        (ticker.last, ticker.mark) = (Some(price), Some(price));
        self.apply(Body::Ticker(ticker));
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_millis(ms);
    }

    fn report(&mut self) -> Report {
        self.engine.read(self.store.snapshot(), self.now)
    }

    fn follow(&mut self) -> Vec<Change> {
        let report = self.report();
        self.monitor.follow(&report)
    }

    /// A price and the lists arrive; what that changes.
    fn at(&mut self, price: Decimal) -> Vec<Change> {
        self.mark(price);
        self.list();
        self.follow()
    }
}

/// A position whose distance to liquidation is (price − 50,000) / price.
fn long() -> Position {
    Position {
        key: PositionKey {
            symbol: Symbol::default(),
            side: Side::Long,
            margin_mode: OpenEnum::Known(MarginMode::Isolated),
            margin_coin: "USDT".into(),
        },
        position_mode: None,
        asset_mode: None,
        size: dec!(0.5),
        available: Some(dec!(0.5)),
        entry_price: Some(dec!(64000)),
        mark_price: None,
        break_even_price: None,
        liquidation_price: Some(dec!(50000)),
        leverage: Some(dec!(4)),
        margin: Some(dec!(8000)),
        exchange_unrealized_pnl: None,
        exchange_margin_ratio: None,
        realized_pnl: None,
        funding_pnl: None,
        fees_paid: None,
        maintenance_margin_rate: Some(dec!(0.004)),
        updated_at: None,
        details: Some(PositionDetails::default()),
    }
}

/// Below 10 %, back at 11 %, ten minutes apart.
fn distance() -> AlertConfig {
    AlertConfig {
        limit: Some(AlertLimit::Below(dec!(10))),
        hysteresis: dec!(1),
        ..AlertConfig::new(Metric::LiquidationDistance)
    }
}

fn price_below(limit: Decimal) -> AlertConfig {
    AlertConfig { limit: Some(AlertLimit::Below(limit)), ..AlertConfig::new(Metric::MarkPrice) }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// What happened to whom.
fn told(changes: &[Change]) -> Vec<(AlertChange, &str)> {
    changes.iter().map(|change| (change.change, change.alert.subject.as_str())).collect()
}

use AlertChange::{Cleared, Raised, Unknown};

const LONG: &str = "BTCUSDT_UMCBL long";
