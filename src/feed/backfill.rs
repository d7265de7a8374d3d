//! Which ranges of history are missing, and which is read next: pure bookkeeping over a state and a
//! time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::{Interval, RequestKind, Symbol, Timestamp};
use crate::store::{Bars, Snapshot};

/// Candles of the mark price to hold: a day of minutes for the volatility, a week of hours, after which
/// Wilder's average no longer depends on its start, and days for 250 daily returns.
const WANTED: [(Interval, i64); 3] =
    [(Interval::Min1, 1_440), (Interval::Hour1, 168), (Interval::Day1, 300)];
/// The newest minutes of a held contract, asked for before anything else: the most that one request reads,
/// and enough for a volatility.
const FIRST: (Interval, i64) = (Interval::Min1, 999);
/// A candle may be missing for this long after its end: live prices may still close it, or the exchange
/// may be late.
const LATE_MS: i64 = 15_000;
/// Days of ledger entries, today included: the longest range of one request.
const LEDGER_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Two ranges of ledger entries overlap by this much.
const OVERLAP_MS: i64 = 60_000;
/// The pauses after a failure, and after a response that did not fill the range.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// A range of history that the store does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MissingRange {
    /// Candles of the mark price that start within a range.
    Marks { symbol: Symbol, interval: Interval, since: Timestamp, until: Timestamp },
    /// Ledger entries of a range.
    Ledger { since: Timestamp, until: Timestamp },
    /// Closed positions older than the newest page.
    Closed,
}

impl MissingRange {
    /// Returns what it is a part of.
    pub(super) fn kind(&self) -> RequestKind {
        match self {
            Self::Marks { symbol, interval, .. } => {
                RequestKind::MarkCandles(symbol.clone(), *interval)
            }
            Self::Ledger { .. } => RequestKind::LedgerHistory,
            Self::Closed => RequestKind::ClosedHistory,
        }
    }

    /// Returns the start of the range; that of closed positions has none.
    pub(super) const fn since(&self) -> Timestamp {
        match self {
            Self::Marks { since, .. } | Self::Ledger { since, .. } => *since,
            Self::Closed => Timestamp::from_millis(0),
        }
    }

    pub(super) const fn is_private(&self) -> bool {
        matches!(self, Self::Ledger { .. } | Self::Closed)
    }
}

/// How far history of one kind has been read, and when it may be read again.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// Candles missing before this do not exist.
    settled: Timestamp,
    not_before: Timestamp,
    attempts: u32,
}

/// Plans the reads of history and paces those that fail.
#[derive(Debug, Default)]
pub(super) struct Backfill {
    progress: BTreeMap<RequestKind, Progress>,
    /// Contracts whose newest minutes have been asked for.
    first: BTreeSet<Symbol>,
}

impl Backfill {
    /// Returns the newest minutes of a held contract, each contract once; what fails or is still missing
    /// is left to [`next`](Self::next).
    pub(super) fn first(&mut self, state: &Snapshot, exchange: Timestamp) -> Option<MissingRange> {
        for symbol in held(state) {
            if self.first.insert(symbol.clone())
                && let Some(range) = self.marks(state, symbol, FIRST, exchange)
            {
                return Some(range);
            }
        }
        None
    }

    /// Returns the missing range to read next, the most important first; `None` while nothing is missing
    /// or may be read. Of the two times, `now` is local and `exchange` the exchange's.
    pub(super) fn next(
        &self,
        state: &Snapshot,
        focus: &Symbol,
        private: bool,
        (now, exchange): (Timestamp, Timestamp),
    ) -> Option<MissingRange> {
        let symbols = symbols(state, focus);
        let marks = |wanted: (Interval, i64)| {
            symbols.iter().filter_map(move |symbol| self.marks(state, symbol, wanted, exchange))
        };
        let [minutes, hours, days] = WANTED;
        let account = [ledger(state, exchange), closed(state)];
        marks(minutes)
            .chain(marks(hours))
            .chain(account.into_iter().flatten().filter(|_| private))
            .chain(marks(days))
            .find(|range| self.progress_of(range).not_before <= now)
    }

