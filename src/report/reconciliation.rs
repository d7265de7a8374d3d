//! Whether our figures agree with the exchange's own, and which form of its rules makes them.
//!
//! Every list of positions carries the exchange's PnL, margin ratio, break-even and liquidation price at
//! a mark price of its own. Ours are computed from the same list at the same price. Where another form
//! of the rules fits better it is used from then on; a difference that lasts is a problem that the user
//! must know of, with both numbers.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::account_margin::AccountMargin;
use super::calibration::Calibration;
use super::discrepancy::Discrepancy;
use super::equity::PnlAtReport;
use super::inputs::Inputs;
use super::learned::Learned;
use super::portfolio::Holdings;
use super::prices::{self, PricedPosition, PricedPositions};
use super::rounding::tidy;
use crate::domain::{AssetMode, MarginMode, OpenEnum, Position, PositionKey, Text, Timestamp};
use crate::risk::{
    self, Difference, Figure, MarginDivisor, Portfolio, Reported, RuleInference, Rules, Valuation,
    infer_rules,
};
use crate::store::Problem;

/// What the comparisons have shown so far.
#[derive(Debug, Default)]
pub(super) struct Reconciliation {
    /// The list that was compared last.
    compared: Option<Timestamp>,
    /// Those of its positions that could not be compared yet: orders or tiers come after it at the start.
    open: BTreeSet<PositionKey>,
    /// Those that were held at the start have been compared. One that is opened later is listed before the report of
    /// the account that has its fee.
    is_started: bool,
    calibration: Calibration,
    account: AccountMargin,
    discrepancies: BTreeMap<PositionKey, Option<Discrepancy>>,
}

impl Reconciliation {
    /// Returns what they have shown.
    pub(super) const fn learned(&self) -> Learned<'_> {
        Learned { calibration: &self.calibration, account: &self.account }
    }

    /// Returns the differences that have lasted, as problems of the report.
    pub(super) fn problems(&self, now: Timestamp) -> impl Iterator<Item = Problem> {
        let positions = self.discrepancies.iter().filter_map(move |(key, found)| {
            found.as_ref().and_then(|found| found.problem(&key.to_string(), now))
        });
        let account = self.account.difference().and_then(|found| found.problem("account", now));
        positions.chain(account)
    }

    /// Compares the newest report of the account, at the prices of its time: orders that are listed later have it
    /// compared once more, and what the price did meanwhile would be taken for a need that nobody knows.
    pub(super) fn compare_account(
        &mut self,
        inputs: &Inputs<'_>,
        live: &PricedPositions<'_>,
        at_report: &PnlAtReport,
    ) {
        if inputs.kind.is_none() || !self.account.is_due(inputs) {
            return;
        }
        let holdings = Holdings::new(inputs, at_report.priced(live), self.learned(), at_report);
        let alone = Portfolio { other_maintenance: Decimal::ZERO, ..holdings.portfolio() };
        self.account.compare(inputs, &Valuation::new(alone).account());
    }

    /// Compares each position of the newest list, once.
    pub(super) fn compare(&mut self, inputs: &Inputs<'_>, at_report: &PnlAtReport) {
        let list = inputs.snapshot.positions.confirmed_at;
        if list.is_none() || list == self.compared && self.open.is_empty() {
            return;
        }
        let before = self.calibration.clone();
        let rows = &inputs.snapshot.positions.rows;
        let keys: BTreeSet<&PositionKey> = rows.iter().map(|row| &row.key).collect();
        self.calibration.retain(&keys);
        self.discrepancies.retain(|key, _| keys.contains(key));
        if inputs.kind.is_none() || inputs.foreign_rules().is_some() {
            // Nobody knows which rules to compare by.
            self.discrepancies.clear();
            return;
        }
        let reported = prices::reported(inputs);
        let holdings = Holdings::new(inputs, reported, self.learned(), at_report);
        if list != self.compared {
            self.compared = list;
            let keys = holdings.priced.rows.iter().map(|held| &held.position.key);
            self.open = keys.filter(|key| key.margin_mode.known().is_some()).cloned().collect();
        }
        let portfolio = holdings.portfolio();
        let compared: Vec<(PositionKey, Comparison)> = holdings
            .priced
            .rows
            .iter()
            .enumerate()
            .filter(|(_, held)| self.open.contains(&held.position.key))
            .filter_map(|(place, held)| {
                let comparison = compare(&portfolio, place, held, inputs)?;
                Some((held.position.key.clone(), comparison))
            })
            .collect();
        for (key, comparison) in compared {
            self.open.remove(&key);
            self.learn(key, &comparison, inputs.now);
        }
        self.is_started |= self.open.is_empty();
        if self.calibration != before {
            self.account.reopen();
        }
    }

    fn learn(&mut self, key: PositionKey, comparison: &Comparison, now: Timestamp) {
        let calibration = &mut self.calibration;
        if let Some(form) = comparison.inferred.maintenance {
            calibration.learn_maintenance(key.clone(), form);
        }
        if comparison.cross
            && let Some(form) = comparison.inferred.liquidation
        {
            calibration.liquidation = Some(form);
        }
        calibration.charges_orders = comparison.charges_orders.or(calibration.charges_orders);
        let is_first = !self.is_started && !self.discrepancies.contains_key(&key);
        let found = self.discrepancies.entry(key.clone()).or_default();
        Discrepancy::follow(found, is_first, comparison.difference.clone(), now);
        let counts = found.as_ref().is_some_and(Discrepancy::counts);
        calibration.learn_ratio(key.clone(), comparison.worse_ratio.filter(|_| counts));
        calibration.learn_pnl(key, comparison.worse_pnl.filter(|_| counts));
    }
}

