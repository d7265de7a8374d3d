//! The equity over a day, a week, a month and all that is kept, across restarts of the program.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::equity_places::Places;
use super::inputs::Inputs;
use super::thousandths::height;
use crate::domain::{Period, PeriodReport};
use crate::report::Age;
use crate::ui::curve_span::CurveSpan;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{
    BlockCurve, Body, Figure, Formatter, Heading, Panel, Segment, Span, words,
};

/// A period is read again at most an hour after it was read: from this age on its figures name their time.
const YOUNG_MS: i64 = 120_000;

/// Returns what the memory says of the equity; nothing where nothing is remembered.
pub(super) fn figures(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let periods = inputs.report.memory.periods.iter();
    periods.map(|period| figure(inputs, state, period)).collect()
}

/// The equity of a period as a curve, blank where nothing was recorded.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, period: Period) -> Panel {
    let title = format!("Equity {}", CurveSpan::Period(period).name());
    let periods = &inputs.report.memory.periods;
    let Some(report) = periods.iter().find(|report| report.period == period) else {
        let text = "nothing is remembered yet";
        return Panel::message(Heading::new(title), words(text, Role::Label));
    };
    let (show, now) = (settled(inputs, state), inputs.report.taken_at);
    let at = |time| show.recent_minute(Some(time), now).text;
    let mut heading = Heading::new(format!("{title} since {}", at(report.from)));
    let (change, fall) = (show.gain(report.change), show.percent(report.max_drawdown));
    heading.note = if report.known_since > report.from {
        // Of a part of the time: without its begin it would be taken for that of all of it.
        let since = at(report.known_since);
        let text = format!("result {}, max drawdown {} since {since}", change.text, fall.text);
        vec![Span { text, ..change }]
    } else {
        vec![change.after("result"), fall.after("max drawdown")]
    };
    let ends = report.parts.iter().map(|part| part.low).min();
    let ends = ends.zip(report.parts.iter().map(|part| part.high).max());
    let Some((low, high)) = ends else {
        return Panel::message(heading, words("no equity was recorded", Role::Unknown));
    };
    let curve = BlockCurve {
        segments: segments(report, low, high),
        role: Role::Plain,
        ends: [high, low].map(|end| show.money(Some(end))),
        line: None,
        marks: Vec::new(),
    };
    Panel::new(heading, Body::Curves(vec![curve]))
}

/// Returns the parts in their places; each begins where the one before ended, unless there is a gap between.
fn segments(report: &PeriodReport, low: Decimal, high: Decimal) -> Vec<Option<Segment>> {
    let ends = low.to_f64().zip(high.to_f64());
    let Some(((bottom, top), places)) = ends.zip(Places::of(&report.parts, report.from, report.to))
    else {
        return Vec::new();
    };
    let height = |value: Decimal| value.to_f64().map_or(500, |value| height(value, bottom, top));
    let mut drawn = vec![None; places.count];
    let mut before: Option<(usize, Decimal)> = None;
    for (place, part) in places.parts {
        let from = before.filter(|(at, _)| at + 1 == place).map_or(part.last, |(_, last)| last);
        if let Some(cell) = drawn.get_mut(place) {
            let (low, high) = (part.low.min(from), part.high.max(from));
            *cell = Some(Segment { low: height(low), high: height(high) });
        }
        before = Some((place, part.last));
    }
    drawn
}

/// It is history up to a time that is named, and not a figure of now that could be stale.
fn settled<'a>(inputs: &'a Inputs<'_>, state: &'a UiState) -> Formatter<'a> {
    inputs.formatter(state, Age::new(Some(inputs.now), std::time::Duration::MAX))
}

