//! How much the mark price moves: an estimate from candles of one minute.
//!
//! Squared close-to-close log returns, weighted by age with half-lives of an hour and of a day, and
//! blended by horizon. Estimators that use high and low are biased low on bars of a price that is
//! published about once a second; they serve only while there are too few bars for returns.

use super::bars::Followed;
use super::statistic::positive;
use crate::domain::{Candle, Interval};

/// Half-lives of the two memories, in minutes.
const FAST: f64 = 60.0;
const SLOW: f64 = 1_440.0;
/// From this many bars on, returns are used alone.
const ENOUGH_BARS: u32 = 120;
/// Below this many bars there is no estimate: one quiet bar would promise that the price never moves.
const FEWEST_BARS: u32 = 15;
const MINUTES_OF_A_DAY: u32 = 1_440;
const DAYS_OF_A_YEAR: f64 = 365.0;

/// The time in which something may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Horizon {
    /// One hour.
    Hour,
    /// Eight hours.
    EightHours,
    /// 24 hours.
    Day,
}

impl Horizon {
    /// Every horizon, shortest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::EightHours, Self::Day];

    /// Returns the length in minutes.
    pub const fn minutes(self) -> u32 {
        match self {
            Self::Hour => 60,
            Self::EightHours => 480,
            Self::Day => MINUTES_OF_A_DAY,
        }
    }
}

/// The volatility of one contract, fed with closed bars of one minute. Cheap to copy and to feed: a
/// bar costs a few logarithms, whatever came before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Volatility {
    followed: Followed,
    bars: u32,
    /// Squared close-to-close returns.
    returns: Memories,
    /// Rogers-Satchell of the bar plus the squared gap to the bar before.
    ranges: Memories,
}

impl Volatility {
    /// Takes in a closed bar. Bars in which the feed was down are simply not given: across the hole
    /// there is no return, and what lies before it ages by the minutes that passed. A bar that is not
    /// newer than the newest, or whose prices are impossible, is left out.
    pub fn push(&mut self, bar: &Candle) {
        let Some(step) = self.followed.step(bar, Interval::Min1) else { return };
        self.bars = self.bars.saturating_add(1);
        #[expect(clippy::cast_precision_loss, reason = "minutes are far below 2^53")]
        let minutes = step.bars as f64;
        let gap = step.previous_close.and_then(|close| log_ratio(bar.open, close));
        let change = step.previous_close.and_then(|close| log_ratio(bar.close, close));
        self.returns.age(minutes);
        self.ranges.age(minutes);
        if let Some(change) = change {
            self.returns.add(change * change);
        }
        if let Some(range) = rogers_satchell(bar) {
            self.ranges.add(range + gap.map_or(0.0, |gap| gap * gap));
        }
    }

    /// Returns the estimate to use; below 120 bars the provisional one from ranges. `None` while there
    /// are too few bars, and when the price did not move at all.
    pub fn sigma(&self) -> Option<Sigma> {
        if self.bars >= ENOUGH_BARS {
            return self.close_to_close();
        }
        let (fast, slow) = self.ranges.means()?;
        let enough = self.bars >= FEWEST_BARS;
        enough.then(|| Sigma::new(fast, slow, true))?
    }

    /// Returns the estimate from returns alone, however few there are. `None` without any, and when
    /// the price did not move at all.
    pub fn close_to_close(&self) -> Option<Sigma> {
        let (fast, slow) = self.returns.means()?;
        Sigma::new(fast, slow, self.bars < ENOUGH_BARS)
    }
}

/// Standard deviations of the log price, as fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sigma {
    /// Variance of a minute in the fast memory.
    fast: f64,
    /// The same in the slow one.
    slow: f64,
    provisional: bool,
}

impl Sigma {
    fn new(fast: f64, slow: f64, provisional: bool) -> Option<Self> {
        let usable = fast.is_finite() && slow.is_finite() && fast > 0.0 && slow > 0.0;
        usable.then_some(Self { fast, slow, provisional })
    }

    /// Returns the standard deviation over the next `minutes`: `√(v·T)`, where `v` blends the
    /// memories, the slow one the more the longer the time.
    pub fn over(&self, minutes: u32) -> f64 {
        let span = f64::from(minutes);
        let weight = match minutes {
            60 => 0.5,
            480 => 0.3,
            MINUTES_OF_A_DAY => 0.15,
            _ => 1.0 / (1.0 + span / 120.0),
        };
        ((weight * self.fast + (1.0 - weight) * self.slow) * span).sqrt()
    }