/// What one comparison showed.
#[derive(Debug)]
struct Comparison {
    inferred: RuleInference,
    cross: bool,
    /// Whether resting orders are charged, where the figures can tell.
    charges_orders: Option<bool>,
    difference: Option<Text>,
    /// By how much the exchange's margin ratio exceeds ours, as a factor above one.
    worse_ratio: Option<Decimal>,
    /// By how much its PnL is below ours, per unit of size.
    worse_pnl: Option<Decimal>,
}

/// Compares one position, with resting orders charged and without, and takes what agrees.
fn compare(
    portfolio: &Portfolio<'_>,
    place: usize,
    held: &PricedPosition<'_>,
    inputs: &Inputs<'_>,
) -> Option<Comparison> {
    // Without the orders a difference of a cross position says nothing of the rules.
    let orders = if held.is_cross() { portfolio.orders? } else { &[] };
    let reported = reported(held, inputs);
    let under = |charges_orders| {
        let rules = Rules { charges_orders, ..portfolio.rules };
        infer_rules(&Portfolio { rules, ..*portfolio }, place, &reported)
    };
    let mut charges_orders = portfolio.rules.charges_orders;
    let mut inferred = under(charges_orders)?;
    let comparable = reported.margin_ratio.is_some() || reported.liquidation.is_some();
    let told = held.is_cross() && comparable && !orders.is_empty();
    if told && !inferred.agrees() {
        let other = under(!charges_orders)?;
        if distance(&other) < distance(&inferred) {
            (inferred, charges_orders) = (other, !charges_orders);
        }
    }
    let step = portfolio.instruments.get(portfolio.positions.get(place)?.instrument)?.price_step;
    let slack = step.and_then(|step| risk::mul(step, held.position.size));
    // Of a unified account the equity of the cross positions is known only to what isolated ones moved
    // within a frame.
    let vague = held.is_cross()
        && portfolio.rules.divisor == MarginDivisor::Unified
        && portfolio.positions.iter().any(|held| held.margin_mode == MarginMode::Isolated);
    let differences = inferred.differences.into_iter().flatten();
    let differences: Vec<Difference> = differences
        .chain(uncomparable_ratio(portfolio, place, held.position, &reported))
        .filter(|difference| matters(difference, slack, vague))
        .collect();
    let words: Vec<String> = differences.iter().map(words).collect();
    let differing = |figure| {
        let found = differences.iter().find(|difference| difference.figure == figure)?;
        Some((found.computed?, found.reported))
    };
    let worse_ratio = differing(Figure::MarginRatio)
        .and_then(|(ours, theirs)| risk::div(theirs, ours))
        .filter(|factor| *factor > Decimal::ONE);
    let worse_pnl = differing(Figure::Unrealized).and_then(|_| worse_pnl(held.position, slack));
    Some(Comparison {
        cross: held.is_cross(),
        charges_orders: told.then_some(charges_orders),
        difference: (!words.is_empty()).then(|| {
            Text::new(&format!(
                "{}: differs from the exchange: {}",
                held.position.key,
                words.join(", ")
            ))
        }),
        worse_ratio,
        worse_pnl,
        inferred,
    })
}

