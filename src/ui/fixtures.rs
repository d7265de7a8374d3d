//! What the tests of the screen begin with.

use super::panels::Inputs;
use super::rates::Rates;
use super::ui_context::UiContext;
use crate::domain::Timestamp;
use crate::report::{Context, Report, build};
use crate::store::Snapshot;

/// 2026-09-25T12:00:00Z.
pub(crate) const NOON: Timestamp = Timestamp::from_millis(1_790_337_600_000);

/// Returns the report of a live account of which nothing is known yet, at noon.
pub(crate) fn empty_report() -> Report {
    build(&Snapshot::default(), &Context::of_defaults(), NOON)
}

/// Returns what `read` makes of a report that is looked at `ms` after noon.
pub(crate) fn seen<T>(report: &Report, ms: i64, read: impl FnOnce(&Inputs<'_>) -> T) -> T {
    seen_in(&UiContext::default(), report, ms, read)
}

/// The same on a screen with this context.
pub(crate) fn seen_in<T>(
    context: &UiContext,
    report: &Report,
    ms: i64,
    read: impl FnOnce(&Inputs<'_>) -> T,
) -> T {
    let now = NOON.plus_millis(ms);
    read(&Inputs { report, context, rates: Rates::default(), now, seen: now })
}
