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
/// The lowest area that is shared by two curves.
const MIN_HEIGHT_OF_TWO: u16 = 9;
/// The lowest area that keeps a row for the names of places.
const MIN_HEIGHT_WITH_NAMES: u16 = 4;

/// The curve as heights and finished labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlockCurve {
    /// Oldest first; `None` where there is nothing.
    pub(crate) segments: Vec<Option<Segment>>,
    pub(crate) role: Role,
    /// The highest and the lowest value.
    pub(crate) ends: [Span; 2],
    /// A line across it, in thousandths of its range.
    pub(crate) line: Option<u16>,
    /// Names of places along it, in thousandths, from left to right; the first one is written where two meet.
    pub(crate) marks: Vec<(u16, Span)>,
}

/// One part of the curve, in thousandths of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) low: u16,
    pub(crate) high: u16,
}

/// Draws curves of the same time below each other, the first one twice as high as the second. Where there is no
/// room for two, the first has all of it.
pub(super) fn draw_all(curves: &[BlockCurve], theme: Theme, area: Rect, buf: &mut Buffer) {
    let [first, second, ..] = curves else {
        if let [only] = curves {
            draw(only, theme, area, buf);
        }
        return;
    };
    let below = if area.height >= MIN_HEIGHT_OF_TWO { area.height / 3 } else { 0 };
    let above = area.height.saturating_sub(below);
    draw(first, theme, Rect { height: above, ..area }, buf);
    if below > 0 {
        draw(second, theme, cells::below(area, above), buf);
    }
}

/// Draws the curve.
pub(super) fn draw(curve: &BlockCurve, theme: Theme, inner: Rect, buf: &mut Buffer) {
    let [high, low] = &curve.ends;
    let axis = format::width(&high.text).max(format::width(&low.text)).saturating_add(1);
    let names = u16::from(!curve.marks.is_empty() && inner.height >= MIN_HEIGHT_WITH_NAMES);
    let all = inner;
    let inner = Rect { height: inner.height.saturating_sub(names), ..inner };
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
    if let Some(line) = curve.line {
        let row = row_of(line, plot.height);
        for column in 0..plot.width {
            if let Some(place) = cells::row(cells::right_of(plot, column), row) {
                cells::text("┄", theme.style(Role::Label), place, buf);
            }
        }
    }
    let mut free = 0;
    for (along, name) in &curve.marks {
        let column = column_of(*along, plot.width);
        // From its place on, or as far to the left as the edge wants it.
        let start = column.min(plot.width.saturating_sub(format::width(&name.text)));
        if names > 0 && start < free {
            continue;
        }
        for row in 0..plot.height {
            if let Some(place) = cells::row(cells::right_of(plot, column), row) {
                cells::text("│", theme.style(Role::Border), place, buf);
            }
        }
        if names > 0
            && let Some(place) = cells::row(cells::right_of(all, start), plot.height)
            && let Some(width) = cells::text(&name.text, theme.style(name.role), place, buf)
        {
            free = start.saturating_add(width).saturating_add(1);
        }
    }
    let style = theme.style(curve.role);
    for column in 0..plot.width {
        if let Some(segment) = segment_of(&curve.segments, column, plot.width) {
            bar(segment, style, Rect { width: 1, ..cells::right_of(plot, column) }, buf);
        }
    }
}

/// Returns the row of a height, in thousandths.
fn row_of(height: u16, rows: u16) -> u16 {
    let last = u32::from(rows.saturating_mul(2).saturating_sub(1));
    let half = u32::from(1000_u16.saturating_sub(height)) * last / 1000;
    u16::try_from(half / 2).unwrap_or(0)
}

/// Returns the column of a place, in thousandths.
fn column_of(along: u16, columns: u16) -> u16 {
    let column = u32::from(along.min(1000)) * u32::from(columns.saturating_sub(1)) / 1000;
    u16::try_from(column).unwrap_or(0)
}

/// Returns the part of the curve that stands in a column.
fn segment_of(segments: &[Option<Segment>], column: u16, columns: u16) -> Option<Segment> {
    let (column, columns) = (usize::from(column), usize::from(columns));
    let first = column * segments.len() / columns;
    let last = ((column + 1) * segments.len() / columns).max(first + 1);
    let part = || segments.get(first..last).into_iter().flatten().flatten();
    let low = part().map(|segment| segment.low).min()?;
    Some(Segment { low, high: part().map(|segment| segment.high).max()? })
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
