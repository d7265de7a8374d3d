//! Which positions are shown, in which order.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{PositionKey, Timestamp};
use crate::report::PositionRow;
use crate::risk::RiskLevel;
use crate::ui::state::{SortKey, UiState};

/// How long an order of rows is kept while values move, so that rows do not jump about.
const RESORT_MS: i64 = 10_000;

/// Sorts and filters the positions into the state.
pub(super) fn arrange(inputs: &Inputs<'_>, state: &mut UiState) {
    let rows = &inputs.report.positions.rows;
    let same_rows =
        state.order.len() == rows.len() && rows.iter().all(|row| state.order.contains(&row.key));
    // The report's own order needs no memory: it does not depend on prices. A level that changes is no
    // movement of a value: its row goes to its place at once.
    let keep = state.sort != SortKey::Focus
        && same_rows
        && state.sorted_at.is_some_and(|at| is_recent(at, inputs.now))
        && (state.sort != SortKey::Risk || is_by_level(inputs, state));
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

/// Returns whether the levels of the kept order still stand in it.
fn is_by_level(inputs: &Inputs<'_>, state: &UiState) -> bool {
    let ranks = state.order.iter().filter_map(|key| inputs.row(key)).map(urgency);
    if state.reverse { ranks.is_sorted() } else { ranks.is_sorted_by(|a, b| a >= b) }
}

/// The place of a level, the worst the highest. One that cannot be judged is more pressing than one that is
/// well: nobody has said that of it.
const fn urgency(row: &PositionRow) -> u8 {
    match row.risk.level {
        Some(RiskLevel::Critical) => 4,
        Some(RiskLevel::Danger) => 3,
        Some(RiskLevel::Watch) => 2,
        None => 1,
        Some(RiskLevel::Ok) => 0,
    }
}

/// Sorts stably; what is not known comes last whichever way round.
fn sort(rows: &mut [&PositionRow], key: SortKey, reverse: bool) {
    // Of figures the largest come first, of distances the smallest; the other way round on demand.
    let mut by = |value: fn(&PositionRow) -> Option<Decimal>, reverse: bool| {
        rows.sort_by(|a, b| by_known(value(a), value(b), reverse));
    };
    match key {
        // Cross positions have the same money at stake, all of the account's: among them the size counts.
        SortKey::Risk => rows.sort_by(|a, b| {
            directed(urgency(a).cmp(&urgency(b)), !reverse)
                .then_with(|| by_known(a.risk.at_stake, b.risk.at_stake, !reverse))
                .then_with(|| by_known(a.notional, b.notional, !reverse))
        }),
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
