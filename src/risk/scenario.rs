//! What moves of the price would do.

use rust_decimal::Decimal;

use super::cover::Cover;
use super::cross::Cross;
use super::exact::{add, mul, sub, sum};
use super::portfolio::{Instrument, PortfolioPosition};
use super::reported::WorseRatio;
use super::valuation::Valuation;
use crate::domain::MarginMode;

/// Decimals to which the same figure comes out by two ways.
const EXACT_TO: u32 = 8;

/// The account after a move. A liquidated position loses the equity at risk and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// The move as a fraction of the mark price.
    pub shift: Decimal,
    /// The mark price after it; `None` where every contract moves.
    pub price: Option<Decimal>,
    /// PnL of the position at that price in its settle coin, of all positions in the account's currency where
    /// every contract moves.
    pub unrealized: Option<Decimal>,
    /// The account's equity, in its currency.
    pub equity: Option<Decimal>,
    /// Maintenance margin by the rules, with the tier at that price.
    pub maintenance: Decimal,
    /// 1 means liquidation; `None` when nothing is left to divide by.
    pub margin_ratio: Option<Decimal>,
    /// Whether the position is liquidated; where every contract moves, whether any is.
    pub liquidated: bool,
    /// Where every contract moves: what of the account is liquidated. Nothing in the scenario of one position.
    pub lost: Lost,
}

/// What a move of every contract liquidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// The cross positions, which fall together.
    pub cross: bool,
    /// How many isolated positions.
    pub isolated: usize,
    /// The place of the first of them in [`Portfolio::positions`](super::Portfolio).
    pub first_isolated: Option<usize>,
}

/// What one move does: of each contract by itself, and of all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moves {
    /// By position: its contract moves, all others are held still. `None` when an input of the ratio
    /// is unknown or the price would not stay above zero.
    pub positions: Vec<Option<Scenario>>,
    /// Every contract moves; the ratio is that of the cross positions. `None` for the same reasons.
    pub account: Option<Scenario>,
}

/// One contract after a move.
#[derive(Debug, Clone, Copy)]
struct MovedContract {
    price: Option<Decimal>,
    /// Maintenance margin of its cross positions and orders.
    cross_maintenance: Option<Decimal>,
    /// What becomes of all cross positions while the other contracts are held still.
    cross: Option<Outcome>,
    /// The account's equity then.
    equity: Option<Decimal>,
}

impl MovedContract {
    /// Counts what positions gain or lose of the equity at risk `before`, in the settle coin.
    fn settle(&mut self, own: Option<Outcome>, before: Option<Decimal>, rate: Option<Decimal>) {
        let change = own.zip(before).and_then(|(own, before)| own.change(before));
        let change = change.zip(rate).and_then(|(change, rate)| mul(change, rate));
        self.equity = self.equity.zip(change).and_then(|(equity, change)| add(equity, change));
    }
}

/// What becomes of positions that share a cover.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    cover: Cover,
    ratio: Option<Decimal>,
    lost: bool,
}

impl Outcome {
    /// Judges a cover, which the exchange ends where so much is `left_at_reported`; `None` where the figures are too
    /// large.
    fn of(cover: Cover, worse: WorseRatio, left_at_reported: Option<Decimal>) -> Option<Self> {
        let left = worse.surplus(cover)?;
        let end = left_at_reported.map_or(Decimal::ZERO, |end| end.max(Decimal::ZERO));
        let lost = left <= Decimal::ZERO || left.round_dp(EXACT_TO) <= end.round_dp(EXACT_TO);
        Some(Self { cover, ratio: worse.ratio(cover), lost })
    }

    /// What the account gains or loses when the equity at risk was `before`.
    fn change(&self, before: Decimal) -> Option<Decimal> {
        if self.lost { Some(-before) } else { sub(self.cover.equity, before) }
    }
}

/// `price·factor`; `None` when that is not above zero.
fn after(price: Decimal, factor: Decimal) -> Option<Decimal> {
    mul(price, factor).filter(|price| *price > Decimal::ZERO)
}

