//! The value of a USDT in US dollars, which wanders a little below one.

use rust_decimal::Decimal;

use super::random::Random;

/// Steps of the world between two changes: a second.
const PAUSE_STEPS: i64 = 10;
/// The middle of the way, and the farthest from it, in millionths of a dollar.
const MIDDLE: i64 = 999_000;
const FARTHEST: i64 = 1_000;
/// The largest change, in millionths.
const STRIDE: u64 = 40;

/// The rate, on a random walk of its own that is drawn back to its middle.
#[derive(Debug, Clone)]
pub(super) struct DollarRate {
    random: Random,
    /// In millionths of a dollar, from the middle.
    offset: i64,
    steps: i64,
}

impl DollarRate {
    pub(super) const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed ^ 0x00d0_11a4), offset: 0, steps: 0 }
    }

    /// Moves the rate by one step of the world.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        if self.steps % PAUSE_STEPS != 0 {
            return;
        }
        let change = self.random.below(2 * STRIDE + 1) - i64::try_from(STRIDE).unwrap_or(0);
        self.offset = (self.offset - self.offset / 64 + change).clamp(-FARTHEST, FARTHEST);
    }

    /// Returns US dollars for one USDT.
    pub(super) fn usd(&self) -> Decimal {
        Decimal::new(MIDDLE + self.offset, 6)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn it_wanders_around_its_middle_and_equal_seeds_agree() {
        let (mut rate, mut same) = (DollarRate::new(3), DollarRate::new(3));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..36_000 {
            rate.step();
            same.step();
            assert_eq!(rate.usd(), same.usd());
            assert!(rate.usd() >= dec!(0.998) && rate.usd() <= dec!(1));
            seen.insert(rate.usd());
        }
        assert!(seen.len() > 100, "{seen:?}");
        assert!(seen.first() < Some(&dec!(0.9989)) && seen.last() > Some(&dec!(0.9991)));
    }
}
