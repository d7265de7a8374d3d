//! Rows and columns. A column whose cells do not fit goes, the least important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Column, Piece, Table};

/// Columns between two columns.
const GUTTER: u16 = 2;
/// The widest column of words. A name beyond it is shortened: it must not push the figures of every
/// row off the screen.
const WIDEST_WORDS: u16 = 28;

/// Draws the table. Returns a remark when not every row has room.
pub(super) fn render(table: &Table, theme: Theme, area: Rect, buf: &mut Buffer) -> Option<Piece> {
    let widths = widths(table);
    let shown = fitting(&table.columns, &widths, area.width);
    let rows = usize::from(area.height.saturating_sub(1));
    if rows == 0 || !shown.contains(&true) {
        // An empty table would say that there is nothing.
        return Some(Piece::label(format!("{} rows hidden", table.rows.len())));
    }
    let first = match table.selected {
        // Whole pages: the rows stand still while the selection moves within one.
        Some(selected) => selected / rows * rows,
        None => table.first.min(table.rows.len().saturating_sub(rows)),
    };
    let mut at = 0;
    for ((column, width), _) in
        table.columns.iter().zip(&widths).zip(&shown).filter(|(_, shown)| **shown)
    {
        let place = Rect { width: *width, ..pen::right_of(area, at) };
        let title = Piece::new(column.title, Role::Label);
        cell(&title, column.right, theme, pen::row(place, 0), buf);
        at = at.saturating_add(*width).saturating_add(GUTTER);
    }
    let visible = table.rows.iter().enumerate().skip(first);
    for (row, (index, cells)) in (1..area.height).zip(visible) {
        let mut at = 0;
        let columns = table.columns.iter().zip(&widths).zip(&shown);
        for (((column, width), shown), piece) in columns.zip(cells) {
            if !shown {
                continue;
            }
            let place = Rect { width: *width, ..pen::right_of(area, at) };
            cell(piece, column.right, theme, pen::row(place, row), buf);
            at = at.saturating_add(*width).saturating_add(GUTTER);
        }
        if table.selected == Some(index)
            && let Some(place) = pen::row(area, row)
        {
            buf.set_style(place, Theme::selection());
        }
    }
    let last = first.saturating_add(rows).min(table.rows.len());
    (table.rows.len() > rows).then(|| {
        Piece::label(format!("rows {}-{last} of {}", first.saturating_add(1), table.rows.len()))
    })
}

fn cell(piece: &Piece, right: bool, theme: Theme, place: Option<Rect>, buf: &mut Buffer) {
    let Some(place) = place else { return };
    let style = theme.style(piece.role);
    if right {
        pen::text_right(&piece.text, style, place, buf);
    } else {
        pen::words(&piece.text, style, place, buf);
    }
}

/// Returns the width that each column needs for all of its cells.
fn widths(table: &Table) -> Vec<u16> {
    let mut widths: Vec<u16> =
        table.columns.iter().map(|column| column.min.max(format::width(column.title))).collect();
    for row in &table.rows {
        for ((width, column), piece) in widths.iter_mut().zip(&table.columns).zip(row) {
            let needs = format::width(&piece.text);
            let needs = if column.right { needs } else { needs.min(WIDEST_WORDS) };
            *width = (*width).max(needs);
        }
    }
    widths
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
        let row = |name: &str| vec![Piece::plain(name), Piece::plain("1,234.5")];
        let rows = vec![row(&"牛".repeat(40)), row("BTC")];
        let columns = vec![column(false, 0), column(true, 1)];
        let table = Table { columns, rows, selected: None, first: 0 };
        let area = Rect::new(0, 0, 40, 3);
        let mut buf = Buffer::empty(area);
        render(&table, Theme::new(crate::config::Palette::GreenRed, true, false), area, &mut buf);
        let line = |y| (0..40).map(|x| buf[(x, y)].symbol().trim()).collect::<String>();
        assert_eq!(line(1), format!("{}…1,234.5", "牛".repeat(13)));
        assert_eq!(line(2), "BTC1,234.5");
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
