//! [`Places`]: where the parts of a remembered curve stand in time.

use crate::domain::{EquityPart, Timestamp};

/// Parts of equal length, those without a reading left out.
pub(super) struct Places<'a> {
    /// How many parts the whole time has.
    pub(super) count: usize,
    /// The parts with their places, oldest first.
    pub(super) parts: Vec<(usize, &'a EquityPart)>,
}

impl<'a> Places<'a> {
    /// Returns the places of parts between two times; `None` without a part, and for times that fit nowhere.
    pub(super) fn of(parts: &'a [EquityPart], from: Timestamp, to: Timestamp) -> Option<Self> {
        let begin = parts.first()?.from.min(from);
        let apart = |a: Timestamp, b: Timestamp| b.as_millis().saturating_sub(a.as_millis());
        let steps = parts.windows(2).filter_map(|pair| {
            let [one, next] = pair else { return None };
            Some(apart(one.from, next.from))
        });
        // The parts are equally long, but for those that are missing; a single one fills all of it.
        let length = steps.min().unwrap_or_else(|| apart(begin, to).saturating_add(1));
        let place = |at: Timestamp| usize::try_from(apart(begin, at).checked_div(length)?).ok();
        let count = place(to)?.saturating_add(1);
        let parts = parts.iter().map(|part| Some((place(part.from)?, part)));
        Some(Self { count, parts: parts.collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn part(minute: i64) -> EquityPart {
        let from = Timestamp::from_millis(minute * 60_000);
        EquityPart { from, low: dec!(1), high: dec!(3), last: dec!(2) }
    }

    fn places(minutes: &[i64], from: i64, to: i64) -> Option<(usize, Vec<usize>)> {
        let parts: Vec<_> = minutes.iter().map(|minute| part(*minute)).collect();
        let time = |minute: i64| Timestamp::from_millis(minute * 60_000);
        let found = Places::of(&parts, time(from), time(to))?;
        Some((found.count, found.parts.iter().map(|(place, _)| *place).collect()))
    }

    #[test]
    fn what_is_missing_keeps_its_place() {
        assert_eq!(places(&[0, 5, 10, 30, 35], 2, 37), Some((8, vec![0, 1, 2, 6, 7])));
        assert_eq!(places(&[10, 15], 0, 15), Some((4, vec![2, 3])), "nothing at the begin");
        assert_eq!(places(&[10], 0, 15), Some((1, vec![0])));
        assert_eq!(places(&[], 0, 15), None);
        assert_eq!(places(&[10, 10], 0, 15), None, "no length");
    }
}
