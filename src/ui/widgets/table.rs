//! Rows and columns. A column whose cells do not fit goes, the least important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::columns::{self, Column, KeptWidths, Setting};
use super::span::{Line, Span};
use crate::domain::Timestamp;
use crate::ui::theme::{Role, Theme};

/// From so many lines on the sum stands below each page of a table that has more rows.
const SUM_OF_PAGES: usize = 8;
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
    /// A second line for each row, drawn where all of them have room.
    below: Vec<Line>,
    /// What the rows come to, below them.
    sum: Option<Line>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>, rows: Vec<Vec<Span>>) -> Self {
        let (total, needed) = (rows.len(), columns::needed(&columns, &rows));
        Self { columns, rows, total, selected: None, needed, below: Vec::new(), sum: None }
    }

    /// Returns the table with a second line for each row, which are drawn where all of them have room.
    pub(crate) fn with_lines(mut self, below: Vec<Line>) -> Self {
        self.below = below;
        self
    }

    /// Returns the table with what its rows come to. It gives way to a row, but not to one of many pages.
    pub(crate) fn summing(mut self, sum: Option<Line>) -> Self {
        self.sum = sum;
        self
    }

    /// Returns whether the rows have two lines each in so many lines below the titles.
    fn has_two_lines(&self, lines: usize) -> bool {
        let all = self.rows.len().saturating_add(self.below.len());
        !self.below.is_empty() && all.saturating_add(usize::from(self.sum.is_some())) <= lines
    }

    /// Returns whether the sum has a place in so many lines below the titles.
    fn has_sum(&self, lines: usize) -> bool {
        let rows = self.rows.len();
        self.sum.is_some() && (rows < lines || (rows > lines && lines >= SUM_OF_PAGES))
    }

    /// Keeps the columns as wide as they were lately in such a panel.
    pub(crate) fn keep_widths(&mut self, kept: &mut KeptWidths, of: Setting, now: Timestamp) {
        kept.keep(&mut self.needed, of, now);
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
    let lines = usize::from(area.height.saturating_sub(1));
    let two_lines = table.has_two_lines(lines);
    let (widths, shown) = columns::placed(&table.columns, &table.needed, area.width, two_lines);
    let gutter = columns::gutter(area.width);
    if lines == 0 || !shown.contains(&true) {
        // An empty table would say that there is nothing.
        return Some(Span::label(format!("{} rows hidden", table.total)));
    }
    let rows = lines.saturating_sub(usize::from(table.has_sum(lines)));
    let first = match table.selected {
        // Whole pages: the rows stand still while the selection moves within one. The last one is full too.
        Some(selected) => selected / rows * rows,
        None => first,
    };
    let first = first.min(table.rows.len().saturating_sub(rows));
    let mut at = 0;
    for ((column, width), _) in
        table.columns.iter().zip(&widths).zip(&shown).filter(|(_, shown)| **shown)
    {
        let place = Rect { width: *width, ..cells::right_of(area, at) };
        cell(column.title, Role::Label, column.right, theme, cells::row(place, 0), buf);
        at = at.saturating_add(*width).saturating_add(gutter);
    }
    let mut line = 1;
    for (index, cells) in table.rows.iter().enumerate().skip(first).take(rows) {
        let mut at = 0;
        let columns = table.columns.iter().zip(&widths).zip(&shown);
        for (((column, width), shown), span) in columns.zip(cells) {
            if !shown {
                continue;
            }
            let place = Rect { width: *width, ..cells::right_of(area, at) };
            if let (Role::StaleMark, Some(place)) = (span.role, cells::row(place, line)) {
                // Its age is a figure: it goes whole or not at all.
                cells::spans(std::slice::from_ref(span), theme, place, buf);
            } else {
                let text = column.text(&span.text, *width);
                cell(text, span.role, column.right, theme, cells::row(place, line), buf);
            }
            at = at.saturating_add(*width).saturating_add(gutter);
        }
        if table.selected == Some(index)
            && let Some(place) = cells::row(area, line)
        {
            select(theme, place, buf);
        }
        line += 1;
        if two_lines
            && let (Some(place), Some(below)) = (cells::row(area, line), table.below.get(index))
        {
            cells::spans(below, theme, place, buf);
            line += 1;
        }
    }
    let sum = table.sum.as_ref().filter(|_| table.has_sum(lines));
    if let (Some(sum), Some(place)) = (sum, cells::row(area, line)) {
        cells::spans(sum, theme, place, buf);
    }
    let last = first.saturating_add(rows).min(table.rows.len());
    (table.total > rows)
        .then(|| Span::label(format!("rows {}-{last} of {}", first.saturating_add(1), table.total)))
}

