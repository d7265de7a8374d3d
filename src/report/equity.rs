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

/// A report is made between its request and this much later.
const ROUND_TRIP_MS: i64 = 500;
/// Prices that are at most this much older than a report, and as much newer than its round trip, say what its
/// positions earned.
const CLOSE_MS: i64 = 1_000;
/// Between two prices the price may have been elsewhere by this share.
const BETWEEN_PRICES: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// The same between a report and the next.
const SINCE_REPORT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What positions earned at the time of the newest report of the account, in its currency.
///
/// A report says one sum of all its positions. Which part of it belongs to the isolated ones, or to those
/// that are computed with, is found at the mark prices of its time: of the readings from the one before the
/// report to the first one with prices of after it, the less favourable counts. The positions are those of the first
/// list that is as new, because a report comes with a trade, and before the list that shows it; one that is
/// listed later moves the equity from then on.
#[derive(Debug, Default)]
pub(super) struct PnlAtReport {
    report: Option<Timestamp>,
    /// The mark prices of the newest reading, and their times.
    newest: BTreeMap<Symbol, (Decimal, Option<Timestamp>)>,
    /// Those that the report may have been made at.
    marks: BTreeMap<Symbol, Bracket>,
    settled: bool,
    /// The least and the most that each position may have earned; `None` while a figure is unknown.
    earned: BTreeMap<PositionKey, Option<[Decimal; 2]>>,
    /// What the report says, where it speaks of nothing but what is computed with.
    told: Option<Decimal>,
    /// What it says less the exchange's own figures of the positions that are not computed with, which are of
    /// about its time.
    about: Option<Decimal>,
    /// The loss that the report says and no listed position accounts for, never positive: a list may leave
    /// a position out. It stays in the equity.
    unlisted: Unlisted,
    /// Nobody can say yet what else the report speaks of, or what prices it was made at.
    is_open: bool,
}

/// A loss of positions that are in a report and not in the list.
#[derive(Debug, Default)]
struct Unlisted {
    loss: Decimal,
    /// Found in the newest report beside a list that is as new: later lists may account for it, but not add to
    /// it, because what was opened since is not in the report.
    is_judged: bool,
    /// How many positions were listed when it was found.
    rows: usize,
}

/// The mark prices of a contract about the time of a report.
#[derive(Debug, Clone, Copy)]
struct Bracket {
    low: Decimal,
    high: Decimal,
    /// Whether a price of before the report is among them.
    is_begun: bool,
    /// Whether one of after it is.
    is_closed: bool,
    /// Whether both are of about its time.
    is_close: bool,
}

