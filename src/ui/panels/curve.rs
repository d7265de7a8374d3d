//! A curve of blocks, from the start of the session at the left edge to now at the right one.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{frame, lines, pen};
use crate::ui::format;
use crate::ui::theme::Theme;
use crate::ui::view::{Curve, Span};

/// The narrowest plot that keeps an axis beside it.
const MIN_PLOT: u16 = 10;

/// Draws the curve.
pub(super) fn render(curve: &Curve, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(inner) = frame::render(&curve.heading, theme, area, buf) else {
        return;
    };
    frame::note(&curve.heading.note, theme, area, buf);
    if curve.spans.is_empty() {
        return lines::message(std::slice::from_ref(&curve.empty), theme, inner, buf);
    }
    let [high, low] = &curve.ends;
    let axis = format::width(&high.text).max(format::width(&low.text)).saturating_add(1);
    let mut plot = inner;
    if inner.width >= axis.saturating_add(MIN_PLOT) && inner.height > 1 {
        plot.width = inner.width.saturating_sub(axis);
        let labels = pen::right_of(inner, plot.width);
        for (piece, row) in [(high, 0), (low, inner.height.saturating_sub(1))] {
            if let Some(place) = pen::row(labels, row) {
                pen::text_right(&piece.text, theme.style(piece.role), place, buf);
            }
        }
    }
    for column in 0..plot.width {
        if let Some(span) = span_of(&curve.spans, column, plot.width) {
            bar(
                span,
                theme.style(curve.role),
                Rect { width: 1, ..pen::right_of(plot, column) },
                buf,
            );
        }
    }
}

/// Returns the part of the curve that stands in a column.
fn span_of(spans: &[Span], column: u16, columns: u16) -> Option<Span> {
    let (column, columns) = (usize::from(column), usize::from(columns));
    let first = column * spans.len() / columns;
    let last = ((column + 1) * spans.len() / columns).max(first + 1);
    let part = spans.get(first..last)?;
    Some(Span {
        low: part.iter().map(|span| span.low).min()?,
        high: part.iter().map(|span| span.high).max()?,
        last: part.last()?.last,
    })
}

fn bar(span: Span, style: Style, area: Rect, buf: &mut Buffer) {
    let last = u32::from(area.height.saturating_mul(2).saturating_sub(1));
    let half = |height: u16| u32::from(1000_u16.saturating_sub(height)) * last / 1000;
    let (top, bottom) = (half(span.high), half(span.low));
    for row in 0..area.height {
        let [upper, lower] =
            [0, 1].map(|part| (top..=bottom).contains(&(u32::from(row) * 2 + part)));
        let glyph = match (upper, lower) {
            (true, true) => "█",
            (true, false) => "▀",
            (false, true) => "▄",
            (false, false) => continue,
        };
        if let Some(place) = pen::row(area, row) {
            pen::text(glyph, style, place, buf);
        }
    }
}
