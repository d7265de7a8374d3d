//! Candles with their axes: the newest stands at the right edge and the others stay put until a new one begins.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::prelude::ToPrimitive;

use super::cells;
use super::price_scale::PriceScale;
use super::span::{Line, Span};
use super::volume_bars;
use crate::ui::chart_view::Extent;
use crate::ui::theme::{Role, Theme};

/// From this height on the volume has rows of its own.
const MIN_HEIGHT_WITH_VOLUME: u16 = 10;
/// From this height on the times have a row of their own, and what lies outside has others.
const MIN_HEIGHT_WITH_AXES: u16 = 5;

/// The candles as coordinates, with lines across them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candles {
    /// Oldest first.
    pub(crate) bars: Vec<Bar>,
    /// Columns from one candle to the next.
    pub(crate) pitch: u16,
    pub(crate) scale: PriceScale,
    /// Columns of the axis at the right.
    pub(crate) axis: u16,
    /// Lines across the chart.
    pub(crate) levels: Vec<(f64, Span)>,
    /// What lies above the scale and below it, the most important first.
    pub(crate) outside: [Line; 2],
    /// The last price, on the axis.
    pub(crate) last: Option<(f64, Span)>,
    /// Times of the axis, each with its candle, counted from the right.
    pub(crate) times: Vec<(u16, String)>,
    /// Which candles there are.
    pub(crate) extent: Extent,
    /// Whether they go on to the present.
    pub(crate) is_live: bool,
}

/// One candle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bar {
    /// Its place, counted from the right: where no candle is held, a column stays empty.
    pub(crate) back: u16,
    pub(crate) high: f64,
    pub(crate) low: f64,
    /// The higher end of the body.
    pub(crate) top: f64,
    /// The lower end of the body.
    pub(crate) bottom: f64,
    pub(crate) rising: bool,
    pub(crate) volume: Option<f64>,
    /// Whether there are own purchases within it.
    pub(crate) bought: bool,
    /// Whether there are own sales within it.
    pub(crate) sold: bool,
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

/// The rows of the parts, from the top down.
struct Rows {
    above: Rect,
    plot: Rect,
    below: Rect,
    volume: Rect,
    times: Rect,
}

impl Rows {
    fn of(candles: &Candles, area: Rect) -> Self {
        let has_axes = area.height >= MIN_HEIGHT_WITH_AXES;
        let [above, below] =
            candles.outside.each_ref().map(|line| u16::from(has_axes && !line.is_empty()));
        let times = u16::from(has_axes);
        let rest = area.height.saturating_sub(above).saturating_sub(below).saturating_sub(times);
        let has_volume = candles.bars.iter().any(|bar| bar.volume.is_some());
        let volume = if has_volume && rest >= MIN_HEIGHT_WITH_VOLUME { rest / 6 } else { 0 }.min(4);
        let mut y = area.y;
        let mut part = |height: u16| {
            let part = Rect { y, height, ..area };
            y = y.saturating_add(height);
            part
        };
        Self {
            above: part(above),
            plot: part(rest.saturating_sub(volume)),
            below: part(below),
            volume: part(volume),
            times: part(times),
        }
    }
}

/// Draws the candles with their axes.
pub(super) fn draw(candles: &Candles, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(width) = area.width.checked_sub(candles.axis).filter(|width| *width > 0) else {
        return;
    };
    let rows = Rows::of(candles, area);
    let [above, below] = &candles.outside;
    tags(above, theme, rows.above, buf);
    tags(below, theme, rows.below, buf);
    let plot = Plot { area: Rect { width, ..rows.plot }, scale: candles.scale };
    levels(candles, plot, theme, buf);
    bars(candles, plot, theme, buf);
    names(candles, plot, theme, buf);
    fills(candles, plot, theme, buf);
    let axis = Plot { area: cells::right_of(rows.plot, width), ..plot };
    prices(candles, axis, theme, buf);
    let volumes: Vec<(u16, f64)> =
        candles.bars.iter().filter_map(|bar| Some((bar.back, bar.volume?))).collect();
    volume_bars::draw(&volumes, candles.pitch, width, theme, rows.volume, buf);
    for (back, text) in &candles.times {
        if let Some(place) = cells::column(Rect { width, ..rows.times }, *back, candles.pitch) {
            let room = rows.times.right().saturating_sub(place.x);
            cells::text(text, theme.style(Role::Label), Rect { width: room, ..place }, buf);
        }
    }
}

