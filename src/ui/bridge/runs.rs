//! [`Runs`]: what has changed, in pieces without a gap, and which of them comes next.

use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthStr;

use super::pen::Pen;

/// Looking for the nearest of more pieces than this costs more time than it saves bytes: a screen that is
/// drawn anew goes from its top to its bottom.
const MOST_COMPARED: usize = 96;

/// Changed cells beside each other. They stay in their order: what is printed over one half of a wide
/// character takes the other half away.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) y: u16,
    /// Each with its column.
    pub(super) cells: Vec<(u16, &'a Cell)>,
}

impl Run<'_> {
    /// Returns whether a cell is the next of this piece.
    fn goes_on(&self, x: u16, y: u16) -> bool {
        self.cells.last().is_some_and(|(last, held)| {
            let width = u16::try_from(held.symbol().width()).unwrap_or(1).max(1);
            self.y == y && last + width == x
        })
    }
}

/// The pieces that are not drawn yet.
#[derive(Debug)]
pub(super) struct Runs<'a> {
    /// In the order of the screen, the last one first.
    left: Vec<Run<'a>>,
    nearest: bool,
}

impl<'a> Runs<'a> {
    /// Collects changed cells, which come in the order of the screen.
    pub(super) fn of(content: impl Iterator<Item = (u16, u16, &'a Cell)>) -> Self {
        let mut left: Vec<Run<'a>> = Vec::new();
        for (x, y, cell) in content {
            match left.last_mut().filter(|run| run.goes_on(x, y)) {
                Some(run) => run.cells.push((x, cell)),
                None => left.push(Run { y, cells: vec![(x, cell)] }),
            }
        }
        let nearest = left.len() <= MOST_COMPARED;
        left.reverse();
        Self { left, nearest }
    }

    /// Takes the piece that is nearest to the pen; of equally near ones the first.
    pub(super) fn next(&mut self, pen: &Pen) -> Option<Run<'a>> {
        if !self.nearest {
            return self.left.pop();
        }
        let effort = |run: &Run<'_>| run.cells.first().map(|(x, cell)| pen.effort(*x, run.y, cell));
        let efforts = self.left.iter().enumerate().rev();
        let (place, _) = efforts.min_by_key(|(_, run)| effort(run))?;
        Some(self.left.remove(place))
    }
}
