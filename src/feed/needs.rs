//! What is missing of the past, and what of it is read next: pure bookkeeping over a state and a time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{Candle, Interval, Symbol, Timestamp};
use crate::store::{Bars, Snapshot};

/// Candles of the mark price that are wanted: a day of minutes for the volatility, a week of hours,
/// after which Wilder's average has forgotten its beginning, and days for 250 daily returns.
const WANTED: [(Interval, i64); 3] =
    [(Interval::Min1, 1_440), (Interval::Hour1, 168), (Interval::Day1, 300)];
/// A candle may be missing for this long after its end: the live prices may close it, or the
/// exchange may be late.
const LATE_MS: i64 = 15_000;
/// Days of bills, today among them: as many as one question may span.
const LEDGER_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
/// Bills around a joint are read twice.
const OVERLAP_MS: i64 = 60_000;
/// The pauses after a failure, and after an answer that did not bring what was missing.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// Candles of the mark price that begin within a time.
    Marks { symbol: Symbol, interval: Interval, since: Timestamp, until: Timestamp },
    /// Bills of a time.
    Ledger { since: Timestamp, until: Timestamp },
    /// Closed positions beyond the newest ones.
    Closed,
}

/// What a need is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Marks(Symbol, Interval),
    Ledger,
    Closed,
}

impl Need {
    fn subject(&self) -> Subject {
        match self {
            Self::Marks { symbol, interval, .. } => Subject::Marks(symbol.clone(), *interval),
            Self::Ledger { .. } => Subject::Ledger,
            Self::Closed => Subject::Closed,
        }
    }

    pub(super) const fn is_private(&self) -> bool {
        matches!(self, Self::Ledger { .. } | Self::Closed)
    }
}

/// What is remembered of a subject.
#[derive(Debug, Clone, Copy, Default)]
struct Note {
    /// What is missing before this does not exist.
    settled: Timestamp,
    not_before: Timestamp,
    tries: u32,
}

/// The memory of what was asked for.
#[derive(Debug, Default)]
pub(super) struct Needs {
    notes: BTreeMap<Subject, Note>,
}

impl Needs {
    /// Returns what is read next, the most wanted first. `exchange` is the exchange's time.
    pub(super) fn next(
        &self,
        state: &Snapshot,
        focus: &Symbol,
        private: bool,
        (now, exchange): (Timestamp, Timestamp),
    ) -> Option<Need> {
        let mut symbols = vec![focus.clone()];
        for row in &state.positions.rows {
            if !symbols.contains(&row.key.symbol) {
                symbols.push(row.key.symbol.clone());
            }
        }
        let marks = |wanted: (Interval, i64)| {
            symbols.iter().filter_map(move |symbol| self.marks(state, symbol, wanted, exchange))
        };
        let [minutes, hours, days] = WANTED;
        let past = [ledger(state, exchange), closed(state)];
        marks(minutes)
            .chain(marks(hours))
            .chain(past.into_iter().flatten().filter(|_| private))
            .chain(marks(days))
            .find(|need| self.note(need).not_before <= now)
    }

    fn note(&self, need: &Need) -> Note {
        self.notes.get(&need.subject()).copied().unwrap_or_default()
    }

    fn marks(
        &self,
        state: &Snapshot,
        symbol: &Symbol,
        (interval, count): (Interval, i64),
        exchange: Timestamp,
    ) -> Option<Need> {
        let span = interval.as_millis();
        let now = exchange.as_millis() - LATE_MS;
        let until = Timestamp::from_millis(now - now.rem_euclid(span));
        let settled = self.notes.get(&Subject::Marks(symbol.clone(), interval));
        let first = until.plus_millis(-count * span);
        let first = first.max(settled.map_or(first, |note| note.settled));
        let held = state.marks.get(symbol);
        let bars: Option<&Bars> = held.map(|held| match interval {
            Interval::Hour1 => &*held.hours,
            Interval::Day1 => &*held.days,
            Interval::Min1 | Interval::Min5 | Interval::Min15 | Interval::Hour4 => &*held.minutes,
        });
        let rows = bars.map_or(&[][..], |bars| &bars.rows);
        let (since, until) = missing(rows, span, first, until)?;
        Some(Need::Marks { symbol: symbol.clone(), interval, since, until })
    }

    /// Takes note of an answer. What it did not bring does not exist, but for the newest candle, which
    /// may come late.
    pub(super) fn answered(&mut self, need: &Need, now: Timestamp) {
        let note = self.notes.entry(need.subject()).or_default();
        if let Need::Marks { interval, until, .. } = need {
            let settled = until.plus_millis(-interval.as_millis());
            // Something older than before was read: this is not the same candle again.
            note.tries = if settled > note.settled { 0 } else { note.tries };
            note.settled = settled.max(note.settled);
        } else {
            note.tries = 0;
        }
        note.put_off(now);
    }

    /// Takes note of a failure.
    pub(super) fn failed(&mut self, need: &Need, now: Timestamp) {
        self.notes.entry(need.subject()).or_default().put_off(now);
    }

    /// Puts off what cannot be had now.
    pub(super) fn leave(&mut self, need: &Need, until: Timestamp) {
        self.notes.entry(need.subject()).or_default().not_before = until;
    }

