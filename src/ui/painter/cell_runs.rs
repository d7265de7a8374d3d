//! [`CellRuns`]: the changed cells in runs without a gap, and which run is written next.

use ratatui::buffer::Cell;

use super::ansi_writer::AnsiWriter;
use super::shown_cells::columns;

/// Looking for the cheapest of more runs than this costs more time than it saves bytes: a whole repaint goes
/// from top to bottom.
const MAX_COMPARED: usize = 96;

/// Changed cells beside each other. They stay in order: what is printed over one half of a wide character
/// erases the other half.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) y: u16,
    /// Each with its column.
    pub(super) cells: Vec<(u16, &'a Cell)>,
}

impl Run<'_> {
    /// Returns whether a cell continues this run.
    fn continues_at(&self, x: u16, y: u16) -> bool {
        self.cells
            .last()
            .is_some_and(|(last, held)| self.y == y && last + columns(held.symbol()) == x)
    }
}

/// The runs that are not written yet.
#[derive(Debug)]
pub(super) struct CellRuns<'a> {
    /// In screen order, reversed: the first one is popped from the end.
    left: Vec<Run<'a>>,
    /// Whether the cheapest run comes next, not the first.
    by_cost: bool,
}

impl<'a> CellRuns<'a> {
    /// Collects changed cells, which come in screen order.
    pub(super) fn new(content: impl IntoIterator<Item = (u16, u16, &'a Cell)>) -> Self {
        let mut left: Vec<Run<'a>> = Vec::new();
        for (x, y, cell) in content {
            match left.last_mut().filter(|run| run.continues_at(x, y)) {
                Some(run) => run.cells.push((x, cell)),
                None => left.push(Run { y, cells: vec![(x, cell)] }),
            }
        }
        let by_cost = left.len() <= MAX_COMPARED;
        left.reverse();
        Self { left, by_cost }
    }

    /// Takes the run that is cheapest to get to; of equally cheap ones the first.
    pub(super) fn next(&mut self, writer: &AnsiWriter) -> Option<Run<'a>> {
        if !self.by_cost {
            return self.left.pop();
        }
        let cost = |run: &Run<'_>| run.cells.first().map(|(x, cell)| writer.cost(*x, run.y, cell));
        let (index, _) = self.left.iter().enumerate().rev().min_by_key(|(_, run)| cost(run))?;
        Some(self.left.remove(index))
    }
}
