//! Free lines, and words where a list would be.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen;
use crate::ui::theme::Theme;
use crate::ui::view::{Forms, Line, Piece};

/// Draws the lines from `first` on; never scrolled past the end. Returns a remark when some had no room.
pub(super) fn render(
    lines: &[Line],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Piece> {
    let rows = usize::from(area.height);
    let first = first.min(lines.len().saturating_sub(rows));
    for (row, line) in (0..area.height).zip(lines.iter().skip(first)) {
        if let Some(row) = pen::row(area, row) {
            pen::line(line, theme, row, buf);
        }
    }
    let left = lines.len().saturating_sub(first.saturating_add(rows));
    (left > 0).then(|| Piece::label(format!("{left} more")))
}

/// Draws each line in its longest form that fits; free words are wrapped.
pub(super) fn message(lines: &[Forms], theme: Theme, area: Rect, buf: &mut Buffer) {
    let mut at = 0;
    for forms in lines {
        if let Some(form) = pen::fitting(forms, area.width) {
            if let Some(row) = pen::row(area, at) {
                pen::line(form, theme, row, buf);
            }
            at += 1;
        } else if let Some(long) = forms.first() {
            at += wrapped(long, theme, pen::below(area, at), buf);
        }
    }
}

/// Draws a line of words over several rows; returns how many.
fn wrapped(line: &[Piece], theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let mut rest = line;
    let mut row = 0;
    while let (Some(place), false) = (pen::row(area, row), rest.is_empty()) {
        let fit = (1..=rest.len())
            .take_while(|count| {
                rest.get(..*count).is_some_and(|part| pen::width(part) <= area.width)
            })
            .last()
            .unwrap_or(1);
        let (now, later) = rest.split_at(fit);
        pen::pieces(now, theme, place, buf);
        rest = later;
        row += 1;
    }
    row
}
