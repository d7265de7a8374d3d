//! The equity of the session as a curve.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::equity_periods;
use super::inputs::Inputs;
use super::thousandths::{height, thousandths};
use crate::report::EquityPoint;
use crate::ui::curve_span::CurveSpan;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::views::View;
use crate::ui::widgets::{Absent, BlockCurve, Body, Heading, Panel, Segment, Span};

/// Parts that the curve is built from; no screen shows more.
const MAX_SEGMENTS: usize = 200;

/// The equity since the start of the session, with what it came to; in the history view also that of a longer time,
/// where the user asks for it.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    if !inputs.report.has_credentials() {
        return Panel::message(Heading::new("Equity"), [Span::label("no credentials")]);
    }
    if let (View::History, CurveSpan::Period(period)) = (state.view, state.curve) {
        return equity_periods::panel(inputs, state, period);
    }
    let session = &inputs.report.pnl.session;
    let show = inputs.formatter(state, session.age);
    // The curve holds at most a day, so that a time of day names its begin.
    let since = show.clock(session.curve.first().map(|point| point.at)).text;
    let mut heading = Heading::new(format!("Equity since {since}")).aged(show.freshness);
    heading.note = vec![
        show.gain(session.change).after("session"),
        show.percent(session.max_drawdown).after("max drawdown"),
    ];
    if let Some(movement) = session.unexplained {
        let movement = show.gain(Some(movement)).after("unexplained movement");
        heading.note = vec![Span { role: Role::Warn, ..movement }];
    }
    let Some((low, high)) = range(&session.curve) else {
        let words = vec![vec![Span::label("no equity recorded yet")], vec![Absent::Unknown.span()]];
        return Panel::new(heading, Body::Message(vec![words]));
    };
    let ends = [high, low].map(|end| show.money(Some(end)));
    let segments = drawn(segments(&session.curve));
    let role = show.freshness.role();
    let curve = BlockCurve { segments, role, ends, line: None, marks: Vec::new() };
    let largest = session.max_drawdown.filter(|largest| !largest.is_zero());
    let fallen = largest.and_then(|largest| {
        let ends = [Span::label("drawdown"), show.percent(Some(largest))];
        let segments = drawn(drawdown(&session.curve, largest.to_f64()?));
        Some(BlockCurve { segments, role: Role::Label, ends, line: None, marks: Vec::new() })
    });
    Panel::new(heading, Body::Curves([curve].into_iter().chain(fallen).collect()))
}

/// The points of a session follow each other without a hole.
fn drawn(segments: Vec<Segment>) -> Vec<Option<Segment>> {
    segments.into_iter().map(Some).collect()
}

/// Returns the heights of the curve at the end of each of its parts; empty without points. Cheaper
/// than [`segments`]: what lies within a part is not looked at.
pub(super) fn heights(points: &[EquityPoint]) -> Vec<u16> {
    let part = points.len().div_ceil(MAX_SEGMENTS).max(1);
    let ends: Vec<f64> = points
        .chunks(part)
        .filter_map(|chunk| chunk.last().and_then(|point| point.equity.to_f64()))
        .collect();
    thousandths(&ends)
}

fn range(points: &[EquityPoint]) -> Option<(Decimal, Decimal)> {
    let low = points.iter().map(|point| point.equity).min()?;
    Some((low, points.iter().map(|point| point.equity).max()?))
}

fn segments(points: &[EquityPoint]) -> Vec<Segment> {
    let ends = range(points).and_then(|(low, high)| low.to_f64().zip(high.to_f64()));
    let Some((bottom, top)) = ends else { return Vec::new() };
    let height = |value: Decimal| value.to_f64().map_or(500, |value| height(value, bottom, top));
    let part = points.len().div_ceil(MAX_SEGMENTS).max(1);
    let mut before = None;
    points
        .chunks(part)
        .filter_map(|chunk| {
            // From where the part before it ended, so that the curve has no holes.
            let from = before.replace(chunk.last()?.equity);
            let (low, high) = range(chunk)?;
            let low = from.map_or(low, |from: Decimal| low.min(from));
            let high = from.map_or(high, |from: Decimal| high.max(from));
            Some(Segment { low: height(low), high: height(high) })
        })
        .collect()
}

/// Returns how far the equity was below its highest value so far, hanging from the top: `largest`, a fraction,
/// reaches the bottom.
fn drawdown(points: &[EquityPoint], largest: f64) -> Vec<Segment> {
    let part = points.len().div_ceil(MAX_SEGMENTS).max(1);
    let mut peak = f64::NEG_INFINITY;
    let parts = points.chunks(part).map(|chunk| {
        let fallen = chunk.iter().filter_map(|point| {
            let equity = point.equity.to_f64()?;
            peak = peak.max(equity);
            Some((peak - equity) / peak)
        });
        Segment { low: height(-fallen.fold(0.0, f64::max), -largest, 0.0), high: 1000 }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn curve(values: &[i64]) -> Vec<EquityPoint> {
        let at = Timestamp::from_millis(0);
        values.iter().map(|value| EquityPoint { at, equity: Decimal::from(*value) }).collect()
    }

    #[test]
    fn a_curve_has_no_holes_and_keeps_its_extremes() {
        let ends = |points: &[i64]| -> Vec<(u16, u16)> {
            segments(&curve(points)).iter().map(|part| (part.low, part.high)).collect()
        };
        assert_eq!(ends(&[100, 200, 150]), [(0, 0), (0, 1000), (500, 1000)]);
        let mut long: Vec<i64> = vec![50; 1440];
        (long[700], long[701]) = (0, 100);
        let long = ends(&long);
        assert!(long.len() <= MAX_SEGMENTS && long.contains(&(0, 1000)), "{long:?}");
    }

    #[test]
    fn the_drawdown_is_from_the_peak_before_it() {
        let lows = |points: &[i64]| -> Vec<u16> {
            drawdown(&curve(points), 0.5).iter().map(|part| part.low).collect()
        };
        assert_eq!(lows(&[100, 200, 150, 100, 200]), [1000, 1000, 500, 0, 1000]);
    }

    #[test]
    fn absurd_curves_are_drawn() {
        assert_eq!(segments(&[]), []);
        assert_eq!(heights(&curve(&[7, 7])), [500, 500]);
        let mut points = curve(&[0, 0]);
        (points[0].equity, points[1].equity) = (Decimal::MIN, Decimal::MAX);
        assert_eq!(segments(&points).len(), 2);
    }
}
