//! Rows and columns. A column whose cells do not fit goes, the least important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::columns::{self, Column, KeptWidths};
use super::span::Span;
use crate::domain::Timestamp;
use crate::ui::theme::{Role, Theme};

/// Rows of a list that are written; no screen shows more.
const MAX_ROWS: usize = 200;

/// Rows and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Span>>,
    /// Rows that there are, those that were not written among them.
    total: usize,
    selected: Option<usize>,
    /// The width that each column needs.
    needed: Vec<u16>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>, rows: Vec<Vec<Span>>) -> Self {
        let (total, needed) = (rows.len(), columns::needed(&columns, &rows));
        Self { columns, rows, total, selected: None, needed }
    }

    /// Keeps the columns as wide as they were lately in a panel of this width.
    pub(crate) fn keep_widths(&mut self, kept: &mut KeptWidths, room: u16, now: Timestamp) {
        kept.keep(&mut self.needed, room, now);
    }

    /// Returns the table with its selected row, which is then always among those that are drawn.
    pub(crate) const fn selecting(mut self, selected: Option<usize>) -> Self {
        self.selected = selected;
        self
    }

    /// Returns the table of a list, which may be long.
    pub(crate) fn of_list<T>(
        columns: Vec<Column>,
        list: &[T],
        cells: impl FnMut(&T) -> Vec<Span>,
    ) -> Self {
        let rows = list.iter().take(MAX_ROWS).map(cells).collect();
        Self { total: list.len(), ..Self::new(columns, rows) }
    }
}

/// Draws the table from the row `first` on, or the page of the selected row. Returns a remark when not
/// every row has room.
pub(super) fn draw(
    table: &Table,
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Span> {
    let (widths, shown) = columns::placed(&table.columns, &table.needed, area.width);
    let gutter = columns::gutter(area.width);
    let rows = usize::from(area.height.saturating_sub(1));
    if rows == 0 || !shown.contains(&true) {
        // An empty table would say that there is nothing.
        return Some(Span::label(format!("{} rows hidden", table.total)));
    }
    let first = match table.selected {
        // Whole pages: the rows stand still while the selection moves within one.
        Some(selected) => selected / rows * rows,
        None => first.min(table.rows.len().saturating_sub(rows)),
    };
    let mut at = 0;
    for ((column, width), _) in
        table.columns.iter().zip(&widths).zip(&shown).filter(|(_, shown)| **shown)
    {
        let place = Rect { width: *width, ..cells::right_of(area, at) };
        cell(column.title, Role::Label, column.right, theme, cells::row(place, 0), buf);
        at = at.saturating_add(*width).saturating_add(gutter);
    }
    let visible = table.rows.iter().enumerate().skip(first);
    for (row, (index, cells)) in (1..area.height).zip(visible) {
        let mut at = 0;
        let columns = table.columns.iter().zip(&widths).zip(&table.needed).zip(&shown);
        for ((((column, width), needed), shown), span) in columns.zip(cells) {
            if !shown {
                continue;
            }
            let place = Rect { width: *width, ..cells::right_of(area, at) };
            let is_short = column.is_short(*width, *needed);
            let text = if is_short { columns::stem(&span.text) } else { &span.text };
            cell(text, span.role, column.right, theme, cells::row(place, row), buf);
            at = at.saturating_add(*width).saturating_add(gutter);
        }
        if table.selected == Some(index)
            && let Some(place) = cells::row(area, row)
        {
            buf.set_style(place, Theme::selection());
            // In the border, so that no column moves.
            if let Some(x) = place.x.checked_sub(1) {
                let border = Rect { x, width: 1, ..place };
                cells::text("▶", theme.style(Role::Strong), border, buf);
            }
        }
    }
    let last = first.saturating_add(rows).min(table.rows.len());
    (table.total > rows)
        .then(|| Span::label(format!("rows {}-{last} of {}", first.saturating_add(1), table.total)))
}

fn cell(text: &str, role: Role, right: bool, theme: Theme, place: Option<Rect>, buf: &mut Buffer) {
    let Some(place) = place else { return };
    let style = theme.style(role);
    if right {
        cells::text_right(text, style, place, buf);
    } else {
        cells::words(text, style, place, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fc_30_a_long_name_is_shortened_and_hides_no_figure() {
        let column = |right, rank| Column::new("x", right, rank, 1);
        let row = |name: &str| vec![Span::plain(name), Span::plain("1,234.5")];
        let rows = vec![row(&"牛".repeat(40)), row("BTC")];
        let columns = vec![column(false, 0), column(true, 1)];
        let table = Table::new(columns, rows);
        let area = Rect::new(0, 0, 40, 3);
        let mut buf = Buffer::empty(area);
        draw(&table, 0, Theme::new(crate::config::Palette::GreenRed, true, false), area, &mut buf);
        let line = |y| (0..40).map(|x| buf[(x, y)].symbol().trim()).collect::<String>();
        assert_eq!(line(1), format!("{}…1,234.5", "牛".repeat(13)));
        assert_eq!(line(2), "BTC1,234.5");
    }

    /// With a longer symbol among the rows a whole column of figures was gone.
    #[test]
    fn a_longer_name_takes_no_other_column_away() {
        let columns = || vec![Column::of_contracts(), Column::new("Size", true, 1, 8)];
        let text = |symbol: &str| {
            let rows = vec![vec![Span::plain(symbol), Span::plain("0.5000")]];
            let area = Rect::new(0, 0, 22, 2);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
            draw(&Table::new(columns(), rows), 0, theme, area, &mut buf);
            (0..22).map(|x| buf[(x, 1)].symbol()).collect::<String>()
        };
        assert_eq!(text("BTCUSDT_UMCBL"), "BTCUSDT_UMCBL   0.5000");
        assert_eq!(text("1000BONKUSDT_UMCBL"), "1000BONKUSDT    0.5000");
        let table = Table::new(columns(), vec![vec![Span::plain("1000BONKUSDT_UMCBL")]]);
        let widths = columns::placed(&table.columns, &table.needed, 40).0;
        assert_eq!(widths, [18, 8], "there is room for all of it");
    }
}
