//! A focus that the exchange does not list.

use super::exit::{Failure, USAGE};
use crate::domain::Symbol;
use crate::report::Report;

/// Returns why a start must end: the exchange has said that it does not list the focus.
pub(super) fn refusal(report: &Report) -> Option<Failure> {
    report.focus_unlisted.then(|| Failure::new(USAGE, text(&report.focus)))
}

/// Returns what is said of it.
pub(super) fn text(symbol: &Symbol) -> String {
    format!("{symbol}: the exchange does not list this contract")
}
