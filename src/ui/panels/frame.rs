//! The border of a panel, its title and its marks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Widget};

use super::pen;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Heading, Piece};

/// Draws the border and returns the area inside; `None` when there is no room for content.
///
/// Marks are warnings, so where only one of both fits they stand and the title goes.
pub(super) fn render(
    heading: &Heading,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Option<Rect> {
    if area.width < 4 || area.height < 3 {
        return None;
    }
    let role = if heading.focused { Role::Focus } else { Role::Border };
    let block = Block::bordered().border_style(theme.style(role));
    let inner = block.inner(area);
    block.render(area, buf);
    let room = Rect {
        x: area.x.saturating_add(1),
        width: area.width.saturating_sub(2),
        height: 1,
        ..area
    };
    let title_role = if heading.focused { Role::Focus } else { Role::Strong };
    let title = Piece::new(format!(" {} ", heading.title), title_role);
    let marks = pen::width(&heading.marks);
    let mut used = 0;
    let title_width = pen::width(std::slice::from_ref(&title));
    if title_width.saturating_add(marks) <= room.width {
        used = pen::pieces(std::slice::from_ref(&title), theme, room, buf);
    }
    let drawn = pen::pieces(&heading.marks, theme, pen::right_of(room, used), buf);
    if drawn > 0 {
        pen::text(" ", theme.style(Role::Plain), pen::right_of(room, used + drawn), buf);
    }
    Some(inner)
}

/// Draws a remark into the lower border.
pub(super) fn note(note: &[Piece], theme: Theme, area: Rect, buf: &mut Buffer) {
    let room = Rect {
        x: area.x.saturating_add(2),
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    };
    pen::pieces(note, theme, room, buf);
}
