//! Which candles the chart shows: a window of time, and how many of them share a column.

use std::cmp::Reverse;

use rust_decimal::prelude::ToPrimitive;

use crate::domain::{Candle, Fill, Interval, OrderSide, Symbol, Timestamp};
use crate::ui::chart_view::{ChartView, Extent};
use crate::ui::widgets::Bar;

/// The columns of a chart: how much time each of them is, and the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) extent: Extent,
    /// Columns from one candle to the next.
    pub(super) pitch: u16,
    /// Candles that have room.
    pub(super) count: u16,
}

impl Window {
    /// Returns the window of a view into these candles, `width` columns wide; `None` without candles.
    pub(super) fn of(
        rows: &[Candle],
        interval: Interval,
        view: ChartView,
        width: u16,
    ) -> Option<Self> {
        let (oldest, newest) = (rows.first()?.start, rows.last()?.start);
        let (pitch, candles) = view.zoom();
        let count = (width / pitch.max(1)).max(1);
        let column_ms = interval.as_millis().saturating_mul(candles);
        let seen = column_ms.saturating_mul(i64::from(count.saturating_sub(1)));
        let start_of = |time: Timestamp| {
            let ms = time.as_millis();
            Timestamp::from_millis(ms.saturating_sub(ms.rem_euclid(column_ms)))
        };
        // Never so far back that the left of the chart is empty while there are newer candles.
        let end = view.end().map_or(newest, |end| end.max(oldest.plus_millis(seen)).min(newest));
        let last = start_of(end);
        let first = last.plus_millis(seen.saturating_neg());
        let extent = Extent { oldest: start_of(oldest), newest, first, last, column_ms };
        Some(Self { extent, pitch, count })
    }

    /// Returns the place of a time, counted from the right; `None` outside.
    fn back(self, time: Timestamp) -> Option<u16> {
        let Extent { first, last, column_ms, .. } = self.extent;
        let after_last = time.as_millis().saturating_sub(last.as_millis());
        let back = after_last.div_euclid(column_ms).checked_neg()?;
        (time >= first).then(|| u16::try_from(back).ok()).flatten()
    }

    /// Returns the candles of each column, oldest first, with the own fills of a contract.
    pub(super) fn bars(self, rows: &[Candle], fills: &[Fill], symbol: &Symbol) -> Vec<Bar> {
        let from = rows.partition_point(|row| row.start < self.extent.first);
        let mut bars: Vec<Bar> = Vec::with_capacity(usize::from(self.count));
        for row in rows.iter().skip(from) {
            let Some(back) = self.back(row.start) else { break };
            let Some(bar) = bar(row, back) else { continue };
            match bars.last_mut().filter(|held| held.back == back) {
                Some(held) => merge(held, &bar),
                None => bars.push(bar),
            }
        }
        for fill in fills.iter().filter(|fill| fill.symbol == *symbol) {
            let back = fill.time.and_then(|time| self.back(time));
            let at =
                back.map(|back| bars.binary_search_by_key(&Reverse(back), |bar| Reverse(bar.back)));
            let Some(bar) = at.and_then(Result::ok).and_then(|at| bars.get_mut(at)) else {
                continue;
            };
            match fill.side {
                Some(OrderSide::Buy) => bar.bought = true,
                Some(OrderSide::Sell) => bar.sold = true,
                None => {}
            }
        }
        bars
    }
}

/// Returns a candle as coordinates. Until it is merged, `top` and `bottom` are those of its body.
fn bar(candle: &Candle, back: u16) -> Option<Bar> {
    let (open, close) = (candle.open.to_f64()?, candle.close.to_f64()?);
    Some(Bar {
        back,
        high: candle.high.to_f64()?,
        low: candle.low.to_f64()?,
        top: open.max(close),
        bottom: open.min(close),
        rising: candle.close >= candle.open,
        volume: candle.volume.and_then(|volume| volume.to_f64()),
        bought: false,
        sold: false,
    })
}

/// Adds the candle that follows within the same column.
fn merge(held: &mut Bar, next: &Bar) {
    let open = if held.rising { held.bottom } else { held.top };
    let close = if next.rising { next.top } else { next.bottom };
    held.high = held.high.max(next.high);
    held.low = held.low.min(next.low);
    (held.top, held.bottom) = (open.max(close), open.min(close));
    held.rising = close >= open;
    // Of a part that is not known the sum is not known.
    held.volume = held.volume.zip(next.volume).map(|(held, next)| held + next);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::chart_view::ChartStep;
    use rust_decimal::Decimal;

    fn candle(minute: i64, open: i64, close: i64) -> Candle {
        let [open, close] = [open, close].map(Decimal::from);
        Candle {
            start: Timestamp::from_millis(minute * 60_000),
            open,
            high: open.max(close) + Decimal::ONE,
            low: open.min(close) - Decimal::ONE,
            close,
            volume: Some(Decimal::TWO),
        }
    }

    #[test]
    fn a_column_of_several_candles_is_one_longer_candle() {
        let rows: Vec<Candle> = [(8, 10, 12), (9, 12, 9), (10, 9, 20)]
            .map(|(at, open, close)| candle(at, open, close))
            .into();
        let mut view = ChartView::default();
        view.step(ChartStep::Farther);
        let window = Window::of(&rows, Interval::Min1, view, 10).unwrap();
        let bars = window.bars(&rows, &[], &Symbol::default());
        let first = bars[0];
        assert_eq!((first.high, first.low, first.top, first.bottom), (13.0, 8.0, 10.0, 9.0));
        assert_eq!((first.rising, first.volume, first.back), (false, Some(4.0), 1));
        assert_eq!((bars[1].rising, bars[1].back, bars.len()), (true, 0, 2));
    }

    #[test]
    fn a_missing_candle_leaves_its_column_empty() {
        let rows = [candle(1, 5, 6), candle(4, 6, 5)];
        let window = Window::of(&rows, Interval::Min1, ChartView::default(), 3).unwrap();
        let places = |window: Window| -> Vec<u16> {
            window.bars(&rows, &[], &Symbol::default()).iter().map(|bar| bar.back).collect()
        };
        assert_eq!(places(window), [0], "the older one has no room");
        let window = Window::of(&rows, Interval::Min1, ChartView::default(), 9).unwrap();
        assert_eq!(places(window), [3, 0]);
    }

    #[test]
    fn a_chart_that_was_moved_back_stands_still_when_candles_begin() {
        let mut rows: Vec<Candle> = (0..100).map(|at| candle(at, 5, 6)).collect();
        let mut view = ChartView::default();
        let window = |rows: &[Candle], view| Window::of(rows, Interval::Min1, view, 20).unwrap();
        view.drawn(window(&rows, view).extent);
        view.step(ChartStep::Older);
        let before = window(&rows, view);
        assert!(before.extent.last < before.extent.newest);
        rows.push(candle(100, 6, 7));
        let after = window(&rows, view);
        assert_eq!(after.extent.first, before.extent.first);
        assert_eq!(
            after.bars(&rows, &[], &Symbol::default()),
            before.bars(&rows, &[], &Symbol::default())
        );
    }
}
