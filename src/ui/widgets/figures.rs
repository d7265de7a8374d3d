//! Labels and values, in as many columns as are needed and fit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::span::{Line, Span};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// The narrowest column.
const MIN_COLUMN: u16 = 36;
/// Columns between two columns of figures.
const GUTTER: u16 = 2;
/// The longest bar.
const MAX_BAR: u16 = 20;

/// A label with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) label: String,
    /// The value first; the other spans are left out from the right when they do not fit.
    pub(crate) value: Line,
    /// A bar between label and value: the filled part, 0 to 1.
    pub(crate) gauge: Option<Gauge>,
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gauge {
    /// The filled part in thousandths.
    pub(crate) permille: u16,
    pub(crate) role: Role,
}

impl Figure {
    pub(crate) fn new(label: impl Into<String>, value: Line) -> Self {
        Self { label: label.into(), value, gauge: None }
    }

    pub(crate) fn one(label: impl Into<String>, value: Span) -> Self {
        Self::new(label, vec![value])
    }
}

/// Returns in how many columns so many figures stand.
fn columns(figures: usize, area: Rect) -> usize {
    let most = usize::from((area.width.saturating_add(GUTTER)) / (MIN_COLUMN + GUTTER)).max(1);
    figures.div_ceil(usize::from(area.height).max(1)).clamp(1, most)
}

/// Returns how many of so many figures an area holds.
pub(super) fn page(figures: usize, area: Rect) -> usize {
    usize::from(area.height).saturating_mul(columns(figures, area))
}

/// Draws the figures from `first` on, the most important first; never scrolled past the end.
/// Returns a remark when some had no room.
pub(super) fn draw(
    figures: &[Figure],
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Span> {
    let rows = usize::from(area.height);
    if rows == 0 {
        return None;
    }
    let columns = columns(figures.len(), area);
    let first = first.min(figures.len().saturating_sub(rows.saturating_mul(columns)));
    let figures = figures.get(first..).unwrap_or_default();
    let count = u16::try_from(columns).unwrap_or(1);
    let width = area.width.saturating_sub(GUTTER * (count - 1)) / count;
    for (index, column) in figures.chunks(rows).take(columns).enumerate() {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        let start = index.saturating_mul(width.saturating_add(GUTTER));
        let area = Rect { width, ..cells::right_of(area, start) };
        let label = column.iter().map(|figure| format::width(&figure.label)).max().unwrap_or(0);
        for (row, figure) in (0..area.height).zip(column) {
            if let Some(row) = cells::row(area, row) {
                one(figure, label, theme, row, buf);
            }
        }
    }
    let left = figures.len().saturating_sub(rows.saturating_mul(columns));
    (left > 0).then(|| Span::label(format!("{left} more")))
}

fn one(figure: &Figure, label: u16, theme: Theme, area: Rect, buf: &mut Buffer) {
    cells::text(&figure.label, theme.style(Role::Label), area, buf);
    let area = cells::right_of(area, label.saturating_add(1));
    let used = cells::spans(&figure.value, theme, area, buf);
    if used == 0 {
        // The value is longer than its place: no part of it is shown.
        cells::text("…", theme.style(Role::Unknown), area, buf);
        return;
    }
    if let Some(gauge) = figure.gauge {
        // The bar stays where it is while the number changes its length.
        bar(gauge, theme, cells::right_of(area, used.max(8) + 1), buf);
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
        cells::text(glyph, theme.style(role), cells::right_of(area, column), buf);
    }
}
