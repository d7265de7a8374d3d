//! Value at risk and expected shortfall of one day, in money; a loss is positive.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub, sum};
use super::statistic::decimal;
use crate::domain::{Candle, Interval, Timestamp};

/// Daily returns from which on history is worth more than the normal distribution.
pub const ENOUGH_DAILY_RETURNS: usize = 250;

/// How much of all days a figure is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// 95 of 100 days.
    P95,
    /// 99 of 100 days.
    P99,
}

impl Confidence {
    /// Days of 100 that are worse.
    const fn tail_percent(self) -> usize {
        match self {
            Self::P95 => 5,
            Self::P99 => 1,
        }
    }

    /// The quantile `z` of the standard normal distribution and `φ(z)/(1 − a)`, the mean beyond it.
    const fn normal(self) -> (f64, f64) {
        match self {
            Self::P95 => (1.644_853_626_951_472_2, 2.062_712_807_507_425_7),
            Self::P99 => (2.326_347_874_040_840_8, 2.665_214_220_345_806),
        }
    }
}

/// What a bad day costs. Negative when even the bad days brought a gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TailLoss {
    /// The loss that only the worst days exceed.
    pub value_at_risk: Decimal,
    /// The mean loss of those days.
    pub expected_shortfall: Decimal,
}

impl TailLoss {
    /// Returns the loss where no more than `at_risk` can be lost: the margin with its PnL of an
    /// isolated position, the cross equity of the others.
    #[must_use]
    pub fn capped(self, at_risk: Decimal) -> Self {
        let cap = at_risk.max(Decimal::ZERO);
        Self {
            value_at_risk: self.value_at_risk.min(cap),
            expected_shortfall: self.expected_shortfall.min(cap),
        }
    }
}

/// Returns the loss under a normal distribution: `z·σ·n` and `φ(z)/(1 − a)·σ·n` of a notional `n` on
/// either side. `sigma_1d` is the standard deviation of one day; `None` when it is not known.
pub fn normal_loss(notional: Decimal, sigma_1d: f64, confidence: Confidence) -> Option<TailLoss> {
    if !(sigma_1d.is_finite() && sigma_1d > 0.0) {
        return None;
    }
    let (quantile, tail_mean) = confidence.normal();
    let loss = |factor: f64| mul(notional.abs(), decimal(factor * sigma_1d)?);
    Some(TailLoss { value_at_risk: loss(quantile)?, expected_shortfall: loss(tail_mean)? })
}

/// Returns the loss that history shows: sorted ascending, the result of rank `k = ⌈n·(1 − a)⌉` and the
/// mean of the `k` worst. `None` without any result.
///
/// `daily_results` are what today's exposure would have made on past days, in any order. With fewer
/// than [`ENOUGH_DAILY_RETURNS`] of them the normal figure is the better one.
pub fn historical_loss(daily_results: &[Decimal], confidence: Confidence) -> Option<TailLoss> {
    let mut worst = daily_results.to_vec();
    worst.sort_unstable();
    // In whole numbers: 120 · (1 − 0.95) is a little more than 6 in binary.
    let rank = worst.len().saturating_mul(confidence.tail_percent()).div_ceil(100);
    let tail = worst.get(..rank)?;
    let mean = div(sum(tail.iter().copied().map(Some))?, Decimal::from(rank))?;
    Some(TailLoss { value_at_risk: -*tail.last()?, expected_shortfall: -mean })
}

/// Returns the simple returns of closed daily bars, oldest first, with the day of each. Days beside a
/// hole have none.
pub fn daily_returns(bars: impl IntoIterator<Item = Candle>) -> Vec<(Timestamp, Decimal)> {
    let mut before: Option<(Timestamp, Decimal)> = None;
    let returned = |bar: Candle| {
        let (start, close) = before.replace((bar.start, bar.close))?;
        let follows = start.plus_millis(Interval::Day1.as_millis()) == bar.start;
        let ratio = div(bar.close, Some(close).filter(|close| follows && *close > Decimal::ZERO)?)?;
        Some((bar.start, sub(ratio, Decimal::ONE)?))
    };
    bars.into_iter().filter_map(returned).collect()
}

