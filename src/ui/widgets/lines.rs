//! Free lines, and words where a list would be.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::span::{Line, Span, Variants};
use crate::ui::theme::Theme;

/// The narrowest column of two.
const MIN_COLUMN: u16 = 52;

/// Draws the lines from `first` on; never scrolled past the end. Returns a remark when some had no room.
pub(super) fn draw(
    lines: &[Line],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Span> {
    let rows = usize::from(area.height);
    let first = first.min(lines.len().saturating_sub(rows));
    for (row, line) in (0..area.height).zip(lines.iter().skip(first)) {
        if let Some(row) = cells::row(area, row) {
            cells::line(line, theme, row, buf);
        }
    }
    let left = lines.len().saturating_sub(first.saturating_add(rows));
    (left > 0).then(|| Span::label(format!("{left} more")))
}

/// Returns whether so many lines stand in two columns: where there is need and room for both.
fn is_split(lines: usize, area: Rect) -> bool {
    lines > usize::from(area.height) && area.width / 2 >= MIN_COLUMN
}

/// Returns how many of so many lines [`columns`] shows in an area.
pub(super) fn page(lines: usize, area: Rect) -> usize {
    let rows = usize::from(area.height);
    if is_split(lines, area) { rows.saturating_mul(2) } else { rows }
}

/// Draws the lines in two columns where there is room for both, else as [`draw`] does.
pub(super) fn columns(
    lines: &[Line],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Span> {
    let rows = usize::from(area.height);
    let half = area.width / 2;
    if !is_split(lines.len(), area) {
        return draw(lines, first, theme, area, buf);
    }
    let first = first.min(lines.len().saturating_sub(rows.saturating_mul(2)));
    let (left, right) = lines.split_at(first.saturating_add(rows).min(lines.len()));
    // The gutter keeps the words of both apart.
    let place = Rect { width: half.saturating_sub(2), ..area };
    draw(left, first, theme, place, buf);
    draw(right, 0, theme, cells::right_of(area, half), buf)
}

/// Draws words over at most `most` rows, with a sign where some are missing; returns the rows.
pub(super) fn told(line: &[Span], most: u16, theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let height = most.min(area.height);
    let Some(last) = height.checked_sub(1) else { return 0 };
    let (mut rest, mut at) = (line, 0);
    while at < last && cells::width(rest) > area.width {
        let (now, later) = rest.split_at(fitting_words(rest, area.width));
        if let Some(place) = cells::row(area, at) {
            cells::spans(now, theme, place, buf);
        }
        rest = later;
        at += 1;
    }
    if let (Some(place), false) = (cells::row(area, at), rest.is_empty()) {
        cells::line(rest, theme, place, buf);
        at += 1;
    }
    at
}

/// Returns how many words go on one row; at least one.
fn fitting_words(line: &[Span], room: u16) -> usize {
    (1..=line.len())
        .take_while(|count| line.get(..*count).is_some_and(|part| cells::width(part) <= room))
        .last()
        .unwrap_or(1)
}

/// Draws each line in its longest variant that fits; free words are wrapped.
pub(super) fn message(lines: &[Variants], theme: Theme, area: Rect, buf: &mut Buffer) {
    let mut at = 0;
    for variants in lines {
        if let Some(line) = cells::fitting(variants, area.width) {
            if let Some(row) = cells::row(area, at) {
                cells::line(line, theme, row, buf);
            }
            at += 1;
        } else if let Some(long) = variants.first() {
            at += wrapped(long, theme, cells::below(area, at), buf);
        }
    }
}

/// Draws a line of words over several rows; returns how many.
fn wrapped(line: &[Span], theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let mut rest = line;
    let mut row = 0;
    while let (Some(place), false) = (cells::row(area, row), rest.is_empty()) {
        let (now, later) = rest.split_at(fitting_words(rest, area.width));
        cells::spans(now, theme, place, buf);
        rest = later;
        row += 1;
    }
    row
}
