//! A focus that the exchange does not list.

use super::exit::{Failure, USAGE};
use crate::report::Report;

/// Returns why a start must end: the exchange has said that it does not list the focus.
pub(super) fn refusal(report: &Report) -> Option<Failure> {
    let text = || format!("{}: the exchange does not list this contract", report.focus);
    report.focus_unlisted.then(|| Failure::new(USAGE, text()))
}