impl PnlAtReport {
    /// Takes note of a report that is new, and of the positions until a list is as new.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>, live: &PricedPositions<'_>) {
        let report = inputs.snapshot.account.as_ref();
        let as_of = report.map(|report| report.as_of);
        if self.report != as_of {
            self.marks.clear();
            self.earned.clear();
            (self.report, self.settled, self.unlisted.is_judged) = (as_of, false, false);
        }
        for held in &live.rows {
            let Some(mark) = held.mark else { continue };
            let symbol = &held.position.key.symbol;
            let priced = inputs.snapshot.tickers.get(symbol).map(|ticker| ticker.as_of);
            let before = self.newest.insert(symbol.clone(), (mark, priced));
            let later = |ms: i64| as_of.map(|at| at.plus_millis(ms));
            let is_after = priced >= later(ROUND_TRIP_MS);
            let bracket = self.marks.entry(symbol.clone()).or_insert_with(|| {
                let (first, at) = before.unwrap_or((mark, None));
                let is_close = at >= later(-CLOSE_MS);
                let is_begun = before.is_some();
                Bracket { low: first, high: first, is_begun, is_closed: false, is_close }
            });
            if self.settled && bracket.is_closed && self.earned.contains_key(&held.position.key) {
                continue;
            }
            if !bracket.is_closed {
                (bracket.low, bracket.high) = (bracket.low.min(mark), bracket.high.max(mark));
                bracket.is_closed = is_after;
                bracket.is_close &= !is_after || priced <= later(ROUND_TRIP_MS + CLOSE_MS);
            }
            let ends = [held.worth_at(bracket.low), held.worth_at(bracket.high)];
            let bounds = ends[0].zip(ends[1]).map(|(a, b)| [a.min(b), a.max(b)]);
            self.earned.insert(held.position.key.clone(), bounds);
        }
        let others = inputs.holds_other_products();
        let is_begun = self.settled || self.marks.values().all(|bracket| bracket.is_begun);
        self.is_open = others.is_none() || others == Some(true) && !is_begun;
        let told = report.and_then(|report| report.value.unrealized_pnl);
        self.told = told.filter(|_| others == Some(false));
        if !self.settled {
            let theirs = risk::sum(live.others.iter().map(reported_worth));
            self.about = told.zip(theirs).and_then(|(told, theirs)| risk::sub(told, theirs));
        }
        // The lists of the other products come after that of USDT-M: without them their part of what the report
        // says would be that of what is computed with.
        self.settled = others.is_some() && inputs.snapshot.positions.confirmed_at >= as_of;
        self.look_for_unlisted(live);
    }

    /// Finds what loss of the report is not that of the listed positions: at once beside the list of before the
    /// report, which may leave out what the report holds or still show what was closed, and for good once a list
    /// and prices of just before and just after the report are known. Then it stays until positions account for it.
    fn look_for_unlisted(&mut self, live: &PricedPositions<'_>) {
        let Some(told) = self.told else {
            self.unlisted = Unlisted::default();
            return;
        };
        let is_begun = self.marks.values().all(|marks| marks.is_begun);
        let is_close = self.marks.values().all(|marks| marks.is_closed && marks.is_close);
        let may_grow = is_begun && !self.unlisted.is_judged && (is_close || !self.settled);
        if !may_grow && self.unlisted.loss.is_zero() {
            return;
        }
        let own = self.sum(live, |_| true, |[least, _]| least);
        let Some((least, most)) = own.zip(self.sum(live, |_| true, |[_, most]| most)) else {
            return;
        };
        // Of positions that are listed again nobody knows the prices at the report.
        let is_longer = live.rows.len() > self.unlisted.rows;
        let between = if may_grow || !is_longer { BETWEEN_PRICES } else { SINCE_REPORT };
        let value = risk::sum(live.rows.iter().map(PricedPosition::notional));
        let slack = value.and_then(|value| risk::mul(value, between));
        let slack = slack.and_then(|slack| risk::add(slack, Account::WALLET_ROUNDING));
        let exceeds = risk::sub(least, told).zip(slack).is_some_and(|(gap, slack)| gap > slack);
        let loss = if exceeds { risk::sub(told, most).unwrap_or_default() } else { Decimal::ZERO };
        if may_grow {
            self.unlisted = Unlisted { loss, is_judged: self.settled, rows: live.rows.len() };
        } else {
            self.unlisted.loss = self.unlisted.loss.max(loss);
        }
    }

    /// Returns the positions at the lowest of the mark prices that the report may have been made at, where they need
    /// least; at the live one where none is known.
    pub(super) fn priced<'a>(&self, live: &PricedPositions<'a>) -> PricedPositions<'a> {
        let mut then = live.clone();
        for held in &mut then.rows {
            let marks = self.marks.get(&held.position.key.symbol);
            held.mark = marks.map(|marks| marks.low).or(held.mark);
        }
        then
    }

    /// Returns what the report says that the listed positions earned.
    fn told(&self) -> Option<Decimal> {
        risk::sub(self.told?, self.unlisted.loss)
    }

    /// Returns what the positions that are computed with earned; `None` while one is not known, or while a list
    /// of another product has not come.
    pub(super) fn modelled(&self, priced: &PricedPositions<'_>) -> Option<Decimal> {
        self.told().or_else(|| {
            let most = self.sum(priced, |_| true, |[_, most]| most).filter(|_| !self.is_open)?;
            // The price may have been elsewhere between two readings: what they earned most counts.
            Some(self.about.map_or(most, |about| about.max(most)))
        })
    }

    /// Returns what the cross positions among them earned.
    fn cross(&self, priced: &PricedPositions<'_>) -> Option<Decimal> {
        let less_isolated = |sum: Decimal| {
            let isolated = self.sum(priced, PricedPosition::is_isolated, |[least, _]| least)?;
            risk::sub(sum, isolated)
        };
        if let Some(told) = self.told() {
            return less_isolated(told);
        }
        let most = self.sum(priced, |held| !held.is_isolated(), |[_, most]| most);
        let most = most.filter(|_| !self.is_open)?;
        Some(self.about.and_then(less_isolated).map_or(most, |about| about.max(most)))
    }

    fn sum<'a>(
        &self,
        priced: &PricedPositions<'a>,
        counts: impl Fn(&PricedPosition<'a>) -> bool,
        bound: fn([Decimal; 2]) -> Decimal,
    ) -> Option<Decimal> {
        let counted = priced.rows.iter().filter(|held| counts(held));
        let earned = |key| self.earned.get(key).copied().flatten().map(bound);
        risk::sum(counted.map(|held| earned(&held.position.key)))
    }
}

/// Returns the exchange's own PnL of a position, in the currency of the account.
fn reported_worth(held: &PricedPosition<'_>) -> Option<Decimal> {
    risk::mul(held.position.exchange_unrealized_pnl?, held.rate?)
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
    let Some(effective) = account.effective_equity.filter(|_| kind == AccountKind::Unified) else {
        let equity = at_mark(account.equity, at_report.modelled(priced), priced)?;
        return risk::sub(equity, held_apart(priced)?);
    };
    let cross = match at_report.cross(priced) {
        Some(at_report) => risk::add(effective, risk::sub(priced.cross_unrealized()?, at_report)?)?,
        None => effective,
    };
    let isolated = priced.rows.iter().filter(|held| held.is_isolated());
    let margin = risk::sum(isolated.map(|held| risk::mul(held.position.margin?, held.rate?)))?;
    risk::add(risk::add(cross, margin)?, priced.isolated_unrealized()?)
}

/// Returns what positions may keep from the others whose margin mode is not known. They count as cross, with
/// what they need; if they are isolated, what they hold backs them alone.
fn held_apart(priced: &PricedPositions<'_>) -> Option<Decimal> {
    let unknown = priced.rows.iter().filter(|held| !held.is_cross() && !held.is_isolated());
    risk::sum(unknown.map(|held| {
        let own = risk::add(held.position.margin?, held.unrealized()?)?;
        risk::mul(own.max(Decimal::ZERO), held.rate?)
    }))
}
