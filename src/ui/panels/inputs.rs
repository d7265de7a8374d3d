//! [`Inputs`]: what a screen is built from.

use crate::domain::{Contract, PositionKey, Timestamp};
use crate::report::{Age, Freshness, PositionRow, Report};
use crate::ui::rates::Rates;
use crate::ui::state::UiState;
use crate::ui::ui_context::UiContext;
use crate::ui::widgets::{Formatter, SETTLED, side_word};

/// What a screen is built from, besides the choices of the user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) report: &'a Report,
    pub(crate) context: &'a UiContext,
    pub(crate) rates: Rates,
    /// The present, local time.
    pub(crate) now: Timestamp,
    /// The moment to which ages are counted, local time: the present, or when the screen was frozen.
    pub(crate) seen: Timestamp,
}

impl<'a> Inputs<'a> {
    /// Returns how far a figure of this age can be trusted.
    pub(crate) fn fresh(&self, age: Age) -> Freshness {
        age.at(self.seen)
    }

    /// Returns how figures of this age are written.
    pub(crate) fn formatter(&self, state: &UiState, age: Age) -> Formatter<'a> {
        Formatter::new(&self.context.timezone, state.privacy, self.fresh(age))
    }

    /// Returns how figures are written that can change no more.
    pub(crate) fn settled(&self, state: &UiState) -> Formatter<'a> {
        Formatter::new(&self.context.timezone, state.privacy, SETTLED)
    }

    /// The rules of the focus, where they are known.
    pub(crate) fn contract(&self) -> Option<&'a Contract> {
        self.report.contract(&self.report.focus)
    }

    /// Of how many contracts the rules are known.
    pub(crate) fn known_contracts(&self) -> usize {
        self.report.rules.values().filter(|rules| rules.contract.is_some()).count()
    }

    /// Decimals of a price of the focus.
    pub(crate) fn price_places(&self) -> Option<u32> {
        self.contract().map(|contract| contract.price_places)
    }

    /// Returns whether it is proven that there is no open position.
    pub(crate) fn is_flat(&self) -> bool {
        self.report.is_flat(self.seen)
    }

    /// Returns the age of a row: no younger than the list that it is from.
    pub(crate) fn row_age(&self, row: &PositionRow) -> Age {
        row.age.with(self.report.positions.age_of(row.key.symbol.product()))
    }

    /// Returns the age of what the ledger says of the day. It is read once a minute; where the positions are not
    /// known it is not known what was closed since.
    pub(crate) fn day_age(&self) -> Age {
        self.report.pnl.today.age.with(self.report.positions.age)
    }

    /// Returns the row of a position.
    pub(crate) fn row(&self, key: &PositionKey) -> Option<&'a PositionRow> {
        self.report.positions.rows.iter().find(|row| row.key == *key)
    }

    /// Returns the short name of a position: its coin and side, or its contract where another one of the same coin
    /// is held.
    pub(crate) fn short_name(&self, key: &PositionKey) -> String {
        let base = key.symbol.base();
        let mut held = self.report.positions.rows.iter().map(|row| &row.key.symbol);
        let is_shared = held.any(|other| *other != key.symbol && other.base() == base);
        let name = base.filter(|_| !is_shared).unwrap_or_else(|| key.symbol.wire());
        format!("{name} {}", side_word(key.side))
    }

    /// Returns the rows that pass the filter, in the order of the screen.
    pub(crate) fn shown(&self, state: &UiState) -> Vec<&'a PositionRow> {
        state.shown.iter().filter_map(|key| self.row(key)).collect()
    }

    /// Returns the position that the panels of single positions speak of: the selected one, else the
    /// first of the focus.
    pub(crate) fn subject(&self, state: &UiState) -> Option<&'a PositionRow> {
        let selected = state.selected.as_ref().and_then(|key| self.row(key));
        selected.or_else(|| self.report.positions.rows.iter().find(|row| row.is_focus))
    }

    /// Returns the same position where one must be shown if any is: else the first that is shown.
    pub(crate) fn subject_or_first(&self, state: &UiState) -> Option<&'a PositionRow> {
        self.subject(state).or_else(|| self.row(state.shown.first()?))
    }
}
