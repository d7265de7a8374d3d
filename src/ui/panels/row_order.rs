//! Which positions are shown, in which order.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{PositionKey, Timestamp};
use crate::report::PositionRow;
use crate::ui::state::{SortKey, UiState};

/// How long an order of rows is kept while values move, so that rows do not jump about.
const RESORT_MS: i64 = 10_000;

/// Sorts and filters the positions into the state.
pub(crate) fn arrange(inputs: &Inputs<'_>, state: &mut UiState) {
    let rows = &inputs.report.positions.rows;
    let same_rows =
        state.order.len() == rows.len() && rows.iter().all(|row| state.order.contains(&row.key));
    // The report's own order needs no memory: it does not depend on prices.
    let keep = state.sort != SortKey::Focus
        && same_rows
        && state.sorted_at.is_some_and(|at| is_recent(at, inputs.now));
    if !keep {
        let mut sorted: Vec<&PositionRow> = rows.iter().collect();
        sort(&mut sorted, state.sort, state.reverse);
        state.order = sorted.into_iter().map(|row| row.key.clone()).collect();
        state.sorted_at = Some(inputs.now);
    }
    let passes = |key: &&PositionKey| state.passes(&[&key.symbol, &key.side, &key.margin_mode]);
    state.shown = state.order.iter().filter(passes).cloned().collect();
    if state.selected.as_ref().is_some_and(|key| inputs.row(key).is_none()) {
        state.selected = None;
    }
    // There is always one: what the single panels, the chart's lines and Enter speak of.
    if state.selected.is_none() {
        let focus = state.shown.iter().find(|key| inputs.row(key).is_some_and(|row| row.is_focus));
        state.selected = focus.or_else(|| state.shown.first()).cloned();
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    (0..RESORT_MS).contains(&now.as_millis().saturating_sub(at.as_millis()))
}

/// Sorts stably; what is not known comes last whichever way round.
fn sort(rows: &mut [&PositionRow], key: SortKey, reverse: bool) {
    // Of figures the largest come first, of distances the smallest; the other way round on demand.
    let mut by = |value: fn(&PositionRow) -> Option<Decimal>, reverse: bool| {
        rows.sort_by(|a, b| by_known(value(a), value(b), reverse));
    };
    match key {
        SortKey::Focus if reverse => rows.reverse(),
        SortKey::Focus => {}
        SortKey::Symbol => rows.sort_by(|a, b| directed(a.key.cmp(&b.key), reverse)),
        SortKey::Notional => by(|row| row.notional, !reverse),
        SortKey::Pnl => by(|row| row.unrealized_pnl, !reverse),
        SortKey::Roe => by(|row| row.roe, !reverse),
        SortKey::Distance => by(|row| row.liquidation_distance, reverse),
    }
}

fn by_known(a: Option<Decimal>, b: Option<Decimal>, reverse: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => directed(a.cmp(&b), reverse),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn directed(order: Ordering, reverse: bool) -> Ordering {
    if reverse { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_come_last_both_ways() {
        let (one, two) = (Some(Decimal::ONE), Some(Decimal::TWO));
        for reverse in [false, true] {
            assert_eq!(by_known(one, None, reverse), Ordering::Less);
            assert_eq!(by_known(None, two, reverse), Ordering::Greater);
        }
        assert_eq!(by_known(one, two, false), Ordering::Less);
        assert_eq!(by_known(one, two, true), Ordering::Greater);
    }
}
