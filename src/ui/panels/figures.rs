//! Labels and values, in as many columns as are needed and fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Figure, Gauge, Piece, sparkline};

/// The narrowest column.
const MIN_COLUMN: u16 = 36;
/// Columns between two columns of figures.
const GUTTER: u16 = 2;
/// The longest bar.
const MAX_BAR: u16 = 20;

/// Draws the figures from `first` on, the most important first; never scrolled past the end.
/// Returns a remark when some had no room.
pub(super) fn render(
    figures: &[Figure],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Piece> {
    let rows = usize::from(area.height);
    if rows == 0 {
        return None;
    }
    let most = usize::from((area.width.saturating_add(GUTTER)) / (MIN_COLUMN + GUTTER)).max(1);
    let columns = figures.len().div_ceil(rows).clamp(1, most);
    let first = first.min(figures.len().saturating_sub(rows.saturating_mul(columns)));
    let figures = figures.get(first..).unwrap_or_default();
    let count = u16::try_from(columns).unwrap_or(1);
    let width = area.width.saturating_sub(GUTTER * (count - 1)) / count;
    for (index, column) in figures.chunks(rows).take(columns).enumerate() {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        let start = index.saturating_mul(width.saturating_add(GUTTER));
        let area = Rect { width, ..pen::right_of(area, start) };
        let label = column.iter().map(|figure| format::width(&figure.label)).max().unwrap_or(0);
        for (row, figure) in (0..area.height).zip(column) {
            if let Some(row) = pen::row(area, row) {
                one(figure, label, theme, row, buf);
            }
        }
    }
    let left = figures.len().saturating_sub(rows.saturating_mul(columns));
    (left > 0).then(|| Piece::label(format!("{left} more")))
}

fn one(figure: &Figure, label: u16, theme: Theme, area: Rect, buf: &mut Buffer) {
    pen::text(&figure.label, theme.style(Role::Label), area, buf);
    let area = pen::right_of(area, label.saturating_add(1));
    let used = pen::pieces(&figure.value, theme, area, buf);
    if let (0, Some((points, role))) = (used, &figure.curve) {
        pen::text(&sparkline(points, area.width), theme.style(*role), area, buf);
        return;
    }
    if used == 0 {
        // The value is longer than its place: no part of it is shown.
        pen::text("…", theme.style(Role::Unknown), area, buf);
        return;
    }
    if let Some(gauge) = figure.gauge {
        // The bar stays where it is while the number changes its length.
        bar(gauge, theme, pen::right_of(area, used.max(8) + 1), buf);
    }
}

fn bar(gauge: Gauge, theme: Theme, area: Rect, buf: &mut Buffer) {
    let width = area.width.min(MAX_BAR);
    if width < 5 {
        return;
    }
    // Rounded up: a ratio above zero shows.
    let filled = (u32::from(gauge.permille) * u32::from(width)).div_ceil(1000);
    for column in 0..width {
        let (glyph, role) =
            if u32::from(column) < filled { ("█", gauge.role) } else { ("░", Role::Label) };
        pen::text(glyph, theme.style(role), pen::right_of(area, column), buf);
    }
}
