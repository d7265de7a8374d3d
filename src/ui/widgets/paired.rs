//! Labels with two values: that of the account, and that of the selected position. The numbers of one scope
//! stand below each other, at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells;
use super::span::{Line, Span};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// The narrowest block of rows.
const MIN_BLOCK: u16 = 34;
/// The widest one: a number far from its label is hard to follow.
const MAX_BLOCK: u16 = 46;
/// Columns that a selected value takes at least, so that the other column does not move with every digit.
const MIN_VALUE: u16 = 9;
/// Columns between two blocks.
const GUTTER: u16 = 3;

/// Bars of rising height. The half block is left out: in ASCII it stands for a full one.
pub(super) const BARS: [char; 7] = ['▁', '▂', '▃', '▅', '▆', '▇', '█'];

/// Labels with two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paired {
    /// What the two values belong to.
    pub(crate) titles: [&'static str; 2],
    pub(crate) rows: Vec<PairedRow>,
}

/// A label with the values of both scopes; an empty one has no meaning in that scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairedRow {
    pub(crate) label: String,
    pub(crate) values: [Line; 2],
    /// A small chart in place of the values: thousandths of its range, oldest first.
    pub(crate) curve: Option<(Vec<u16>, Role)>,
}

/// What one row of the area shows.
#[derive(Debug, Clone, Copy)]
enum Item<'a> {
    /// Label and both values.
    Both(&'a PairedRow),
    /// What the values below it belong to.
    Title(&'static str),
    /// A label and one value.
    One(&'a str, &'a Line),
}

/// How the rows stand in an area.
struct Arranged<'a> {
    items: Vec<Item<'a>>,
    blocks: u16,
    width: u16,
    /// Rows of a block, without its titles.
    height: usize,
}

impl Arranged<'_> {
    fn page(&self) -> usize {
        self.height.saturating_mul(usize::from(self.blocks))
    }
}

impl PairedRow {
    pub(crate) fn new(label: impl Into<String>, values: [Line; 2]) -> Self {
        Self { label: label.into(), values, curve: None }
    }

    /// Returns whether it fits beside a column of selected values.
    fn fits(&self, selected: u16, width: u16) -> bool {
        let [account, own] = &self.values;
        let label = format::width(&self.label).saturating_add(1);
        let account = if account.is_empty() { 0 } else { cells::width(account) };
        let own = if account == 0 { cells::width(own) } else { selected.saturating_add(1) };
        label.saturating_add(account).saturating_add(own) <= width
    }
}

impl Paired {
    /// Returns the columns that the selected values take.
    fn selected_width(&self) -> u16 {
        let [_, title] = self.titles;
        let values = self.rows.iter().map(|PairedRow { values: [_, own], .. }| cells::width(own));
        values.max().unwrap_or(0).max(format::width(title)).max(MIN_VALUE)
    }

    /// Returns the rows in as many blocks beside each other as are needed and fit; scope by scope where a row
    /// is too long for both values.
    fn arranged(&self, area: Rect) -> Arranged<'_> {
        let rows = usize::from(area.height);
        // A single row has no room for titles.
        let height = if rows > 1 { rows - 1 } else { rows };
        let needed = self.rows.len().div_ceil(height.max(1)).max(1);
        let most = (area.width.saturating_add(GUTTER) / (MIN_BLOCK + GUTTER)).max(1);
        let most = most.min(u16::try_from(needed).unwrap_or(u16::MAX));
        let selected = self.selected_width();
        let share = |blocks: u16| area.width.saturating_sub(GUTTER * (blocks - 1)) / blocks;
        let width = |blocks: u16| share(blocks).min(MAX_BLOCK);
        let fits = |blocks: &u16| self.rows.iter().all(|row| row.fits(selected, width(*blocks)));
        if let Some(blocks) = (1..=most).rev().find(fits) {
            let items = self.rows.iter().map(Item::Both).collect();
            return Arranged { items, blocks, width: width(blocks), height };
        }
        let mut items = Vec::new();
        for (scope, title) in self.titles.into_iter().enumerate() {
            items.push(Item::Title(title));
            let values = self.rows.iter().filter_map(|row| Some((row, row.values.get(scope)?)));
            let known = values.filter(|(_, value)| !value.is_empty());
            items.extend(known.map(|(row, value)| Item::One(&row.label, value)));
        }
        Arranged { items, blocks: 1, width: area.width.min(MAX_BLOCK), height: rows }
    }
}

/// Returns how many rows there are and how many an area holds.
pub(super) fn page(paired: &Paired, area: Rect) -> (usize, usize) {
    let arranged = paired.arranged(area);
    (arranged.items.len(), arranged.page())
}

