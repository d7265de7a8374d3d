//! Average true range: how far the price goes in one bar, in money.

use rust_decimal::Decimal;

use super::bars::Followed;
use super::exact::{add, div, mul, sub};
use crate::domain::{Candle, Interval};

/// Bars of the average, as Wilder chose it.
const PERIOD: u32 = 14;

/// Wilder's average true range over 14 closed bars: the mean of the first 14, then
/// `(13·ATR + TR) / 14`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AverageTrueRange {
    interval: Interval,
    followed: Followed,
    bars: u32,
    /// The sum of the ranges, then their average; `None` once it did not fit.
    value: Option<Decimal>,
}

impl AverageTrueRange {
    /// Returns the average of no bars yet.
    pub fn new(interval: Interval) -> Self {
        Self { interval, followed: Followed::default(), bars: 0, value: Some(Decimal::ZERO) }
    }

    /// Takes in a closed bar. After a hole, as at the start, its range is that of the bar alone. A bar
    /// that is not newer than the newest, or whose prices are impossible, is left out.
    pub fn push(&mut self, bar: &Candle) {
        let Some(step) = self.followed.step(bar, self.interval) else { return };
        self.bars = self.bars.saturating_add(1);
        self.value = self.value.and_then(|value| {
            let range = true_range(bar, step.previous_close)?;
            let period = Decimal::from(PERIOD);
            if self.bars > PERIOD {
                return div(add(mul(sub(period, Decimal::ONE)?, value)?, range)?, period);
            }
            let sum = add(value, range)?;
            if self.bars == PERIOD { div(sum, period) } else { Some(sum) }
        });
    }

    /// Returns the average in quote currency; `None` before 14 bars.
    pub fn value(&self) -> Option<Decimal> {
        self.value.filter(|_| self.bars >= PERIOD)
    }

    /// Returns `|to − from|` in average true ranges; `None` while the average is unknown or zero.
    pub fn distance(&self, from: Decimal, to: Decimal) -> Option<Decimal> {
        div(sub(to, from)?.abs(), self.value()?)
    }
}

/// Returns `max(h − l, |h − c'|, |l − c'|)` with the close `c'` of the bar before.
fn true_range(bar: &Candle, previous_close: Option<Decimal>) -> Option<Decimal> {
    let high = previous_close.map_or(bar.high, |close| bar.high.max(close));
    let low = previous_close.map_or(bar.low, |close| bar.low.min(close));
    sub(high, low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;
    use crate::domain::Timestamp;

    fn bar(hour: i64, low: Decimal, high: Decimal) -> Candle {
        let start = Timestamp::from_millis(hour * 3_600_000);
        Candle { start, open: low, high, low, close: high, volume: None }
    }

    fn average(bars: &[Candle]) -> AverageTrueRange {
        let mut average = AverageTrueRange::new(Interval::Hour1);
        for bar in bars {
            average.push(bar);
        }
        average
    }

    fn of(bars: &[Candle]) -> Option<Decimal> {
        average(bars).value()
    }

    #[test]
    fn smooths_the_mean_of_the_first_fourteen() {
        let mut bars: Vec<_> = (0..14).map(|hour| bar(hour, dec!(100), dec!(110))).collect();
        assert_eq!(of(&bars[..13]), None);
        assert_eq!(of(&bars), Some(dec!(10)));
        // The gap from the close before counts: 152 − 110.
        bars.push(bar(14, dec!(150), dec!(152)));
        assert_eq!(of(&bars), div(dec!(13) * dec!(10) + dec!(42), dec!(14)));
    }

    #[test]
    fn a_hole_is_not_bridged() {
        let mut bars: Vec<_> = (0..14).map(|hour| bar(hour, dec!(100), dec!(110))).collect();
        bars.push(bar(20, dec!(500), dec!(510)));
        assert_eq!(of(&bars), Some(dec!(10)));
    }

    #[test]
    fn distance_is_counted_in_ranges() {
        assert_eq!(average(&[]).distance(dec!(100), dec!(80)), None);
        let average = average(&(0..14).map(|hour| bar(hour, dec!(1), dec!(9))).collect::<Vec<_>>());
        assert_eq!(average.distance(dec!(100), dec!(80)), Some(dec!(2.5)));
        assert_eq!(average.distance(dec!(80), dec!(100)), Some(dec!(2.5)));
    }

    proptest! {
        #[test]
        fn is_never_negative_and_no_bar_panics(
            rows in prop::collection::vec((any::<i64>(), any::<[i64; 4]>(), 0u32..28), 0..60),
        ) {
            let mut average = AverageTrueRange::new(Interval::Hour1);
            for (start, prices, scale) in rows {
                let [open, high, low, close] = prices.map(|price| Decimal::new(price, scale));
                let start = Timestamp::from_millis(start);
                average.push(&Candle { start, open, high, low, close, volume: None });
            }
            prop_assert!(average.value().is_none_or(|value| value >= Decimal::ZERO));
        }
    }
}
