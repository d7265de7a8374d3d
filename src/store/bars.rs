//! [`Bars`]: closed candles of the mark price, packed, because thousands of them are held.

use rust_decimal::Decimal;

use crate::domain::{Candle, Timestamp};

/// Closed candles of one interval, oldest first, bounded; unknown ones are missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bars {
    /// Grows with every change, also of older candles: statistics stay valid while it does not.
    pub version: u64,
    rows: Vec<PackedCandle>,
}

/// A candle without volume in half the room: its prices as whole numbers of one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PackedCandle {
    start: Timestamp,
    /// Open, high, low and close.
    prices: [i64; 4],
    scale: u32,
}

impl PackedCandle {
    /// Returns the candle in this form; `None` when a price has more than 18 digits at the scale of the others.
    fn new(candle: &Candle) -> Option<Self> {
        let prices = [candle.open, candle.high, candle.low, candle.close];
        let scale = prices.iter().map(Decimal::scale).max().unwrap_or(0);
        let mut packed = Self { start: candle.start, prices: [0; 4], scale };
        for (mut price, place) in prices.into_iter().zip(&mut packed.prices) {
            price.rescale(scale);
            // A price that has no room for the scale keeps another one.
            *place = (price.scale() == scale).then(|| price.mantissa().try_into().ok())??;
        }
        Some(packed)
    }

    fn candle(&self) -> Candle {
        // The scale was that of a decimal, so this cannot panic.
        let [open, high, low, close] = self.prices.map(|price| Decimal::new(price, self.scale));
        Candle { start: self.start, open, high, low, close, volume: None }
    }
}

impl Bars {
    /// Returns the candles, oldest first, without volume.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = Candle> + ExactSizeIterator {
        self.rows.iter().map(PackedCandle::candle)
    }

    /// Returns the starts of the candles, oldest first.
    pub fn starts(&self) -> impl DoubleEndedIterator<Item = Timestamp> + Clone {
        self.rows.iter().map(|row| row.start)
    }

    /// Returns whether this candle is held, with these prices.
    pub(super) fn holds(&self, candle: &Candle) -> bool {
        let place = self.rows.binary_search_by_key(&candle.start, |held| held.start).ok();
        let held = place.and_then(|place| self.rows.get(place));
        // Held at another scale it is the same candle.
        held.is_some_and(|held| held.candle() == *candle)
    }

    /// Adds candles by their start, of which the last to arrive counts, and keeps the newest `most`. A price of
    /// more than 18 digits cannot be held; its candle stays unknown.
    pub(crate) fn add(&mut self, candles: &[Candle], most: usize) {
        // A copy has no room to spare: growing by one minute would double it, and stay so.
        self.rows.reserve_exact(candles.len());
        self.rows.extend(candles.iter().filter_map(PackedCandle::new));
        // The sort is stable: of equal starts the last to arrive comes last, and counts.
        self.rows.sort_by_key(|row| row.start);
        self.rows.dedup_by(|later, held| {
            let same = later.start == held.start;
            if same {
                *held = *later;
            }
            same
        });
        let surplus = self.rows.len().saturating_sub(most);
        self.rows.drain(..surplus);
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn candle(minute: i64, close: Decimal) -> Candle {
        let start = Timestamp::from_millis(60_000 * minute);
        Candle {
            start,
            open: dec!(63250.5),
            high: dec!(63300),
            low: dec!(0.25),
            close,
            volume: None,
        }
    }

    #[test]
    fn candles_come_out_as_they_went_in_at_any_scale() {
        let all = [
            candle(1, dec!(63260)),
            candle(2, dec!(0.000000000001)),
            candle(3, dec!(-1.50)),
            candle(4, dec!(0)),
        ];
        let mut bars = Bars::default();
        bars.add(&all, 10);
        assert_eq!(bars.rows().collect::<Vec<_>>(), all);
        assert!(all.iter().all(|candle| bars.holds(candle)));
        assert!(!bars.holds(&candle(2, dec!(0.000000000002))));
        assert!(!bars.holds(&candle(5, dec!(1))));
    }

    #[test]
    fn a_candle_whose_prices_cannot_be_held_together_stays_unknown() {
        let mut bars = Bars::default();
        let digits = candle(1, Decimal::from_i128_with_scale(1, 28));
        let large = candle(2, Decimal::MAX);
        bars.add(&[digits, large, candle(3, dec!(5))], 10);
        assert_eq!(bars.rows().collect::<Vec<_>>(), [candle(3, dec!(5))]);
    }

    #[test]
    fn of_two_candles_of_one_minute_the_later_counts_and_the_oldest_leave() {
        let mut bars = Bars::default();
        bars.add(&[candle(2, dec!(2)), candle(1, dec!(1)), candle(3, dec!(3))], 2);
        bars.add(&[candle(2, dec!(7))], 2);
        assert_eq!(bars.rows().collect::<Vec<_>>(), [candle(2, dec!(7)), candle(3, dec!(3))]);
        assert_eq!(bars.version, 2);
    }

    /// A reader holds the history while a minute is added, as the report does: it is copied each time.
    #[test]
    fn a_copy_that_grows_by_a_minute_takes_no_more_room_than_it_has_candles() {
        let mut bars = Bars::default();
        bars.add(&(0..1_500).map(|minute| candle(minute, dec!(5))).collect::<Vec<_>>(), 1_500);
        for minute in 1_500..1_503 {
            bars = bars.clone();
            bars.add(&[candle(minute, dec!(5))], 1_500);
            assert_eq!(bars.rows().next_back(), Some(candle(minute, dec!(5))));
            assert_eq!(bars.rows().len(), 1_500);
            assert!(bars.rows.capacity() <= 1_501, "room for {}", bars.rows.capacity());
        }
    }
}