fn figure(inputs: &Inputs<'_>, state: &UiState, period: &PeriodReport) -> Figure {
    let label = match period.period {
        Period::Day1 => "Equity 1 d",
        Period::Days7 => "Equity 7 d",
        Period::Days30 => "Equity 30 d",
        Period::All => "Equity all",
    };
    let now = inputs.report.taken_at;
    let age_ms = now.as_millis().saturating_sub(period.to.as_millis());
    let show = settled(inputs, state);
    let at = |time| show.recent_minute(Some(time), now).text;
    // Since when, before what may have no room: no figure stands without the time that it is of.
    let change = show.gain(period.change);
    let mut text = format!("{} since {}", change.text, at(period.known_since));
    if age_ms > YOUNG_MS {
        text = format!("{text} to {}", at(period.to));
    }
    let mut figure = show.figure(label, Span { text, ..change });
    figure.value.push(show.percent(period.max_drawdown).after("max drawdown"));
    match period.gaps.len() {
        0 => {}
        1 => figure.value.push(Span::label("1 gap")),
        gaps => figure.value.push(Span::label(format!("{gaps} gaps"))),
    }
    figure
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::dec;

    use super::*;
    use crate::domain::{EquityPart, Gap, MemoryReport, MemoryState, Text, Timestamp};
    use crate::ui::fixtures::{NOON, empty_report, seen};

    const HOUR_MS: i64 = 3_600_000;

    fn period(to: Timestamp, gaps: usize) -> PeriodReport {
        let gap = Gap { from: NOON, to: NOON, why: Text::new("not_running") };
        PeriodReport {
            period: Period::Days7,
            from: NOON.plus_millis(-100 * HOUR_MS),
            to,
            coin: Text::new("USDT"),
            coin_since: NOON.plus_millis(-100 * HOUR_MS),
            known_since: NOON.plus_millis(-50 * HOUR_MS),
            change: Some(dec!(-12.345)),
            max_drawdown: Some(dec!(0.0321)),
            max_drawdown_amount: Some(dec!(40)),
            parts: Vec::new(),
            gaps: vec![gap; gaps],
        }
    }

    fn told(period: PeriodReport, state: &UiState) -> String {
        let mut report = empty_report();
        let state_of_it = MemoryState::Writing { until: Some(NOON) };
        report.memory = Arc::new(MemoryReport {
            state: state_of_it,
            periods: vec![period],
            ..MemoryReport::default()
        });
        seen(&report, 0, |inputs| format!("{:?}", figures(inputs, state)[0]))
    }

    #[test]
    fn a_period_says_since_when_and_up_to_when() {
        let state = UiState::default();
        let text = told(period(NOON, 0), &state);
        assert!(text.contains("Equity 7 d") && text.contains("-12.3"), "{text}");
        assert!(text.contains("max drawdown 3.2") && text.contains(" since "), "{text}");
        assert!(!text.contains(" to ") && !text.contains("gap"), "{text}");
        let text = told(period(NOON.plus_millis(-HOUR_MS), 2), &state);
        assert!(text.contains(" to 11:00") && text.contains("2 gaps"), "{text}");
    }

    /// A part begins where the one before ended; nothing is drawn in a gap, and nothing across it.
    #[test]
    fn gaps_are_drawn_as_gaps() {
        let part = |hour: i64, low: i64, high: i64| EquityPart {
            from: NOON.plus_millis(hour * HOUR_MS),
            low: Decimal::from(low),
            high: Decimal::from(high),
            last: Decimal::from(high),
        };
        let report = PeriodReport {
            from: NOON,
            to: NOON.plus_millis(5 * HOUR_MS),
            parts: vec![part(0, 0, 10), part(1, 40, 50), part(4, 90, 100), part(5, 95, 100)],
            ..period(NOON, 1)
        };
        let drawn: Vec<_> = segments(&report, dec!(0), dec!(100))
            .iter()
            .map(|segment| segment.map(|segment| (segment.low, segment.high)))
            .collect();
        let expected =
            [Some((0, 100)), Some((100, 500)), None, None, Some((900, 1000)), Some((950, 1000))];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn amounts_are_hidden_in_privacy() {
        let mut state = UiState::default();
        state.privacy = true;
        let text = told(period(NOON, 1), &state);
        assert!(!text.contains("12.3") && text.contains("1 gap"), "{text}");
    }
}
