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
/// Marks are warnings: beside them the title gives way, first what it says behind a colon or a comma, then all of
/// it.
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
    let lead = heading.title.split([':', ',']).next().unwrap_or_default();
    let titles =
        [&heading.title, lead].map(|title| vec![Span::new(format!(" {title} "), title_role)]);
    let beside = room.width.saturating_sub(cells::width(&heading.marks));
    let fitting = titles.iter().find(|title| cells::width(title) <= beside);
    let used = fitting.map_or(0, |title| cells::spans(title, theme, room, buf));
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

    /// Beside `STALE 1m16s` a panel of the risk view stood without its name.
    #[test]
    fn a_title_gives_way_to_a_mark_from_its_end() {
        let theme = Theme::new(Palette::GreenRed, false, false);
        let area = Rect::new(0, 0, 40, 4);
        for (title, shown) in [
            ("Equity", "┌ Equity STALE 1m16s ──"),
            ("What if: BTCUSDT_UMCBL LONG", "┌ What if STALE 1m16s ──"),
            ("Chart BTCUSDT_UMCBL 1m, LONG levels", "┌ Chart BTCUSDT_UMCBL 1m STALE 1m16s ──"),
            ("1000000MOGUSDT_UMCBL 1m by volume", "┌STALE 1m16s ──"),
        ] {
            let mut heading = Heading::new(title);
            heading.marks = vec![Span::stale_mark("STALE", 76_000)];
            let mut buf = Buffer::empty(area);
            draw(&heading, theme, area, &mut buf);
            let line: String = (0..40).map(|x| buf[(x, 0)].symbol()).collect();
            assert!(line.starts_with(shown), "{line}");
        }
    }

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
