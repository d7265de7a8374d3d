//! The candle chart: which candles, which lines, and a scale that stands still between candles.

use rust_decimal::prelude::ToPrimitive;

use super::inputs::Inputs;
use super::row_formatter::RowFormatter;
use crate::domain::Candle;
use crate::report::{Freshness, PositionRow};
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{
    Absent, Bar, Body, Candles, Heading, Line, PITCH, Panel, PriceScale, Span, side_word,
};

/// Candles that are kept at most; no screen shows more.
const MAX_BARS: usize = 500;

/// The chart, `width` columns between its borders.
pub(super) fn panel(
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: &mut Option<PriceScale>,
    width: u16,
) -> Panel {
    let (series, ticker) = (&inputs.report.candles, &inputs.report.ticker);
    let places = inputs.price_places();
    let axis = series
        .rows
        .last()
        .map_or(0, |candle| format::width(&format::price(candle.high, places)).saturating_add(1));
    let visible = usize::from(width.saturating_sub(axis) / PITCH).clamp(1, MAX_BARS);
    let skip = series.rows.len().saturating_sub(visible);
    let bars: Vec<Bar> = series.rows.iter().skip(skip).filter_map(bar).collect();
    let mut heading = heading(inputs, state);
    let last = ticker.last.and_then(|last| last.to_f64());
    let Some(range) = range(&bars, last) else {
        *scale = None;
        let words = vec![vec![Span::label("no candles yet")], vec![Absent::Unknown.span()]];
        return Panel::new(heading, Body::Message(vec![words]));
    };
    let scale = *scale.insert(PriceScale::of(*scale, range, series.interval));
    let levels = levels(inputs, state, scale, &mut heading.note);
    let written = inputs.formatter(state, ticker.age).price(ticker.last, places);
    let last = last.map(|last| (last, written));
    Panel::new(heading, Body::Candles(Candles { bars, scale, levels, last }))
}

fn heading(inputs: &Inputs<'_>, state: &UiState) -> Heading {
    let (report, series) = (inputs.report, &inputs.report.candles);
    let mut title = format!("Chart {} {}", report.focus, series.interval);
    if state.interval != series.interval {
        title = format!("{title}, waiting for {}", state.interval);
    }
    if let Some(row) = row_of_lines(inputs, state) {
        title = format!("{title}, {} levels", side_word(row.key.side));
    }
    let mut heading = Heading::new(title).aged(inputs.fresh(report.ticker.age));
    // The newest candle must hold the present, or a new one is missing.
    if let Some(newest) = series.rows.last() {
        let span = series.interval.as_millis();
        let age = report.taken_at.as_millis().saturating_sub(newest.start.as_millis());
        if age > span.saturating_mul(2) {
            let candles = Freshness::Stale { ms: age.saturating_sub(span) };
            heading.marks.extend(candles.mark().map(|mark| mark.after("candles")));
        }
    }
    heading
}

fn bar(candle: &Candle) -> Option<Bar> {
    let (open, close) = (candle.open.to_f64()?, candle.close.to_f64()?);
    Some(Bar {
        high: candle.high.to_f64()?,
        low: candle.low.to_f64()?,
        top: open.max(close),
        bottom: open.min(close),
        rising: candle.close >= candle.open,
    })
}

fn range(bars: &[Bar], last: Option<f64>) -> Option<(f64, f64)> {
    let (low, high) = bars.iter().fold(None, |range: Option<(f64, f64)>, bar| {
        let (low, high) = range.unwrap_or((bar.low, bar.high));
        Some((low.min(bar.low), high.max(bar.high)))
    })?;
    Some(last.map_or((low, high), |last| (low.min(last), high.max(last))))
}

/// Returns the position whose lines are drawn: the one that the user looks at, if the candles are of its
/// contract; else one of theirs.
fn row_of_lines<'a>(inputs: &Inputs<'a>, state: &UiState) -> Option<&'a PositionRow> {
    let subject = inputs.subject(state).filter(|row| row.is_focus);
    subject.or_else(|| inputs.report.positions.rows.iter().find(|row| row.is_focus))
}

/// The lines of that position; those out of the scale are named in `outside`.
fn levels(
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: PriceScale,
    outside: &mut Line,
) -> Vec<(f64, Span)> {
    let Some(row) = row_of_lines(inputs, state) else { return Vec::new() };
    let show = RowFormatter::new(inputs, state, row);
    let mut levels = Vec::new();
    for (word, price, span, role) in [
        ("entry", row.entry_price, show.entry(), Role::Strong),
        ("liq", row.liquidation_price, show.liquidation(), Role::Danger),
        ("TP", row.take_profit, show.take_profit(), Role::Gain),
        ("SL", row.stop_loss, show.stop_loss(), Role::Loss),
    ] {
        let Some(price) = price.and_then(|price| price.to_f64()) else { continue };
        let span = span.or_role(role).after(word);
        if (scale.low..=scale.high).contains(&price) {
            levels.push((price, span));
        } else {
            let side = if price < scale.low { "below" } else { "above" };
            outside.push(Span::new(format!("{} {side}", span.text), span.role));
        }
    }
    levels
}
