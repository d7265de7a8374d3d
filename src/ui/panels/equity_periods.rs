//! The equity over a day, a week, a month and all that is kept, across restarts of the program.

use super::inputs::Inputs;
use crate::domain::{Period, PeriodReport};
use crate::report::Age;
use crate::ui::state::UiState;
use crate::ui::widgets::{Figure, Span};

/// A period is read again at most an hour after it was read: from this age on its figures name their time.
const YOUNG_MS: i64 = 120_000;

/// Returns what the memory says of the equity; nothing where nothing is remembered.
pub(super) fn figures(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let periods = inputs.report.memory.periods.iter();
    periods.map(|period| figure(inputs, state, period)).collect()
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
    // It is history up to a time that is named, and not a figure of now that could be stale.
    let show = inputs.formatter(state, Age::new(Some(inputs.now), std::time::Duration::MAX));
    let at = |time| show.recent(Some(time), now).text;
    let change = show.gain(period.change);
    let fall = show.percent(period.max_drawdown).text;
    let mut text = format!("{}, max drawdown {fall} since {}", change.text, at(period.known_since));
    if age_ms > YOUNG_MS {
        text = format!("{text} to {}", at(period.to));
    }
    match period.gaps.len() {
        0 => {}
        1 => text.push_str(", 1 gap"),
        gaps => text = format!("{text}, {gaps} gaps"),
    }
    show.figure(label, Span { text, ..change })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rust_decimal::dec;

    use super::*;
    use crate::domain::{Gap, MemoryReport, MemoryState, Text, Timestamp};
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
        assert!(text.contains(" to 11:00") && text.contains(", 2 gaps"), "{text}");
    }

    #[test]
    fn amounts_are_hidden_in_privacy() {
        let mut state = UiState::default();
        state.privacy = true;
        let text = told(period(NOON, 1), &state);
        assert!(!text.contains("12.3") && text.contains(", 1 gap"), "{text}");
    }
}
