//! Maintenance margin, margin ratio and the distance to liquidation.

use rust_decimal::Decimal;

use super::exact::{add, div, mul, sub};
use crate::domain::{Tier, Timestamp};

/// Since 2025-11-10 08:00 UTC maintenance margin is progressive by tier; positions opened before
/// keep the flat rate on their whole notional (Bitget support article 12560603841952).
const PROGRESSIVE_SINCE: Timestamp = Timestamp::from_millis(1_762_761_600_000);

/// Liquidation prices further away than this many times the mark price are not shown: nearly
/// balanced hedge legs give absurd ones.
const PLAUSIBLE_TIMES_MARK: Decimal = Decimal::TEN;

/// What the maintenance margin of one position rests on.
#[derive(Debug, Clone, Copy)]
pub struct MarginTerms<'a> {
    /// The contract's tiers, lowest first; empty while unknown.
    pub tiers: &'a [Tier],
    /// The rate that the exchange sent with the position, used while the tiers are unknown.
    pub sent_rate: Option<Decimal>,
    /// The account's taker fee rate: closing is part of what must be covered.
    pub taker_fee: Decimal,
    /// When the position was opened; `None` counts as recent.
    pub opened_at: Option<Timestamp>,
}

/// Returns the maintenance margin of a notional, in quote currency, with the closing fee inside.
///
/// Progressive: `n·(r_k + f) − C_k`, where `C_1 = 0` and `C_k = C_(k−1) + A_k·(r_k − r_(k−1))`;
/// flat for positions from before the change: `n·(r_k + f)`. `None` while the rate is unknown.
pub fn maintenance_margin(notional: Decimal, terms: &MarginTerms<'_>) -> Option<Decimal> {
    let (rate, offset) =
        tier_of(notional, terms.tiers).or_else(|| terms.sent_rate.map(|r| (r, Decimal::ZERO)))?;
    let flat = terms.opened_at.is_some_and(|at| at < PROGRESSIVE_SINCE);
    let gross = mul(notional, add(rate, terms.taker_fee)?)?;
    if flat { Some(gross) } else { sub(gross, offset) }
}

/// Returns the rate of the tier that holds `notional` and its offset `C_k`.
///
/// Above the last tier the last one holds.
fn tier_of(notional: Decimal, tiers: &[Tier]) -> Option<(Decimal, Decimal)> {
    let mut found = None;
    let (mut offset, mut previous) = (Decimal::ZERO, None);
    for tier in tiers {
        if let Some(previous) = previous {
            let step = sub(tier.maintenance_margin_rate, previous)?;
            offset = add(offset, mul(tier.start, step)?)?;
        }
        previous = Some(tier.maintenance_margin_rate);
        found = Some((tier.maintenance_margin_rate, offset));
        if notional <= tier.end {
            break;
        }
    }
    found
}

/// Returns the margin ratio of an isolated position, `MM / (M + PnL)`; 1 means liquidation.
///
/// `None` when nothing is left to divide by: the ratio then has no meaning.
pub fn isolated_ratio(
    maintenance: Decimal,
    margin: Decimal,
    unrealized: Decimal,
) -> Option<Decimal> {
    let left = add(margin, unrealized)?;
    (left > Decimal::ZERO).then(|| div(maintenance, left))?
}

/// Returns the margin ratio of all cross positions, `Σ MM / cross equity`; 1 means liquidation.
///
/// Cross equity is the account's equity without what isolated positions hold (`M + PnL` each).
pub fn cross_ratio(maintenance: Decimal, cross_equity: Decimal) -> Option<Decimal> {
    (cross_equity > Decimal::ZERO).then(|| div(maintenance, cross_equity))?
}

/// Returns the liquidation price when it means something: above zero and at most 10 × mark.
pub fn plausible_liquidation_price(
    price: Option<Decimal>,
    mark: Option<Decimal>,
) -> Option<Decimal> {
    let price = price.filter(|price| *price > Decimal::ZERO)?;
    match mark.and_then(|mark| mul(mark, PLAUSIBLE_TIMES_MARK)) {
        Some(limit) if price > limit => None,
        _ => Some(price),
    }
}