/// What lies outside the scale, beside the axis. What has no room is counted.
fn tags(tags: &Line, theme: Theme, area: Rect, buf: &mut Buffer) {
    let Some(place) = cells::row(area, 0) else { return };
    let first = |count: usize| {
        let mut line: Line = tags.iter().take(count).cloned().collect();
        let hidden = tags.len().saturating_sub(count);
        if hidden > 0 {
            line.push(Span::label(format!("+{hidden} more")));
        }
        line
    };
    let fits = |line: &Line| cells::width(line) <= place.width;
    let Some(line) = (0..=tags.len()).rev().map(first).find(fits) else { return };
    let start = place.width.saturating_sub(cells::width(&line));
    cells::spans(&line, theme, cells::right_of(place, start), buf);
}

fn bars(candles: &Candles, plot: Plot, theme: Theme, buf: &mut Buffer) {
    let told_by_color = theme.colors && !theme.ascii && candles.is_live;
    for bar in &candles.bars {
        let Some(column) = cells::column(plot.area, bar.back, candles.pitch) else { continue };
        let role = match bar.rising {
            _ if !candles.is_live => Role::Stale,
            true => Role::Gain,
            false => Role::Loss,
        };
        let style = theme.style(role);
        let (first, last) = (plot.row(bar.high), plot.row(bar.low));
        for row in first..=last {
            let halves = [row * 2, row * 2 + 1].map(|half| half_of(bar, plot, half));
            let glyph = glyph(halves, bar.rising && !told_by_color);
            if let (Some(place), false) = (cells::row(column, row), glyph == " ") {
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

/// Bodies are heavy lines, which leave a gap between two columns, and of equal weight, so that a rally does not
/// look like a fall. Without colour rising ones are `hollow`, so that both are told apart.
const fn glyph(halves: [Half; 2], hollow: bool) -> &'static str {
    match (halves, hollow) {
        ([Half::Empty, Half::Empty], _) => " ",
        ([Half::Wick, Half::Wick], _) => "│",
        ([Half::Empty, Half::Wick], _) => "╷",
        ([Half::Wick, Half::Empty], _) => "╵",
        ([Half::Body, _] | [_, Half::Body], true) => "║",
        ([Half::Body, Half::Body], false) => "┃",
        ([Half::Body, Half::Wick], false) => "╿",
        ([Half::Body, Half::Empty], false) => "╹",
        ([Half::Wick, Half::Body], false) => "╽",
        ([Half::Empty, Half::Body], false) => "╻",
    }
}

/// Lines of the position and of orders, behind the candles.
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

/// Own fills: a purchase points up from below its candle, a sale down from above it.
fn fills(candles: &Candles, plot: Plot, theme: Theme, buf: &mut Buffer) {
    let style = theme.style(if candles.is_live { Role::Strong } else { Role::Stale });
    for bar in &candles.bars {
        let Some(column) = cells::column(plot.area, bar.back, candles.pitch) else { continue };
        let lowest = plot.area.height.saturating_sub(1);
        let below = plot.row(bar.low).saturating_add(1).min(lowest);
        let above = plot.row(bar.high).saturating_sub(1);
        for (is_there, row, mark) in [(bar.bought, below, "▲"), (bar.sold, above, "▼")] {
            if let (true, Some(place)) = (is_there, cells::row(column, row)) {
                cells::text(mark, style, place, buf);
            }
        }
    }
}

/// The axis: rounded prices, and the last price over them.
fn prices(candles: &Candles, axis: Plot, theme: Theme, buf: &mut Buffer) {
    let scale = candles.scale;
    let last = candles.last.as_ref().filter(|(price, _)| scale.contains(*price));
    let last_row = last.map(|(price, _)| axis.row(*price));
    for (price, text) in scale.ticks() {
        let row = axis.row(price);
        if Some(row) != last_row
            && let Some(place) = cells::row(axis.area, row)
        {
            cells::text_right(&text, theme.style(Role::Label), place, buf);
        }
    }
    if let (Some((_, span)), Some(row)) = (last, last_row)
        && let Some(place) = cells::row(axis.area, row)
    {
        let style = theme.style(span.role);
        // What may be wrong now is not the loudest on the chart.
        let style = if candles.is_live { style.patch(Theme::selection()) } else { style };
        cells::text_right(&span.text, style, place, buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Palette;
    use crate::domain::{Interval, Timestamp};

    fn bar(back: u16, rising: bool) -> Bar {
        let (bought, sold) = (rising, !rising);
        let (high, low, top, bottom) = (8.0, 2.0, 8.0, 2.0);
        Bar { back, high, low, top, bottom, rising, volume: Some(5.0), bought, sold }
    }

    fn candles(bars: Vec<Bar>) -> Candles {
        let at = Timestamp::from_millis(0);
        Candles {
            bars,
            pitch: 1,
            scale: PriceScale::of(None, (0.0, 10.0), Interval::default()),
            axis: 0,
            levels: Vec::new(),
            outside: [Vec::new(), Vec::new()],
            last: None,
            times: Vec::new(),
            extent: Extent { oldest: at, newest: at, first: at, last: at, column_ms: 60_000 },
            is_live: true,
        }
    }

    fn drawn(candles: &Candles, theme: Theme, (width, height): (u16, u16)) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        draw(candles, theme, area, &mut buf);
        if theme.ascii {
            cells::to_ascii(area, &mut buf);
        }
        let line = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| line(y).trim_end().to_owned()).collect()
    }

    /// A rising candle was a hairline beside a falling block, so that a rally looked like a fall.
    #[test]
    fn candles_weigh_the_same_and_differ_without_colour() {
        let pair = candles(vec![bar(1, true), bar(0, false)]);
        let middle = |colors, ascii| {
            drawn(&pair, Theme::new(Palette::GreenRed, colors, ascii), (2, 9))[4].clone()
        };
        assert_eq!(middle(true, false), "┃┃");
        assert_eq!(middle(false, false), "║┃");
        assert_eq!(middle(true, true), "O#", "the letters of ASCII differ too");
        let stale = Candles { is_live: false, ..pair };
        let theme = Theme::new(Palette::GreenRed, true, false);
        assert_eq!(drawn(&stale, theme, (2, 9))[4], "║┃", "stale ones have no colour");
    }

    #[test]
    fn fills_point_at_their_candles_and_missing_candles_leave_a_gap() {
        let chart = candles(vec![bar(3, true), bar(0, false)]);
        let rows = drawn(&chart, Theme::new(Palette::GreenRed, false, true), (4, 9));
        let all = rows.join("\n");
        assert!(rows.iter().any(|row| row == "   v") && rows.iter().any(|row| row == "^"), "{all}");
        assert_eq!(rows[4], "O  #", "{all}");
    }

    #[test]
    fn what_lies_outside_is_beside_the_axis_and_what_has_no_room_is_counted() {
        let mut chart = candles(vec![bar(0, true)]);
        chart.outside[1] = vec![Span::plain("▼ liq 58,063.9 8.20%"), Span::plain("▼ SL 61,500.0")];
        let theme = Theme::new(Palette::GreenRed, false, false);
        let row = |width| drawn(&chart, theme, (width, 9))[7].clone();
        assert_eq!(row(36), "  ▼ liq 58,063.9 8.20% ▼ SL 61,500.0");
        assert_eq!(row(30), "  ▼ liq 58,063.9 8.20% +1 more");
    }

    #[test]
    fn volume_and_times_stand_in_the_columns_of_their_candles() {
        let mut chart = candles(vec![bar(6, true), Bar { volume: Some(2.0), ..bar(2, false) }]);
        chart.times = vec![(6, "12:05".to_owned())];
        let rows = drawn(&chart, Theme::new(Palette::GreenRed, false, false), (8, 14));
        assert_eq!(rows[13], " 12:05");
        assert_eq!((rows[12].as_str(), rows[11].as_str()), (" █   ▇", " █"), "{rows:?}");
    }
}
