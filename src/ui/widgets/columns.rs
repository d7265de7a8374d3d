//! Columns of a table: which of them have room, and how wide they are.

use super::span::Span;
use crate::domain::Timestamp;
use crate::ui::format;

/// The widest column of words. A name beyond it is shortened: it must not push the figures of every
/// row off the screen.
const WIDEST_WORDS: u16 = 28;
/// From this width on two blanks stand between columns. Below it one does, so that a figure more is seen.
const ROOMY: u16 = 90;
/// The name of most contracts, with its suffix: `BTCUSDT_UMCBL`.
const USUAL_NAME: u16 = 13;
/// How long a column stays as wide as it was needed last.
const KEPT_MS: i64 = 60_000;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(super) title: &'static str,
    /// Numbers stand on the right.
    pub(super) right: bool,
    /// The higher, the sooner it goes when there is no room. Columns of one rank stay or go together.
    rank: u8,
    /// Columns that it takes at least, so that the table does not move with every digit.
    min: u16,
    /// Names of contracts, which can do without the suffix of their product.
    names_contracts: bool,
    /// What a second line below the rows says as well.
    said_below: bool,
}

impl Column {
    pub(crate) const fn new(title: &'static str, right: bool, rank: u8, min: u16) -> Self {
        Self { title, right, rank, min, names_contracts: false, said_below: false }
    }

    /// Returns the column as one that is left out where the rows have a second line, which says the same.
    pub(crate) const fn or_below(self) -> Self {
        Self { said_below: true, ..self }
    }

    /// Returns the column of the contracts, the last one to go. Names that are too long for it are written
    /// without their suffix, which leaves them different.
    pub(crate) const fn of_contracts() -> Self {
        Self { names_contracts: true, ..Self::new("Symbol", false, 0, 8) }
    }

    /// Columns that it takes whatever its cells are, in a table of this width.
    fn least(&self, room: u16) -> u16 {
        if self.names_contracts && !is_narrow(room) {
            return USUAL_NAME;
        }
        self.min.max(format::width(self.title))
    }

    /// Returns the text of a cell of this width: the name of a contract without the suffix of its product
    /// where it has no room for all of it.
    pub(super) fn text<'a>(&self, text: &'a str, width: u16) -> &'a str {
        let stem = text.split_once('_').filter(|_| self.names_contracts).map(|(stem, _)| stem);
        stem.filter(|_| format::width(text) > width).unwrap_or(text)
    }
}

/// Returns whether a table of this width must do with few columns and short words.
pub(crate) const fn is_narrow(room: u16) -> bool {
    room < ROOMY
}

/// Returns the blanks between two columns of a table of this width.
pub(super) const fn gutter(room: u16) -> u16 {
    if is_narrow(room) { 1 } else { 2 }
}

/// Returns the width that each column needs for all of its cells.
pub(super) fn needed(columns: &[Column], rows: &[Vec<Span>]) -> Vec<u16> {
    let mut widths: Vec<u16> = columns.iter().map(|column| column.least(0)).collect();
    for row in rows {
        for ((width, column), span) in widths.iter_mut().zip(columns).zip(row) {
            let needs = format::width(&span.text);
            let needs = if column.right { needs } else { needs.min(WIDEST_WORDS) };
            *width = (*width).max(needs);
        }
    }
    widths
}

/// What the widths of the columns of a panel rest on, besides its figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Setting {
    /// The width of the panel.
    pub(crate) room: u16,
    /// Contracts whose rules are known. A figure that was not rounded by them yet is wider than any later one.
    pub(crate) contracts: usize,
}

/// How wide the columns of one panel were lately. A figure that goes back and forth over a power of ten would
/// bring a column and take it away with each turn.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptWidths {
    /// The panel that they were needed in. In another one nothing needs to stay.
    of: Setting,
    /// The width of each column, and when it was needed.
    columns: Vec<(u16, Timestamp)>,
}

impl KeptWidths {
    /// Widens columns to what they were lately. `now` is the present, local time.
    pub(super) fn keep(&mut self, widths: &mut [u16], of: Setting, now: Timestamp) {
        if self.of != of || self.columns.len() != widths.len() {
            self.columns = widths.iter().map(|width| (*width, now)).collect();
            self.of = of;
        }
        for (width, (kept, at)) in widths.iter_mut().zip(&mut self.columns) {
            let age = now.as_millis().saturating_sub(at.as_millis());
            if *width >= *kept || !(0..KEPT_MS).contains(&age) {
                (*kept, *at) = (*width, now);
            }
            *width = *kept;
        }
    }
}

