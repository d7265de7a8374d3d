//! Following a series of candles bar by bar, without bridging what is missing.

use rust_decimal::Decimal;

use crate::domain::{Candle, Interval, Timestamp};

/// How far a series of bars was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Followed {
    /// Start and close of the newest bar.
    newest: Option<(Timestamp, Decimal)>,
}

/// A bar and what lies before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Close of the bar directly before it; `None` at the start and after a hole.
    pub(super) previous_close: Option<Decimal>,
    /// Whole bars from the one before to this one; 1 without a hole, 0 at the start.
    pub(super) bars: i64,
}

impl Followed {
    /// Returns what lies before `bar`; `None` for a bar that is to be left out: one that is not newer
    /// than the newest, or one with impossible prices.
    pub(super) fn step(&mut self, bar: &Candle, interval: Interval) -> Option<Step> {
        let whole = bar.low > Decimal::ZERO
            && bar.low <= bar.open.min(bar.close)
            && bar.high >= bar.open.max(bar.close);
        let is_newer = self.newest.is_none_or(|(start, _)| bar.start > start);
        if !whole || !is_newer {
            return None;
        }
        let span = interval.as_millis();
        let step = match self.newest {
            None => Step { previous_close: None, bars: 0 },
            Some((start, close)) => {
                let gap = bar.start.as_millis().saturating_sub(start.as_millis());
                Step { previous_close: (gap == span).then_some(close), bars: (gap / span).max(1) }
            }
        };
        self.newest = Some((bar.start, bar.close));
        Some(step)
    }
}
