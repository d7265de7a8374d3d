//! Rows and columns. A column whose cells do not fit goes, the least important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::span::Span;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// Columns between two columns.
const GUTTER: u16 = 2;
/// The widest column of words. A name beyond it is shortened: it must not push the figures of every
/// row off the screen.
const WIDEST_WORDS: u16 = 28;
/// Rows of a list that are written; no screen shows more.
const MAX_ROWS: usize = 200;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    title: &'static str,
    /// Numbers stand on the right.
    right: bool,
    /// The higher, the sooner it goes when there is no room.
    rank: u8,
    /// Columns that it takes at least, so that the table does not move with every digit.
    min: u16,
}

impl Column {
    pub(crate) const fn new(title: &'static str, right: bool, rank: u8, min: u16) -> Self {
        Self { title, right, rank, min }
    }

    /// Columns that it takes whatever its cells are.
    fn least(&self) -> u16 {
        self.min.max(format::width(self.title))
    }
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Span>>,
    /// Rows that there are, those that were not written among them.
    total: usize,
    selected: Option<usize>,
}

impl Table {
    pub(crate) const fn new(columns: Vec<Column>, rows: Vec<Vec<Span>>) -> Self {
        let total = rows.len();
        Self { columns, rows, total, selected: None }
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
    let (widths, shown) = placed(table, area.width);
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
        let title = Span::new(column.title, Role::Label);
        cell(&title, column.right, theme, cells::row(place, 0), buf);
        at = at.saturating_add(*width).saturating_add(GUTTER);
    }
    let visible = table.rows.iter().enumerate().skip(first);
    for (row, (index, cells)) in (1..area.height).zip(visible) {
        let mut at = 0;
        let columns = table.columns.iter().zip(&widths).zip(&shown);
        for (((column, width), shown), span) in columns.zip(cells) {
            if !shown {
                continue;
            }
            let place = Rect { width: *width, ..cells::right_of(area, at) };
            cell(span, column.right, theme, cells::row(place, row), buf);
            at = at.saturating_add(*width).saturating_add(GUTTER);
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

fn cell(span: &Span, right: bool, theme: Theme, place: Option<Rect>, buf: &mut Buffer) {
    let Some(place) = place else { return };
    let style = theme.style(span.role);
    if right {
        cells::text_right(&span.text, style, place, buf);
    } else {
        cells::words(&span.text, style, place, buf);
    }
}

/// Returns the width that each column needs for all of its cells.
fn widths(table: &Table) -> Vec<u16> {
    let mut widths: Vec<u16> = table.columns.iter().map(Column::least).collect();
    for row in &table.rows {
        for ((width, column), span) in widths.iter_mut().zip(&table.columns).zip(row) {
            let needs = format::width(&span.text);
            let needs = if column.right { needs } else { needs.min(WIDEST_WORDS) };
            *width = (*width).max(needs);
        }
    }
    widths
}

/// Returns the widths of the columns and which of them are drawn. A longer name takes the room that is left,
/// and none from another column: those that are shown do not go and come with the rows.
fn placed(table: &Table, room: u16) -> (Vec<u16>, Vec<bool>) {
    let mut widths = widths(table);
    let calm: Vec<u16> = (table.columns.iter().zip(&widths))
        .map(|(column, width)| if column.right { *width } else { column.least() })
        .collect();
    let shown = fitting(&table.columns, &calm, room);
    let columns = || calm.iter().zip(&shown).filter(|(_, shown)| **shown);
    let count = u16::try_from(columns().count()).unwrap_or(u16::MAX);
    let used = columns().fold(0_u16, |sum, (width, _)| sum.saturating_add(*width));
    let mut left = room.saturating_sub(used).saturating_sub(GUTTER * count.saturating_sub(1));
    let drawn = widths.iter_mut().zip(&calm).zip(&shown).filter(|(_, shown)| **shown);
    for ((width, calm), _) in drawn {
        let more = width.saturating_sub(*calm).min(left);
        *width = calm.saturating_add(more);
        left = left.saturating_sub(more);
    }
    (widths, shown)
}

/// Returns which columns are drawn: by rank, until the first that has no room.
fn fitting(columns: &[Column], widths: &[u16], room: u16) -> Vec<bool> {
    let mut order: Vec<(u8, usize, u16)> = columns
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(index, (column, width))| (column.rank, index, *width))
        .collect();
    order.sort_unstable();
    let mut shown = vec![false; columns.len()];
    let mut used: u16 = 0;
    for (_, index, width) in order {
        let gutter = if used > 0 { GUTTER } else { 0 };
        let needs = used.saturating_add(gutter).saturating_add(width);
        if needs > room {
            break;
        }
        used = needs;
        if let Some(flag) = shown.get_mut(index) {
            *flag = true;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fc_30_a_long_name_is_shortened_and_hides_no_figure() {
        let column = |right, rank| Column { title: "x", right, rank, min: 1 };
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
        let columns = || vec![Column::new("Symbol", false, 0, 13), Column::new("Size", true, 1, 8)];
        let text = |symbol: &str| {
            let rows = vec![vec![Span::plain(symbol), Span::plain("0.5000")]];
            let area = Rect::new(0, 0, 23, 2);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
            draw(&Table::new(columns(), rows), 0, theme, area, &mut buf);
            (0..23).map(|x| buf[(x, 1)].symbol()).collect::<String>()
        };
        assert_eq!(text("BTCUSDT_UMCBL"), "BTCUSDT_UMCBL    0.5000");
        assert_eq!(text("1000BONKUSDT_UMCBL"), "1000BONKUSDT…    0.5000");
        let table = Table::new(columns(), vec![vec![Span::plain("1000BONKUSDT_UMCBL")]]);
        assert_eq!(placed(&table, 40).0, [18, 8], "there is room for all of it");
    }

    #[test]
    fn columns_go_by_rank_and_stay_in_their_order() {
        let column = |rank| Column { title: "x", right: true, rank, min: 1 };
        let columns = [column(2), column(0), column(1)];
        assert_eq!(fitting(&columns, &[5, 5, 5], 19), [true, true, true]);
        assert_eq!(fitting(&columns, &[5, 5, 5], 18), [false, true, true]);
        assert_eq!(fitting(&columns, &[1, 5, 9], 12), [false, true, false]);
        assert_eq!(fitting(&columns, &[5, 5, 5], 4), [false, false, false]);
    }
}
