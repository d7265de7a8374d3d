//! Whether our figures agree with the exchange's own, and which form of its rules makes them.
//!
//! Every list of positions carries the exchange's PnL, margin ratio, break-even and liquidation price at
//! a mark price of its own. Ours are computed from the same list at the same price. Where another form
//! of the rules fits better it is used from then on; a difference that lasts is a problem that the user
//! must know of, with both numbers.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::portfolio::{Held, Holdings, IsolatedThen, kind_of};
use super::positions::tidy;
use super::statistics::Contracts;
use crate::domain::{
    AccountKind, AssetMode, MarginMode, OpenEnum, Position, PositionKey, ProblemCode, Text,
    Timestamp,
};
use crate::risk::{
    self, Difference, Figure, LiquidationForm, LiquidationTier, Maintenance, MarginDivisor,
    Portfolio, Reported, RuleInference, Rules, infer_rules,
};
use crate::store::{Problem, Snapshot};

/// A difference must stand this long and in so many reports: the account is read less often than the
/// positions, so for some seconds the two may be of different moments.
const LASTING_MS: i64 = 15_000;
const LASTING_REPORTS: u32 = 5;

/// What the comparisons have shown so far.
#[derive(Debug, Default)]
pub(super) struct Agreement {
    /// The list that was compared last.
    compared: Option<Timestamp>,
    liquidation: Option<(LiquidationForm, LiquidationTier)>,
    charges_orders: Option<bool>,
    forms: BTreeMap<PositionKey, Maintenance>,
    doubts: BTreeMap<PositionKey, Doubt>,
}

#[derive(Debug)]
struct Doubt {
    since: Timestamp,
    reports: u32,
    text: Text,
}

impl Agreement {
    /// Returns the rules that fit the exchange's figures, for accounts of `kind`.
    pub(super) fn rules(&self, kind: AccountKind) -> Rules {
        let mut rules = Rules::of_account(kind);
        if let Some((form, tier)) = self.liquidation {
            (rules.liquidation, rules.tier) = (form, tier);
        }
        rules.charges_orders = self.charges_orders.unwrap_or(rules.charges_orders);
        rules
    }

    /// Returns how the maintenance margin of a position grows: as its figures say, else as the time of
    /// its opening does.
    pub(super) fn maintenance(&self, position: &Position) -> Maintenance {
        self.forms.get(&position.key).copied().unwrap_or_else(|| {
            let details = position.details.as_ref();
            Maintenance::of_opening(details.and_then(|details| details.opened_at))
        })
    }

    /// Returns the differences that have lasted, as problems of the document.
    pub(super) fn problems(&self, now: Timestamp) -> impl Iterator<Item = Problem> {
        self.doubts
            .iter()
            .filter(move |(_, doubt)| {
                doubt.reports >= LASTING_REPORTS
                    && now.as_millis() - doubt.since.as_millis() >= LASTING_MS
            })
            .map(|(key, doubt)| Problem {
                code: ProblemCode::PnlMismatch,
                subject: Text::new(&key.to_string()),
                text: doubt.text.clone(),
                since: doubt.since,
            })
    }

    /// Compares the newest list, once.
    pub(super) fn compare(
        &mut self,
        snapshot: &Snapshot,
        contracts: &Contracts,
        isolated_then: &IsolatedThen,
        now: Timestamp,
    ) {
        let list = snapshot.positions.confirmed_at;
        if list.is_none() || list == self.compared {
            return;
        }
        self.compared = list;
        let keys: BTreeSet<&PositionKey> =
            snapshot.positions.rows.iter().map(|row| &row.key).collect();
        self.forms.retain(|key, _| keys.contains(key));
        self.doubts.retain(|key, _| keys.contains(key));
        let kind = kind_of(snapshot);
        let mut holdings = Holdings::reported(snapshot, contracts, self);
        isolated_then.tell(&mut holdings);
        let portfolio = holdings.portfolio(kind, snapshot, self);
        let found: Vec<(PositionKey, Verdict)> = holdings
            .held
            .iter()
            .enumerate()
            .filter(|(_, held)| held.position.key.margin_mode.known().is_some())
            .filter_map(|(place, held)| {
                let verdict = verdict(&portfolio, place, held, snapshot)?;
                Some((held.position.key.clone(), verdict))
            })
            .collect();
        for (key, verdict) in found {
            self.learn(key, &verdict, now);
        }
    }

