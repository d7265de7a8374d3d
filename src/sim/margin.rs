//! The exchange's own arithmetic: maintenance margin by tier, margin ratio, liquidation, break-even.
//!
//! Written apart from `risk` and in another way (sums over tiers instead of offsets), so that the two
//! agreeing says something.

use rust_decimal::Decimal;

use super::contracts::{Spec, TAKER_FEE};

/// Returns the maintenance margin of a notional: each part of it at the rate of its tier, and the fee of
/// closing it.
pub(super) fn maintenance(spec: &Spec, notional: Decimal) -> Decimal {
    let (mut total, mut from) = (notional * TAKER_FEE, Decimal::ZERO);
    let last = spec.tiers.len().saturating_sub(1);
    for (index, (end, _, rate)) in spec.tiers.iter().enumerate() {
        let end = Decimal::from(*end);
        let upper = if index == last { notional } else { notional.min(end) };
        if upper > from {
            total += (upper - from) * Decimal::new(*rate, 4);
        }
        from = end;
    }
    total
}

/// Returns the rate of the tier that holds `notional`.
pub(super) fn rate(spec: &Spec, notional: Decimal) -> Decimal {
    let holds = |(end, _, _): &&(i64, u32, i64)| notional <= Decimal::from(*end);
    spec.tiers
        .iter()
        .find(holds)
        .or_else(|| spec.tiers.last())
        .map_or(Decimal::ZERO, |(_, _, rate)| Decimal::new(*rate, 4))
}

/// What a bitcoin counts for as collateral: as the unified account of a recording had it.
const HAIRCUT: Decimal = Decimal::from_parts(98, 0, 0, false, 2);

/// Returns what so many bitcoins back at their price, in USDT; without a price, how many count.
pub(super) fn collateral(bitcoin: Decimal, price: Decimal) -> Decimal {
    bitcoin * price * HAIRCUT
}

/// Returns the initial margin of a cross position of the unified account: at the mark price, with the
/// fee of closing.
pub(super) fn cross_initial(notional: Decimal, leverage: u32) -> Decimal {
    notional * (Decimal::ONE / Decimal::from(leverage) + TAKER_FEE)
}

/// Returns the price at which `equity` (what backs the position at `mark`) is down to the maintenance
/// margin: the zero of a rising function, found between its tiers.
///
/// `moves` is what the equity gains when the price rises by 1: the size, negative for a short, and what
/// of the contract's coin serves as collateral. `None` when no positive price does it.
pub(super) fn liquidation(
    spec: &Spec,
    moves: Decimal,
    size: Decimal,
    mark: Decimal,
    equity: Decimal,
) -> Option<Decimal> {
    // Within one tier both sides are linear in the price: equity(P) = equity + moves·(P − m), and the
    // margin is r·q·P + c with the c of that tier. The tier of the present notional decides, as in the
    // exchange's published formula.
    let notional = size * mark;
    let slope = rate(spec, notional) + TAKER_FEE;
    let constant = maintenance(spec, notional) - slope * notional;
    let price = (equity - moves * mark - constant).checked_div(size * slope - moves)?;
    (price > Decimal::ZERO).then_some(price)
}

/// Returns the price at which closing as a taker brings everything to zero; `net` is what the position
/// has already realized, fees and funding inside.
pub(super) fn break_even(
    sign: Decimal,
    size: Decimal,
    entry: Decimal,
    net: Decimal,
) -> Option<Decimal> {
    let target = size * entry - sign * net;
    target.checked_div(size * (Decimal::ONE - sign * TAKER_FEE))
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::super::contracts::spec;
    use super::*;

    #[test]
    fn the_published_example() {
        assert_eq!(maintenance(spec(0), dec!(330000)), dec!(1648));
        assert_eq!(rate(spec(0), dec!(330000)), dec!(0.005));
    }

    #[test]
    fn the_documented_isolated_liquidation_price() {
        // Margin 9.6695050093373343 at an entry of 25,000: the exchange's own sample.
        let (size, entry) = (dec!(0.01), dec!(25000));
        let equity = dec!(9.6695050093373343);
        let price = liquidation(spec(0), size, size, entry, equity).unwrap();
        assert!((price - dec!(24144.1124161806977798)).abs() < dec!(0.0000000001), "{price}");
    }

    #[test]
    fn the_ratio_is_one_at_the_liquidation_price() {
        for (sign, equity) in [(dec!(1), dec!(9000)), (dec!(-1), dec!(7000))] {
            let (size, mark) = (dec!(2), dec!(83692.3));
            let price = liquidation(spec(0), sign * size, size, mark, equity).unwrap();
            let left = equity + sign * size * (price - mark);
            let needed = maintenance(spec(0), size * price);
            let near = (left - needed).abs() / needed;
            // The tier of the present notional is taken, so an edge in between leaves a little.
            assert!(near < dec!(0.02), "{sign}: {left} {needed}");
        }
    }
}