    /// Returns the standard deviation of one day.
    pub fn one_day(&self) -> f64 {
        self.over(MINUTES_OF_A_DAY)
    }

    /// Returns the standard deviation of one year of 365 days, which is a market without weekends.
    pub fn annual(&self) -> f64 {
        self.one_day() * DAYS_OF_A_YEAR.sqrt()
    }

    /// Returns the same as an estimate that is not of the price which it is used for.
    #[must_use]
    pub const fn as_provisional(self) -> Self {
        Self { provisional: true, ..self }
    }

    /// Returns whether the estimate rests on fewer than 120 bars, or on bars of another price.
    pub const fn is_provisional(&self) -> bool {
        self.provisional
    }
}

/// The two weighted means, as sums.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Memories {
    fast: Mean,
    slow: Mean,
}

/// A weighted mean; the newest value has weight 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Memories {
    fn age(&mut self, minutes: f64) {
        for (mean, half_life) in [(&mut self.fast, FAST), (&mut self.slow, SLOW)] {
            let decay = libm::exp2(-minutes / half_life);
            mean.sum *= decay;
            mean.weight *= decay;
        }
    }

    fn add(&mut self, value: f64) {
        for mean in [&mut self.fast, &mut self.slow] {
            mean.sum += value;
            mean.weight += 1.0;
        }
    }

    fn means(&self) -> Option<(f64, f64)> {
        let known = self.fast.weight > 0.0 && self.slow.weight > 0.0;
        known.then(|| (self.fast.sum / self.fast.weight, self.slow.sum / self.slow.weight))
    }
}

fn log_ratio(above: rust_decimal::Decimal, below: rust_decimal::Decimal) -> Option<f64> {
    Some(libm::log(positive(above)? / positive(below)?))
}

