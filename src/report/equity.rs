//! The equity of the account at other prices than those of its report.
//!
//! It moves by the change of what is computed with. What is not, such as coin-margined positions, stays as
//! it was reported.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::prices::PricedPositions;
use crate::domain::{Account, AccountKind, Symbol, Timestamp};
use crate::risk;

/// What positions earned at the time of the newest report of the account, in its currency.
///
/// A report says one sum of all its positions. Which part of it belongs to the isolated ones, or to those
/// that are computed with, is found at the mark prices of the first reading after the report: a frame later,
/// and not the seconds until the next one. The positions are those of the first list that is as new, because
/// a report comes with a trade, and before the list that shows it.
#[derive(Debug, Default)]
pub(super) struct PnlAtReport {
    report: Option<Timestamp>,
    marks: BTreeMap<Symbol, Decimal>,
    settled: bool,
    /// What isolated positions earned; `None` while a figure is unknown.
    pub(super) isolated: Option<Decimal>,
    /// What the positions that are computed with earned: all that the report includes, where there are no
    /// others.
    pub(super) modelled: Option<Decimal>,
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
        if self.settled && self.isolated.is_some() && self.modelled.is_some() {
            return;
        }
        let mark = |symbol: &Symbol| self.marks.get(symbol).copied();
        let sum = |isolated: bool| {
            live.sum(
                |held| !isolated || held.is_isolated(),
                |held| mark(&held.position.key.symbol).or(held.mark),
            )
        };
        self.isolated = sum(true);
        let includes = report.and_then(|report| report.value.unrealized_pnl);
        self.modelled = if inputs.holds_other_products() { sum(false) } else { includes };
        self.settled = inputs.snapshot.positions.confirmed_at >= as_of;
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
    let effective = account.effective_equity.filter(|_| kind == AccountKind::Unified);
    let Some((effective, inside)) = effective.zip(at_report.modelled) else {
        return at_mark(effective.or(account.equity), at_report.modelled, priced);
    };
    let cross_at_report = risk::sub(inside, at_report.isolated?)?;
    let moved = risk::sub(priced.cross_unrealized()?, cross_at_report)?;
    let isolated = priced.rows.iter().filter(|held| held.is_isolated());
    let margin = risk::sum(isolated.map(|held| risk::mul(held.position.margin?, held.rate?)))?;
    let backed = risk::add(margin, priced.isolated_unrealized()?)?;
    risk::add(risk::add(effective, moved)?, backed)
}