/// Returns the widths of the columns and which of them are drawn. Words take the room that is left, and none
/// from another column: those that are shown do not go and come with the names in the rows.
pub(super) fn placed(
    columns: &[Column],
    needed: &[u16],
    room: u16,
    two_lines: bool,
) -> (Vec<u16>, Vec<bool>) {
    let mut widths = needed.to_vec();
    let calm: Vec<u16> = (columns.iter().zip(needed))
        .map(|(column, width)| if column.right { *width } else { column.least(room) })
        .collect();
    let shown = fitting(columns, &calm, room, two_lines);
    let drawn = || calm.iter().zip(&shown).filter(|(_, shown)| **shown);
    let count = u16::try_from(drawn().count()).unwrap_or(u16::MAX);
    let used = drawn().fold(0_u16, |sum, (width, _)| sum.saturating_add(*width));
    let gaps = gutter(room).saturating_mul(count.saturating_sub(1));
    let mut left = room.saturating_sub(used).saturating_sub(gaps);
    for ((width, calm), _) in widths.iter_mut().zip(&calm).zip(&shown).filter(|(_, shown)| **shown)
    {
        let more = width.saturating_sub(*calm).min(left);
        *width = calm.saturating_add(more);
        left = left.saturating_sub(more);
    }
    (widths, shown)
}

/// Returns which columns are drawn: by rank, until the first rank that has no room.
fn fitting(columns: &[Column], widths: &[u16], room: u16, two_lines: bool) -> Vec<bool> {
    let mut order: Vec<(u8, usize, u16)> = columns
        .iter()
        .zip(widths)
        .enumerate()
        .filter(|(_, (column, _))| !(two_lines && column.said_below))
        .map(|(index, (column, width))| (column.rank, index, *width))
        .collect();
    order.sort_unstable();
    let mut shown = vec![false; columns.len()];
    let mut used: u16 = 0;
    for group in order.chunk_by(|(a, ..), (b, ..)| a == b) {
        let mut needs = used;
        for (_, _, width) in group {
            let gap = if needs > 0 { gutter(room) } else { 0 };
            needs = needs.saturating_add(gap).saturating_add(*width);
        }
        if needs > room {
            break;
        }
        used = needs;
        for (_, index, _) in group {
            if let Some(flag) = shown.get_mut(*index) {
                *flag = true;
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_rank_and_stay_in_their_order() {
        let column = |rank| Column::new("x", true, rank, 1);
        let columns = [column(2), column(0), column(1)];
        assert_eq!(fitting(&columns, &[5, 5, 5], 17, false), [true, true, true]);
        assert_eq!(fitting(&columns, &[5, 5, 5], 16, false), [false, true, true]);
        assert_eq!(fitting(&columns, &[1, 5, 9], 12, false), [false, true, false]);
        assert_eq!(fitting(&columns, &[5, 5, 5], 4, false), [false, false, false]);
    }

    /// Of the two plans of a position only the take-profit had room.
    #[test]
    fn columns_of_one_rank_stay_or_go_together() {
        let columns = [0, 1, 1].map(|rank| Column::new("x", true, rank, 1));
        assert_eq!(fitting(&columns, &[5, 5, 5], 17, false), [true, true, true]);
        assert_eq!(fitting(&columns, &[5, 5, 5], 16, false), [true, false, false]);
        let columns = [Column::new("x", true, 0, 1).or_below(), Column::new("y", true, 1, 1)];
        assert_eq!(fitting(&columns, &[5, 5], 5, false), [true, false]);
        assert_eq!(fitting(&columns, &[5, 5], 5, true), [false, true]);
    }

    #[test]
    fn a_width_is_kept_for_a_while_and_in_its_panel_only() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let mut kept = KeptWidths::default();
        for (width, room, contracts, seconds, shown) in [
            (9, 80, 1, 0, 9),
            (10, 80, 1, 1, 10),
            (9, 80, 1, 2, 10),
            (9, 80, 1, 60, 10),
            (9, 80, 1, 61, 9),
            (11, 80, 1, 62, 11),
            (9, 120, 1, 63, 9),
            // A clock that was set back keeps nothing for ever.
            (8, 120, 1, -5, 8),
            // A price had more decimals than its contract until the rules of that came.
            (12, 120, 1, -4, 12),
            (8, 120, 2, -3, 8),
        ] {
            let mut widths = [width];
            kept.keep(&mut widths, Setting { room, contracts }, at(seconds));
            assert_eq!(widths, [shown], "{seconds}");
        }
    }
}