    /// Begins anew: a person asked for it.
    pub(super) fn forget(&mut self) {
        self.notes.clear();
    }

    /// Drops the memory of contracts whose candles are not held any more.
    pub(super) fn keep(&mut self, state: &Snapshot, focus: &Symbol) {
        self.notes.retain(|subject, _| match subject {
            Subject::Marks(symbol, _) => {
                let held = state.positions.rows.iter().any(|row| row.key.symbol == *symbol);
                symbol == focus || held || state.marks.contains_key(symbol)
            }
            Subject::Ledger | Subject::Closed => true,
        });
    }
}

impl Note {
    fn put_off(&mut self, now: Timestamp) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(10)).min(LONGEST_PAUSE);
        self.tries = self.tries.saturating_add(1);
        self.not_before = now.after(pause);
    }
}

/// Returns the span from the first candle that is missing to the last.
fn missing(
    rows: &[Candle],
    span: i64,
    first: Timestamp,
    until: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let inside = |row: &&Candle| row.start >= first && row.start < until;
    let mut since = first;
    for row in rows.iter().filter(inside) {
        if row.start != since {
            break;
        }
        since = since.plus_millis(span);
    }
    if since >= until {
        return None;
    }
    let mut end = until;
    for row in rows.iter().rev().filter(inside) {
        if row.start != end.plus_millis(-span) {
            break;
        }
        end = row.start;
    }
    Some((since, end))
}

/// The bills of today are polled apart; they continue the history as long as it reaches to midnight.
fn ledger(state: &Snapshot, exchange: Timestamp) -> Option<Need> {
    let (held, today) = (&state.history, exchange.start_of_day());
    let all = today.plus_millis(-(LEDGER_DAYS - 1) * DAY_MS);
    if !held.complete {
        return Some(Need::Ledger { since: all, until: exchange });
    }
    let since = held.until.plus_millis(-OVERLAP_MS).max(all);
    (held.until < today).then_some(Need::Ledger { since, until: exchange })
}

fn closed(state: &Snapshot) -> Option<Need> {
    (!state.closed_complete).then_some(Need::Closed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::Decimal;

    use super::*;
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
            Arc::new(Bars { version: 1, rows: rows.collect() })
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

    fn next(needs: &Needs, state: &Snapshot, now: Timestamp) -> Option<Need> {
        needs.next(state, &Symbol::default(), true, (now, now))
    }

    #[test]
    fn everything_is_missing_at_first_and_the_most_wanted_comes_first() {
        let (mut needs, state, now) = (Needs::default(), Snapshot::default(), at(3_600_000));
        let mut order = Vec::new();
        while let Some(need) = next(&needs, &state, now) {
            needs.answered(&need, now);
            order.push(need);
        }
        let marks = |interval, back: i64, until: i64| Need::Marks {
            symbol: Symbol::default(),
            interval,
            since: at(until - back * interval.as_millis()),
            until: at(until),
        };
        let minutes = marks(Interval::Min1, 1_440, 3_540_000);
        let ledger = Need::Ledger { since: at(-29 * DAY_MS), until: now };
        let days = marks(Interval::Day1, 300, 0);
        assert_eq!(order, [minutes, marks(Interval::Hour1, 168, 0), ledger, Need::Closed, days]);
    }

    #[test]
    fn minutes_that_were_missed_are_one_question_and_late_ones_get_time() {
        let now = at(10 * MINUTE + 20_000);
        let needs = Needs::default();
        assert_eq!(next(&needs, &state(now, &[]), now), None);
        let gap = Need::Marks {
            symbol: Symbol::default(),
            interval: Interval::Min1,
            since: at(3 * MINUTE),
            until: at(8 * MINUTE),
        };
        assert_eq!(next(&needs, &state(now, &[7, 5, 3]), now), Some(gap));
        let early = at(10 * MINUTE + 14_000);
        assert_eq!(next(&needs, &state(early, &[1]), early), None, "it may still be closed live");
        assert!(next(&needs, &state(now, &[1]), now).is_some());
    }

    #[test]
    fn what_does_not_exist_is_not_asked_for_for_ever() {
        let mut needs = Needs::default();
        let start = at(10 * MINUTE + 20_000);
        let mut asked = 0;
        for second in 0..600 {
            let now = start.plus_millis(second * 1_000);
            // A halted contract: no candle since.
            let state = state(start, &[300, 299]);
            if let Some(need) = next(&needs, &state, now) {
                asked += 1;
                needs.answered(&need, now);
            }
        }
        assert!((2..=21).contains(&asked), "{asked} questions in ten minutes");
    }

    #[test]
    fn failures_are_paced_longer_each_time() {
        let (mut needs, now) = (Needs::default(), at(20_000));
        let state = state(now, &[5]);
        let mut pauses = Vec::new();
        let mut at = now;
        for _ in 0..7 {
            let need = next(&needs, &state, at);
            needs.failed(&need.unwrap(), at);
            let before = at;
            while next(&needs, &state, at).is_none_or(|need| need.is_private()) {
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
        let past = at(2_000);
        assert_eq!(
            next(&Needs::default(), &state, past),
            Some(Need::Ledger { since: at(-65_000), until: past })
        );
        Arc::make_mut(&mut state.history).until = past;
        assert_eq!(next(&Needs::default(), &state, past), None);
    }
}
