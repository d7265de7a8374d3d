//! A curve of blocks, from the oldest point at the left edge to now at the right one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::cells;
use super::span::Span;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// The narrowest plot that keeps an axis beside it.
const MIN_PLOT: u16 = 10;

/// The curve as heights and finished labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockCurve {
    /// Oldest first.
    pub(crate) segments: Vec<Segment>,
    pub(crate) role: Role,
    /// The highest and the lowest value.
    pub(crate) ends: [Span; 2],
}

/// One part of the curve, in thousandths of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) low: u16,
    pub(crate) high: u16,
}

/// Draws the curve.
pub(super) fn draw(curve: &BlockCurve, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let [high, low] = &curve.ends;
    let axis = format::width(&high.text).max(format::width(&low.text)).saturating_add(1);
    let mut plot = inner;
    if inner.width >= axis.saturating_add(MIN_PLOT) && inner.height > 1 {
        plot.width = inner.width.saturating_sub(axis);
        let labels = cells::right_of(inner, plot.width);
        for (span, row) in [(high, 0), (low, inner.height.saturating_sub(1))] {
            if let Some(place) = cells::row(labels, row) {
                cells::text_right(&span.text, theme.style(span.role), place, buf);
            }
        }
    }
    let style = theme.style(curve.role);
    for column in 0..plot.width {
        if let Some(segment) = segment_of(&curve.segments, column, plot.width) {
            bar(segment, style, Rect { width: 1, ..cells::right_of(plot, column) }, buf);
        }
    }
}

/// Returns the part of the curve that stands in a column.
fn segment_of(segments: &[Segment], column: u16, columns: u16) -> Option<Segment> {
    let (column, columns) = (usize::from(column), usize::from(columns));
    let first = column * segments.len() / columns;
    let last = ((column + 1) * segments.len() / columns).max(first + 1);
    let part = segments.get(first..last)?;
    let low = part.iter().map(|segment| segment.low).min()?;
    Some(Segment { low, high: part.iter().map(|segment| segment.high).max()? })
}

fn bar(segment: Segment, style: Style, area: Rect, buf: &mut Buffer) {
    let last = u32::from(area.height.saturating_mul(2).saturating_sub(1));
    let half = |height: u16| u32::from(1000_u16.saturating_sub(height)) * last / 1000;
    let (top, bottom) = (half(segment.high), half(segment.low));
    for row in 0..area.height {
        let [upper, lower] =
            [0, 1].map(|part| (top..=bottom).contains(&(u32::from(row) * 2 + part)));
        let glyph = match (upper, lower) {
            (true, true) => "█",
            (true, false) => "▀",
            (false, true) => "▄",
            (false, false) => continue,
        };
        if let Some(place) = cells::row(area, row) {
            cells::text(glyph, style, place, buf);
        }
    }
}