/// Marks the selected row.
fn select(theme: Theme, place: Rect, buf: &mut Buffer) {
    cells::select(place, buf);
    // In the border, so that no column moves.
    if let Some(x) = place.x.checked_sub(1) {
        let border = Rect { x, width: 1, ..place };
        cells::text("▶", theme.style(Role::Strong), border, buf);
    }
}

/// Returns the columns that the table takes of an area.
pub(super) fn width(table: &Table, area: Rect) -> u16 {
    let two_lines = table.has_two_lines(usize::from(area.height.saturating_sub(1)));
    let (widths, shown) = columns::placed(&table.columns, &table.needed, area.width, two_lines);
    let gutter = columns::gutter(area.width);
    let drawn = widths.iter().zip(&shown).filter(|(_, shown)| **shown);
    drawn.fold(0, |all: u16, (width, _)| {
        all.saturating_add(*width).saturating_add(if all > 0 { gutter } else { 0 })
    })
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
    use ratatui::style::{Color, Modifier, Style};

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

    /// Two lines a row where all of them have room; the sum gives way to a row of a table that would fit.
    #[test]
    fn second_lines_and_the_sum_stand_where_they_take_no_row_away() {
        let rows = ["a", "b", "c"].map(|name| vec![Span::plain(name)]).to_vec();
        let below = ["1", "2", "3"].map(|line| vec![Span::plain(line)]).to_vec();
        let table = Table::new(vec![Column::new("x", false, 0, 1)], rows)
            .with_lines(below)
            .summing(Some(vec![Span::plain("S")]));
        for (height, shown) in
            [(8, "xa1b2c3S"), (7, "xabcS"), (5, "xabcS"), (4, "xabc"), (3, "xab"), (2, "xa")]
        {
            let area = Rect::new(0, 0, 9, height);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
            draw(&table, 0, theme, area, &mut buf);
            let text: String = (0..height).map(|y| buf[(0, y)].symbol().trim()).collect();
            assert_eq!(text, shown, "{height}");
        }
    }

    /// The last page held what was left over, and the rest of it was blank.
    #[test]
    fn every_page_is_full_and_holds_the_selected_row() {
        let rows: Vec<Vec<Span>> = (0..6).map(|row| vec![Span::plain(row.to_string())]).collect();
        for (selected, shown) in [(0, "0123"), (3, "0123"), (4, "2345"), (5, "2345")] {
            let table = Table::new(vec![Column::new("x", false, 0, 1)], rows.clone());
            let area = Rect::new(0, 0, 9, 5);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
            draw(&table.selecting(Some(selected)), 0, theme, area, &mut buf);
            let text: String = (1..5).map(|y| buf[(0, y)].symbol().trim()).collect();
            assert_eq!(text, shown, "{selected}");
        }
    }

    /// Reversed, a gauge that is nearly empty looks nearly full.
    #[test]
    fn the_gauge_of_the_selected_row_is_not_reversed() {
        let rows = vec![vec![Span::plain("ETH"), Span::plain("█░░")]];
        let columns = vec![Column::new("x", false, 0, 4), Column::new("y", false, 0, 4)];
        let area = Rect::new(0, 0, 12, 2);
        let mut buf = Buffer::empty(area);
        let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
        draw(&Table::new(columns, rows).selecting(Some(0)), 0, theme, area, &mut buf);
        let is_reversed = |symbol: &str| {
            let mut cells = buf.content().iter().filter(|cell| cell.symbol() == symbol);
            cells.all(|cell| cell.modifier.contains(Modifier::REVERSED))
        };
        assert_eq!(["E", "█", "░"].map(is_reversed), [true, false, false]);
        // In the colour of the letters the full part could not be told from the row.
        let row: String = (0..12)
            .map(|x| if buf[(x, 1)].modifier.contains(Modifier::REVERSED) { '#' } else { '.' })
            .collect();
        assert_eq!(row, "####.....###", "a blank on each side of it");
    }

    /// Stale figures were lighter blocks than the blanks between them.
    #[test]
    fn a_selected_row_is_solid() {
        let rows = vec![vec![Span::new("1,234.5", Role::Stale), Span::label("label")]];
        let columns = vec![Column::new("x", true, 0, 9), Column::new("y", false, 0, 9)];
        let area = Rect::new(0, 0, 24, 2);
        let mut buf = Buffer::empty(area);
        let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
        draw(&Table::new(columns, rows).selecting(Some(0)), 0, theme, area, &mut buf);
        let styles: Vec<_> = (0..24).map(|x| buf[(x, 1)].modifier).collect();
        assert_eq!(styles, vec![Modifier::REVERSED; 24]);
    }

    /// A loss was a red block like an alarm, and the alarm itself red letters; without colours nothing was left of it.
    #[test]
    fn in_a_selected_row_a_result_is_no_block_and_an_alarm_stays_one() {
        let rows = vec![vec![Span::new("-9.5", Role::Loss), Span::new("1.20%", Role::Alarm)]];
        let columns = vec![Column::new("x", true, 0, 6), Column::new("y", true, 0, 6)];
        let area = Rect::new(0, 0, 20, 2);
        for colors in [true, false] {
            let theme = Theme::new(crate::config::Palette::GreenRed, colors, false);
            let draw_with = |selected| {
                let mut buf = Buffer::empty(area);
                let table = Table::new(columns.clone(), rows.clone()).selecting(selected);
                draw(&table, 0, theme, area, &mut buf);
                let of = |symbol: &str| {
                    let mut cells = buf.content().iter();
                    cells.find(|cell| cell.symbol() == symbol).unwrap().style()
                };
                (of("9"), of("%"))
            };
            let ((loss, alarm), (_, alarm_before)) = (draw_with(Some(0)), draw_with(None));
            let is_reversed = |style: Style| style.add_modifier.contains(Modifier::REVERSED);
            assert!(is_reversed(loss) && loss.fg == Some(Color::Reset), "{loss:?}");
            if colors {
                assert_eq!(alarm, alarm_before);
            } else {
                assert!(is_reversed(alarm_before) && !is_reversed(alarm), "a hole in the row");
            }
        }
    }

    /// `! 13s` in four columns was `! 1…`, which is another age.
    #[test]
    fn the_age_of_a_warning_is_whole_or_not_there() {
        for (width, shown) in [(5, "! 13s"), (4, "!"), (1, "!")] {
            let column = Column::new("", false, 0, width);
            let rows = vec![vec![Span::stale_mark("!", 13_000)]];
            let area = Rect::new(0, 0, width, 2);
            let mut buf = Buffer::empty(area);
            let theme = Theme::new(crate::config::Palette::GreenRed, true, false);
            draw(&Table::new(vec![column], rows), 0, theme, area, &mut buf);
            let text: String = (0..width).map(|x| buf[(x, 1)].symbol()).collect();
            assert_eq!(text.trim_end(), shown, "{width}");
        }
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
        let widths = columns::placed(&table.columns, &table.needed, 40, false).0;
        assert_eq!(widths, [18, 8], "there is room for all of it");
    }
}
