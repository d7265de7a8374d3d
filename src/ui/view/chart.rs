//! The candle chart: which candles, which lines, and a scale that stands still between candles.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::Inputs;
use super::ink::{Forms, Gap, Grade, Ink, Line, Piece};
use super::model::Heading;
use super::positions::RowInk;
use crate::domain::{Candle, Interval};
use crate::report::{Freshness, PositionRow};
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;

/// Columns from one candle to the next.
pub(crate) const PITCH: u16 = 2;
/// Candles that are kept at the most; no screen shows more.
const MAX_BARS: usize = 500;
/// The scale is made anew when it is this many times taller than the candles need.
const LOOSE: f64 = 4.0;

/// The chart as coordinates and finished labels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    pub(crate) heading: Heading,
    /// The visible candles, oldest first.
    pub(crate) bars: Vec<Bar>,
    pub(crate) bounds: Option<ChartBounds>,
    /// Prices on the axis.
    pub(crate) ticks: Vec<(f64, String)>,
    /// Lines across the chart.
    pub(crate) levels: Vec<(f64, Piece)>,
    /// The last price, on the axis.
    pub(crate) last: Option<(f64, Piece)>,
    /// What is said instead when there are no candles.
    pub(crate) empty: Forms,
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

/// The scale of prices, kept from one build to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ChartBounds {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) step: f64,
    interval: Interval,
}

pub(super) fn build(
    inputs: &Inputs<'_>,
    state: &UiState,
    bounds: &mut Option<ChartBounds>,
    columns: u16,
) -> Chart {
    let series = &inputs.snapshot.candles;
    let places = inputs.price_places();
    let axis = series
        .rows
        .last()
        .map_or(0, |candle| format::width(&format::stepped(candle.high, places)).saturating_add(1));
    let visible = usize::from(columns.saturating_sub(axis) / PITCH).clamp(1, MAX_BARS);
    let skip = series.rows.len().saturating_sub(visible);
    let bars: Vec<Bar> = series.rows.iter().skip(skip).filter_map(bar).collect();
    let grade = inputs.ticker_grade();
    let mut chart = Chart {
        heading: heading(inputs, state),
        bars,
        bounds: None,
        ticks: Vec::new(),
        levels: Vec::new(),
        last: None,
        empty: vec![vec![Piece::label("no candles yet")], vec![Gap::Unknown.piece()]],
    };
    let last = inputs.document.ticker.last;
    let Some((low, high)) = range(&chart.bars, last.and_then(|last| last.to_f64())) else {
        *bounds = None;
        return chart;
    };
    let scale = match *bounds {
        Some(old) if old.interval == series.interval && old.fits(low, high) => old,
        Some(_) | None => ChartBounds::around(low, high, series.interval),
    };
    *bounds = Some(scale);
    chart.bounds = Some(scale);
    chart.ticks = scale.ticks();
    chart.last = last.and_then(|last| {
        let piece = Ink::price(Some(last), places, Gap::Unknown, grade);
        Some((last.to_f64()?, piece))
    });
    add_levels(inputs, state, scale, &mut chart);
    chart
}

