//! [`Shown`]: what the terminal shows now.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::ui::format;

/// A cell as the terminal shows it, in a third of the room of the library's: there are thousands.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownCell {
    /// `None` for half of a wide character and for what is more than one character.
    symbol: Option<char>,
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) modifier: Modifier,
}

impl ShownCell {
    const BLANK: Self =
        Self { symbol: Some(' '), fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
    /// What is here is not known: it looks like no cell, and is never printed again to bridge a gap.
    const OTHER: Self = Self { symbol: None, ..Self::BLANK };

    /// Returns the character that shows it again where it stands, if that takes one column.
    pub(super) fn narrow(&self) -> Option<char> {
        self.symbol.filter(|symbol| columns(symbol.encode_utf8(&mut [0; 4])) == 1)
    }

    fn looks_like(&self, cell: &Cell) -> bool {
        let symbol = match *cell.symbol().as_bytes() {
            // As nearly all are.
            [ascii] => Some(char::from(ascii)),
            _ => only_character(cell.symbol()),
        };
        symbol.is_some()
            && self.symbol == symbol
            && self.modifier == cell.modifier
            && self.fg == cell.fg
            && self.bg == cell.bg
    }
}

/// Returns the character of a symbol that is only one.
fn only_character(symbol: &str) -> Option<char> {
    let mut characters = symbol.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// Returns how many columns a symbol takes.
pub(super) fn columns(symbol: &str) -> u16 {
    format::width(symbol).max(1)
}

/// What the terminal shows, row by row.
#[derive(Debug)]
pub(super) struct Shown {
    area: Rect,
    cells: Vec<ShownCell>,
}

impl Shown {
    /// Returns a screen that was cleared.
    pub(super) fn blank(area: Rect) -> Self {
        let count = usize::from(area.width) * usize::from(area.height);
        Self { area, cells: vec![ShownCell::BLANK; count] }
    }

    /// Returns the size, which begins at the origin.
    pub(super) const fn area(&self) -> Rect {
        self.area
    }

    /// Returns the cells of a screen of this size that look different here, row by row of these places. The
    /// second half of a wide character is none of them.
    pub(super) fn differences<'a>(
        &self,
        cells: &'a Buffer,
        places: &[Rect],
    ) -> Vec<(u16, u16, &'a Cell)> {
        let mut differences = Vec::new();
        for place in places.iter().map(|place| place.intersection(self.area)) {
            for y in place.top()..place.bottom() {
                let mut covered = 0;
                for x in place.left()..place.right() {
                    if covered > 0 {
                        covered -= 1;
                        continue;
                    }
                    let Some(cell) = cells.cell((x, y)) else { continue };
                    covered = columns(cell.symbol()) - 1;
                    if !self.get(x, y).looks_like(cell) {
                        differences.push((x, y, cell));
                    }
                }
            }
        }
        differences
    }

    /// Takes in what was printed at a cell; what is wide takes the next one too.
    pub(super) fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let symbol = only_character(cell.symbol());
        self.set(x, y, ShownCell { symbol, fg: cell.fg, bg: cell.bg, modifier: cell.modifier });
        for covered in 1..columns(cell.symbol()) {
            self.set(x.saturating_add(covered), y, ShownCell::OTHER);
        }
    }

    fn set(&mut self, x: u16, y: u16, cell: ShownCell) {
        if let Some(held) = self.index(x, y).and_then(|index| self.cells.get_mut(index)) {
            *held = cell;
        }
    }

    pub(super) fn get(&self, x: u16, y: u16) -> ShownCell {
        let held = self.index(x, y).and_then(|index| self.cells.get(index));
        held.copied().unwrap_or(ShownCell::OTHER)
    }

    fn index(&self, x: u16, y: u16) -> Option<usize> {
        let width = self.area.width;
        (x < width).then(|| usize::from(y) * usize::from(width) + usize::from(x))
    }
}