/// Returns what today's exposures would have made on each past day, for [`historical_loss`]: the sum
/// of `n·R` over the contracts, each with its signed notional `n` (negative for a short) and its
/// [`daily_returns`]. A day that is not known for every contract is left out.
pub fn daily_results(exposures: &[(Decimal, &[(Timestamp, Decimal)])]) -> Vec<Decimal> {
    let mut days: BTreeMap<Timestamp, (usize, Option<Decimal>)> = BTreeMap::new();
    for (notional, returns) in exposures {
        for (day, change) in *returns {
            let (contracts, total) = days.entry(*day).or_insert((0, Some(Decimal::ZERO)));
            *contracts += 1;
            *total = total.and_then(|total| add(total, mul(*notional, *change)?));
        }
    }
    days.into_values()
        .filter(|(contracts, _)| *contracts == exposures.len())
        .filter_map(|(_, total)| total)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn the_normal_loss_grows_with_confidence() {
        let p95 = normal_loss(dec!(-100000), 0.02, Confidence::P95).unwrap();
        assert_eq!(p95.value_at_risk.round_dp(6), dec!(3289.707254));
        assert_eq!(p95.expected_shortfall.round_dp(6), dec!(4125.425615));
        let p99 = normal_loss(dec!(100000), 0.02, Confidence::P99).unwrap();
        assert_eq!(p99.value_at_risk.round_dp(6), dec!(4652.695748));
        assert_eq!(p99.expected_shortfall.round_dp(6), dec!(5330.428441));
        for unknown in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(normal_loss(dec!(1), unknown, Confidence::P95), None);
        }
    }

    #[test]
    fn history_takes_the_worst_days() {
        let days: Vec<_> = (1..=100).rev().map(Decimal::from).map(|day| day - dec!(50)).collect();
        let p95 = historical_loss(&days, Confidence::P95).unwrap();
        assert_eq!((p95.value_at_risk, p95.expected_shortfall), (dec!(45), dec!(47)));
        let p99 = historical_loss(&days, Confidence::P99).unwrap();
        assert_eq!((p99.value_at_risk, p99.expected_shortfall), (dec!(49), dec!(49)));
        // One day more and the rank is the next: never fewer days than the share.
        let more: Vec<_> = days.iter().copied().chain([dec!(60)]).collect();
        let p95 = historical_loss(&more, Confidence::P95).unwrap();
        assert_eq!(p95.value_at_risk, dec!(44));
        assert_eq!(historical_loss(&[], Confidence::P95), None);
    }

    #[test]
    fn no_more_is_lost_than_is_there() {
        let loss = TailLoss { value_at_risk: dec!(100), expected_shortfall: dec!(130) };
        let capped = loss.capped(dec!(120));
        assert_eq!((capped.value_at_risk, capped.expected_shortfall), (dec!(100), dec!(120)));
        let gone = loss.capped(dec!(-5));
        assert_eq!((gone.value_at_risk, gone.expected_shortfall), (dec!(0), dec!(0)));
    }

    #[test]
    fn returns_are_those_of_neighbouring_days() {
        let bar = |day: i64, close: Decimal| Candle {
            start: Timestamp::from_millis(day * 86_400_000),
            open: close,
            high: close,
            low: close,
            close,
            volume: None,
        };
        let bars = [bar(1, dec!(100)), bar(2, dec!(95)), bar(4, dec!(200)), bar(5, dec!(210))];
        let day = |day: i64| Timestamp::from_millis(day * 86_400_000);
        assert_eq!(daily_returns(bars), [(day(2), dec!(-0.05)), (day(5), dec!(0.05))]);
        assert_eq!(daily_returns(bars[..1].to_vec()), []);
        assert_eq!(daily_returns([bar(1, dec!(0)), bar(2, dec!(5))]), []);
    }

    #[test]
    fn a_hedge_makes_good_what_it_covers() {
        let day = |day: i64| Timestamp::from_millis(day * 86_400_000);
        let btc = [(day(1), dec!(-0.1)), (day(2), dec!(0.02)), (day(3), dec!(0.01))];
        let eth = [(day(2), dec!(0.03)), (day(3), dec!(-0.01))];
        let exposures = [(dec!(1000), btc.as_slice()), (dec!(-500), eth.as_slice())];
        assert_eq!(daily_results(&exposures), [dec!(5), dec!(15)]);
        assert_eq!(daily_results(&exposures[..1]), [dec!(-100), dec!(20), dec!(10)]);
        assert_eq!(daily_results(&[]), []);
    }

    proptest! {
        #[test]
        fn the_mean_of_the_worst_is_no_better_than_their_bound(
            days in prop::collection::vec(-1_000_000i64..1_000_000, 1..400),
        ) {
            let days: Vec<_> = days.into_iter().map(|n| Decimal::new(n, 2)).collect();
            let p95 = historical_loss(&days, Confidence::P95).unwrap();
            let p99 = historical_loss(&days, Confidence::P99).unwrap();
            for loss in [p95, p99] {
                prop_assert!(loss.expected_shortfall >= loss.value_at_risk);
            }
            prop_assert!(p99.value_at_risk >= p95.value_at_risk);
            prop_assert!(p99.expected_shortfall >= p95.expected_shortfall);
        }

        #[test]
        fn no_input_panics(n in any::<i128>(), scale in 0u32..=28, bits in any::<u64>()) {
            let wide = Decimal::from_i128_with_scale(n >> 32, scale);
            for confidence in [Confidence::P95, Confidence::P99] {
                let _ = normal_loss(wide, f64::from_bits(bits), confidence);
                let _ = historical_loss(&[wide, wide, -wide], confidence);
            }
        }
    }
}
