//! What is known of each contract and does not change at every frame: tiers and statistics.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::{Candle, Interval, Symbol, Timestamp};
use crate::risk::{AverageTrueRange, Sigma, TierTable, Volatility, daily_returns};
use crate::store::{Bars, MarkHistory, Rules, Snapshot};

/// Statistics say something of now while the newest minute that they know ended at most this long ago.
const RECENT_MS: i64 = 15 * 60_000;
/// The same of hours.
const RECENT_HOURS_MS: i64 = 3 * 3_600_000;

/// All contracts.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    rules: Arc<BTreeMap<Symbol, Rules>>,
    tiers: BTreeMap<Symbol, TierTable>,
    /// From the rates that came with positions, for contracts whose tiers are unknown.
    rates: BTreeMap<Symbol, (Decimal, TierTable)>,
    marks: Arc<BTreeMap<Symbol, MarkHistory>>,
    contracts: BTreeMap<Symbol, ContractStatistics>,
}

/// What the bars of one contract say.
#[derive(Debug)]
pub(super) struct ContractStatistics {
    versions: [u64; 3],
    minutes_until: Option<Timestamp>,
    volatility: Volatility,
    hours_until: Option<Timestamp>,
    range: AverageTrueRange,
    /// The same from the candles of the last price that the chart of the focus holds: for a contract whose
    /// mark bars are refused, such as one whose market is closed.
    traded: Volatility,
    /// When the newest closed minute of those ended.
    traded_until: Option<Timestamp>,
    /// Daily returns by the day.
    pub(super) returns: Vec<(Timestamp, Decimal)>,
}

impl Statistics {
    /// Takes in what has changed since the last time; where nothing has, that is a look at two pointers.
    pub(super) fn follow(&mut self, snapshot: &Snapshot, focus: &Symbol) {
        if !Arc::ptr_eq(&self.rules, &snapshot.rules) {
            self.rules = Arc::clone(&snapshot.rules);
            self.tiers = self
                .rules
                .iter()
                .filter_map(|(symbol, rules)| Some((symbol.clone(), TierTable::new(&rules.tiers)?)))
                .collect();
        }
        for position in &snapshot.positions.rows {
            let symbol = &position.key.symbol;
            if let Some(rate) = position.maintenance_margin_rate
                && self.rates.get(symbol).is_none_or(|(held, _)| *held != rate)
            {
                self.rates.insert(symbol.clone(), (rate, TierTable::of_rate(rate)));
            }
        }
        if !Arc::ptr_eq(&self.marks, &snapshot.marks) {
            self.marks = Arc::clone(&snapshot.marks);
            let marks = &snapshot.marks;
            self.contracts.retain(|symbol, _| symbol == focus || marks.contains_key(symbol));
            for (symbol, history) in snapshot.marks.iter() {
                let held = self.contracts.entry(symbol.clone());
                held.or_insert_with(ContractStatistics::new).follow(history);
            }
        }
        if snapshot.candles.interval == Interval::Min1 && !snapshot.candles.rows.is_empty() {
            let held = self.contracts.entry(focus.clone());
            held.or_insert_with(ContractStatistics::new).follow_trades(&snapshot.candles.rows);
        }
    }

    /// Returns the maintenance table of a contract; of one tier where only the rate is known that came
    /// with a position.
    pub(super) fn tiers(&self, symbol: &Symbol) -> Option<&TierTable> {
        self.tiers.get(symbol).or_else(|| self.rates.get(symbol).map(|(_, table)| table))
    }

    pub(super) fn of(&self, symbol: &Symbol) -> Option<&ContractStatistics> {
        self.contracts.get(symbol)
    }
}

impl ContractStatistics {
    fn new() -> Self {
        Self {
            versions: [0; 3],
            minutes_until: None,
            volatility: Volatility::default(),
            hours_until: None,
            range: AverageTrueRange::new(Interval::Hour1),
            traded: Volatility::default(),
            traded_until: None,
            returns: Vec::new(),
        }
    }

    /// Reads the bars whose version is another one than before.
    fn follow(&mut self, history: &MarkHistory) {
        let [minutes, hours, days] = &mut self.versions;
        if let Some(bars) = newer(minutes, &history.minutes) {
            self.volatility = Volatility::default();
            bars.rows().for_each(|bar| self.volatility.push(&bar));
            self.minutes_until = end(bars, Interval::Min1);
        }
        if let Some(bars) = newer(hours, &history.hours) {
            self.range = AverageTrueRange::new(Interval::Hour1);
            bars.rows().for_each(|bar| self.range.push(&bar));
            self.hours_until = end(bars, Interval::Hour1);
        }
        if let Some(bars) = newer(days, &history.days) {
            self.returns = daily_returns(bars.rows());
        }
    }

    /// Reads the candles of the last price, oldest first, if a minute has ended since the last time.
    fn follow_trades(&mut self, rows: &[Candle]) {
        // The last one is still being built.
        let Some((forming, closed)) = rows.split_last() else { return };
        if self.traded_until == Some(forming.start) {
            return;
        }
        self.traded = Volatility::default();
        for bar in closed {
            self.traded.push(bar);
        }
        self.traded_until = Some(forming.start);
    }

    /// Returns the volatility of the mark price; a provisional one of the last price while there are too few
    /// bars, or the newest is long ago. `None` where neither is known.
    /// `exchange_now` is the exchange's time, like that of the bars.
    pub(super) fn sigma(&self, exchange_now: Timestamp) -> Option<Sigma> {
        let of = |volatility: &Volatility, until| {
            recent(until, exchange_now, RECENT_MS).then(|| volatility.sigma())?
        };
        of(&self.volatility, self.minutes_until)
            .or_else(|| of(&self.traded, self.traded_until).map(Sigma::as_provisional))
    }

    /// Returns `|to − from|` in average true ranges of one hour; `None` as for [`sigma`](Self::sigma).
    pub(super) fn in_ranges(
        &self,
        from: Decimal,
        to: Decimal,
        exchange_now: Timestamp,
    ) -> Option<Decimal> {
        recent(self.hours_until, exchange_now, RECENT_HOURS_MS)
            .then(|| self.range.distance(from, to))?
    }
}

fn newer<'a>(seen: &mut u64, bars: &'a Bars) -> Option<&'a Bars> {
    (std::mem::replace(seen, bars.version) != bars.version).then_some(bars)
}

fn end(bars: &Bars, interval: Interval) -> Option<Timestamp> {
    bars.rows().next_back().map(|bar| bar.start.plus_millis(interval.as_millis()))
}

fn recent(until: Option<Timestamp>, now: Timestamp, limit_ms: i64) -> bool {
    until.is_some_and(|until| now.as_millis().saturating_sub(until.as_millis()) <= limit_ms)
}
