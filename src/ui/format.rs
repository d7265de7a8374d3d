//! Numbers, ages and times as text. Display rounds half away from zero; nothing here changes a value.

use jiff::tz::TimeZone;
use rust_decimal::{Decimal, RoundingStrategy};
use unicode_width::UnicodeWidthStr;

use crate::domain::Timestamp;

/// The most decimals that a decimal can carry.
const MAX_PLACES: u32 = 28;
/// Decimals of a size whose contract is not known: as it came, but not longer than this.
const LOOSE_PLACES: u32 = 12;
/// Significant digits of a price whose contract is not known; it has two decimals at least.
const PRICE_DIGITS: i64 = 7;

/// When a number carries a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Below zero only.
    Negative,
    /// Below and above zero: what is gained or lost.
    Always,
}

/// Returns the number with exactly `places` decimals and thousands separators.
///
/// A number that is not zero is never written as zero: it gets as many more decimals as its first
/// digit needs. Zero has no sign.
pub(crate) fn decimal(value: Decimal, places: u32, sign: Sign) -> String {
    let rounded = rounded(value, places);
    let places = places.min(MAX_PLACES).max(rounded.scale());
    // Not by a precision in the format: the crate panics when many places meet many digits.
    let digits = rounded.abs().to_string();
    let mark = if rounded.is_zero() {
        ""
    } else if rounded.is_sign_negative() {
        "-"
    } else if sign == Sign::Always {
        "+"
    } else {
        ""
    };
    group(mark, &digits, places)
}

/// Rounds half away from zero. What is not zero never becomes it: it keeps as many more decimals as its
/// first digit needs.
pub(crate) fn rounded(value: Decimal, places: u32) -> Decimal {
    let mut places = places.min(MAX_PLACES);
    let mut rounded = round(value, places);
    while rounded.is_zero() && !value.is_zero() && places < MAX_PLACES {
        places += 1;
        rounded = round(value, places);
    }
    rounded
}

fn round(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// Puts a sign before plain digits, separators between their thousands, and zeros up to `places`.
fn group(mark: &str, digits: &str, places: u32) -> String {
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 2);
    text.push_str(mark);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if places > 0 {
        text.push('.');
        text.push_str(rest);
        text.extend((rest.len()..places as usize).map(|_| '0'));
    }
    text
}

/// Returns a price with the decimals of its contract, or rounded by [`rounded_price`].
pub(crate) fn price(value: Decimal, places: Option<u32>) -> String {
    let rounded = rounded_price(value, places);
    decimal(rounded, places.unwrap_or_else(|| rounded.scale()), Sign::Negative)
}

/// Rounds a price to the decimals of its contract. While they are not known, to seven significant digits,
/// and never to fewer than two decimals: 63,250.51 and 0.00001234568.
pub(crate) fn rounded_price(value: Decimal, places: Option<u32>) -> Decimal {
    let fallback = || {
        let digits = value.mantissa().unsigned_abs().checked_ilog10().map_or(1, |last| last + 1);
        let whole = i64::from(digits) - i64::from(value.scale());
        u32::try_from((PRICE_DIGITS - whole).clamp(2, i64::from(LOOSE_PLACES))).unwrap_or(2)
    };
    rounded(value, places.unwrap_or_else(fallback)).normalize()
}

/// Returns a size with the decimals of its contract; as it came when they are not known.
pub(crate) fn stepped(value: Decimal, places: Option<u32>) -> String {
    let places = places.unwrap_or_else(|| value.normalize().scale().min(LOOSE_PLACES));
    decimal(value, places, Sign::Negative)
}

/// Returns an amount of money: two decimals, four when it is smaller than one.
pub(crate) fn money(value: Decimal, sign: Sign) -> String {
    let places = if value.abs() < Decimal::ONE { 4 } else { 2 };
    // A zero needs no four decimals.
    decimal(value, if value.is_zero() { 2 } else { places }, sign)
}

/// Returns a fraction as percent (0.01 is `1.00%`); `None` when it is too large to be written.
pub(crate) fn percent(fraction: Decimal, places: u32, sign: Sign) -> Option<String> {
    let value = fraction.checked_mul(Decimal::ONE_HUNDRED)?;
    Some(decimal(value, places, sign) + "%")
}

/// Returns a volume with K, M or B.
pub(crate) fn compact(value: Decimal) -> String {
    let units = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    for (unit, letter) in units {
        let unit = Decimal::from(unit);
        if value.abs() >= unit
            && let Some(part) = value.checked_div(unit)
        {
            return decimal(part, 2, Sign::Negative) + letter;
        }
    }
    decimal(value, 2, Sign::Negative)
}

