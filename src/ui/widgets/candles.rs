//! Candles: the newest stands at the right edge and the others stay put until a new one begins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::prelude::ToPrimitive;

use super::cells;
use super::price_scale::PriceScale;
use super::span::Span;
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// Columns from one candle to the next.
pub(crate) const PITCH: u16 = 2;

/// The candles as coordinates, with lines across them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candles {
    /// Oldest first.
    pub(crate) bars: Vec<Bar>,
    pub(crate) scale: PriceScale,
    /// Lines across the chart.
    pub(crate) levels: Vec<(f64, Span)>,
    /// The last price, on the axis.
    pub(crate) last: Option<(f64, Span)>,
}

/// One candle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    pub(crate) high: f64,
    pub(crate) low: f64,
    /// The higher end of the body.
    pub(crate) top: f64,
    /// The lower end of the body.
    pub(crate) bottom: f64,
    pub(crate) rising: bool,
}

/// Part of a cell, half a row high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Empty,
    Wick,
    Body,
}

/// Half rows of the plot, by price.
#[derive(Debug, Clone, Copy)]
struct Plot {
    area: Rect,
    scale: PriceScale,
}

impl Plot {
    /// Returns the half row of a price, 0 at the top; prices outside stand at the edge.
    fn half(self, price: f64) -> u16 {
        let span = self.scale.high - self.scale.low;
        let share = (self.scale.high - price) / span;
        let halves = self.area.height.saturating_mul(2);
        let last = halves.saturating_sub(1);
        (share * f64::from(halves)).floor().clamp(0.0, f64::from(last)).to_u16().unwrap_or(0)
    }

    fn row(self, price: f64) -> u16 {
        self.half(price) / 2
    }
}

/// Draws the candles with their axis.
pub(super) fn draw(candles: &Candles, theme: Theme, area: Rect, buf: &mut Buffer) {
    let ticks = candles.scale.ticks();
    let labels = ticks.iter().map(|(_, text)| format::width(text));
    let last = candles.last.iter().map(|(_, span)| format::width(&span.text));
    let axis = labels.chain(last).max().unwrap_or(0).saturating_add(1);
    let Some(width) = area.width.checked_sub(axis).filter(|width| *width > 0) else {
        return;
    };
    let plot = Plot { area: Rect { width, ..area }, scale: candles.scale };
    levels(candles, plot, theme, buf);
    bars(&candles.bars, plot, theme, buf);
    names(candles, plot, theme, buf);
    let axis = Plot { area: cells::right_of(area, width), ..plot };
    prices(candles, &ticks, axis, theme, buf);
}

fn bars(bars: &[Bar], plot: Plot, theme: Theme, buf: &mut Buffer) {
    let room = usize::from(plot.area.width / PITCH);
    let told_by_colour = theme.colors && !theme.ascii;
    let mut x = plot.area.right();
    for bar in bars.iter().rev().take(room) {
        // The rightmost column of the pitch stays free.
        x = x.saturating_sub(PITCH);
        let role = if bar.rising { Role::Gain } else { Role::Loss };
        let style = theme.style(role);
        let (first, last) = (plot.row(bar.high), plot.row(bar.low));
        for row in first..=last {
            let halves = [row * 2, row * 2 + 1].map(|half| half_of(bar, plot, half));
            let glyph = glyph(halves, bar.rising && !told_by_colour);
            let place = Rect { x, width: 1, ..plot.area };
            if let (Some(place), false) = (cells::row(place, row), glyph == " ") {
                cells::text(glyph, style, place, buf);
            }
        }
    }
}

fn half_of(bar: &Bar, plot: Plot, half: u16) -> Half {
    if (plot.half(bar.top)..=plot.half(bar.bottom)).contains(&half) {
        Half::Body
    } else if (plot.half(bar.high)..=plot.half(bar.low)).contains(&half) {
        Half::Wick
    } else {
        Half::Empty
    }
}

/// Bodies are of equal weight, so that a rally does not look like a fall. Without colour rising ones are
/// `hollow`, so that both are told apart.
const fn glyph(halves: [Half; 2], hollow: bool) -> &'static str {
    match (halves, hollow) {
        ([Half::Empty, Half::Empty], _) => " ",
        ([Half::Wick, Half::Wick], _) => "│",
        ([Half::Empty, Half::Wick], _) => "╷",
        ([Half::Wick, Half::Empty], _) => "╵",
        ([Half::Body, _] | [_, Half::Body], true) => "▒",
        ([Half::Body, Half::Body], false) => "█",
        ([Half::Body, _], false) => "▀",
        ([_, Half::Body], false) => "▄",
    }
}

/// Lines of the position, behind the candles.
fn levels(candles: &Candles, plot: Plot, theme: Theme, buf: &mut Buffer) {
    for (price, span) in &candles.levels {
        for column in 0..plot.area.width {
            if let Some(place) = cells::row(cells::right_of(plot.area, column), plot.row(*price)) {
                cells::text("┄", theme.style(span.role), place, buf);
            }
        }
    }
}

/// The names of those lines, before the candles; two on one row would hide each other.
fn names(candles: &Candles, plot: Plot, theme: Theme, buf: &mut Buffer) {
    let mut taken: Vec<(u16, u16)> = Vec::new();
    for (price, span) in &candles.levels {
        let row = plot.row(*price);
        let start =
            taken.iter().filter(|(other, _)| *other == row).map(|(_, end)| *end).max().unwrap_or(0);
        if let Some(place) = cells::row(cells::right_of(plot.area, start), row)
            && let Some(width) = cells::text(&span.text, theme.style(span.role), place, buf)
        {
            taken.push((row, start.saturating_add(width).saturating_add(1)));
        }
    }
}

/// The axis: rounded prices, and the last price over them.
fn prices(candles: &Candles, ticks: &[(f64, String)], axis: Plot, theme: Theme, buf: &mut Buffer) {
    let last_row = candles.last.as_ref().map(|(price, _)| axis.row(*price));
    for (price, text) in ticks {
        let row = axis.row(*price);
        if Some(row) != last_row
            && let Some(place) = cells::row(axis.area, row)
        {
            cells::text_right(text, theme.style(Role::Label), place, buf);
        }
    }
    if let (Some((_, span)), Some(row)) = (&candles.last, last_row)
        && let Some(place) = cells::row(axis.area, row)
    {
        let style = theme.style(span.role).patch(Theme::selection());
        cells::text_right(&span.text, style, place, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Palette;
    use crate::domain::Interval;

    /// A rising candle was a hairline beside a falling block, so that a rally looked like a fall.
    #[test]
    fn candles_weigh_the_same_and_differ_without_colour() {
        let bar = |rising| Bar { high: 9.0, low: 1.0, top: 9.0, bottom: 1.0, rising };
        let drawn = |colors, ascii| {
            let area = Rect::new(0, 0, 4, 5);
            let mut buf = Buffer::empty(area);
            let scale = PriceScale::of(None, (0.0, 10.0), Interval::default());
            let plot = Plot { area, scale };
            let theme = Theme::new(Palette::GreenRed, colors, ascii);
            bars(&[bar(true), bar(false)], plot, theme, &mut buf);
            [0, 2].map(|x| buf[(x, 2)].symbol().to_owned())
        };
        assert_eq!(drawn(true, false), ["█", "█"]);
        assert_eq!(drawn(false, false), ["▒", "█"]);
        assert_eq!(drawn(true, true), ["▒", "█"], "the letters of ASCII differ too");
    }
}