    fn learn(&mut self, key: PositionKey, verdict: &Verdict, now: Timestamp) {
        if let Some(form) = verdict.print.maintenance {
            self.forms.insert(key.clone(), form);
        }
        if verdict.cross
            && let Some(form) = verdict.print.liquidation
        {
            self.liquidation = Some(form);
        }
        self.charges_orders = verdict.charges_orders.or(self.charges_orders);
        let Some(text) = &verdict.difference else {
            self.doubts.remove(&key);
            return;
        };
        let doubt = self.doubts.entry(key).or_insert_with(|| Doubt {
            since: now,
            reports: 0,
            text: text.clone(),
        });
        doubt.reports = doubt.reports.saturating_add(1);
        doubt.text = text.clone();
    }
}

/// What one comparison showed.
#[derive(Debug)]
struct Verdict {
    print: RuleInference,
    cross: bool,
    /// Whether resting orders are charged, where the figures can tell.
    charges_orders: Option<bool>,
    difference: Option<Text>,
}

/// Compares one position, with resting orders charged and without, and takes what agrees.
fn verdict(
    portfolio: &Portfolio<'_>,
    place: usize,
    held: &Held<'_>,
    snapshot: &Snapshot,
) -> Option<Verdict> {
    let reported = reported(held, snapshot);
    let under = |charges_orders| {
        let rules = Rules { charges_orders, ..portfolio.rules };
        infer_rules(&Portfolio { rules, ..*portfolio }, place, &reported)
    };
    let mut charges_orders = portfolio.rules.charges_orders;
    let mut print = under(charges_orders)?;
    let comparable = reported.margin_ratio.is_some() || reported.liquidation.is_some();
    let told = held.is_cross() && comparable && !portfolio.orders.is_empty();
    if told && !print.agrees() {
        let other = under(!charges_orders)?;
        if distance(&other) < distance(&print) {
            (print, charges_orders) = (other, !charges_orders);
        }
    }
    let step = portfolio.instruments.get(portfolio.positions.get(place)?.instrument)?.price_step;
    let slack = step.and_then(|step| risk::mul(step, held.position.size));
    // Of a unified account the equity of the cross positions is known only to what isolated ones moved
    // within a frame.
    let vague = held.is_cross()
        && portfolio.rules.divisor == MarginDivisor::Unified
        && portfolio.positions.iter().any(|held| held.margin_mode == MarginMode::Isolated);
    let words: Vec<String> = print
        .differences
        .iter()
        .flatten()
        .filter(|difference| matters(difference, slack, vague))
        .map(words)
        .collect();
    Some(Verdict {
        cross: held.is_cross(),
        charges_orders: told.then_some(charges_orders),
        difference: (!words.is_empty()).then(|| {
            Text::new(&format!(
                "{}: differs from the exchange: {}",
                held.position.key,
                words.join(", ")
            ))
        }),
        print,
    })
}

/// How far ours are from theirs: how many figures differ, then by how much of themselves.
fn distance(print: &RuleInference) -> (usize, Decimal) {
    let apart = print.differences.iter().flatten().filter_map(|difference| {
        let gap = risk::sub(difference.computed?, difference.reported)?;
        risk::div(gap, difference.reported).map(|share| share.abs())
    });
    (print.differences.iter().flatten().count(), apart.sum())
}

/// The exchange's figures. Where several coins back the account in a way that the report does not
/// explain, ratio and price of a cross position cannot be compared.
fn reported(held: &Held<'_>, snapshot: &Snapshot) -> Reported {
    let position = held.position;
    let account = snapshot.account.as_ref().map(|account| &account.value);
    let several = account.is_some_and(|account| {
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
    let gap =
        difference.computed.and_then(|ours| risk::sub(ours, difference.reported)).map(|g| g.abs());
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
    format!("{name} ours {ours}, theirs {}", show(difference.reported))
}