/// Returns an age: `12s`, `3m04s`, `2h05m`, `4d03h`.
pub(crate) fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if seconds < 60 {
        format!("{seconds}s")
    } else if minutes < 60 {
        format!("{minutes}m{:02}s", seconds % 60)
    } else if hours < 100 {
        format!("{hours}h{:02}m", minutes % 60)
    } else {
        format!("{days}d{:02}h", hours % 24)
    }
}

/// Returns the time left as `h:mm:ss`; `due` when it has passed.
pub(crate) fn countdown(ms: i64) -> String {
    if ms <= 0 {
        return "due".to_owned();
    }
    let seconds = (ms + 999) / 1000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Returns the time of day in the zone; `None` when the time cannot be a date.
pub(crate) fn clock(time: Timestamp, zone: &TimeZone) -> Option<String> {
    write_time(time, zone, "%H:%M:%S")
}

/// Returns the time of day in the zone, behind the day where that is another one than that of `now`, and
/// behind the year where that is; `None` when the time cannot be a date.
pub(crate) fn recent_clock(time: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<String> {
    Some(format!("{}{}", day_before(time, now, zone)?, clock(time, zone)?))
}

/// Returns the same to the minute.
pub(crate) fn recent_minute(time: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<String> {
    Some(format!("{}{}", day_before(time, now, zone)?, write_time(time, zone, "%H:%M")?))
}

fn day_before(time: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let is_same = |form| Some(write_time(time, zone, form)? == write_time(now, zone, form)?);
    let form = match (is_same("%Y")?, is_same("%m-%d")?) {
        (true, true) => return Some(String::new()),
        (true, false) => "%m-%d ",
        (false, _) => "%Y-%m-%d ",
    };
    write_time(time, zone, form)
}

/// Returns date and time of day in the zone; `None` when the time cannot be a date.
pub(crate) fn date_time(time: Timestamp, zone: &TimeZone) -> Option<String> {
    write_time(time, zone, "%Y-%m-%d %H:%M:%S %Z")
}

/// Returns the date of a UTC day; `None` when the time cannot be a date.
pub(crate) fn utc_date(day: Timestamp) -> Option<String> {
    write_time(day, &TimeZone::UTC, "%Y-%m-%d")
}

/// Returns the short name of the zone at that time, such as `UTC`.
pub(crate) fn zone_name(time: Timestamp, zone: &TimeZone) -> Option<String> {
    write_time(time, zone, "%Z")
}

fn write_time(time: Timestamp, zone: &TimeZone, form: &str) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
    jiff::fmt::strtime::format(form, &time.to_zoned_datetime(zone.clone())).ok()
}

/// Returns a count of bytes with a binary unit.
pub(crate) fn bytes(count: u64) -> String {
    let (whole, unit) = match count {
        0..1024 => return format!("{count} B"),
        1024..1_048_576 => (count.saturating_mul(10) / 1024, "KiB"),
        1_048_576..1_073_741_824 => (count / 104_857, "MiB"),
        1_073_741_824.. => (count / 107_374_182, "GiB"),
    };
    format!("{}.{} {unit}", whole / 10, whole % 10)
}

/// Returns a count with thousands separators.
pub(crate) fn count(count: u64) -> String {
    group("", &count.to_string(), 0)
}

/// Returns how many columns the text takes.
pub(crate) fn width(text: &str) -> u16 {
    // Nearly every text is of such letters; for others tables are looked through.
    let columns = if text.chars().all(is_narrow) { text.chars().count() } else { text.width() };
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// Returns whether a character takes one column everywhere and joins no other one: printable ASCII, and the lines
/// and blocks that panels and charts are made of.
pub(crate) const fn is_narrow(symbol: char) -> bool {
    matches!(symbol, ' '..='~' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("1234567.891", 2, Sign::Negative, "1,234,567.89")]
    #[case("0.125", 2, Sign::Negative, "0.13")]
    #[case("-0.125", 2, Sign::Always, "-0.13")]
    #[case("-0.001", 2, Sign::Always, "-0.001")]
    #[case("0.00", 2, Sign::Always, "0.00")]
    #[case("-0.00", 2, Sign::Always, "0.00")]
    #[case("12", 2, Sign::Always, "+12.00")]
    #[case("999.995", 2, Sign::Negative, "1,000.00")]
    #[case("0.0000000012", 4, Sign::Negative, "0.000000001")]
    #[case("100", 0, Sign::Negative, "100")]
    fn writes_decimals(
        #[case] value: &str,
        #[case] places: u32,
        #[case] sign: Sign,
        #[case] expected: &str,
    ) {
        assert_eq!(decimal(d(value), places, sign), expected);
    }

    #[test]
    fn writes_extremes() {
        assert_eq!(
            decimal(Decimal::MAX, 2, Sign::Negative),
            "79,228,162,514,264,337,593,543,950,335.00"
        );
        assert_eq!(percent(Decimal::MAX, 2, Sign::Always), None);
        let long = decimal(Decimal::MAX, 99, Sign::Always);
        assert!(long.starts_with("+79,228,") && long.ends_with(".0000000000000000000000000000"));
        assert_eq!(
            decimal(d("0.0000000000000000000000000001"), 2, Sign::Negative),
            "0.0000000000000000000000000001"
        );
    }

    #[test]
    fn writes_money_percent_and_volume() {
        assert_eq!(money(d("0.5"), Sign::Always), "+0.5000");
        assert_eq!(money(d("-1234.5"), Sign::Always), "-1,234.50");
        assert_eq!(money(Decimal::ZERO, Sign::Always), "0.00");
        assert_eq!(percent(d("0.0823"), 2, Sign::Negative).unwrap(), "8.23%");
        assert_eq!(percent(d("0.0001"), 4, Sign::Always).unwrap(), "+0.0100%");
        assert_eq!(compact(d("1234567890")), "1.23B");
        assert_eq!(compact(d("-2500")), "-2.50K");
        assert_eq!(stepped(d("63250.50"), None), "63,250.5");
        assert_eq!(stepped(d("63250.5"), Some(2)), "63,250.50");
        assert_eq!(
            (bytes(1000), bytes(1536), bytes(3_145_728)),
            ("1000 B".into(), "1.5 KiB".into(), "3.0 MiB".into())
        );
    }

    /// Before the rules of a contract are known, an average has as many decimals as its quotient.
    #[rstest]
    #[case("63250.512345678912", None, "63,250.51")]
    #[case("63250.50", None, "63,250.5")]
    #[case("1234567.891", None, "1,234,567.89")]
    #[case("100", None, "100")]
    #[case("0.123456789012", None, "0.1234568")]
    #[case("0.000012345678912", None, "0.00001234568")]
    #[case("0.00000000000012", None, "0.0000000000001")]
    #[case("-0.00", None, "0")]
    #[case("63250.512345678912", Some(1), "63,250.5")]
    #[case("63250", Some(1), "63,250.0")]
    fn writes_prices(#[case] value: &str, #[case] places: Option<u32>, #[case] expected: &str) {
        assert_eq!(price(d(value), places), expected);
    }

    #[rstest]
    #[case(-5, "0s")]
    #[case(12_999, "12s")]
    #[case(184_000, "3m04s")]
    #[case(7_500_000, "2h05m")]
    #[case(356_400_000, "99h00m")]
    #[case(363_600_000, "4d05h")]
    fn writes_ages(#[case] ms: i64, #[case] expected: &str) {
        assert_eq!(age(ms), expected);
    }

    #[test]
    fn writes_times() {
        assert_eq!(countdown(3_599_001), "1:00:00");
        assert_eq!(countdown(1), "0:00:01");
        assert_eq!(countdown(0), "due");
        let time = Timestamp::from_millis(1_790_358_794_987);
        assert_eq!(clock(time, &TimeZone::UTC).unwrap(), "17:53:14");
        assert_eq!(date_time(time, &TimeZone::UTC).unwrap(), "2026-09-25 17:53:14 UTC");
        let ago = |hours: i64| time.plus_millis(-3_600_000 * hours);
        let recent = |then| recent_clock(then, time, &TimeZone::UTC).unwrap();
        assert_eq!(recent(ago(17)), "00:53:14");
        assert_eq!(recent(ago(18)), "09-24 23:53:14");
        assert_eq!(recent(ago(365 * 24)), "2025-09-25 17:53:14");
        assert_eq!(recent_minute(ago(18), time, &TimeZone::UTC).unwrap(), "09-24 23:53");
        // The day is that of the zone.
        let east = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(recent_clock(ago(3), time, &east).unwrap(), "09-25 23:53:14");
        assert_eq!(clock(Timestamp::from_millis(i64::MAX), &TimeZone::UTC), None);
        assert_eq!(width("牛来USDT_UMCBL"), 14);
    }
}