    fn progress_of(&self, range: &MissingRange) -> Progress {
        self.progress.get(&range.kind()).copied().unwrap_or_default()
    }

    fn marks(
        &self,
        state: &Snapshot,
        symbol: &Symbol,
        (interval, count): (Interval, i64),
        exchange: Timestamp,
    ) -> Option<MissingRange> {
        let span = interval.as_millis();
        let now = exchange.as_millis() - LATE_MS;
        let until = Timestamp::from_millis(now - now.rem_euclid(span));
        let progress = self.progress.get(&RequestKind::MarkCandles(symbol.clone(), interval));
        let first = until.plus_millis(-count * span);
        let first = first.max(progress.map_or(first, |progress| progress.settled));
        let held = state.marks.get(symbol);
        let bars = held.map(|held| match interval {
            Interval::Hour1 => &*held.hours,
            Interval::Day1 => &*held.days,
            Interval::Min1 | Interval::Min5 | Interval::Min15 | Interval::Hour4 => &*held.minutes,
        });
        let starts = bars.into_iter().flat_map(Bars::starts);
        let (since, until) = missing(starts, span, first, until)?;
        Some(MissingRange::Marks { symbol: symbol.clone(), interval, since, until })
    }

    /// Records that a range was read. Candles that the responses did not have do not exist, except for
    /// the newest one, which may be late.
    pub(super) fn succeeded(&mut self, range: &MissingRange, now: Timestamp) {
        let progress = self.progress.entry(range.kind()).or_default();
        if let MissingRange::Marks { interval, until, .. } = range {
            let settled = until.plus_millis(-interval.as_millis());
            // The range reaches further than the last one: this is not the same late candle again.
            progress.attempts = if settled > progress.settled { 0 } else { progress.attempts };
            progress.settled = settled.max(progress.settled);
        } else {
            progress.attempts = 0;
        }
        progress.back_off(now);
    }

    /// Records a failure.
    pub(super) fn failed(&mut self, range: &MissingRange, now: Timestamp) {
        self.progress.entry(range.kind()).or_default().back_off(now);
    }

    /// Leaves a range alone until a time.
    pub(super) fn postpone(&mut self, range: &MissingRange, until: Timestamp) {
        self.progress.entry(range.kind()).or_default().not_before = until;
    }

    /// Starts over: the user asked for it.
    pub(super) fn reset(&mut self) {
        self.progress.clear();
        self.first.clear();
    }

    /// Drops the progress of contracts whose candles are no longer held.
    pub(super) fn prune(&mut self, state: &Snapshot, focus: &Symbol) {
        let symbols = symbols(state, focus);
        self.progress.retain(|kind, _| {
            let RequestKind::MarkCandles(symbol, _) = kind else { return true };
            symbols.contains(symbol) || state.marks.contains_key(symbol)
        });
    }
}

/// Returns the contracts whose candles are read: the focus and those of open positions.
pub(super) fn symbols(state: &Snapshot, focus: &Symbol) -> Vec<Symbol> {
    let mut symbols = vec![focus.clone()];
    for symbol in held(state) {
        if !symbols.contains(symbol) {
            symbols.push(symbol.clone());
        }
    }
    symbols
}

/// Returns the contract of each open position; of coin-margined ones nothing is computed.
fn held(state: &Snapshot) -> impl Iterator<Item = &Symbol> {
    let symbols = state.positions.rows.iter().map(|row| &row.key.symbol);
    symbols.filter(|symbol| symbol.product().is_linear())
}

impl Progress {
    fn back_off(&mut self, now: Timestamp) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.attempts.min(10)).min(LONGEST_PAUSE);
        self.attempts = self.attempts.saturating_add(1);
        self.not_before = now.after(pause);
    }
}

/// Returns the range from the first candle that is missing to the last.
fn missing(
    starts: impl DoubleEndedIterator<Item = Timestamp> + Clone,
    span: i64,
    first: Timestamp,
    until: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let inside = starts.filter(|start| *start >= first && *start < until);
    let mut since = first;
    for start in inside.clone() {
        if start != since {
            break;
        }
        since = since.plus_millis(span);
    }
    if since >= until {
        return None;
    }
    let mut end = until;
    for start in inside.rev() {
        if start != end.plus_millis(-span) {
            break;
        }
        end = start;
    }
    Some((since, end))
}