/// Returns `ln(h/o)·ln(h/c) + ln(l/o)·ln(l/c)`, the variance within one bar (Rogers and Satchell
/// 1991): free of drift and never negative.
fn rogers_satchell(bar: &Candle) -> Option<f64> {
    let up = log_ratio(bar.high, bar.open)? * log_ratio(bar.high, bar.close)?;
    let down = log_ratio(bar.low, bar.open)? * log_ratio(bar.low, bar.close)?;
    Some(up + down)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the standard library's are there to compare with")]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::{Decimal, dec};

    use super::*;
    use crate::domain::Timestamp;

    fn bar(minute: i64, open: Decimal, close: Decimal) -> Candle {
        Candle {
            start: Timestamp::from_millis(minute * 60_000),
            open,
            high: open.max(close) + dec!(3),
            low: open.min(close) - dec!(3),
            close,
            volume: None,
        }
    }

    /// A price that goes up and down by the same step: every return has the same square.
    fn zigzag(minutes: std::ops::Range<i64>) -> Vec<Candle> {
        let price = |minute: i64| if minute % 2 == 0 { dec!(100000) } else { dec!(100100) };
        minutes.map(|minute| bar(minute, price(minute - 1), price(minute))).collect()
    }

    fn of(bars: &[Candle]) -> Volatility {
        let mut volatility = Volatility::default();
        for bar in bars {
            volatility.push(bar);
        }
        volatility
    }

    fn fast_sigma(sigma: Sigma) -> f64 {
        sigma.fast.sqrt()
    }

    #[test]
    fn equal_returns_are_their_own_mean_at_every_horizon() {
        let sigma = of(&zigzag(0..200)).sigma().unwrap();
        let step = (100_100.0f64 / 100_000.0).ln();
        assert!(!sigma.is_provisional());
        for minutes in [1, 7, 60, 480, 1_440, 10_000] {
            let expected = step * f64::from(minutes).sqrt();
            assert!((sigma.over(minutes) / expected - 1.0).abs() < 1e-12, "{minutes}");
        }
        assert!((sigma.annual() / (step * (1_440.0f64 * 365.0).sqrt()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_bars_are_provisional_and_very_few_give_no_estimate() {
        let bars = zigzag(0..120);
        let count = |n: usize| of(&bars[..n]).sigma();
        assert_eq!(count(14), None);
        assert!(count(15).unwrap().is_provisional());
        assert!(count(119).unwrap().is_provisional());
        assert!(!count(120).unwrap().is_provisional());
    }

    /// Twenty bars without a gap: the mean of Rogers-Satchell, which is the same for every bar of one
    /// shape.
    #[test]
    fn the_provisional_estimate_rests_on_ranges() {
        let bars: Vec<_> = (0..20).map(|minute| bar(minute, dec!(1000), dec!(1000))).collect();
        let sigma = of(&bars).sigma().unwrap();
        let expected = (1.003f64.ln().powi(2) + 0.997f64.ln().powi(2)).sqrt();
        assert!((fast_sigma(sigma) / expected - 1.0).abs() < 1e-12);
        assert!((sigma.slow.sqrt() / expected - 1.0).abs() < 1e-12);
    }

    /// Bars that stand still within, and jump from one to the next.
    #[test]
    fn a_gap_between_two_bars_counts_in_the_provisional_estimate() {
        let mut bars = zigzag(0..40);
        for bar in &mut bars {
            (bar.open, bar.high, bar.low) = (bar.close, bar.close, bar.close);
        }
        let sigma = of(&bars).sigma().unwrap();
        assert!(sigma.is_provisional() && fast_sigma(sigma) > 0.0009);
    }

    #[test]
    fn a_price_that_never_moved_has_no_volatility() {
        let mut bars = zigzag(0..200);
        for bar in &mut bars {
            (bar.open, bar.high, bar.low, bar.close) = (dec!(5), dec!(5), dec!(5), dec!(5));
        }
        assert_eq!(of(&bars).sigma(), None);
        assert_eq!(of(&bars[..50]).sigma(), None);
    }

    /// The price jumps by a half while the feed is down: that is no return of one minute.
    #[test]
    fn a_hole_is_not_bridged() {
        let mut bars = zigzag(0..300);
        for bar in &mut bars[160..] {
            for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
                *price *= dec!(1.5);
            }
        }
        let jump = of(&bars).sigma().unwrap();
        bars.drain(155..160);
        let hole = of(&bars).sigma().unwrap();
        let step = (100_100.0f64 / 100_000.0).ln();
        assert!((fast_sigma(hole) / step - 1.0).abs() < 1e-9);
        assert!(fast_sigma(jump) > 10.0 * step);
    }

    #[test]
    fn bars_age_by_the_clock_across_a_hole() {
        let mut bars = zigzag(0..200);
        bars.extend(zigzag(260..262));
        bars[201].close += dec!(1000);
        bars[201].high += dec!(1000);
        let sigma = of(&bars).close_to_close().unwrap();
        // One loud return, 62 and more minutes after the quiet ones.
        let quiet = (100_100.0f64 / 100_000.0).ln().powi(2);
        let loud = (101_100.0f64 / 100_000.0).ln().powi(2);
        let weights: f64 = (62..261).map(|age| (-f64::from(age) / 60.0).exp2()).sum();
        let expected = (weights * quiet + loud) / (weights + 1.0);
        assert!((sigma.fast / expected - 1.0).abs() < 1e-9);
    }

    #[test]
    fn impossible_bars_are_left_out() {
        let mut bars = zigzag(0..200);
        let expected = {
            let mut without = bars.clone();
            without.drain(50..53);
            of(&without).sigma()
        };
        bars[50].low = dec!(0);
        bars[51].high = bars[51].low - dec!(1);
        bars[52].close = dec!(-5);
        let sigma = of(&bars).sigma();
        assert_eq!(sigma, expected);
        assert!(sigma.is_some());
    }

    #[test]
    fn bars_that_were_seen_are_left_out() {
        let series = zigzag(0..300);
        let overlapping = [&series[..200], &series[100..250], &series[50..]].concat();
        assert_eq!(of(&overlapping), of(&series));
    }

    proptest! {
        #[test]
        fn any_bars_give_a_number_or_nothing(
            rows in prop::collection::vec((any::<i64>(), any::<[i64; 4]>(), 0u32..28), 0..200),
            minutes in 1u32..,
        ) {
            let mut volatility = Volatility::default();
            for (start, prices, scale) in rows {
                let [open, high, low, close] = prices.map(|price| Decimal::new(price, scale));
                let (high, low) = (high.max(open).max(close), low.min(open).min(close));
                let start = Timestamp::from_millis(start);
                volatility.push(&Candle { start, open, high, low, close, volume: None });
            }
            for sigma in [volatility.sigma(), volatility.close_to_close()].into_iter().flatten() {
                for figure in [sigma.over(minutes), sigma.one_day(), sigma.annual()] {
                    prop_assert!(figure.is_finite() && figure > 0.0, "{figure}");
                }
            }
        }

        #[test]
        fn a_longer_time_moves_the_price_further(
            fast in 1e-10..1e-3f64, slow in 1e-10..1e-3f64,
        ) {
            let sigma = Sigma::new(fast, slow, false).unwrap();
            let spans = Horizon::ALL.map(|horizon| sigma.over(horizon.minutes()));
            prop_assert!(spans.is_sorted(), "{spans:?}");
        }
    }
}
