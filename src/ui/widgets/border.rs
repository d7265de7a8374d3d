//! The border of a panel, its title and its marks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::cells;
use super::span::{Line, Span};
use crate::report::Freshness;
use crate::ui::theme::{Role, Theme};

/// What stands in the border.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Heading {
    pub(crate) title: String,
    /// Marks that must be seen, such as `STALE 14s`; drawn before anything else.
    pub(crate) marks: Line,
    /// A remark in the lower border.
    pub(crate) note: Line,
    /// Whether the panel has the keys.
    pub(crate) focused: bool,
}

impl Heading {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Returns the heading with the warning of its figures, where one is due.
    pub(crate) fn aged(mut self, freshness: Freshness) -> Self {
        self.marks.extend(freshness.mark());
        self
    }

    /// Returns the heading with what keeps rows from being seen: those that could not be read, and the
    /// filter, which so many of all rows pass.
    pub(crate) fn hiding(mut self, unreadable: u32, filter: &str, [some, all]: [usize; 2]) -> Self {
        if unreadable > 0 {
            self.marks.push(Span::new(format!("{unreadable} rows unreadable"), Role::Danger));
        }
        if !filter.is_empty() {
            let text = format!("filter {filter:?}: {some} of {all}");
            self.marks.push(Span::new(text, Role::Warn));
        }
        self
    }

    /// Returns the heading with one more remark.
    pub(crate) fn noted(mut self, remark: &str) -> Self {
        let dot = if self.note.is_empty() { "" } else { "· " };
        self.note.push(Span::label(format!("{dot}{remark}")));
        self
    }
}

/// Returns the area inside a border.
pub(super) fn inner(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// Draws the border and returns the area inside; `None` when there is no room for content.
///
/// Marks are warnings, so where only one of both fits they stand and the title goes.
pub(super) fn draw(heading: &Heading, theme: Theme, area: Rect, buf: &mut Buffer) -> Option<Rect> {
    if area.width < 4 || area.height < 3 {
        return None;
    }
    let role = if heading.focused { Role::Focus } else { Role::Border };
    let block = Block::bordered().border_style(theme.style(role));
    let inner = inner(area);
    block.render(area, buf);
    let room = Rect {
        x: area.x.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: 1,
        ..area
    };
    let title_role = if heading.focused { Role::Focus } else { Role::Strong };
    let title = Span::new(format!(" {} ", heading.title), title_role);
    let marks = cells::width(&heading.marks);
    let mut used = 0;
    let title_width = cells::width(std::slice::from_ref(&title));
    if title_width.saturating_add(marks) <= room.width {
        used = cells::spans(std::slice::from_ref(&title), theme, room, buf);
    }
    let drawn = cells::spans(&heading.marks, theme, cells::right_of(room, used), buf);
    if drawn > 0 {
        cells::text(" ", theme.style(Role::Plain), cells::right_of(room, used + drawn), buf);
    }
    Some(inner)
}

/// Draws a remark into the lower border.
pub(super) fn note(note: &[Span], theme: Theme, area: Rect, buf: &mut Buffer) {
    let room = Rect {
        x: area.x.saturating_add(2),
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    cells::spans(note, theme, room, buf);
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;
    use crate::config::Palette;

    /// The dim weight of the border stayed in every title and mark that was written over it.
    #[test]
    fn title_marks_and_note_have_their_own_weight() {
        let theme = Theme::new(Palette::GreenRed, false, false);
        let mut heading = Heading::new("Risk").noted("note");
        heading.marks = vec![Span::new("DANGER", Role::Alarm), Span::new("STALE", Role::StaleMark)];
        let area = Rect::new(0, 0, 40, 4);
        let mut buf = Buffer::empty(area);
        draw(&heading, theme, area, &mut buf);
        note(&[Span::plain("plain")], theme, area, &mut buf);
        let line = |y| (0..40).map(|x| buf[(x, y)].symbol()).collect::<String>();
        let at = |y, word: &str| {
            let start =
                line(y).find(word).and_then(|at| line(y).get(..at).map(|t| t.chars().count()));
            buf[(u16::try_from(start.unwrap()).unwrap(), y)].modifier
        };
        assert_eq!(at(0, "Risk"), Modifier::BOLD);
        assert_eq!(at(0, "DANGER"), Modifier::BOLD | Modifier::REVERSED);
        assert_eq!(at(0, "STALE"), Modifier::REVERSED);
        assert_eq!(at(3, "plain"), Modifier::BOLD);
        assert_eq!(buf[(0, 0)].modifier, Modifier::DIM, "the border itself");
    }
}