/// Draws the rows from `first` on, the most important first; never scrolled past the end. Returns a remark when
/// some had no room.
pub(super) fn draw(
    paired: &Paired,
    first: usize,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Span> {
    let arranged = paired.arranged(area);
    if arranged.height == 0 {
        return None;
    }
    let first = first.min(arranged.items.len().saturating_sub(arranged.page()));
    let items = arranged.items.get(first..).unwrap_or_default();
    let has_titles = arranged.height < usize::from(area.height);
    let selected = paired.selected_width();
    for (index, block) in (0..arranged.blocks).zip(items.chunks(arranged.height)) {
        let start = index.saturating_mul(arranged.width.saturating_add(GUTTER));
        let mut area = Rect { width: arranged.width, ..cells::right_of(area, start) };
        if has_titles {
            let titles = paired.titles.map(|title| vec![Span::label(title)]);
            let row = Rect { height: 1, ..area };
            pair(&titles, selected, theme, row, buf);
            area = cells::below(area, 1);
        }
        for (row, item) in (0..area.height).zip(block) {
            if let Some(row) = cells::row(area, row) {
                one(*item, selected, theme, row, buf);
            }
        }
    }
    let left = arranged.items.len().saturating_sub(first.saturating_add(arranged.page()));
    (left > 0).then(|| Span::label(format!("{left} more")))
}

fn one(item: Item<'_>, selected: u16, theme: Theme, area: Rect, buf: &mut Buffer) {
    let label = match item {
        Item::Both(row) => row.label.as_str(),
        Item::Title(title) => title,
        Item::One(label, _) => label,
    };
    let role = if matches!(item, Item::Title(_)) { Role::Strong } else { Role::Label };
    cells::text(label, theme.style(role), area, buf);
    let place = cells::right_of(area, format::width(label).saturating_add(1));
    match item {
        Item::Both(row) => match &row.curve {
            Some((heights, role)) => {
                let line = sparkline(heights, place.width);
                cells::text(&line, theme.style(*role), place, buf);
            }
            None => pair(&row.values, selected, theme, place, buf),
        },
        Item::Title(_) => {}
        Item::One(_, value) => right(value, theme, place, buf),
    }
}

/// Draws both values with their right ends where those of the other rows are.
fn pair([account, own]: &[Line; 2], selected: u16, theme: Theme, area: Rect, buf: &mut Buffer) {
    let width = area.width.saturating_sub(selected.saturating_add(1));
    right(account, theme, Rect { width, ..area }, buf);
    right(own, theme, area, buf);
}

/// Draws a value at the right; a sign where it is longer than its place, because no part of it may be shown.
fn right(value: &Line, theme: Theme, area: Rect, buf: &mut Buffer) {
    if value.is_empty() {
        return;
    }
    match area.width.checked_sub(cells::width(value)) {
        Some(start) => {
            cells::spans(value, theme, cells::right_of(area, start), buf);
        }
        None => cells::text_right("…", theme.style(Role::Unknown), area, buf),
    }
}

/// Returns the heights as one line of bars, at most `width` columns.
pub(crate) fn sparkline(heights: &[u16], width: u16) -> String {
    let width = usize::from(width);
    let columns = width.min(heights.len());
    (1..=columns)
        .filter_map(|column| {
            let height = heights.get((column * heights.len() / columns).checked_sub(1)?)?;
            BARS.get(usize::from(*height) * (BARS.len() - 1) / 1000)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Palette;

    fn drawn(rows: Vec<PairedRow>, width: u16, height: u16) -> Vec<String> {
        let paired = Paired { titles: ["Account", "Selected"], rows };
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        draw(&paired, 0, Theme::new(Palette::GreenRed, false, false), area, &mut buf);
        let line = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| line(y).trim_end().to_owned()).collect()
    }

    fn row(label: &str, account: &str, own: &str) -> PairedRow {
        let value = |text: &str| {
            if text.is_empty() { Vec::new() } else { vec![Span::plain(text)] }
        };
        PairedRow::new(label, [value(account), value(own)])
    }

    #[test]
    fn numbers_of_one_scope_end_in_one_column() {
        let rows = vec![
            row("Unrealized", "+241.08", "-9.68"),
            row("Net today", "-1,002.50", ""),
            row("Close now", "", "-11.20"),
        ];
        assert_eq!(
            drawn(rows, 34, 4),
            [
                "                 Account  Selected",
                "Unrealized       +241.08     -9.68",
                "Net today      -1,002.50",
                "Close now                   -11.20",
            ]
        );
    }

    #[test]
    fn what_is_too_long_for_two_columns_stands_scope_by_scope() {
        let rows = vec![
            row("Unrealized", "+1,241,008.11 USD", "-9,900,000.68"),
            row("Net today", "+3.10", ""),
        ];
        assert_eq!(
            drawn(rows, 34, 5),
            [
                "Account",
                "Unrealized       +1,241,008.11 USD",
                "Net today                    +3.10",
                "Selected",
                "Unrealized           -9,900,000.68",
            ]
        );
    }

    #[test]
    fn rows_that_do_not_fit_below_each_other_stand_in_two_blocks() {
        let rows = ["A", "B", "C", "D"].map(|label| row(label, "1.00", "2.00")).to_vec();
        let lines = drawn(rows, 71, 3);
        assert_eq!(lines[0].matches("Account").count(), 2, "{lines:?}");
        assert!(lines[1].starts_with("A ") && lines[1].contains(" C "), "{lines:?}");
    }

    #[test]
    fn a_line_of_bars_ends_at_the_newest_point() {
        assert_eq!(sparkline(&[0, 500, 1000], 10), "▁▅█");
        assert_eq!(sparkline(&[0, 500, 1000, 0], 2), "▅▁");
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[1, 2], 0), "");
    }
}
