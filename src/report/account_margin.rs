//! [`AccountMargin`]: the exchange's own figures of the margin of the whole account beside ours.
//!
//! What its maintenance margin exceeds ours by is that of what is not computed with (coin-margined
//! positions, debts), or of a rule that is not known. It counts from then on, as does the initial margin of
//! such positions and of resting orders. Where the exchange's ratio is
//! worse than its own maintenance margin over its own equity, the ratio is what counts.

use rust_decimal::Decimal;

use super::discrepancy::Discrepancy;
use super::inputs::Inputs;
use super::rounding::tidy;
use crate::domain::{Account, AccountKind, Text, Timestamp};
use crate::risk::{self, AccountFigures};

/// Prices move between the report and the list that it is compared with.
const TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2);
/// Amounts of pushes have two decimals.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// What the comparisons have shown so far.
#[derive(Debug, Default)]
pub(super) struct AccountMargin {
    /// The report that was compared last.
    compared: Option<Timestamp>,
    /// What `other_maintenance` rests on was not all known then, or has changed since.
    is_open: bool,
    /// The lists of orders that it was compared with: the time of the newest, and how many are held.
    orders: (Option<Timestamp>, usize),
    /// What the exchange's maintenance margin exceeds ours by, in the currency of the account.
    other_maintenance: Decimal,
    /// The same of the initial margin.
    other_initial: Decimal,
    /// By how much its ratio exceeds what its own figures come to, as a factor above one.
    worse_ratio: Option<Decimal>,
    difference: Option<Discrepancy>,
}

impl AccountMargin {
    /// Returns the maintenance margin of what is not computed with.
    pub(super) const fn other_maintenance(&self) -> Decimal {
        self.other_maintenance
    }

    /// Returns the initial margin of what is not computed with.
    pub(super) const fn other_initial(&self) -> Decimal {
        self.other_initial
    }

    /// Returns the factor by which the exchange's margin ratio of the account is the worse one.
    pub(super) fn worse_ratio(&self) -> Option<Decimal> {
        self.worse_ratio.filter(|_| self.difference.as_ref().is_some_and(Discrepancy::counts))
    }

    /// Returns the difference of the account, where one has stood.
    pub(super) const fn difference(&self) -> Option<&Discrepancy> {
        self.difference.as_ref()
    }

    /// Returns whether the newest report is still to be compared. It is once the list is of the same positions
    /// ([`is_of_list`]). The first one counts at once, and so does one whose comparison is open: ours with the rest
    /// is then never below what the exchange needs.
    pub(super) fn is_due(&self, inputs: &Inputs<'_>) -> bool {
        let report = inputs.snapshot.account.as_ref().map(|report| report.as_of);
        let first = self.compared.is_none() && inputs.snapshot.positions.confirmed_at.is_some();
        let is_new = self.compared != report && (is_of_list(inputs) || first);
        report.is_some() && (is_new || self.is_open || self.has_other_orders(inputs))
    }

    /// Returns whether the lists of orders are others than those that the newest report was compared with. Until
    /// the exchange itself reports less, the account needs what it reported: a list may leave orders out.
    fn has_other_orders(&self, inputs: &Inputs<'_>) -> bool {
        self.compared.is_some() && self.orders != orders_of(inputs)
    }

    /// Has the newest report compared once more: another form of the rules fits, so ours are others.
    pub(super) const fn reopen(&mut self) {
        self.is_open = true;
    }

