//! The equity of the session as a curve: a chart of blocks, and a line of bars beside a label.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Inputs;
use super::ink::{Forms, Gap, Grade, Ink, Piece};
use super::model::Heading;
use crate::report::{EquityPoint, Time};
use crate::ui::state::UiState;
use crate::ui::theme::Role;

/// Parts that the curve is built from; no screen shows more.
const MAX_SPANS: usize = 200;
/// Bars of rising height. The half block is left out: in ASCII it stands for a full one.
const BARS: [char; 7] = ['▁', '▂', '▃', '▅', '▆', '▇', '█'];

/// The curve as heights and finished labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Curve {
    pub(crate) heading: Heading,
    /// Oldest first.
    pub(crate) spans: Vec<Span>,
    pub(crate) role: Role,
    /// The highest and the lowest equity.
    pub(crate) ends: [Piece; 2],
    /// What is said instead when there is no curve.
    pub(crate) empty: Forms,
}

/// One part of the curve, in thousandths of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: u16,
    pub(crate) high: u16,
    /// Where it ended.
    pub(crate) last: u16,
}

/// The equity since the start of the session, with what it came to.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Curve {
    let (pnl, ink) = (&inputs.document.pnl, inputs.ink(state));
    let grade = Grade::new(pnl.session_freshness, pnl.session_age_ms);
    // The curve holds a day at the most, so that a time of day names its begin. A point is the newest
    // reading of its minute: that of the first one is later than the begin of the session.
    let first = pnl.equity_curve.first().map(|point| point.at);
    let same_minute = |(first, began): (Time, Time)| {
        first.0.as_millis().div_euclid(60_000) == began.0.as_millis().div_euclid(60_000)
    };
    let began = pnl.session_started_at;
    let since = if first.zip(began).is_some_and(same_minute) { began } else { first };
    let since = ink.clock(since).text;
    let mut heading = Heading::new(format!("Equity since {since}"), None);
    if !inputs.context.credentials {
        "Equity".clone_into(&mut heading.title);
        return Curve {
            heading,
            spans: Vec::new(),
            role: Role::Plain,
            ends: [Gap::Unknown.piece(), Gap::Unknown.piece()],
            empty: vec![vec![Piece::label("no credentials")]],
        };
    }
    heading.marks.extend(grade.mark());
    heading.note = vec![
        ink.gain(pnl.session_change, Gap::Unknown, grade).after("session"),
        Ink::percent(pnl.max_drawdown, Gap::Unknown, grade).after("max drawdown"),
    ];
    let points = &pnl.equity_curve;
    let range = range(points);
    let end = |value: Option<Decimal>| ink.money(value, Gap::Unknown, grade);
    Curve {
        heading,
        spans: spans(points),
        role: grade.plain(),
        ends: [end(range.map(|(_, high)| high)), end(range.map(|(low, _)| low))],
        empty: vec![vec![Piece::label("no equity recorded yet")], vec![Gap::Unknown.piece()]],
    }
}

/// Returns the heights of the curve at the end of each of its parts; empty without points. Cheaper
/// than [`spans`]: what lies within a part is not looked at.
pub(super) fn heights(points: &[EquityPoint]) -> Vec<u16> {
    let part = points.len().div_ceil(MAX_SPANS).max(1);
    let ends: Vec<f64> = points
        .chunks(part)
        .filter_map(|chunk| chunk.last().and_then(|point| point.equity.to_f64()))
        .collect();
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    ends.into_iter().map(|end| height(end, low, high)).collect()
}

/// Returns where a value stands between two others, in thousandths.
fn height(value: f64, low: f64, high: f64) -> u16 {
    let share = (value - low) / (high - low) * 1000.0;
    // A curve that never moved stands in the middle.
    if share.is_finite() { share.round().to_u16().unwrap_or(500) } else { 500 }
}

fn range(points: &[EquityPoint]) -> Option<(Decimal, Decimal)> {
    let low = points.iter().map(|point| point.equity).min()?;
    Some((low, points.iter().map(|point| point.equity).max()?))
}

fn spans(points: &[EquityPoint]) -> Vec<Span> {
    let Some((low, high)) = range(points) else {
        return Vec::new();
    };
    let Some((bottom, top)) = low.to_f64().zip(high.to_f64()) else {
        return Vec::new();
    };
    let height = |value: Decimal| value.to_f64().map_or(500, |value| height(value, bottom, top));
    let part = points.len().div_ceil(MAX_SPANS).max(1);
    let mut before = None;
    points
        .chunks(part)
        .filter_map(|chunk| {
            let last = chunk.last()?.equity;
            // From where the part before it ended, so that the curve has no holes.
            let from = before.replace(last);
            let (low, high) = range(chunk)?;
            let low = from.map_or(low, |from: Decimal| low.min(from));
            let high = from.map_or(high, |from: Decimal| high.max(from));
            Some(Span { low: height(low), high: height(high), last: height(last) })
        })
        .collect()
}

/// Returns the heights as one line of bars, `width` columns at the most.
pub(crate) fn sparkline(heights: &[u16], width: u16) -> String {
    let width = usize::from(width);
    let columns = width.min(heights.len());
    (1..=columns)
        .filter_map(|column| {
            let height = heights.get((column * heights.len() / columns).checked_sub(1)?)?;
            BARS.get(usize::from(*height) * (BARS.len() - 1) / 1000)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn curve(values: &[i64]) -> Vec<EquityPoint> {
        let at = Time(Timestamp::from_millis(0));
        values.iter().map(|value| EquityPoint { at, equity: Decimal::from(*value) }).collect()
    }

    #[test]
    fn a_curve_has_no_holes_and_keeps_its_extremes() {
        let jump = spans(&curve(&[100, 200, 150]));
        let spans_of = |low, high, last| Span { low, high, last };
        assert_eq!(jump, [spans_of(0, 0, 0), spans_of(0, 1000, 1000), spans_of(500, 1000, 500)]);
        let mut long: Vec<i64> = vec![50; 1440];
        (long[700], long[701]) = (0, 100);
        let long = spans(&curve(&long));
        assert!(long.len() <= MAX_SPANS);
        assert!(long.iter().any(|span| (span.low, span.high) == (0, 1000)), "{long:?}");
    }

    #[test]
    fn absurd_curves_are_drawn() {
        assert_eq!(spans(&[]), []);
        assert_eq!(heights(&curve(&[7, 7])), [500, 500]);
        let mut points = curve(&[0, 0]);
        (points[0].equity, points[1].equity) = (Decimal::MIN, Decimal::MAX);
        assert_eq!(spans(&points).len(), 2);
    }

    #[test]
    fn a_line_of_bars_ends_at_the_newest_point() {
        assert_eq!(sparkline(&[0, 500, 1000], 10), "▁▅█");
        assert_eq!(sparkline(&[0, 500, 1000, 0], 2), "▅▁");
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[1, 2], 0), "");
    }
}
