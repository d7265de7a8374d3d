//! [`only_prices_moved`]: whether the panels may stay for a moment while the lines above them are newer.

use super::panels::{is_owed, overdue};
use super::widgets::Span;
use crate::domain::Timestamp;
use crate::report::Report;

/// Returns whether `next`, looked at then, says the same as `before` but for prices and what follows from them:
/// the same is held and ordered, nothing has happened, no level has changed, nothing became stale or fresh.
pub(super) fn only_prices_moved(
    (before, before_at): (&Report, Timestamp),
    (next, next_at): (&Report, Timestamp),
) -> bool {
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
        && warned_of(before) == warned_of(next)
        && marks(before, before_at).eq(marks(next, next_at))
        && held(before) == held(next)
        && ordered(before) == ordered(next)
        && said(before) == said(next)
}

/// What the titles of panels warn of besides ages.
fn warned_of(report: &Report) -> impl PartialEq + use<> {
    let debts = report.account.coins.iter().filter(|coin| is_owed(coin));
    (
        report.positions.unreadable_rows,
        report.orders.unreadable_rows,
        report.history.complete,
        debts.count(),
        report.pnl.session.unexplained,
        report.market.book.is_some(),
        overdue(report).is_some(),
    )
}

/// The warning of each part where it is due, with its age in seconds.
fn marks(report: &Report, at: Timestamp) -> impl Iterator<Item = Option<Span>> {
    let (positions, pnl) = (&report.positions, &report.pnl);
    let parts = [
        report.ticker.age,
        report.market.book_age,
        report.market.trades_age,
        positions.age,
        report.orders.age,
        report.account.age,
        report.account.derived,
        pnl.age,
        pnl.today.age,
        pnl.session.age,
        report.risk.age,
        report.history.age,
    ];
    let others = positions.others.iter().chain(&report.orders.others).map(|(_, age)| *age);
    let rows = positions.rows.iter().map(|row| row.age);
    parts.into_iter().chain(others).chain(rows).map(move |age| age.at(at).mark())
}
