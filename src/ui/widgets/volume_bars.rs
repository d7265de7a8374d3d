//! Bars of volume below the candles, in the same columns.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::cells;
use super::paired::BARS;
use super::price_scale::rounded_step;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// Draws the volumes, each so many places left of the right end of the first `width` columns, and beside them
/// the volume of a bar of full height.
pub(super) fn draw(
    volumes: &[(u16, f64)],
    pitch: u16,
    width: u16,
    theme: Theme,
    area: Rect,
    buf: &mut Buffer,
) {
    let highest = volumes.iter().map(|(_, volume)| *volume).fold(0.0, f64::max);
    if area.is_empty() || highest <= 0.0 {
        return;
    }
    // Rounded, so that the others stand still while the newest grows.
    let top = rounded_step(highest);
    let style = theme.style(Role::Label);
    for (back, volume) in volumes {
        if let Some(place) = cells::column(Rect { width, ..area }, *back, pitch) {
            draw_bar(volume / top, theme, place, buf);
        }
    }
    let label = Decimal::from_f64(top).map(|top| format::compact(top).replace(".00", ""));
    if let (Some(label), Some(place)) = (label, cells::row(cells::right_of(area, width), 0)) {
        cells::text_right(&format!("vol {label}"), style, place, buf);
    }
}

/// Draws one bar, so high as its share of the area. What is not zero shows.
fn draw_bar(share: f64, theme: Theme, area: Rect, buf: &mut Buffer) {
    let parts = u16::try_from(BARS.len()).unwrap_or(1);
    let all = area.height.saturating_mul(parts);
    let filled = (share * f64::from(all)).ceil().clamp(0.0, f64::from(all)).to_u16().unwrap_or(0);
    for row in 0..area.height {
        let below = area.height.saturating_sub(1).saturating_sub(row).saturating_mul(parts);
        let part = filled.saturating_sub(below).min(parts);
        let glyph = part.checked_sub(1).and_then(|part| BARS.get(usize::from(part)));
        if let (Some(glyph), Some(place)) = (glyph, cells::row(area, row)) {
            let mut text = [0; 4];
            let text = glyph.encode_utf8(&mut text);
            cells::text(text, theme.style(Role::Label), place, buf);
        }
    }
}
