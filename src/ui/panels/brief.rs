//! The small screens.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{header, pen};
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Brief, Forms, Piece};

/// Draws the badge and the longest form that fits beside it.
fn first_line(badge: &Piece, forms: &Forms, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(row) = pen::row(area, 0) else {
        return;
    };
    // A badge of full length stands without its margins where that lets more be said.
    let full = crate::ui::format::width(&badge.text);
    let beside = row.width.saturating_sub(full.saturating_add(1));
    let margins = row.width.saturating_sub(full.saturating_add(3));
    let form = pen::fitting(forms, beside);
    let used = match form {
        Some(form) if pen::width(form) > margins => {
            pen::text(&badge.text, theme.style(badge.role), row, buf).unwrap_or(0)
        }
        _ => header::badge(badge, theme, row, buf),
    };
    if let Some(form) = form {
        pen::pieces(form, theme, pen::right_of(row, used.saturating_add(1)), buf);
    }
}

/// Draws the first line of the phone's screen.
pub(super) fn head(brief: &Brief, theme: Theme, area: Rect, buf: &mut Buffer) {
    first_line(&brief.badge, &brief.head, theme, area, buf);
}

/// Draws one line.
pub(super) fn line(brief: &Brief, theme: Theme, area: Rect, buf: &mut Buffer) {
    first_line(&brief.badge, &brief.single, theme, area, buf);
}

/// Draws a few lines.
pub(super) fn strip(brief: &Brief, theme: Theme, area: Rect, buf: &mut Buffer) {
    let mut lines = brief.tiny.iter();
    if let Some(first) = lines.next() {
        first_line(&brief.badge, first, theme, area, buf);
    }
    list(lines, theme, pen::below(area, 1), buf);
}

/// Draws as many lines as there are rows; returns how many.
fn list<'a>(
    lines: impl Iterator<Item = &'a Forms>,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let mut at = 0;
    for forms in lines {
        let (Some(row), Some(form)) = (pen::row(area, at), pen::fitting(forms, area.width)) else {
            continue;
        };
        pen::pieces(form, theme, row, buf);
        at += 1;
    }
    at
}

/// Draws the phone's screen: as many whole positions as fit, the selected one among them, and how many
/// do not.
pub(super) fn phone(brief: &Brief, theme: Theme, area: Rect, buf: &mut Buffer) {
    head(brief, theme, area, buf);
    let mut area = pen::below(area, 1);
    area = pen::below(area, list(brief.top.iter(), theme, area, buf));
    let fitting = fitting(&brief.blocks, brief.blocks.len(), area.height);
    let (first, fitting) = if brief.selected < fitting {
        (0, fitting)
    } else {
        let rest = brief.blocks.get(brief.selected..).unwrap_or_default();
        (brief.selected, self::fitting(rest, brief.blocks.len(), area.height))
    };
    for block in brief.blocks.iter().skip(first).take(fitting) {
        area = pen::below(area, list(block.iter(), theme, area, buf));
    }
    let left = brief.blocks.len().saturating_sub(fitting);
    if left > 0 {
        let text = format!("+{left} more");
        if let Some(row) = pen::row(area, 0) {
            pen::text(&text, theme.style(Role::Warn), row, buf);
        }
        area = pen::below(area, 1);
    }
    list(brief.tail.iter(), theme, area, buf);
}

/// Returns how many of `blocks` fit, one at the least. Where they are not `all` that there are a line is
/// left to say so.
fn fitting(blocks: &[Vec<Forms>], all: usize, height: u16) -> usize {
    let mut used = 0_usize;
    let mut count = 0;
    for block in blocks {
        used += block.len();
        let more = usize::from(count + 1 < all);
        if count > 0 && used + more > usize::from(height) {
            break;
        }
        count += 1;
    }
    count
}
