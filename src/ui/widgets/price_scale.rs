//! [`PriceScale`]: rounded prices from the bottom of a chart to its top.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use crate::domain::Interval;
use crate::ui::format::{self, Sign};

/// The scale is made again when it is this many times taller than the candles need.
const LOOSE: f64 = 2.5;
/// Room above and below the candles, as a share of their height: a small step of the price does not rescale.
const ROOM: f64 = 0.08;

/// A scale of prices, kept from one build to the next so that the chart stands still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PriceScale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
    interval: Interval,
}

impl PriceScale {
    /// Returns the scale for candles between two prices: `old` as long as it fits them.
    pub(crate) fn of(old: Option<Self>, (low, high): (f64, f64), interval: Interval) -> Self {
        old.filter(|old| old.interval == interval && old.fits(low, high))
            .unwrap_or_else(|| Self::around(low, high, interval))
    }

    /// Returns whether a price lies on the scale.
    pub(crate) fn contains(&self, price: f64) -> bool {
        (self.low..=self.high).contains(&price)
    }

    fn fits(&self, low: f64, high: f64) -> bool {
        let needed = high - low;
        self.low <= low
            && high <= self.high
            && (needed <= 0.0 || self.high - self.low <= needed * LOOSE)
    }

    /// Returns a scale with some room on both sides. Its ends are rounded more finely than its prices are, so that
    /// the candles have most of the height.
    fn around(low: f64, high: f64, interval: Interval) -> Self {
        let needed =
            if high > low { high - low } else { (high.abs() * 0.001).max(f64::MIN_POSITIVE) };
        let (step, room) = (rounded_step(needed / 5.0), needed * ROOM);
        let grid = step / 5.0;
        Self {
            low: ((low - room) / grid).floor().max(0.0) * grid,
            high: ((high + room) / grid).ceil() * grid,
            step,
            interval,
        }
    }

    /// Returns the prices of the axis; a few at most.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let places = (-libm::log10(self.step)).ceil().max(0.0).to_u32().unwrap_or(0);
        let mut ticks = Vec::new();
        let mut at = (self.low / self.step).ceil();
        while ticks.len() < 12 {
            let price = self.step * at;
            if price > self.high {
                break;
            }
            if let Some(value) = Decimal::from_f64(price) {
                ticks.push((price, format::decimal(value, places, Sign::Negative)));
            }
            at += 1.0;
        }
        ticks
    }
}

/// Returns the next of 1, 2, 5, 10 … (times a power of ten) that is not below `step`.
pub(super) fn rounded_step(step: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(step).floor());
    for factor in [1.0, 2.0, 5.0] {
        if power * factor >= step {
            return power * factor;
        }
    }
    power * 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_stands_still_while_the_candles_fit() {
        let scale = PriceScale::around(63_000.0, 63_400.0, Interval::Min1);
        let kept = |range| PriceScale::of(Some(scale), range, Interval::Min1) == scale;
        assert!(kept((63_000.0, 63_400.0)));
        assert!(kept((62_990.0, 63_420.0)), "a tick must not rescale");
        assert!(!kept((62_000.0, 63_400.0)));
        assert!(scale.high - scale.low < 400.0 * 1.3, "the candles have most of the height");
        assert!(!kept((63_200.0, 63_210.0)), "far too loose");
    }

    #[test]
    fn steps_are_round() {
        for (given, expected) in [(0.9, 1.0), (1.1, 2.0), (3.0, 5.0), (130.0, 200.0), (0.03, 0.05)]
        {
            assert!((rounded_step(given) - expected).abs() < 1e-9, "{given}");
        }
        let flat = PriceScale::around(5.0, 5.0, Interval::Min1);
        assert!(flat.low < 5.0 && flat.high > 5.0 && !flat.ticks().is_empty());
        let tiny = PriceScale::around(1e-9, 2e-9, Interval::Min1);
        assert!(tiny.ticks().len() > 1 && tiny.low >= 0.0);
    }
}
