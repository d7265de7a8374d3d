//! The top of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pen;
use crate::ui::theme::Theme;
use crate::ui::view::{Header, Piece};

/// Draws the badge as a block and returns the columns that it took: its first letter where there is
/// no room for more.
pub(super) fn badge(badge: &Piece, theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let style = theme.style(badge.role);
    let letter: String = badge.text.chars().take(1).collect();
    [format!(" {} ", badge.text), badge.text.clone(), letter]
        .iter()
        .find_map(|form| pen::text(form, style, area, buf))
        .unwrap_or(0)
}

/// Draws the header.
pub(super) fn render(header: &Header, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(first) = pen::row(area, 0) else {
        return;
    };
    let used = badge(&header.badge, theme, first, buf);
    let rest = pen::right_of(first, used.saturating_add(1));
    // The clock has its place on the right; the title takes what is left.
    let clock = pen::fitting(&header.clock, rest.width / 2);
    let clock_width = clock.map_or(0, |clock| pen::width(clock));
    if let Some(clock) = clock {
        let start = rest.width.saturating_sub(clock_width);
        pen::pieces(clock, theme, pen::right_of(rest, start), buf);
    }
    let title = Rect { width: rest.width.saturating_sub(clock_width.saturating_add(1)), ..rest };
    pen::line(&header.first, theme, title, buf);
    if let Some(second) = pen::row(area, 1) {
        pen::line(&header.second, theme, second, buf);
    }
    for (row, banner) in (2..area.height).zip(&header.banners) {
        let Some(place) = pen::row(area, row) else {
            continue;
        };
        match pen::fitting(banner, place.width) {
            Some(form) => pen::line(form, theme, place, buf),
            None => 0,
        };
    }
}
