//! The maintenance margin table of a contract, and where a value meets it.

use rust_decimal::Decimal;

use super::Maintenance;
use super::exact::{add, div, mul, sub};
use crate::domain::Tier;

/// One tier with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierStep {
    /// Notional above which it begins.
    pub start: Decimal,
    /// Notional up to which it reaches; the last tier goes on above its end.
    pub end: Decimal,
    /// Maintenance margin rate `r_k`, a fraction.
    pub rate: Decimal,
    /// `C_1 = 0`, `C_k = C_(k−1) + A_k·(r_k − r_(k−1))`: what the progressive form takes off.
    pub offset: Decimal,
}

/// The tiers of one contract with their offsets, made once for each reading of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierTable {
    steps: Vec<TierStep>,
}

/// How notional is charged: the form and the taker fee, since closing must be paid for as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    pub(super) form: Maintenance,
    pub(super) taker_fee: Decimal,
}

/// The value `constant + slope·t`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) constant: Decimal,
    pub(super) slope: Decimal,
}

impl Line {
    pub(super) fn at(self, t: Decimal) -> Option<Decimal> {
        add(self.constant, mul(self.slope, t)?)
    }
}

/// Where a line meets the maintenance margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crossing {
    At(Decimal),
    Never,
}

impl Crossing {
    pub(super) const fn place(self) -> Option<Decimal> {
        match self {
            Self::At(t) => Some(t),
            Self::Never => None,
        }
    }
}

/// The way in which a crossing is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

impl TierTable {
    /// Returns the table of `tiers`, lowest first; `None` without tiers, and for rates or edges that
    /// fall: such a table is refused.
    pub fn new(tiers: &[Tier]) -> Option<Self> {
        let mut steps: Vec<TierStep> = Vec::with_capacity(tiers.len());
        for tier in tiers {
            let (start, end, rate) = (tier.start, tier.end, tier.maintenance_margin_rate);
            let offset = match steps.last() {
                None => Decimal::ZERO,
                Some(last) if rate < last.rate || start < last.end => return None,
                Some(last) => add(last.offset, mul(start, sub(rate, last.rate)?)?)?,
            };
            if start.is_sign_negative() || rate.is_sign_negative() || end <= start {
                return None;
            }
            steps.push(TierStep { start, end, rate, offset });
        }
        (!steps.is_empty()).then_some(Self { steps })
    }

    /// Returns a table of one tier, for a contract of which only the rate of a position is known.
    pub fn of_rate(rate: Decimal) -> Self {
        let (start, end, offset) = (Decimal::ZERO, Decimal::MAX, Decimal::ZERO);
        Self { steps: vec![TierStep { start, end, rate, offset }] }
    }

    /// Returns the tier whose interval (start, end] holds `notional`; above the last end the last.
    pub fn at(&self, notional: Decimal) -> Option<&TierStep> {
        self.steps.get(self.index_of(notional))
    }

    fn index_of(&self, notional: Decimal) -> usize {
        let within = self.steps.iter().position(|step| notional <= step.end);
        within.unwrap_or_else(|| self.steps.len().saturating_sub(1))
    }

    /// Returns the maintenance margin of `notional` in quote currency, closing fee inside:
    /// progressive `n·(r_k + f) − C_k`, flat `n·(r_k + f)`.
    pub fn maintenance(
        &self,
        notional: Decimal,
        form: Maintenance,
        taker_fee: Decimal,
    ) -> Option<Decimal> {
        let step = self.at(notional)?;
        let gross = mul(notional, add(step.rate, taker_fee)?)?;
        match form {
            Maintenance::Progressive => sub(gross, step.offset),
            Maintenance::Flat => Some(gross),
        }
    }

