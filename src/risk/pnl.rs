//! Profit and loss of one position, in quote currency.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::exact::{add, div, mul, round_down, round_up, sub};
use crate::domain::Side;

/// Returns `q · m`, the value of a position at `price`.
pub fn notional(size: Decimal, price: Decimal) -> Option<Decimal> {
    mul(size, price)
}

/// Returns `s · q · (m − e)`: the PnL of closing at `mark` before fees. Positive is a gain.
pub fn unrealized(side: Side, size: Decimal, entry: Decimal, mark: Decimal) -> Option<Decimal> {
    let above = if side == Side::Long { sub(mark, entry) } else { sub(entry, mark) };
    mul(size, above?)
}

/// Returns the return on margin, `unrealized / margin`, as a fraction.
///
/// The divisor is the margin that the exchange reports: it has changed its own rule before, and its
/// figure carries whichever rule holds.
pub(super) fn roe(unrealized: Decimal, margin: Decimal) -> Option<Decimal> {
    (margin > Decimal::ZERO).then(|| div(unrealized, margin))?
}

/// Returns `unrealized + realized + funding − fees`: what the position has earned in its whole life
/// so far. Funding is positive when received, fees are positive when paid.
pub fn net(
    unrealized: Decimal,
    realized: Decimal,
    funding: Decimal,
    fees_paid: Decimal,
) -> Option<Decimal> {
    sub(add(add(unrealized, realized)?, funding)?, fees_paid)
}

/// Returns the price at which closing as a taker brings the whole life of the position to zero:
/// `(s·q·e − N) / (q·(s − f))` with `N = realized + funding − fees`.
pub fn break_even(
    side: Side,
    size: Decimal,
    entry: Decimal,
    already_realized: Decimal,
    taker_fee: Decimal,
) -> Option<Decimal> {
    let s = side.sign();
    let above = sub(mul(mul(s, size)?, entry)?, already_realized)?;
    div(above, mul(size, sub(s, taker_fee)?)?).filter(|price| *price > Decimal::ZERO)
}

/// Returns the price rounded to `step` against the position: up for a long, down for a short. At a
/// break-even price cut to the step a long would still lose.
pub fn pessimistic_price(side: Side, price: Decimal, step: Decimal) -> Option<Decimal> {
    match side {
        Side::Long => round_up(price, step),
        Side::Short => round_down(price, step),
    }
}

/// Returns the lights of the queue of automatic deleveraging, 1 to 5, five for first in line; `None`
/// for a rank outside 0 to 1.
pub fn adl_lights(rank: Decimal) -> Option<u8> {
    if rank < Decimal::ZERO || rank > Decimal::ONE {
        return None;
    }
    mul(rank, Decimal::from(5u8))?.ceil().to_u8().map(|lights| lights.max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    /// The worked example of a long of 0.5 at 64,000 with mark 63,250.5.
    #[test]
    fn worked_example() {
        let pnl = unrealized(Side::Long, dec!(0.5), dec!(64000), dec!(63250.5)).unwrap();
        assert_eq!(pnl, dec!(-374.75));
        assert_eq!(notional(dec!(0.5), dec!(63250.5)), Some(dec!(31625.25)));
        assert_eq!(roe(pnl, dec!(3200)), Some(dec!(-0.117109375)));
        let already = dec!(42.15) - dec!(18.2304) - dec!(19.2);
        assert_eq!(net(pnl, dec!(42.15), dec!(-18.2304), dec!(19.2)), Some(pnl + already));
        let price = break_even(Side::Long, dec!(0.5), dec!(64000), already, dec!(0.0006)).unwrap();
        assert_eq!(price.round_dp(12), dec!(64028.978186912147));
    }

    /// Break-even of a short after partial closes and funding, as the exchange sent it.
    #[test]
    fn break_even_as_recorded() {
        let already = dec!(0.080482001859) + dec!(0.179659686903) - dec!(4.205051796001);
        let price =
            break_even(Side::Short, dec!(0.0124), dec!(84198.665967591813), already, dec!(0.0006));
        assert!((price.unwrap() - dec!(83830.229917767039)).abs() < dec!(0.000000000002));
    }

    #[test]
    fn lights_go_from_one_to_five() {
        let lights = [dec!(0), dec!(0.2), dec!(0.2001), dec!(0.7752), dec!(1.0)].map(adl_lights);
        assert_eq!(lights, [1, 1, 2, 4, 5].map(Some));
        assert_eq!((adl_lights(dec!(1.01)), adl_lights(dec!(-0.1))), (None, None));
    }

    #[test]
    fn rounds_a_price_against_the_position() {
        let round = |side, price| pessimistic_price(side, price, dec!(0.5)).unwrap();
        assert_eq!(round(Side::Long, dec!(100.01)), dec!(100.5));
        assert_eq!(round(Side::Short, dec!(100.49)), dec!(100.0));
        assert_eq!(round(Side::Long, dec!(100.5)), dec!(100.5));
        assert_eq!(pessimistic_price(Side::Long, dec!(1), dec!(0)), None);
    }

    #[test]
    fn unknown_margin_is_not_a_return() {
        assert_eq!(roe(dec!(1), dec!(0)), None);
        assert_eq!(roe(dec!(1), dec!(-5)), None);
    }

    fn wide() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0u32..=18).prop_map(|(n, scale)| Decimal::new(n, scale))
    }

    proptest! {
        #[test]
        fn pnl_is_zero_at_entry_and_antisymmetric(q in wide(), e in wide(), m in wide()) {
            if let Some(pnl) = unrealized(Side::Long, q, e, e) {
                prop_assert_eq!(pnl, Decimal::ZERO);
            }
            let (long, short) = (unrealized(Side::Long, q, e, m), unrealized(Side::Short, q, e, m));
            prop_assert_eq!(long, short.map(|x| -x));
        }

        #[test]
        fn no_input_panics(a in wide(), b in wide(), c in wide(), d in wide()) {
            for side in [Side::Long, Side::Short] {
                let _ = break_even(side, a, b, c, d);
                let _ = unrealized(side, a, b, c);
                let _ = pessimistic_price(side, a, b);
            }
            let _ = (net(a, b, c, d), roe(a, b), notional(a, b), adl_lights(a));
        }
    }
}
