//! The PnL of a position over the price, through the moves of the table.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::row_formatter::RowFormatter;
use super::thousandths::height;
use crate::ui::theme::Role;
use crate::ui::widgets::{BlockCurve, Formatter, Segment, Span};

/// Parts of the curve; no screen shows more.
const PARTS: u16 = 200;

/// Returns the curve with zero as a line, and where entry, liquidation and the present stand; `None` before two
/// results are known.
pub(super) fn of(show: &RowFormatter<'_>, single: Formatter<'_>) -> Option<BlockCurve> {
    let row = show.row;
    let now = row.mark_price.zip(row.unrealized_pnl);
    let moves = row.risk.scenarios.iter().filter_map(|at| at.price.zip(at.unrealized_pnl));
    let mut points: Vec<(Decimal, Decimal)> = moves.chain(now).collect();
    points.sort_unstable();
    points.dedup_by_key(|(price, _)| *price);
    let results = || points.iter().map(|(_, pnl)| *pnl);
    let (low, high) = (results().min()?, results().max()?);
    let ends = [high, low].map(|end| single.gain(Some(end)));
    let points: Vec<(f64, f64)> =
        points.iter().filter_map(|(price, pnl)| price.to_f64().zip(pnl.to_f64())).collect();
    let ((left, _), (right, _)) = (*points.first()?, *points.last()?);
    let (low, high) = (low.to_f64()?, high.to_f64()?);
    if left >= right {
        return None;
    }
    let along = |price: f64| height(price, left, right);
    let of_part = |part: u16| {
        let share = f64::from(part) / f64::from(PARTS);
        between(&points, left + (right - left) * share).map(|pnl| height(pnl, low, high))
    };
    let segments = (0..PARTS)
        .filter_map(|part| {
            let (from, to) = of_part(part).zip(of_part(part.saturating_add(1)))?;
            Some(Some(Segment { low: from.min(to), high: from.max(to) }))
        })
        .collect();
    let mut marks: Vec<(u16, Span)> = [
        ("liq", row.liquidation_price, Role::Danger),
        ("entry", row.entry_price, Role::Strong),
        ("now", row.mark_price, Role::Label),
    ]
    .into_iter()
    .filter_map(|(word, price, role)| {
        let price = price?.to_f64().filter(|price| (left..=right).contains(price))?;
        let role = if single.freshness.is_live() { role } else { Role::Stale };
        Some((along(price), Span::new(word, role)))
    })
    .collect();
    marks.sort_by_key(|(place, _)| *place);
    let line = (low..=high).contains(&0.0).then(|| height(0.0, low, high));
    Some(BlockCurve { segments, role: single.freshness.role(), ends, line, marks })
}

/// Returns the value at a place between known points, on the straight line from one to the next.
fn between(points: &[(f64, f64)], at: f64) -> Option<f64> {
    let next = points.partition_point(|(place, _)| *place < at);
    let (right, to) = *points.get(next).or_else(|| points.last())?;
    let (left, from) = *points.get(next.saturating_sub(1))?;
    if right <= left {
        return Some(to);
    }
    Some(from + (to - from) * ((at - left) / (right - left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_results_the_curve_is_straight() {
        let points = [(10.0, 0.0), (20.0, 100.0), (30.0, 50.0)];
        let values: Vec<f64> = [10.0, 15.0, 20.0, 25.0, 30.0]
            .into_iter()
            .filter_map(|at| between(&points, at))
            .collect();
        assert_eq!(values, [0.0, 50.0, 100.0, 75.0, 50.0]);
        assert_eq!(between(&[], 1.0), None);
    }
}