/// Returns `|mark − liquidation| / mark` as a fraction.
///
/// The absolute value: in a hedged cross account a long can be liquidated above the mark price.
pub fn liquidation_distance(mark: Decimal, liquidation: Decimal) -> Option<Decimal> {
    (mark > Decimal::ZERO).then(|| div(sub(mark, liquidation)?.abs(), mark))?
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn btc_tiers() -> Vec<Tier> {
        [
            (dec!(0), dec!(200000), dec!(0.004)),
            (dec!(200000), dec!(1000000), dec!(0.005)),
            (dec!(1000000), dec!(5000000), dec!(0.007)),
        ]
        .into_iter()
        .map(|(start, end, rate)| Tier {
            start,
            end,
            max_leverage: None,
            maintenance_margin_rate: rate,
        })
        .collect()
    }

    fn terms(tiers: &[Tier]) -> MarginTerms<'_> {
        MarginTerms { tiers, sent_rate: None, taker_fee: dec!(0.0006), opened_at: None }
    }

    /// The published example: a notional of 330,000 needs 1,648, under the old rule 1,848.
    #[test]
    fn published_example() {
        let tiers = btc_tiers();
        assert_eq!(maintenance_margin(dec!(330000), &terms(&tiers)), Some(dec!(1648.0000)));
        let old = MarginTerms { opened_at: Some(Timestamp::from_millis(0)), ..terms(&tiers) };
        assert_eq!(maintenance_margin(dec!(330000), &old), Some(dec!(1848.0000)));
    }

    #[test]
    fn is_continuous_at_the_edge_of_a_tier() {
        let tiers = btc_tiers();
        let at = maintenance_margin(dec!(200000), &terms(&tiers)).unwrap();
        let above = maintenance_margin(dec!(200000.01), &terms(&tiers)).unwrap();
        assert!(above - at < dec!(0.001), "{at} {above}");
        assert_eq!(maintenance_margin(dec!(9000000), &terms(&tiers)).unwrap(), dec!(66200));
    }

    #[test]
    fn rests_on_the_sent_rate_while_tiers_are_unknown() {
        let sent = MarginTerms { sent_rate: Some(dec!(0.004)), ..terms(&[]) };
        assert_eq!(maintenance_margin(dec!(1000), &sent), Some(dec!(4.6)));
        assert_eq!(maintenance_margin(dec!(1000), &terms(&[])), None);
    }

    /// A live isolated row of an account with a taker fee of 0.0004.
    #[test]
    fn isolated_ratio_as_recorded() {
        let tiers = btc_tiers();
        let own = MarginTerms { taker_fee: dec!(0.0004), ..terms(&tiers) };
        let mm = maintenance_margin(dec!(0.0031) * dec!(114895.3), &own).unwrap();
        let ratio = isolated_ratio(mm, dec!(35.617574), dec!(-0.00031)).unwrap();
        assert!((ratio - dec!(0.044000344665)).abs() < dec!(0.000000000002), "{ratio}");
        assert_eq!(isolated_ratio(mm, dec!(1), dec!(-1)), None);
    }

    /// Two cross positions of one account: both rows carried this ratio.
    #[test]
    fn cross_ratio_as_recorded() {
        let mm = |q, m, rate| {
            let terms = MarginTerms { sent_rate: Some(rate), ..terms(&[]) };
            maintenance_margin(q * m, &terms).unwrap()
        };
        let total = mm(dec!(0.039), dec!(94663.3), dec!(0.004))
            + mm(dec!(1.88), dec!(3366.76), dec!(0.005));
        let ratio = cross_ratio(total, dec!(2997.42221342)).unwrap();
        assert_eq!(ratio.round_dp(9), dec!(0.017490978));
    }

    #[test]
    fn absurd_liquidation_prices_are_none() {
        let mark = Some(dec!(100));
        assert_eq!(plausible_liquidation_price(Some(dec!(1000)), mark), Some(dec!(1000)));
        assert_eq!(plausible_liquidation_price(Some(dec!(1000.1)), mark), None);
        assert_eq!(plausible_liquidation_price(Some(dec!(0)), mark), None);
        assert_eq!(plausible_liquidation_price(Some(dec!(-3)), None), None);
        assert_eq!(liquidation_distance(dec!(100), dec!(108)), Some(dec!(0.08)));
        assert_eq!(liquidation_distance(dec!(0), dec!(108)), None);
    }
}
