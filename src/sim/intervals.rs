//! The candle intervals.

/// The wire names of the candle intervals and their minutes. Case matters: `m` are minutes, `M` months.
const INTERVALS: [(&str, i64); 12] = [
    ("1m", 1),
    ("3m", 3),
    ("5m", 5),
    ("15m", 15),
    ("30m", 30),
    ("1H", 60),
    ("2H", 120),
    ("4H", 240),
    ("6Hutc", 360),
    ("12Hutc", 720),
    ("1Dutc", 1_440),
    ("1D", 1_440),
];

/// Returns the minutes of an interval by its wire name; `None` for one that does not exist.
pub(super) fn interval_minutes(name: &str) -> Option<i64> {
    INTERVALS.iter().find(|(known, _)| *known == name).map(|(_, minutes)| *minutes)
}
