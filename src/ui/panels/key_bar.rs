//! The last line: the keys that a view needs most, and the answer to the last one. On small screens line and answer
//! stand at the top.

use crate::ui::keymap::{Action, Binding, KEYS};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::views::View;
use crate::ui::widgets::{Line, Span, Variants, words};

/// The key bar: the line that is typed, else the keys that this view needs most. How to get help and
/// where the health is shown are never left out.
pub(crate) fn footer(state: &UiState) -> Line {
    if let Some(text) = state.command.text() {
        let offers = state.command.offers(&state.symbols).into_iter().map(Span::label);
        let line = Span::new(format!(":{text}_"), Role::Strong);
        return [line].into_iter().chain(offers).collect();
    }
    if let Some((name, text)) = state.prompt() {
        return vec![
            Span::new(name, Role::Key),
            Span::plain(format!("{text}_")),
            Span::label("Enter keeps it"),
            Span::label("Esc clears it"),
        ];
    }
    if let Some(message) = &state.message {
        return words(message, Role::Strong).collect();
    }
    let mut named: Vec<&Binding> = KEYS.iter().filter(|key| key.footer.is_some()).collect();
    named.sort_by_key(|key| urgency(key.action, state.view));
    // One span, so that no key stands without its word.
    let text = |key: &Binding| {
        let is_of_curve = key.action == Action::LongerCandles && state.view == View::History;
        let word = if is_of_curve { "curve" } else { key.footer? };
        Some(format!("{}:{word}", key.label))
    };
    named.into_iter().filter_map(text).map(Span::label).collect()
}

/// Returns where a key stands in the bar of a view; those of a kind keep their order.
fn urgency(action: Action, view: View) -> u8 {
    match (action, view) {
        (Action::Help | Action::Quit | Action::Show(View::Health), _) => 0,
        (Action::LongerCandles, View::Chart | View::Overview)
        | (Action::TargetFarther | Action::NextPanel, View::Risk)
        | (Action::Sort, View::Positions)
        | (Action::Refetch, View::Health)
        | (Action::NextPanel | Action::Filter, View::Orders)
        | (Action::NextPanel | Action::LongerCandles, View::History)
        | (Action::Detail, View::Overview | View::Positions | View::Risk) => 1,
        (Action::Show(_), _) => 2,
        _ => 3,
    }
}

/// The line that is typed, on a small screen: it takes every key.
pub(super) fn typed((name, text): (&str, &str)) -> Variants {
    let (gap, help) =
        if name == ":" { ("", "Esc closes") } else { (" ", "Enter keeps, Esc clears") };
    let typed = Span::new(format!("{name}{gap}{text}_"), Role::Key);
    let short = Span::new(format!("{name}_"), Role::Key);
    vec![vec![typed.clone(), Span::label(help)], vec![typed], vec![short]]
}

/// Returns the message, then what is left of it without its last words. A key is always answered, and no word of the
/// answer is cut.
pub(super) fn ever_shorter(message: &str) -> Vec<Line> {
    let strong = |text: String| vec![Span::new(text, Role::Strong)];
    let words: Vec<&str> = message.split(' ').collect();
    let shorter = (1..words.len()).rev().filter_map(|count| words.get(..count));
    let mut lines = vec![strong(message.to_owned())];
    lines.extend(shorter.map(|words| strong(words.join(" ") + " …")));
    lines.push(Vec::new());
    lines
}
