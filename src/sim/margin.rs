//! The exchange's arithmetic: maintenance margin by tier, initial margin, liquidation and break-even price.
//!
//! It is written independently of `risk` and in another way (sums over tiers instead of offsets), so that
//! agreement between the two is evidence.

use rust_decimal::Decimal;

use super::contracts::{Spec, TAKER_FEE};
use super::products::{Coin, Product};

/// Decimal places of amounts of inverse contracts, which are quotients.
const PLACES: u32 = 12;

/// Returns the value of a size in the coin of the contract, at `price`. The value of an inverse contract is
/// fixed in dollars, at the price at which it was opened.
pub(super) fn value(spec: &Spec, size: Decimal, entry: Decimal, price: Decimal) -> Decimal {
    match spec.product {
        Product::Coin => (size * entry).checked_div(price).unwrap_or_default().round_dp(PLACES),
        Product::Usdt | Product::Usdc => size * price,
    }
}

/// Returns the same in the quote coin, in which the tiers are.
fn notional(spec: &Spec, size: Decimal, entry: Decimal, mark: Decimal) -> Decimal {
    match spec.product {
        Product::Coin => size * entry,
        Product::Usdt | Product::Usdc => size * mark,
    }
}

/// Returns the maintenance margin of a position in the coin of its contract.
pub(super) fn maintenance_of(spec: &Spec, size: Decimal, entry: Decimal, mark: Decimal) -> Decimal {
    let quoted = maintenance(spec, notional(spec, size, entry, mark));
    match spec.product {
        Product::Coin => quoted.checked_div(mark).unwrap_or_default().round_dp(PLACES),
        Product::Usdt | Product::Usdc => quoted,
    }
}

/// Returns the maintenance rate of a position.
pub(super) fn rate_of(spec: &Spec, size: Decimal, entry: Decimal, mark: Decimal) -> Decimal {
    rate(spec, notional(spec, size, entry, mark))
}

/// Returns the maintenance margin of a notional: each part of it at the rate of its tier, plus the closing
/// fee.
fn maintenance(spec: &Spec, notional: Decimal) -> Decimal {
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

/// Returns the maintenance rate of the tier that contains `notional`.
fn rate(spec: &Spec, notional: Decimal) -> Decimal {
    let contains = |(end, _, _): &&(i64, u32, i64)| notional <= Decimal::from(*end);
    spec.tiers
        .iter()
        .find(contains)
        .or_else(|| spec.tiers.last())
        .map_or(Decimal::ZERO, |(_, _, rate)| Decimal::new(*rate, 4))
}

/// The share of its value that a bitcoin counts for as collateral, as recorded from a unified account.
const COLLATERAL_RATE: Decimal = Decimal::from_parts(98, 0, 0, false, 2);

/// Returns the share of its value that a coin counts for as collateral.
pub(super) const fn collateral_rate(coin: Coin) -> Decimal {
    match coin {
        Coin::Btc => COLLATERAL_RATE,
        Coin::Usdt | Coin::Usdc => Decimal::ONE,
    }
}

/// Returns the collateral value of an amount of a coin at `price`. What is owed counts in full.
pub(super) fn collateral(coin: Coin, amount: Decimal, price: Decimal) -> Decimal {
    let rate = if amount.is_sign_negative() { Decimal::ONE } else { collateral_rate(coin) };
    amount * price * rate
}

/// Returns the initial margin of a cross position of the unified account: at the mark price, with the
/// closing fee.
pub(super) fn cross_initial(notional: Decimal, leverage: u32) -> Decimal {
    notional * (Decimal::ONE / Decimal::from(leverage) + TAKER_FEE)
}

/// Returns the price at which `equity`, which backs the position at `mark`, equals the maintenance margin.
///
/// `delta` is the change of the equity per unit of the price: the size, negative for a short, plus the
/// collateral that is held in the contract's coin. `None` when there is no such positive price.
pub(super) fn liquidation(
    spec: &Spec,
    delta: Decimal,
    size: Decimal,
    mark: Decimal,
    equity: Decimal,
) -> Option<Decimal> {
    // Within a tier both sides are linear in the price: equity(P) = equity + delta·(P − mark), and the
    // margin is r·q·P + c with the c of that tier. The exchange's published formula uses the tier of the
    // present notional.
    let notional = size * mark;
    let slope = rate(spec, notional) + TAKER_FEE;
    let constant = maintenance(spec, notional) - slope * notional;
    let price = (equity - delta * mark - constant).checked_div(size * slope - delta)?;
    (price > Decimal::ZERO).then_some(price)
}

/// Returns the price at which an inverse position of a unified account is liquidated while all other prices
/// stand still, that of the coin as collateral included.
///
/// `equity` is what backs the position at `mark`, in dollars; `coin` is the value of a whole coin as
/// collateral, and `needed` that of a coin of margin. `None` when there is no such positive price.
pub(super) fn inverse_liquidation(
    spec: &Spec,
    (sign, size, entry): (Decimal, Decimal, Decimal),
    mark: Decimal,
    equity: Decimal,
    (coin, needed): (Decimal, Decimal),
) -> Option<Decimal> {
    // Both sides are linear in 1/P: equity + coin·sign·N·(1/mark − 1/P), and needed·m/P.
    let fixed = size * entry;
    let swing = coin * sign * fixed;
    let margin = maintenance(spec, fixed) * needed;
    let price = (margin + swing).checked_div(equity + swing.checked_div(mark)?)?;
    (price > Decimal::ZERO).then_some(price)
}

/// Returns the unrealized PnL of a position at a mark price, in the coin of its contract.
pub(super) fn unrealized_pnl(
    spec: &Spec,
    long: bool,
    size: Decimal,
    entry: Decimal,
    mark: Decimal,
) -> Decimal {
    let gain = match spec.product {
        Product::Coin => {
            Decimal::ONE - entry.checked_div(mark).unwrap_or(Decimal::ONE).round_dp(PLACES)
        }
        Product::Usdt | Product::Usdc => mark - entry,
    };
    if long { size * gain } else { -size * gain }
}

/// Returns the price at which closing as a taker makes the whole result zero. `net` is what the position
/// has realized so far, after fees and funding.
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
    fn an_inverse_position_earns_in_its_coin_and_is_liquidated_where_its_ratio_is_one() {
        let inverse = spec(5);
        let pnl = |mark| unrealized_pnl(inverse, true, dec!(0.2), dec!(80000), mark);
        assert_eq!((pnl(dec!(100000)), pnl(dec!(64000))), (dec!(0.04), dec!(-0.05)));
        for (sign, equity) in [(dec!(1), dec!(5000)), (dec!(-1), dec!(5000))] {
            let (size, entry, mark, coin) = (dec!(0.2), dec!(80000), dec!(82000), dec!(83000));
            let of = (sign, size, entry);
            let price = inverse_liquidation(inverse, of, mark, equity, (coin, coin)).unwrap();
            let long = sign > dec!(0);
            let at = |mark| unrealized_pnl(inverse, long, size, entry, mark);
            let left = equity + (at(price) - at(mark)) * coin;
            let needed = maintenance_of(inverse, size, entry, price) * coin;
            assert!((left - needed).abs() < dec!(0.001), "{price}: {left} {needed}");
        }
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
            // The tier of the present notional is used, so a tier boundary in between leaves a difference.
            assert!(near < dec!(0.02), "{sign}: {left} {needed}");
        }
    }
}
