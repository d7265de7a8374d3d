//! The candle chart: which candles, which lines, and a scale that stands still between candles.

use jiff::tz::TimeZone;
use rust_decimal::prelude::ToPrimitive;

use super::chart_bars::Window;
use super::chart_levels;
use super::inputs::Inputs;
use super::price_levels::row_of_focus;
use super::time_axis;
use crate::domain::Interval;
use crate::report::{Freshness, Report};
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::views::View;
use crate::ui::widgets::{Absent, Bar, Body, Candles, Heading, Panel, PriceScale, Span, side_word};

/// The entry price belongs to the scale while the candles keep so large a part of its height.
const LEAST_SHARE: f64 = 0.4;

/// The chart, `width` columns between its borders.
pub(super) fn panel(
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: &mut Option<PriceScale>,
    width: u16,
) -> Panel {
    let (series, ticker) = (&inputs.report.candles, &inputs.report.ticker);
    let places = inputs.price_places();
    let written = inputs.formatter(state, ticker.age).price(ticker.last, places);
    let highest = series.rows.iter().map(|candle| candle.high).max();
    let highest = highest.map_or(0, |high| format::width(&format::price(high, places)));
    // Narrower than a price that nobody can trade at: the candles have at least the other half.
    let axis = highest.max(format::width(&written.text)).saturating_add(1).min(width / 2);
    let room = width.saturating_sub(axis);
    let window = Window::of(&series.rows, series.interval, state.chart, room);
    let heading = heading(inputs, state, window);
    let bars =
        window.map(|window| window.bars(&series.rows, &inputs.report.fills, &inputs.report.focus));
    let last = ticker.last.and_then(|last| last.to_f64());
    // The present belongs to the chart unless that is of the past.
    let present = last.filter(|_| state.chart.end().is_none());
    let drawn =
        window.zip(bars).and_then(|(window, bars)| Some((window, range(&bars, present)?, bars)));
    let Some((window, range, bars)) = drawn else {
        *scale = None;
        let words = vec![vec![Span::label("no candles yet")], vec![Absent::Unknown.span()]];
        return Panel::new(heading, Body::Message(vec![words]));
    };
    let entry = row_of_focus(inputs, state).and_then(|row| row.entry_price?.to_f64());
    let range = with_entry(range, entry);
    let scale = *scale.insert(PriceScale::of(*scale, range, series.interval));
    let (levels, outside) = chart_levels::of(inputs, state, scale);
    let utc = TimeZone::UTC;
    // A candle of a day is one of UTC.
    let zone = if is_of_days(series.interval) { &utc } else { &inputs.context.timezone };
    let times = time_axis::labels(window.extent, window.count, window.pitch, zone);
    let last = last.map(|last| (last, written));
    let (pitch, extent) = (window.pitch, window.extent);
    let is_live = inputs.fresh(ticker.age).is_live() && overdue(inputs.report).is_none();
    let candles =
        Candles { bars, pitch, scale, axis, levels, outside, last, times, extent, is_live };
    Panel::new(heading, Body::Candles(candles))
}

fn is_of_days(interval: Interval) -> bool {
    interval == Interval::Day1
}

fn heading(inputs: &Inputs<'_>, state: &UiState, window: Option<Window>) -> Heading {
    let (report, series) = (inputs.report, &inputs.report.candles);
    let mut title = format!("Chart {} {}", report.focus, series.interval);
    if is_of_days(series.interval) && inputs.context.timezone != TimeZone::UTC {
        title += " of UTC";
    }
    if state.interval != series.interval {
        title = format!("{title}, waiting for {}", state.interval);
    }
    if let (_, bars @ 2..) = state.chart.zoom() {
        title = format!("{title}, {bars} bars a column");
    }
    if let Some(row) = row_of_focus(inputs, state) {
        title = format!("{title}, {} levels", side_word(row.key.side));
    }
    let mut heading = Heading::new(title).aged(inputs.fresh(report.ticker.age));
    if let Some(candles) = overdue(inputs.report) {
        heading.marks.extend(candles.mark().map(|mark| mark.after("candles")));
    }
    // A chart of the past looks like one of the present.
    if let (Some(window), Some(_)) = (window, state.chart.end()) {
        let until = inputs.settled(state).recent_minute(Some(window.extent.last), inputs.seen).text;
        heading.marks.push(Span::new(format!("until {until}"), Role::Warn));
    }
    if state.view == View::Chart {
        heading = heading.noted("[ ] older, newer").noted("{ } zoom");
    }
    heading
}

/// Returns for how long a candle is missing: the newest one must hold the present.
pub(crate) fn overdue(report: &Report) -> Option<Freshness> {
    let span = report.candles.interval.as_millis();
    let newest = report.candles.rows.last()?.start;
    let age = report.taken_at.as_millis().saturating_sub(newest.as_millis());
    (age > span.saturating_mul(2)).then(|| Freshness::Stale { ms: age.saturating_sub(span) })
}

fn range(bars: &[Bar], last: Option<f64>) -> Option<(f64, f64)> {
    let (low, high) = bars.iter().fold(None, |range: Option<(f64, f64)>, bar| {
        let (low, high) = range.unwrap_or((bar.low, bar.high));
        Some((low.min(bar.low), high.max(bar.high)))
    })?;
    Some(last.map_or((low, high), |last| (low.min(last), high.max(last))))
}

/// Returns the range with the entry price in it, unless the candles would be flattened.
fn with_entry((low, high): (f64, f64), entry: Option<f64>) -> (f64, f64) {
    let Some(entry) = entry else { return (low, high) };
    let (wide_low, wide_high) = (low.min(entry), high.max(entry));
    let keeps = high - low >= (wide_high - wide_low) * LEAST_SHARE;
    if keeps { (wide_low, wide_high) } else { (low, high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A far entry made a line of all candles.
    #[test]
    fn the_entry_is_on_the_scale_unless_it_would_flatten_the_candles() {
        assert_eq!(with_entry((100.0, 110.0), Some(95.0)), (95.0, 110.0));
        assert_eq!(with_entry((100.0, 110.0), Some(130.0)), (100.0, 110.0));
        assert_eq!(with_entry((100.0, 110.0), None), (100.0, 110.0));
    }
}
