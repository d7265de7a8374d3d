//! [`Shown`]: what the terminal shows now.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A cell as the terminal shows it, in a third of the room of the library's: there are thousands.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownCell {
    /// `None` for what is not one character of one column.
    symbol: Option<char>,
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) modifier: Modifier,
}

impl ShownCell {
    const BLANK: Self =
        Self { symbol: Some(' '), fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
    /// Half of a wide character, or a cluster of characters: it is never printed a second time.
    const OTHER: Self = Self { symbol: None, ..Self::BLANK };

    /// Returns the character that shows it again where it stands.
    pub(super) const fn symbol(&self) -> Option<char> {
        self.symbol
    }
}

/// What the terminal shows, row by row. A cell that was never drawn is blank, because every new screen
/// starts cleared.
#[derive(Debug, Default)]
pub(super) struct Shown(Vec<Vec<ShownCell>>);

impl Shown {
    /// Takes in what was printed at a cell; what is wide takes the next one too.
    pub(super) fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let symbol = cell.symbol();
        let mut characters = symbol.chars();
        let only = characters.next().filter(|_| characters.next().is_none());
        let width = if symbol.len() == 1 { 1 } else { symbol.width() };
        let symbol = only.filter(|_| width == 1);
        self.set(x, y, ShownCell { symbol, fg: cell.fg, bg: cell.bg, modifier: cell.modifier });
        if width > 1 {
            self.set(x + 1, y, ShownCell::OTHER);
        }
    }

    fn set(&mut self, x: u16, y: u16, cell: ShownCell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.0.len() <= y {
            self.0.resize_with(y + 1, Vec::new);
        }
        let Some(row) = self.0.get_mut(y) else { return };
        if row.len() <= x {
            row.resize(x + 1, ShownCell::BLANK);
        }
        if let Some(held) = row.get_mut(x) {
            *held = cell;
        }
    }

    pub(super) fn get(&self, x: u16, y: u16) -> ShownCell {
        let held = self.0.get(usize::from(y)).and_then(|row| row.get(usize::from(x)));
        held.copied().unwrap_or(ShownCell::BLANK)
    }
}
