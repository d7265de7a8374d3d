//! [`Picture`]: the cells of the screen, and what was drawn into them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dashboard::Dashboard;
use super::theme::Theme;

/// The cells of the screen. Of a dashboard that is laid out as the one before, only the parts that look
/// different are drawn.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    cells: Buffer,
    shown: Option<(Dashboard, Theme)>,
    /// Where was drawn since somebody asked.
    drawn: Vec<Rect>,
}

/// What was drawn since the last one was taken: a terminal that shows all of those needs no other cells.
#[derive(Debug)]
pub struct Drawing<'a> {
    /// The whole screen.
    pub cells: &'a Buffer,
    /// Where it may look different now.
    pub drawn: Vec<Rect>,
}

impl Picture {
    pub(crate) const fn cells(&self) -> &Buffer {
        &self.cells
    }

    pub(crate) fn take_drawing(&mut self) -> Drawing<'_> {
        Drawing { cells: &self.cells, drawn: std::mem::take(&mut self.drawn) }
    }

    /// Shows a dashboard and returns whether it looks different from what was shown.
    pub(crate) fn show(&mut self, next: Dashboard, theme: Theme) -> bool {
        match &mut self.shown {
            Some((held, with)) if *with == theme && held.is_laid_out_like(&next) => {
                let drawn = held.take(next, theme, &mut self.cells);
                self.note(drawn)
            }
            shown => {
                self.cells.resize(next.area());
                self.cells.reset();
                next.draw(theme, &mut self.cells);
                self.drawn = vec![next.area()];
                *shown = Some((next, theme));
                true
            }
        }
    }

    /// Shows what stands around the panels and leaves these as they are. Returns whether it looks different;
    /// `None`, with nothing done, where what is shown has other places for it.
    pub(crate) fn show_lead(&mut self, lead: Dashboard, theme: Theme) -> Option<bool> {
        let shown = self.shown.as_mut().filter(|(_, with)| *with == theme);
        let (held, _) = shown.filter(|(held, _)| held.has_places_of(&lead))?;
        let drawn = held.take(lead, theme, &mut self.cells);
        Some(self.note(drawn))
    }

    /// Takes note of where was drawn and returns whether that is anywhere.
    fn note(&mut self, drawn: Vec<Rect>) -> bool {
        let differs = !drawn.is_empty();
        self.drawn.extend(drawn);
        differs
    }
}
