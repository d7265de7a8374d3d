//! [`only_prices_moved`]: whether the panels may stay for a moment while the lines above them are newer.

use crate::report::Report;

/// Returns whether `next` says the same as `before` but for prices and what follows from them: the same is
/// held and ordered, nothing has happened, no level has changed, nothing became stale or fresh.
pub(super) fn only_prices_moved(before: &Report, next: &Report) -> bool {
    let held = |report: &Report| {
        let rows = report.positions.rows.iter();
        rows.map(|row| (row.key.clone(), row.size, row.entry_price, row.risk.level))
            .collect::<Vec<_>>()
    };
    let ordered = |report: &Report| {
        let rows = report.orders.rows.iter();
        rows.map(|row| (row.order_id.clone(), row.size, row.filled)).collect::<Vec<_>>()
    };
    let said = |report: &Report| {
        let links = report.links.iter().map(|link| (link.state, link.attempts));
        let problems = report.problems.iter().map(|problem| (problem.code, problem.text.clone()));
        (links.collect::<Vec<_>>(), problems.collect::<Vec<_>>())
    };
    let counts = |report: &Report| (report.fills.len(), report.alerts.len(), report.failures.len());
    before.focus == next.focus
        && before.account_kind == next.account_kind
        && before.complete == next.complete
        && before.candles.interval == next.candles.interval
        && before.risk.level == next.risk.level
        && before.events.first() == next.events.first()
        && counts(before) == counts(next)
        && held(before) == held(next)
        && ordered(before) == ordered(next)
        && said(before) == said(next)
}
