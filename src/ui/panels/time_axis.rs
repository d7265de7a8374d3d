//! Round times below a chart, in the zone of the user.

use jiff::tz::TimeZone;

use crate::domain::Timestamp;
use crate::ui::chart_view::Extent;
use crate::ui::format;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440;
/// From one written time to the next, in minutes.
const STEPS: [i64; 18] = [
    5,
    10,
    15,
    30,
    60,
    120,
    180,
    240,
    360,
    720,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
    112 * DAY,
    364 * DAY,
];
/// Columns that a time and the gap behind it take.
const ROOM: i64 = 9;
/// From this step on the year is written, and the day no more.
const YEAR_STEP: i64 = 28 * DAY * MINUTE;

/// Returns round times with their places, counted from the right, for `count` places of `pitch` columns.
pub(super) fn labels(
    extent: Extent,
    count: u16,
    pitch: u16,
    zone: &TimeZone,
) -> Vec<(u16, String)> {
    let column_ms = extent.column_ms;
    let places = (ROOM / i64::from(pitch.max(1))).saturating_add(1);
    let least = column_ms.saturating_mul(places);
    let steps = || STEPS.into_iter().map(|minutes| minutes * MINUTE);
    let Some(step) = steps().find(|step| *step >= least).or_else(|| steps().next_back()) else {
        return Vec::new();
    };
    // Weeks begin on Mondays; the first day of the count was a Thursday.
    let shift = if step % (7 * DAY * MINUTE) == 0 { 4 * DAY * MINUTE } else { 0 };
    let label = |back: u16| {
        let start =
            extent.last.plus_millis(column_ms.saturating_mul(i64::from(back)).saturating_neg());
        let local = wall_clock(start, zone)?;
        // The round time within the column, if there is one.
        let end = local.checked_add(column_ms)?.checked_sub(1)?;
        let round = end.checked_sub(end.checked_sub(shift)?.rem_euclid(step))?;
        (round >= local).then(|| Some((back, text(round, step)?))).flatten()
    };
    (0..count).filter_map(label).collect()
}

/// Returns what a clock in the zone shows, as milliseconds since the epoch of a clock that shows UTC.
fn wall_clock(time: Timestamp, zone: &TimeZone) -> Option<i64> {
    let instant = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
    let offset = i64::from(zone.to_offset(instant).seconds());
    time.as_millis().checked_add(offset.saturating_mul(1_000))
}

/// Writes hour and minute, and the date at midnight.
fn text(wall_clock: i64, step: i64) -> Option<String> {
    let minutes = wall_clock.div_euclid(MINUTE).rem_euclid(DAY);
    if minutes > 0 {
        return Some(format!("{:02}:{:02}", minutes / 60, minutes % 60));
    }
    let date = format::utc_date(Timestamp::from_millis(wall_clock))?;
    let (month, day) =
        if step >= YEAR_STEP { date.rsplit_once('-')? } else { date.split_once('-')? };
    Some(if step >= YEAR_STEP { month } else { day }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Interval;

    /// The labels below 60 places that end at this time, oldest first.
    fn texts(last: &str, interval: Interval, candles: i64, zone: &TimeZone) -> Vec<String> {
        let last: jiff::Timestamp = last.parse().unwrap();
        let last = Timestamp::from_millis(last.as_millisecond());
        let column_ms = interval.as_millis() * candles;
        let extent = Extent { oldest: last, newest: last, first: last, last, column_ms };
        let mut labels = labels(extent, 60, 1, zone);
        labels.reverse();
        labels.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn times_are_round_and_midnight_is_a_date() {
        let utc = TimeZone::UTC;
        let of = |interval, candles| texts("2026-11-28T00:12:00Z", interval, candles, &utc);
        assert_eq!(of(Interval::Min1, 1), ["23:20", "23:30", "23:40", "23:50", "11-28", "00:10"]);
        assert_eq!(of(Interval::Min5, 1), ["20:00", "21:00", "22:00", "23:00", "11-28"]);
        assert_eq!(of(Interval::Hour1, 1), ["11-26", "12:00", "11-27", "12:00", "11-28"]);
        assert_eq!(of(Interval::Min1, 2), ["22:30", "23:00", "23:30", "11-28"]);
        let days = texts("2026-11-28T00:00:00Z", Interval::Day1, 1, &utc);
        assert_eq!(days, ["10-12", "10-26", "11-09", "11-23"], "Mondays");
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let east = texts("2026-11-28T15:12:00Z", Interval::Min1, 1, &zone);
        assert_eq!(east, ["23:20", "23:30", "23:40", "23:50", "11-29", "00:10"]);
        // Half an hour beside the candles: the column that holds the round hour is named.
        let half = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).unwrap());
        let odd = texts("2026-11-28T00:00:00Z", Interval::Hour1, 1, &half);
        assert_eq!(odd.last().unwrap(), "11-28");
    }
}
