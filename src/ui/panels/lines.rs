//! Free lines, and words where a list would be.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen;
use crate::ui::theme::Theme;
use crate::ui::view::{Forms, Line, Piece};

/// The narrowest column of two.
const MIN_COLUMN: u16 = 52;

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

/// Draws the lines in two columns where there is room for both, else as [`render`] does.
pub(super) fn columns(
    lines: &[Line],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Piece> {
    let rows = usize::from(area.height);
    let half = area.width / 2;
    if lines.len() <= rows || half < MIN_COLUMN {
        return render(lines, first, theme, area, buf);
    }
    let first = first.min(lines.len().saturating_sub(rows.saturating_mul(2)));
    let (left, right) = lines.split_at(first.saturating_add(rows).min(lines.len()));
    // The gutter keeps the words of both apart.
    let place = Rect { width: half.saturating_sub(2), ..area };
    render(left, first, theme, place, buf);
    render(right, 0, theme, pen::right_of(area, half), buf)
}

/// Draws words over at most `most` rows, with a sign where some are missing; returns the rows.
pub(super) fn told(line: &[Piece], most: u16, theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let height = most.min(area.height);
    let Some(last) = height.checked_sub(1) else { return 0 };
    let (mut rest, mut at) = (line, 0);
    while at < last && pen::width(rest) > area.width {
        let (now, later) = rest.split_at(fitting_words(rest, area.width));
        if let Some(place) = pen::row(area, at) {
            pen::pieces(now, theme, place, buf);
        }
        rest = later;
        at += 1;
    }
    if let (Some(place), false) = (pen::row(area, at), rest.is_empty()) {
        pen::line(rest, theme, place, buf);
        at += 1;
    }
    at
}

/// Returns how many words go on one row; at least one.
fn fitting_words(line: &[Piece], room: u16) -> usize {
    (1..=line.len())
        .take_while(|count| line.get(..*count).is_some_and(|part| pen::width(part) <= room))
        .last()
        .unwrap_or(1)
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
        let (now, later) = rest.split_at(fitting_words(rest, area.width));
        pen::pieces(now, theme, place, buf);
        rest = later;
        row += 1;
    }
    row
}
