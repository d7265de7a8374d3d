//! The equity of the account at other prices than those of its report.

use rust_decimal::Decimal;

use super::prices::PricedPositions;
use crate::domain::{Account, AccountKind, Timestamp};
use crate::risk;

/// The unrealized PnL of isolated positions at the time of the newest report of the account.
///
/// The report of a unified account does not say which part of its PnL is theirs, so it is taken at the
/// first reading after the report: a frame later, and not the seconds until the next one.
#[derive(Debug, Default)]
pub(super) struct IsolatedPnlAtReport {
    report: Option<Timestamp>,
    unrealized: Option<Decimal>,
}

impl IsolatedPnlAtReport {
    /// Takes note of a report that is new, by its time.
    pub(super) fn follow(&mut self, live: &PricedPositions<'_>, report: Option<Timestamp>) {
        if self.report != report || self.unrealized.is_none() {
            self.report = report;
            self.unrealized = live.isolated_unrealized();
        }
    }

    pub(super) const fn get(&self) -> Option<Decimal> {
        self.unrealized
    }
}

/// Returns an equity at the prices of `priced`: what was reported, with the PnL `inside` it replaced.
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
    isolated_pnl_at_report: Option<Decimal>,
) -> Option<Decimal> {
    let effective = account.effective_equity.filter(|_| kind == AccountKind::Unified);
    let Some((effective, inside)) = effective.zip(account.unrealized_pnl) else {
        return at_mark(effective.or(account.equity), account.unrealized_pnl, priced);
    };
    let cross_at_report = risk::sub(inside, isolated_pnl_at_report?)?;
    let moved = risk::sub(priced.cross_unrealized()?, cross_at_report)?;
    let isolated = priced.rows.iter().filter(|held| held.is_isolated());
    let margin = risk::sum(isolated.map(|held| held.position.margin))?;
    let backed = risk::add(margin, priced.isolated_unrealized()?)?;
    risk::add(risk::add(effective, moved)?, backed)
}