impl Valuation<'_> {
    /// Returns what a move by `shift` does, a fraction of the mark prices.
    pub fn moves(&self, shift: Decimal) -> Moves {
        let positions = self.portfolio.positions;
        let factor = add(Decimal::ONE, shift).unwrap_or_default();
        // Cross positions fall together, each isolated one by itself.
        let of_contracts = self.crosses.iter().zip(self.portfolio.instruments).enumerate();
        let mut contracts: Vec<MovedContract> = of_contracts
            .map(|(place, (cross, instrument))| {
                self.move_contract(place, cross, instrument, factor)
            })
            .collect();
        let isolated: Vec<Option<Outcome>> = (positions.iter().enumerate())
            .map(|(index, position)| {
                let contract = contracts.get_mut(position.instrument)?;
                if position.margin_mode == MarginMode::Cross {
                    return None;
                }
                let own = contract.price.and_then(|price| {
                    let left = self.left_at_reported(index);
                    Outcome::of(self.cover(index, price)?, self.worse_ratio(index)?, left)
                });
                let rate = self.portfolio.rate(position.instrument);
                contract.settle(own, self.rows.get(index)?.isolated_equity(), rate);
                own
            })
            .collect();
        let scenario = |(position, isolated): (&PortfolioPosition, &Option<Outcome>)| {
            let contract = contracts.get(position.instrument)?;
            let own = match position.margin_mode {
                MarginMode::Cross => contract.cross?,
                MarginMode::Isolated => (*isolated)?,
            };
            Some(Scenario {
                shift,
                price: contract.price,
                unrealized: position.unrealized(contract.price?),
                equity: contract.equity,
                maintenance: own.cover.maintenance,
                margin_ratio: own.ratio,
                liquidated: own.lost,
                lost: Lost::default(),
            })
        };
        Moves {
            positions: positions.iter().zip(&isolated).map(scenario).collect(),
            account: self.move_account(shift, &contracts, &isolated),
        }
    }

    /// One contract after a move, its isolated positions not settled yet.
    fn move_contract(
        &self,
        place: usize,
        cross: &Cross,
        instrument: &Instrument<'_>,
        factor: Decimal,
    ) -> MovedContract {
        let price = instrument.mark.and_then(|mark| after(mark, factor));
        let cross_maintenance = if cross.is_empty() {
            cross.maintenance
        } else {
            let known = price.filter(|_| cross.maintenance.is_some());
            known.and_then(|price| cross.maintenance_at(instrument, price))
        };
        let cover = || self.cross_cover(place, price?, cross_maintenance?);
        let mut contract =
            MovedContract { price, cross_maintenance, cross: None, equity: self.portfolio.equity };
        if cross.has_position {
            let worse = || WorseRatio::new(self.portfolio.cross_factor, cross.equity?);
            let own = cover().zip(worse());
            contract.cross =
                own.and_then(|(cover, worse)| Outcome::of(cover, worse, cross.left_at_reported));
            contract.settle(contract.cross, cross.equity, instrument.rate);
        } else if !instrument.collateral.is_zero() {
            let moved = || mul(instrument.collateral, sub(price?, instrument.mark?)?);
            let moved = moved().zip(instrument.rate).and_then(|(moved, rate)| mul(moved, rate));
            contract.equity = contract.equity.zip(moved).and_then(|(all, moved)| add(all, moved));
        }
        contract
    }

    fn move_account(
        &self,
        shift: Decimal,
        contracts: &[MovedContract],
        isolated: &[Option<Outcome>],
    ) -> Option<Scenario> {
        after(Decimal::ONE, add(Decimal::ONE, shift)?)?;
        let needs = contracts.iter().zip(self.portfolio.instruments);
        let needs = needs.map(|(contract, of)| mul(contract.cross_maintenance?, of.rate?));
        let moving = add(self.cross_notional_net?, self.portfolio.collateral)?;
        let cover = Cover {
            equity: add(self.cross_equity?, mul(moving, shift)?)?,
            maintenance: add(self.portfolio.other_maintenance, sum(needs)?)?,
        };
        // The exchange names a price of each contract by itself, while the others stand still: that says what is left
        // to all of them where it ends them.
        let ends = self.crosses.iter().zip(self.portfolio.instruments);
        let ends = ends.filter_map(|(cross, of)| mul(cross.left_at_reported?, of.rate?));
        let worse = WorseRatio::new(self.portfolio.cross_factor, self.cross_equity?)?;
        let cross = Outcome::of(cover, worse, ends.max())?;
        let has_cross = self.crosses.iter().any(|cross| cross.has_position);
        let mut lost = Lost { cross: has_cross && cross.lost, ..Lost::default() };
        let mut equity = if lost.cross { Decimal::ZERO } else { cross.cover.equity };
        for (place, (position, own)) in self.portfolio.positions.iter().zip(isolated).enumerate() {
            if position.margin_mode == MarginMode::Isolated {
                let own = (*own)?;
                if own.lost {
                    lost.isolated += 1;
                    lost.first_isolated.get_or_insert(place);
                }
                let left = if own.lost { Decimal::ZERO } else { own.cover.equity };
                equity = add(equity, mul(left, self.portfolio.rate(position.instrument)?)?)?;
            }
        }
        Some(Scenario {
            shift,
            price: None,
            unrealized: Some(add(self.unrealized?, mul(self.notional_net?, shift)?)?),
            equity: Some(equity),
            maintenance: cross.cover.maintenance,
            margin_ratio: cross.ratio,
            liquidated: lost.cross || lost.isolated > 0,
            lost,
        })
    }

    /// Returns the PnL of all positions after a move of one position's contract by `shift`, as if none
    /// were liquidated; `None` when an input is unknown.
    pub fn unrealized_after(&self, index: usize, shift: Decimal) -> Option<Decimal> {
        let (focus, instrument) = self.lookup(index)?;
        let change = mul(instrument.mark?, shift)?;
        let legs = self.portfolio.positions.iter().filter(|h| h.instrument == focus.instrument);
        let gains = legs.map(|position| mul(position.signed_size(), change));
        add(self.unrealized?, mul(sum(gains)?, instrument.rate?)?)
    }
}
