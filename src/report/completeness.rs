//! Whether a report holds everything that was asked for.

use super::{AccountStatus, PositionRow, Report};
use crate::domain::Timestamp;

/// Returns whether everything that was asked for is present and fresh.
pub(super) fn is_complete(report: &Report) -> bool {
    let (now, ticker) = (report.now, &report.ticker);
    let market = ticker.age.is_live(now)
        && ticker.last.is_some()
        && ticker.mark.is_some()
        && ticker.funding_rate.is_some()
        && ticker.funding_interval_hours.is_some();
    match report.account_kind {
        AccountStatus::NoCredentials => market,
        AccountStatus::Unknown => false,
        AccountStatus::Known(_) => market && is_private_complete(report),
    }
}

/// Returns whether a row says all that it can: the exchange does not send every figure of a position that is
/// not computed with.
fn is_told(row: &PositionRow, now: Timestamp) -> bool {
    row.age.is_live(now) && (row.margin_ratio.is_some() || !row.modelled)
}

fn is_private_complete(report: &Report) -> bool {
    let now = report.now;
    let positions = &report.positions;
    positions.is_whole(now)
        && positions.rows.iter().all(|row| is_told(row, now))
        && report.account.age.is_live(now)
        && report.account.equity.is_some()
        && report.orders.is_whole(now)
        && report.pnl.today.age.is_live(now)
        && report.pnl.today.totals.is_some_and(|totals| totals.net.is_some())
}