/// Returns the difference of a margin ratio that says nothing of the rules, where the exchange's is the worse one.
fn uncomparable_ratio(
    portfolio: &Portfolio<'_>,
    place: usize,
    position: &Position,
    reported: &Reported,
) -> Option<Difference> {
    let theirs = position.exchange_margin_ratio.filter(|_| reported.margin_ratio.is_none())?;
    let ours = Valuation::new(*portfolio).position(place).margin_ratio?;
    let difference =
        Difference { figure: Figure::MarginRatio, computed: Some(ours), reported: theirs };
    (theirs > ours).then_some(difference)
}

/// Returns what the exchange's PnL of a row is below ours at the mark price of that row, per unit of size;
/// `None` for nothing. Rows of one contract may be of two lists, and then each has a price of its own.
fn worse_pnl(position: &Position, slack: Option<Decimal>) -> Option<Decimal> {
    let Position { key, size, .. } = position;
    let ours = risk::unrealized(key.side, *size, position.entry_price?, position.mark_price?)?;
    let gap = risk::sub(ours, position.exchange_unrealized_pnl?)?;
    (gap > slack.unwrap_or_default()).then(|| risk::div(gap, *size))?
}

/// How far ours are from theirs: how many figures differ, then by how much of themselves.
fn distance(inferred: &RuleInference) -> (usize, Decimal) {
    let apart = inferred.differences.iter().flatten().filter_map(|difference| {
        let gap = risk::sub(difference.computed?, difference.reported)?;
        risk::div(gap, difference.reported).map(|share| share.abs())
    });
    (inferred.differences.iter().flatten().count(), apart.sum())
}

/// The exchange's figures. Where several coins back the account in a way that the report does not
/// explain, ratio and price of a cross position cannot be compared.
fn reported(held: &PricedPosition<'_>, inputs: &Inputs<'_>) -> Reported {
    let position = held.position;
    let several = inputs.account().is_some_and(|account| {
        let mode = account.asset_mode.as_ref().and_then(OpenEnum::known);
        mode == Some(AssetMode::Multi) && account.effective_equity.is_none()
    });
    let comparable = held.is_isolated() || !several;
    Reported {
        unrealized: position.exchange_unrealized_pnl,
        margin_ratio: position.exchange_margin_ratio.filter(|_| comparable),
        break_even: position.break_even_price,
        liquidation: position.liquidation_price.filter(|_| comparable),
    }
}

/// The mark price of a row may be one step off the one that its figures were made at.
fn matters(difference: &Difference, slack: Option<Decimal>, vague: bool) -> bool {
    let gap = difference
        .computed
        .and_then(|computed| risk::sub(computed, difference.reported))
        .map(|g| g.abs());
    match difference.figure {
        Figure::Unrealized => gap.zip(slack).is_none_or(|(gap, slack)| gap > slack),
        // A step of the price moves the ratio and the liquidation price by far less than this.
        Figure::MarginRatio | Figure::Liquidation | Figure::BreakEven => {
            let share = Decimal::new(1, if vague { 3 } else { 4 });
            let limit = risk::mul(difference.reported.abs(), share);
            gap.zip(limit).is_none_or(|(gap, limit)| gap > limit)
        }
    }
}

fn words(difference: &Difference) -> String {
    let name = match difference.figure {
        Figure::Unrealized => "PnL",
        Figure::MarginRatio => "margin ratio",
        Figure::BreakEven => "break-even",
        Figure::Liquidation => "liquidation price",
    };
    let show = |value: Decimal| tidy(value.round_dp(6)).to_string();
    let ours = difference.computed.map_or_else(|| "none".to_owned(), show);
    let theirs_counts = match (difference.figure, difference.computed) {
        (Figure::Unrealized, Some(ours)) => difference.reported < ours,
        (Figure::MarginRatio, Some(ours)) => difference.reported > ours,
        (Figure::Unrealized | Figure::MarginRatio, None)
        | (Figure::BreakEven | Figure::Liquidation, _) => false,
    };
    let counts = if theirs_counts { " (theirs counts)" } else { "" };
    format!("{name} ours {ours}, theirs {}{counts}", show(difference.reported))
}
