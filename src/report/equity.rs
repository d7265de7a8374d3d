//! The equity of the account at other prices than those of its report.
//!
//! It moves by the change of what is computed with. What is not, such as coin-margined positions, stays as
//! it was reported.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::prices::{PricedPosition, PricedPositions};
use crate::domain::{Account, AccountKind, PositionKey, Symbol, Timestamp};
use crate::risk;

/// What positions earned at the time of the newest report of the account, in its currency.
///
/// A report says one sum of all its positions. Which part of it belongs to the isolated ones, or to those
/// that are computed with, is found at the mark prices of the first reading after the report: a frame later,
/// and not the seconds until the next one. The positions are those of the first list that is as new, because
/// a report comes with a trade, and before the list that shows it; one that is listed later moves the equity
/// from then on.
#[derive(Debug, Default)]
pub(super) struct PnlAtReport {
    report: Option<Timestamp>,
    marks: BTreeMap<Symbol, Decimal>,
    settled: bool,
    /// What each position earned; `None` while a figure is unknown.
    earned: BTreeMap<PositionKey, Option<Decimal>>,
    /// What the report says, where it speaks of nothing but what is computed with.
    told: Option<Decimal>,
    /// Nobody can say yet what else the report speaks of.
    is_open: bool,
}

impl PnlAtReport {
    /// Takes note of a report that is new, and of the positions until a list is as new.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>, live: &PricedPositions<'_>) {
        let report = inputs.snapshot.account.as_ref();
        let as_of = report.map(|report| report.as_of);
        if self.report != as_of {
            let marks = live.rows.iter();
            let marks =
                marks.filter_map(|held| Some((held.position.key.symbol.clone(), held.mark?)));
            *self = Self { report: as_of, marks: marks.collect(), ..Self::default() };
        }
        for held in &live.rows {
            let key = &held.position.key;
            if self.settled && self.earned.get(key).is_some_and(Option::is_some) {
                continue;
            }
            let mark = self.marks.get(&key.symbol).copied().or(held.mark);
            self.earned.insert(key.clone(), mark.and_then(|mark| held.worth_at(mark)));
        }
        let others = inputs.holds_other_products();
        self.is_open = others.is_none();
        let told = report.and_then(|report| report.value.unrealized_pnl);
        self.told = told.filter(|_| others == Some(false));
        self.settled = inputs.snapshot.positions.confirmed_at >= as_of;
    }

    /// Returns what the positions that are computed with earned; `None` while one is not known, or while a list
    /// of another product has not come.
    pub(super) fn modelled(&self, priced: &PricedPositions<'_>) -> Option<Decimal> {
        if self.is_open {
            return None;
        }
        self.told.or_else(|| self.sum(priced, |_| true))
    }

    /// Returns what the isolated ones earned.
    fn isolated(&self, priced: &PricedPositions<'_>) -> Option<Decimal> {
        self.sum(priced, PricedPosition::is_isolated)
    }

    fn sum<'a>(
        &self,
        priced: &PricedPositions<'a>,
        counts: impl Fn(&PricedPosition<'a>) -> bool,
    ) -> Option<Decimal> {
        let counted = priced.rows.iter().filter(|held| counts(held));
        risk::sum(counted.map(|held| self.earned.get(&held.position.key).copied().flatten()))
    }
}

/// Returns an equity at the prices of `priced`: what was reported, with the PnL `inside` it replaced; as it
/// was reported where that is not known.
pub(super) fn at_mark(
    equity: Option<Decimal>,
    inside: Option<Decimal>,
    priced: &PricedPositions<'_>,
) -> Option<Decimal> {
    let Some(inside) = inside else { return equity };
    risk::add(risk::sub(equity?, inside)?, priced.unrealized()?)
}

/// Returns the equity that liquidation is measured against, with what isolated positions hold inside.
///
/// Of a unified account the exchange counts the collateral of the cross positions, after haircuts: what
/// isolated ones hold is added, and the valuation takes it off again.
pub(super) fn at_risk(
    account: &Account,
    kind: AccountKind,
    priced: &PricedPositions<'_>,
    at_report: &PnlAtReport,
) -> Option<Decimal> {
    let inside = at_report.modelled(priced);
    let Some(effective) = account.effective_equity.filter(|_| kind == AccountKind::Unified) else {
        return at_mark(account.equity, inside, priced);
    };
    let cross = match inside {
        Some(inside) => {
            let at_report = risk::sub(inside, at_report.isolated(priced)?)?;
            risk::add(effective, risk::sub(priced.cross_unrealized()?, at_report)?)?
        }
        None => effective,
    };
    let isolated = priced.rows.iter().filter(|held| held.is_isolated());
    let margin = risk::sum(isolated.map(|held| risk::mul(held.position.margin?, held.rate?)))?;
    risk::add(risk::add(cross, margin)?, priced.isolated_unrealized()?)
}
