//! The candles: the newest stands at the right edge and the others stay put until a new one begins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::prelude::ToPrimitive;

use super::{frame, lines, pen};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};
use crate::ui::view::{Bar, Chart, ChartBounds, PITCH};

/// Part of a cell, half a row high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Empty,
    Wick,
    Body,
}

/// Half rows of the plot, by price.
#[derive(Debug, Clone, Copy)]
struct Scale {
    bounds: ChartBounds,
    halves: u16,
}

impl Scale {
    /// Returns the half row of a price, 0 at the top; prices outside stand at the edge.
    fn half(self, price: f64) -> u16 {
        let span = self.bounds.high - self.bounds.low;
        let share = (self.bounds.high - price) / span;
        let last = self.halves.saturating_sub(1);
        (share * f64::from(self.halves)).floor().clamp(0.0, f64::from(last)).to_u16().unwrap_or(0)
    }

    fn row(self, price: f64) -> u16 {
        self.half(price) / 2
    }
}

/// Draws the chart.
pub(super) fn render(chart: &Chart, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(inner) = frame::render(&chart.heading, theme, area, buf) else {
        return;
    };
    frame::note(&chart.heading.note, theme, area, buf);
    let Some(bounds) = chart.bounds else {
        let message = std::slice::from_ref(&chart.empty);
        return lines::message(message, theme, inner, buf);
    };
    let labels = chart.ticks.iter().map(|(_, text)| format::width(text));
    let last = chart.last.iter().map(|(_, piece)| format::width(&piece.text));
    let axis = labels.chain(last).max().unwrap_or(0).saturating_add(1);
    let Some(width) = inner.width.checked_sub(axis).filter(|width| *width > 0) else {
        return;
    };
    let scale = Scale { bounds, halves: inner.height.saturating_mul(2) };
    let plot = Rect { width, ..inner };
    levels(chart, scale, theme, plot, buf);
    candles(&chart.bars, scale, theme, plot, buf);
    names(chart, scale, theme, plot, buf);
    prices(chart, scale, theme, pen::right_of(inner, width), buf);
}

fn candles(bars: &[Bar], scale: Scale, theme: Theme, plot: Rect, buf: &mut Buffer) {
    let room = usize::from(plot.width / PITCH);
    let mut x = plot.right();
    for bar in bars.iter().rev().take(room) {
        // The rightmost column of the pitch stays free.
        x = x.saturating_sub(PITCH);
        let role = if bar.rising { Role::Gain } else { Role::Loss };
        let style = theme.style(role);
        let (first, last) = (scale.row(bar.high), scale.row(bar.low));
        for row in first..=last {
            let halves = [row * 2, row * 2 + 1].map(|half| half_of(bar, scale, half));
            let glyph = glyph(halves, bar.rising);
            let place = Rect { x, width: 1, ..plot };
            if let (Some(place), false) = (pen::row(place, row), glyph == " ") {
                pen::text(glyph, style, place, buf);
            }
        }
    }
}

fn half_of(bar: &Bar, scale: Scale, half: u16) -> Half {
    if (scale.half(bar.top)..=scale.half(bar.bottom)).contains(&half) {
        Half::Body
    } else if (scale.half(bar.high)..=scale.half(bar.low)).contains(&half) {
        Half::Wick
    } else {
        Half::Empty
    }
}

/// Rising bodies are thin and falling ones full, so that both are told apart without colour.
const fn glyph(halves: [Half; 2], rising: bool) -> &'static str {
    match (halves, rising) {
        ([Half::Empty, Half::Empty], _) => " ",
        ([Half::Wick, Half::Wick], _) => "│",
        ([Half::Empty, Half::Wick], _) => "╷",
        ([Half::Wick, Half::Empty], _) => "╵",
        ([Half::Body, Half::Body], true) => "┃",
        ([Half::Body, Half::Wick], true) => "╿",
        ([Half::Wick, Half::Body], true) => "╽",
        ([Half::Body, Half::Empty], true) => "╹",
        ([Half::Empty, Half::Body], true) => "╻",
        ([Half::Body, Half::Body], false) => "█",
        ([Half::Body, _], false) => "▀",
        ([_, Half::Body], false) => "▄",
    }
}

/// Lines of the position, behind the candles.
fn levels(chart: &Chart, scale: Scale, theme: Theme, plot: Rect, buf: &mut Buffer) {
    for (price, piece) in &chart.levels {
        for column in 0..plot.width {
            if let Some(place) = pen::row(pen::right_of(plot, column), scale.row(*price)) {
                pen::text("┄", theme.style(piece.role), place, buf);
            }
        }
    }
}

/// The names of those lines, before the candles; two on one row would hide each other.
fn names(chart: &Chart, scale: Scale, theme: Theme, plot: Rect, buf: &mut Buffer) {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for (price, piece) in &chart.levels {
        let row = scale.row(*price);
        let start =
            taken.iter().filter(|(other, _)| *other == row).map(|(_, end)| *end).max().unwrap_or(0);
        if let Some(place) = pen::row(pen::right_of(plot, start), row)
            && let Some(width) = pen::text(&piece.text, theme.style(piece.role), place, buf)
        {
            taken.push((row, start.saturating_add(width).saturating_add(1)));
        }
    }
}

/// The axis: rounded prices, and the last price over them.
fn prices(chart: &Chart, scale: Scale, theme: Theme, axis: Rect, buf: &mut Buffer) {
    let last_row = chart.last.as_ref().map(|(price, _)| scale.row(*price));
    for (price, text) in &chart.ticks {
        let row = scale.row(*price);
        if Some(row) != last_row
            && let Some(place) = pen::row(axis, row)
        {
            pen::text_right(text, theme.style(Role::Label), place, buf);
        }
    }
    if let (Some((_, piece)), Some(row)) = (&chart.last, last_row)
        && let Some(place) = pen::row(axis, row)
    {
        let style = theme.style(piece.role).patch(Theme::selection());
        pen::text_right(&piece.text, style, place, buf);
    }
}
