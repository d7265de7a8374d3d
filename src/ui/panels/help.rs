//! Every key and command of their tables, those of a replay in a replay, and what the labels of the panel mean that has the keys; searched by their words.

use super::glossary;
use crate::ui::commands::COMMANDS;
use crate::ui::keymap::{Action, KEYS};
use crate::ui::replay_step::Playing;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Line, Panel, Span, words};

/// Columns of a command.
const COMMAND: usize = 13;
/// Columns of a label.
const LABEL: usize = 15;

pub(super) fn panel(state: &UiState) -> Panel {
    let replays = state.playing == Playing::Recording;
    let is_of_replay = |action| matches!(action, Action::Replay(_));
    let keys = KEYS.iter().filter(|key| !key.help.is_empty());
    let keys = keys.filter(|key| replays || !is_of_replay(key.action));
    let keys = keys.map(|key| (Span::new(format!("{:<9}", key.label), Role::Key), key.help));
    let labels = glossary::of(state.focus)
        .iter()
        .map(|(label, meaning)| (Span::new(format!("{label:<LABEL$}"), Role::Strong), *meaning));
    let commands = COMMANDS.iter().filter(|command| replays || !command.is_of_replay());
    let commands = commands.map(|command| {
        (Span::new(format!("{:<COMMAND$}", command.usage), Role::Key), command.help)
    });
    let all: Vec<(Span, &str)> = keys.chain(commands).chain(labels).collect();
    let wanted = state.search.trim().to_lowercase();
    let is_found = |text: &str| text.to_lowercase().contains(&wanted);
    let found = all.iter().filter(|(name, text)| is_found(&name.text) || is_found(text));
    let found: Vec<Line> = found.map(|(name, text)| line(name.clone(), text)).collect();
    let heading = Heading::new("Help: keys, commands, and the words of the panel")
        .hiding(0, &state.search, [found.len(), all.len()])
        .noted("Esc closes, j and k scroll, / searches");
    if found.is_empty() {
        return Panel::message(heading, words("nothing here has these words", Role::Warn));
    }
    Panel::new(heading, Body::Keys(found))
}

fn line(name: Span, text: &str) -> Line {
    [name].into_iter().chain(words(text, Role::Plain)).collect()
}