    /// Compares the newest report with `ours`, which are without what is not computed with.
    pub(super) fn compare(&mut self, inputs: &Inputs<'_>, ours: &AccountFigures) {
        let Some(report) = &inputs.snapshot.account else { return };
        let theirs = &report.value;
        let unified = inputs.kind == Some(AccountKind::Unified);
        let mut words = Vec::new();
        let judged = self.compared == Some(report.as_of);
        let again = judged && !self.is_open;
        // A position that was opened since the report makes ours larger, and the rest no smaller.
        let least = |before| if again { before } else { Decimal::ZERO };
        self.orders = orders_of(inputs);
        // What it belongs to is known where there are other positions, or something is owed.
        let explained = inputs.holds_other_products() != Some(false) || owes(theirs);
        self.is_open = unified
            && theirs.maintenance_margin.is_some()
            && (ours.cross_maintenance.is_none() || inputs.holds_other_products().is_none());
        if unified
            && let Some((needed, own)) = theirs.maintenance_margin.zip(ours.cross_maintenance)
        {
            let gap = if explained { risk::sub(needed, own) } else { excess(needed, own) };
            self.other_maintenance = gap.unwrap_or_default().max(least(self.other_maintenance));
            if !explained && !self.other_maintenance.is_zero() {
                words.push(compared("maintenance margin", own, needed));
            }
        }
        if unified && let Some((needed, own)) = theirs.initial_margin.zip(ours.margin) {
            let ordered = !inputs.snapshot.orders.rows.is_empty();
            let gap = risk::sub(needed, own).unwrap_or_default();
            self.other_initial = gap.max(least(self.other_initial));
            if !(explained || ordered) && excess(needed, own).is_some() {
                words.push(compared("initial margin", own, needed));
            }
        }
        if judged || !is_of_list(inputs) {
            return;
        }
        let expected = if unified {
            let both = theirs.maintenance_margin.zip(theirs.effective_equity);
            both.and_then(|(needed, equity)| risk::margin_ratio(needed, equity))
        } else {
            if theirs.margin_ratio.is_some() && ours.margin_ratio.is_none() {
                // Orders or tiers come after it at the start.
                return;
            }
            ours.margin_ratio
        };
        if !unified {
            (self.other_maintenance, self.other_initial) = (Decimal::ZERO, Decimal::ZERO);
        }
        self.worse_ratio = None;
        if let Some((expected, said)) = expected.zip(theirs.margin_ratio)
            && excess(said, expected).is_some()
        {
            self.worse_ratio = risk::div(said, expected);
            if expected.is_zero() {
                // No factor makes it of nothing: something is needed that is not listed.
                let needed = ours.cross_equity.and_then(|equity| risk::mul(said, equity));
                self.other_maintenance = needed.unwrap_or_default();
            }
            words.push(compared("margin ratio", expected, said));
        }
        let is_first = self.compared.is_none();
        self.compared = Some(report.as_of);
        let text = format!("the account differs from the exchange: {}", words.join(", "));
        let text = (!words.is_empty()).then(|| Text::new(&text));
        Discrepancy::follow(&mut self.difference, is_first, text, inputs.now);
    }
}

/// Returns whether the newest report is of the positions that are listed: a list is as new, or nothing was traded
/// since it. Polls of both at one cadence may have the report be the newer one for ever.
fn is_of_list(inputs: &Inputs<'_>) -> bool {
    let snapshot = inputs.snapshot;
    let listed = snapshot.positions.confirmed_at;
    let since = snapshot.account.as_ref().map(|report| report.as_of);
    listed >= since || listed.is_some() && snapshot.unsettled_since().is_none()
}

fn orders_of(inputs: &Inputs<'_>) -> (Option<Timestamp>, usize) {
    let orders = &inputs.snapshot.orders;
    (orders.confirmed_at, orders.rows.len())
}

/// Returns what `theirs` exceeds `ours` by, beyond what prices move in between; `None` for nothing.
fn excess(theirs: Decimal, ours: Decimal) -> Option<Decimal> {
    let gap = risk::sub(theirs, ours)?;
    let slack = risk::mul(theirs.abs(), TOLERANCE)?;
    (gap > slack && (gap > CENT || theirs < Decimal::ONE)).then_some(gap)
}

fn owes(account: &Account) -> bool {
    account.coins.iter().any(|coin| coin.debt.is_some_and(|debt| debt > Decimal::ZERO))
}

fn compared(name: &str, ours: Decimal, theirs: Decimal) -> String {
    let show = |value: Decimal| tidy(value.round_dp(6));
    format!("{name} ours {}, theirs {}", show(ours), show(theirs))
}