    /// Returns the first `t` from `from` on in `direction` at which `value(t)` meets the maintenance
    /// margin of the notional `unit·t`; `None` when a number does not fit.
    ///
    /// Walks tier by tier: inside one both sides are straight lines, and at an edge the flat form
    /// jumps, which can be a crossing as well.
    pub(super) fn crossing(
        &self,
        charge: Charge,
        value: Line,
        unit: Decimal,
        from: Decimal,
        direction: Direction,
    ) -> Option<Crossing> {
        let up = direction == Direction::Up;
        let mut index = self.index_of(mul(unit, from)?);
        let start = charge.left(self.steps.get(index)?, value, unit, from)?;
        if start.is_zero() {
            return Some(Crossing::At(from));
        }
        let positive = start > Decimal::ZERO;
        if charge.form == Maintenance::Progressive && positive {
            // What is left is concave in t: if the steepest tier on the way does not fall, none does.
            let steepest = if up { self.steps.last() } else { self.steps.first() }?;
            let slope = charge.slope(steepest, value, unit)?;
            if slope.is_zero() || (slope > Decimal::ZERO) == up {
                return Some(Crossing::Never);
            }
        }
        loop {
            let step = self.steps.get(index)?;
            let next = if up { Some(index + 1) } else { index.checked_sub(1) };
            let next = next.and_then(|next| Some((next, self.steps.get(next)?)));
            let slope = charge.slope(step, value, unit)?;
            // Towards zero: falling from above or rising from below, seen along the way.
            if !slope.is_zero() && (slope > Decimal::ZERO) == (up != positive) {
                let root = div(add(value.constant, charge.offset(step))?, -slope)?;
                let notional = mul(unit, root)?;
                let inside = if up { notional <= step.end } else { notional > step.start };
                if inside || next.is_none() {
                    return Some(Crossing::At(root));
                }
            }
            let Some((next, neighbour)) = next else { return Some(Crossing::Never) };
            // Only the flat form jumps at an edge, and only then is it worth a look.
            if charge.form == Maintenance::Flat {
                let edge = div(if up { step.end } else { step.start }, unit)?;
                let left = charge.left(neighbour, value, unit, edge)?;
                if left.is_zero() || (left > Decimal::ZERO) != positive {
                    return Some(Crossing::At(edge));
                }
            }
            index = next;
        }
    }
}

impl Charge {
    pub(super) const fn offset(self, step: &TierStep) -> Decimal {
        match self.form {
            Maintenance::Progressive => step.offset,
            Maintenance::Flat => Decimal::ZERO,
        }
    }

    /// What a step of `t` adds to the value, less what it adds to the maintenance margin.
    pub(super) fn slope(self, step: &TierStep, value: Line, unit: Decimal) -> Option<Decimal> {
        sub(value.slope, mul(unit, add(step.rate, self.taker_fee)?)?)
    }

