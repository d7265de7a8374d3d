//! [`Shown`]: what the terminal shows now.

use ratatui::buffer::Cell;

/// What the terminal shows, row by row. A cell that was never drawn is blank, because every new screen
/// starts cleared; `None` is half of a wide character.
#[derive(Debug, Default)]
pub(super) struct Shown(Vec<Vec<Option<Cell>>>);

impl Shown {
    pub(super) fn put(&mut self, x: u16, y: u16, cell: Option<Cell>) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.0.len() <= y {
            self.0.resize_with(y + 1, Vec::new);
        }
        let Some(row) = self.0.get_mut(y) else { return };
        if row.len() <= x {
            row.resize(x + 1, Some(Cell::EMPTY));
        }
        if let Some(held) = row.get_mut(x) {
            *held = cell;
        }
    }

    pub(super) fn get(&self, x: u16, y: u16) -> Option<&Cell> {
        static BLANK: Cell = Cell::EMPTY;
        let held = self.0.get(usize::from(y)).and_then(|row| row.get(usize::from(x)));
        held.map_or(Some(&BLANK), Option::as_ref)
    }
}