/// Today's entries are polled separately; they extend the history as long as it reaches to midnight.
fn ledger(state: &Snapshot, exchange: Timestamp) -> Option<MissingRange> {
    let (held, today) = (&state.history, exchange.start_of_day());
    let all = today.plus_millis(-(LEDGER_DAYS - 1) * DAY_MS);
    if !held.complete {
        return Some(MissingRange::Ledger { since: all, until: exchange });
    }
    let since = held.until.plus_millis(-OVERLAP_MS).max(all);
    (held.until < today).then_some(MissingRange::Ledger { since, until: exchange })
}

fn closed(state: &Snapshot) -> Option<MissingRange> {
    (!state.closed_complete).then_some(MissingRange::Closed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::Decimal;

    use super::*;
    use crate::domain::{Candle, MarginMode, OpenEnum, Position, PositionKey, Product, Side};
    use crate::store::{LedgerHistory, MarkHistory};

    const MINUTE: i64 = 60_000;

    fn at(ms: i64) -> Timestamp {
        // A midnight.
        Timestamp::from_millis(1_790_294_400_000 + ms)
    }

    fn candle(start: Timestamp) -> Candle {
        let price = Decimal::ONE;
        Candle { start, open: price, high: price, low: price, close: price, volume: None }
    }

    /// A state in which nothing is missing at `now` but the minutes `without`, counted back from it.
    fn state(now: Timestamp, without: &[i64]) -> Snapshot {
        let bars = |interval: Interval, count: i64, without: &[i64]| {
            let span = interval.as_millis();
            let end = now.as_millis() - now.as_millis().rem_euclid(span);
            let kept = (1..=count).rev().filter(|back| !without.contains(back));
            let rows = kept.map(|back| candle(Timestamp::from_millis(end - back * span)));
            let mut bars = Bars::default();
            bars.add(&rows.collect::<Vec<_>>(), usize::MAX);
            Arc::new(bars)
        };
        let history = MarkHistory {
            minutes: bars(Interval::Min1, 1_500, without),
            hours: bars(Interval::Hour1, 200, &[]),
            days: bars(Interval::Day1, 320, &[]),
        };
        let mut state = Snapshot { closed_complete: true, ..Snapshot::default() };
        Arc::make_mut(&mut state.marks).insert(Symbol::default(), history);
        state.history = Arc::new(LedgerHistory {
            since: now.plus_millis(-30 * DAY_MS),
            until: now,
            complete: true,
            ..LedgerHistory::default()
        });
        state
    }

    fn next(backfill: &Backfill, state: &Snapshot, now: Timestamp) -> Option<MissingRange> {
        backfill.next(state, &Symbol::default(), true, (now, now))
    }

    #[test]
    fn everything_is_missing_at_first_and_the_most_important_comes_first() {
        let (mut backfill, state, now) = (Backfill::default(), Snapshot::default(), at(3_600_000));
        let mut order = Vec::new();
        while let Some(range) = next(&backfill, &state, now) {
            backfill.succeeded(&range, now);
            order.push(range);
        }
        let marks = |interval, back: i64, until: i64| MissingRange::Marks {
            symbol: Symbol::default(),
            interval,
            since: at(until - back * interval.as_millis()),
            until: at(until),
        };
        let minutes = marks(Interval::Min1, 1_440, 3_540_000);
        let ledger = MissingRange::Ledger { since: at(-29 * DAY_MS), until: now };
        let days = marks(Interval::Day1, 300, 0);
        let hours = marks(Interval::Hour1, 168, 0);
        assert_eq!(order, [minutes, hours, ledger, MissingRange::Closed, days]);
    }

    #[test]
    fn the_newest_minutes_of_each_held_contract_are_asked_for_once() {
        let (mut backfill, now) = (Backfill::default(), at(3_600_000));
        let mut state = Snapshot::default();
        assert_eq!(backfill.first(&state, now), None, "nothing is held");
        for (name, side) in
            [("BTCUSDT", Side::Long), ("BTCUSDT", Side::Short), ("ETHUSDT", Side::Long)]
        {
            state.positions.rows.push(held(name, side));
        }
        let mut asked = Vec::new();
        while let Some(range) = backfill.first(&state, now) {
            asked.push(range);
        }
        let minutes = |name| MissingRange::Marks {
            symbol: Symbol::from_wire(name, Product::UsdtFutures).unwrap(),
            interval: Interval::Min1,
            since: at(3_540_000 - 999 * MINUTE),
            until: at(3_540_000),
        };
        assert_eq!(asked, [minutes("BTCUSDT"), minutes("ETHUSDT")]);
        let all = next(&backfill, &state, now);
        assert!(all.is_some(), "the rest of the day is read later: {all:?}");
        backfill.reset();
        assert!(backfill.first(&state, now).is_some(), "the user asked for it");
    }

    fn held(name: &str, side: Side) -> Position {
        Position {
            key: PositionKey {
                symbol: Symbol::from_wire(name, Product::UsdtFutures).unwrap(),
                side,
                margin_mode: OpenEnum::Known(MarginMode::Cross),
                margin_coin: "USDT".into(),
            },
            position_mode: None,
            asset_mode: None,
            size: Decimal::ONE,
            available: None,
            entry_price: None,
            mark_price: None,
            break_even_price: None,
            liquidation_price: None,
            leverage: None,
            margin: None,
            exchange_unrealized_pnl: None,
            exchange_margin_ratio: None,
            realized_pnl: None,
            funding_pnl: None,
            fees_paid: None,
            maintenance_margin_rate: None,
            updated_at: None,
            details: None,
        }
    }

    #[test]
    fn missing_minutes_are_one_range_and_late_ones_get_time() {
        let now = at(10 * MINUTE + 20_000);
        let backfill = Backfill::default();
        assert_eq!(next(&backfill, &state(now, &[]), now), None);
        let gap = MissingRange::Marks {
            symbol: Symbol::default(),
            interval: Interval::Min1,
            since: at(3 * MINUTE),
            until: at(8 * MINUTE),
        };
        assert_eq!(next(&backfill, &state(now, &[7, 5, 3]), now), Some(gap));
        let early = at(10 * MINUTE + 14_000);
        assert_eq!(
            next(&backfill, &state(early, &[1]), early),
            None,
            "it may still be closed live"
        );
        assert!(next(&backfill, &state(now, &[1]), now).is_some());
    }

    #[test]
    fn candles_that_do_not_exist_are_not_requested_for_ever() {
        let mut backfill = Backfill::default();
        let start = at(10 * MINUTE + 20_000);
        let mut requests = 0;
        for second in 0..600 {
            let now = start.plus_millis(second * 1_000);
            // A halted contract: no candle since.
            let state = state(start, &[300, 299]);
            if let Some(range) = next(&backfill, &state, now) {
                requests += 1;
                backfill.succeeded(&range, now);
            }
        }
        assert!((2..=21).contains(&requests), "{requests} requests in ten minutes");
    }

    #[test]
    fn failures_are_paced_longer_each_time() {
        let (mut backfill, now) = (Backfill::default(), at(20_000));
        let state = state(now, &[5]);
        let mut pauses = Vec::new();
        let mut at = now;
        for _ in 0..7 {
            let range = next(&backfill, &state, at);
            backfill.failed(&range.unwrap(), at);
            let before = at;
            while next(&backfill, &state, at).is_none_or(|range| range.is_private()) {
                at = at.plus_millis(1_000);
            }
            pauses.push(at.since(before).as_secs());
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn after_midnight_the_end_of_yesterday_is_read() {
        let now = at(-5_000);
        let mut state = state(now, &[]);
        let later = at(2_000);
        assert_eq!(
            next(&Backfill::default(), &state, later),
            Some(MissingRange::Ledger { since: at(-65_000), until: later })
        );
        Arc::make_mut(&mut state.history).until = later;
        assert_eq!(next(&Backfill::default(), &state, later), None);
    }
}