    /// The value at `t` above the maintenance margin that the line of `step` gives.
    fn left(self, step: &TierStep, value: Line, unit: Decimal, t: Decimal) -> Option<Decimal> {
        let slope = self.slope(step, value, unit)?;
        add(add(value.constant, self.offset(step))?, mul(slope, t)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use rust_decimal::dec;

    use super::*;

    pub(in super::super) fn btc() -> TierTable {
        let rows = [
            (dec!(0), dec!(200000), dec!(0.004)),
            (dec!(200000), dec!(1000000), dec!(0.005)),
            (dec!(1000000), dec!(5000000), dec!(0.007)),
            (dec!(5000000), dec!(15000000), dec!(0.01)),
        ];
        TierTable::new(&rows.map(|(start, end, rate)| tier(start, end, rate))).unwrap()
    }

    fn tier(start: Decimal, end: Decimal, rate: Decimal) -> Tier {
        Tier { start, end, max_leverage: None, maintenance_margin_rate: rate }
    }

    const FEE: Decimal = dec!(0.0006);
    const FORMS: [Maintenance; 2] = [Maintenance::Progressive, Maintenance::Flat];

    /// The published example: a notional of 330,000 needs 1,648, under the old rule 1,848.
    #[test]
    fn published_example() {
        let table = btc();
        let of = |form| table.maintenance(dec!(330000), form, FEE);
        assert_eq!(of(Maintenance::Progressive), Some(dec!(1648.0000)));
        assert_eq!(of(Maintenance::Flat), Some(dec!(1848.0000)));
        let offsets: Vec<_> = table.steps.iter().map(|step| step.offset.normalize()).collect();
        assert_eq!(offsets, [dec!(0), dec!(200), dec!(2200), dec!(17200)]);
    }

    #[test]
    fn is_continuous_at_the_edge_of_a_tier() {
        let of = |n| btc().maintenance(n, Maintenance::Progressive, FEE).unwrap();
        assert!(of(dec!(200000.01)) - of(dec!(200000)) < dec!(0.001));
        assert_eq!(of(dec!(90000000)), dec!(90000000) * dec!(0.0106) - dec!(17200));
    }

    #[test]
    fn a_table_that_falls_or_overlaps_is_refused() {
        let (low, high) = (tier(dec!(0), dec!(10), dec!(0.1)), tier(dec!(10), dec!(20), dec!(0.2)));
        assert!(TierTable::new(&[low, high]).is_some());
        assert_eq!(TierTable::new(&[high, low]), None);
        assert_eq!(TierTable::new(&[low, Tier { start: dec!(5), ..high }]), None);
        assert_eq!(TierTable::new(&[low, tier(dec!(10), dec!(20), dec!(0.05))]), None);
        assert_eq!(TierTable::new(&[tier(dec!(3), dec!(3), dec!(0.1))]), None);
        assert_eq!(TierTable::new(&[]), None);
        assert_eq!(TierTable::of_rate(dec!(0.004)).at(dec!(1e20)).unwrap().rate, dec!(0.004));
    }

    /// Under the flat form a growing notional meets a wall at the edge of its tier.
    #[test]
    fn the_flat_form_crosses_at_an_edge() {
        let charge = |form| Charge { form, taker_fee: FEE };
        let value = Line { constant: dec!(1000), slope: dec!(0) };
        let find = |form| {
            let found = btc().crossing(charge(form), value, dec!(1), dec!(100000), Direction::Up);
            found.unwrap().place()
        };
        assert_eq!(find(Maintenance::Flat), Some(dec!(200000)));
        let progressive = find(Maintenance::Progressive).unwrap();
        assert_eq!(progressive.round_dp(6), dec!(214285.714286));
    }

    proptest! {
        /// Where the walk ends, the value is the maintenance margin; before it, it is not.
        #[test]
        fn a_crossing_is_where_both_meet(
            constant in -2_000_000i64..2_000_000, slope in -2_000i64..2_000, from in 1i64..900_000,
            up in any::<bool>(), form in prop::sample::select(&FORMS),
        ) {
            let (table, charge) = (btc(), Charge { form, taker_fee: FEE });
            let value = Line { constant: Decimal::new(constant, 1), slope: Decimal::new(slope, 3) };
            let (unit, from) = (dec!(11.5), Decimal::from(from));
            let left = |t: Decimal| {
                value.at(t).unwrap() - table.maintenance(unit * t, form, FEE).unwrap()
            };
            let way = if up { Direction::Up } else { Direction::Down };
            let found = table.crossing(charge, value, unit, from, way).unwrap().place();
            let found = found.filter(|t| *t > dec!(0));
            let end = found.unwrap_or(if up { dec!(5000000) } else { dec!(0.000001) });
            for part in 0..20 {
                let t = from + (end - from) * Decimal::from(part) / dec!(20);
                prop_assert_eq!(left(t) > dec!(0), left(from) > dec!(0), "at {}", t);
            }
            if let Some(t) = found {
                let (before, after) = (left(t - dec!(0.001)), left(t + dec!(0.001)));
                prop_assert!(left(t).abs() < dec!(0.000001) || before * after < dec!(0), "at {}", t);
            }
        }
    }
}