fn heading(inputs: &Inputs<'_>, state: &UiState) -> Heading {
    let series = &inputs.snapshot.candles;
    let mut title = format!("Chart {} {}", inputs.document.symbol, series.interval);
    if state.interval != series.interval {
        title = format!("{title}, waiting for {}", state.interval);
    }
    if let Some(row) = of_lines(inputs, state) {
        title = format!("{title}, lines of {}", row.side.to_uppercase());
    }
    let mut heading = Heading::new(title, inputs.ticker_grade().mark());
    // The newest candle must hold the present, or a new one is missing.
    if let Some(newest) = series.rows.last() {
        let span = series.interval.as_millis();
        let age = inputs.document.taken_at.0.as_millis().saturating_sub(newest.start.as_millis());
        if age > span.saturating_mul(2) {
            let grade = Grade::new(Freshness::Stale, Some(age.saturating_sub(span)));
            heading.marks.extend(grade.mark().map(|mark| mark.after("candles")));
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

/// Returns the position whose lines are drawn: the one that the person looks at, if the candles are
/// of its contract; else one of theirs.
fn of_lines<'a>(inputs: &Inputs<'a>, state: &UiState) -> Option<&'a PositionRow> {
    let rows = &inputs.document.positions.rows;
    let subject = inputs.subject(state).filter(|row| row.is_focus);
    subject.or_else(|| rows.iter().find(|row| row.is_focus))
}

/// The lines of that position; those out of the scale are named below.
fn add_levels(inputs: &Inputs<'_>, state: &UiState, scale: ChartBounds, chart: &mut Chart) {
    let Some(row) = of_lines(inputs, state) else {
        return;
    };
    let show = RowInk::new(inputs, state, row);
    let levels: [(&str, Option<Decimal>, Piece, Role); 4] = [
        ("entry", row.entry_price, show.entry(), Role::Strong),
        ("liq", row.liquidation_price, show.liquidation(), Role::Danger),
        ("TP", row.take_profit, show.take_profit(), Role::Gain),
        ("SL", row.stop_loss, show.stop_loss(), Role::Loss),
    ];
    let mut outside: Line = Vec::new();
    for (word, price, mut piece, role) in levels {
        let Some(price) = price.and_then(|price| price.to_f64()) else {
            continue;
        };
        if piece.role == Role::Plain {
            piece.role = role;
        }
        let piece = piece.after(word);
        if (scale.low..=scale.high).contains(&price) {
            chart.levels.push((price, piece));
        } else {
            let side = if price < scale.low { "below" } else { "above" };
            outside.push(Piece::new(format!("{} {side}", piece.text), piece.role));
        }
    }
    chart.heading.note = outside;
}

impl ChartBounds {
    fn fits(&self, low: f64, high: f64) -> bool {
        let needed = high - low;
        self.low <= low
            && high <= self.high
            && (needed <= 0.0 || self.high - self.low <= needed * LOOSE)
    }

    /// Returns a scale of rounded steps with some room on both sides.
    fn around(low: f64, high: f64, interval: Interval) -> Self {
        let needed =
            if high > low { high - low } else { (high.abs() * 0.001).max(f64::MIN_POSITIVE) };
        let room = needed * 0.15;
        let step = rounded_step((needed + 2.0 * room) / 4.0);
        Self {
            low: ((low - room) / step).floor().max(0.0) * step,
            high: ((high + room) / step).ceil() * step,
            step,
            interval,
        }
    }

    /// Returns the prices of the axis; a few at the most.
    fn ticks(&self) -> Vec<(f64, String)> {
        let places = (-self.step.log10()).ceil().max(0.0).to_u32().unwrap_or(0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while ticks.len() < 12 {
            let price = self.step.mul_add(at, self.low);
            if price > self.step.mul_add(0.5, self.high) {
                break;
            }
            if let Some(value) = Decimal::from_f64(price) {
                ticks.push((price, format::decimal(value, places, Sign::Negative)));
            }
            at += 1.0;
        }
        ticks
    }
}

/// Returns the next of 1, 2, 5, 10 … (times a power of ten) that is not below `step`.
fn rounded_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    for factor in [1.0, 2.0, 5.0] {
        if power * factor >= step {
            return power * factor;
        }
    }
    power * 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_stands_still_while_the_candles_fit() {
        let scale = ChartBounds::around(63_000.0, 63_400.0, Interval::Min1);
        assert!(scale.fits(63_000.0, 63_400.0));
        assert!(scale.fits(62_990.0, 63_420.0), "a tick must not rescale");
        assert!(!scale.fits(62_000.0, 63_400.0));
        assert!(!scale.fits(63_200.0, 63_210.0), "far too loose");
    }

    #[test]
    fn steps_are_round() {
        for (given, expected) in [(0.9, 1.0), (1.1, 2.0), (3.0, 5.0), (130.0, 200.0), (0.03, 0.05)]
        {
            assert!((rounded_step(given) - expected).abs() < 1e-9, "{given}");
        }
        let flat = ChartBounds::around(5.0, 5.0, Interval::Min1);
        assert!(flat.low < 5.0 && flat.high > 5.0 && !flat.ticks().is_empty());
        let tiny = ChartBounds::around(1e-9, 2e-9, Interval::Min1);
        assert!(tiny.ticks().len() > 1 && tiny.low >= 0.0);
    }
}
