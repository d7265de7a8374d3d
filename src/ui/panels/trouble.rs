//! Problems that stand, and the last failure of every kind of request.

use super::header::problem_text;
use super::inputs::Inputs;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Line, Panel, Span, words};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let (report, show) = (inputs.report, inputs.settled(state));
    let mut lines: Vec<Line> = Vec::new();
    for problem in &report.problems {
        let since = show.clock(Some(report.exchange_time(problem.since)));
        let mut line = vec![since, Span::new("PROBLEM", Role::Danger)];
        line.extend(words(&problem_text(problem, state), Role::Plain));
        lines.push(line);
    }
    for (subject, reason) in &report.failures {
        let mut line = vec![Span::new("FAILED", Role::Warn)];
        line.extend(words(&subject.to_string(), Role::Plain));
        line.extend(words(reason.as_str(), Role::Label));
        lines.push(line);
    }
    let heading = Heading::new("Problems and failures");
    if lines.is_empty() {
        return Panel::message(heading, [Span::new("none", Role::Good)]);
    }
    Panel::new(heading, Body::Lines(lines))
}
