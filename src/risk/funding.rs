//! Funding: what a position pays or receives at the present rate.

use rust_decimal::Decimal;

use super::exact::{div, mul};
use super::pnl::notional;
use crate::domain::{Side, Timestamp};

const HOURS_OF_A_DAY: Decimal = Decimal::from_parts(24, 0, 0, false, 0);
const DAYS_OF_A_YEAR: Decimal = Decimal::from_parts(365, 0, 0, false, 0);

/// Funding of one position at the present rate. Positive means received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funding {
    /// The next payment, `−s·q·m·rate`.
    pub next: Decimal,
    /// Payments of a day; `None` while the interval is unknown.
    pub per_day: Option<Decimal>,
    /// Payments of a day over the margin, a fraction.
    pub daily_on_margin: Option<Decimal>,
    /// Payments of a year over the margin, a fraction.
    pub yearly_on_margin: Option<Decimal>,
}

/// Returns the funding of a position; `None` when the payment does not fit.
///
/// `rate` is a fraction per interval, positive when longs pay.
pub fn funding(
    side: Side,
    size: Decimal,
    mark: Decimal,
    rate: Decimal,
    interval_hours: Option<u32>,
    margin: Option<Decimal>,
) -> Option<Funding> {
    let next = mul(mul(-side.sign(), notional(size, mark)?)?, rate)?;
    let a_day = |once: Decimal| {
        let hours = Decimal::from(interval_hours.filter(|hours| *hours > 0)?);
        div(mul(once, HOURS_OF_A_DAY)?, hours)
    };
    let per_day = a_day(next);
    let daily_on_margin = per_day
        .zip(margin.filter(|margin| *margin > Decimal::ZERO))
        .and_then(|(paid, margin)| div(paid, margin));
    Some(Funding {
        next,
        per_day,
        daily_on_margin,
        yearly_on_margin: daily_on_margin.and_then(a_year),
    })
}

fn a_year(a_day: Decimal) -> Option<Decimal> {
    mul(a_day, DAYS_OF_A_YEAR)
}

/// Returns the milliseconds until the next funding; zero when it is due. `now` is exchange time.
pub fn funding_countdown(next_at: Timestamp, now: Timestamp) -> i64 {
    next_at.as_millis().saturating_sub(now.as_millis()).max(0)
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn follows_the_interval_of_the_contract() {
        let of = |side, hours, margin| {
            funding(side, dec!(0.5), dec!(63250.5), dec!(0.000071), hours, margin).unwrap()
        };
        let long = of(Side::Long, Some(8), Some(dec!(3200)));
        assert_eq!((long.next, long.per_day), (dec!(-2.24539275), Some(dec!(-6.73617825))));
        assert_eq!(long.daily_on_margin, Some(dec!(-0.002105055703125)));
        assert_eq!(long.yearly_on_margin, Some(dec!(-0.768345331640625)));
        let short = of(Side::Short, Some(4), Some(dec!(0)));
        assert_eq!((short.next, short.per_day), (dec!(2.24539275), Some(dec!(13.4723565))));
        assert_eq!(short.yearly_on_margin, None);
        let unknown = of(Side::Long, None, None);
        assert_eq!((unknown.per_day, unknown.daily_on_margin), (None, None));
    }

    #[test]
    fn counts_down_to_zero() {
        let at = Timestamp::from_millis;
        assert_eq!(funding_countdown(at(5_000), at(3_500)), 1_500);
        assert_eq!(funding_countdown(at(5_000), at(9_000)), 0);
    }
}
