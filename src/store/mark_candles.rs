//! Closed candles of the mark price: read by REST, and minutes also closed here from live prices.
//!
//! A minute is closed here only if prices arrived all through it, from the minute before on. One in
//! which they stopped is missing: nothing bridges it, and the feed reads it later by REST.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{MarkHistory, Snapshot};
use crate::domain::{Candle, Interval, Symbol, Timestamp};

/// The most minutes, hours and days of each contract: a day, a week and ten months are used.
const MAX_BARS: [usize; 3] = [1_500, 200, 320];
/// The most contracts that are kept without a position.
const MAX_CONTRACTS: usize = 8;
/// Prices further apart than this are a gap, as they are stale by then.
const GAP_MS: i64 = 5_000;

/// The current minute of each contract.
#[derive(Debug, Default)]
pub(super) struct Minutes {
    forming: BTreeMap<Symbol, Forming>,
}

#[derive(Debug, Clone, Copy)]
struct Forming {
    candle: Candle,
    /// Prices have arrived all through it so far, from the minute before on.
    gapless: bool,
    last: Timestamp,
}

impl Minutes {
    /// Takes a mark price and returns the minute that it closes, if that had no gap.
    pub(super) fn price(
        &mut self,
        symbol: &Symbol,
        mark: Decimal,
        at: Timestamp,
    ) -> Option<Candle> {
        let start = start_of(at);
        let Some(forming) = self.forming.get_mut(symbol) else {
            let fresh = Forming { candle: flat(start, mark), gapless: false, last: at };
            self.forming.insert(symbol.clone(), fresh);
            return None;
        };
        let passed = at.as_millis() - forming.last.as_millis();
        if passed < 0 {
            return None;
        }
        let steady = passed <= GAP_MS;
        forming.last = at;
        if start == forming.candle.start {
            forming.gapless &= steady;
            let candle = &mut forming.candle;
            candle.high = candle.high.max(mark);
            candle.low = candle.low.min(mark);
            candle.close = mark;
            return None;
        }
        // Without a gap the next minute is the only one that this price can be in.
        let closed = (forming.gapless && steady).then_some(forming.candle);
        *forming = Forming { candle: flat(start, mark), gapless: steady, last: at };
        closed
    }
}

const fn flat(start: Timestamp, price: Decimal) -> Candle {
    Candle { start, open: price, high: price, low: price, close: price, volume: None }
}

fn start_of(at: Timestamp) -> Timestamp {
    let ms = at.as_millis();
    Timestamp::from_millis(ms - ms.rem_euclid(Interval::Min1.as_millis()))
}

/// Adds closed candles by their start and returns whether anything changed.
pub(super) fn add(
    state: &mut Snapshot,
    symbol: &Symbol,
    interval: Interval,
    mut rows: Vec<Candle>,
) -> bool {
    let all = Arc::make_mut(&mut state.marks);
    let history = all.entry(symbol.clone()).or_default();
    let (bars, most) = match (interval, MAX_BARS) {
        (Interval::Min1, [minutes, ..]) => (&mut history.minutes, minutes),
        (Interval::Hour1, [_, hours, _]) => (&mut history.hours, hours),
        (Interval::Day1, [.., days]) => (&mut history.days, days),
        (Interval::Min5 | Interval::Min15 | Interval::Hour4, _) => return false,
    };
    rows.retain(|row| !bars.holds(row));
    if rows.is_empty() {
        return false;
    }
    Arc::make_mut(bars).add(&rows, most);
    true
}

/// Drops the candles of contracts without a position, except the focus, once there are many: a position
/// that was closed may well be opened again.
pub(super) fn forget(state: &mut Snapshot, focus: &Symbol) {
    let wanted = |symbol: &Symbol| {
        symbol == focus || state.positions.rows.iter().any(|row| row.key.symbol == *symbol)
    };
    if state.marks.len() <= MAX_CONTRACTS || state.marks.keys().all(wanted) {
        return;
    }
    let kept: BTreeMap<Symbol, MarkHistory> = state
        .marks
        .iter()
        .filter(|(symbol, _)| wanted(symbol))
        .map(|(symbol, history)| (symbol.clone(), history.clone()))
        .collect();
    state.marks = Arc::new(kept);
}
