//! Every key of the table, and what the labels of the panel mean that has the keys.

use super::glossary;
use crate::ui::keymap::KEYS;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Line, Panel, Span, words};

/// Columns of a label.
const LABEL: usize = 15;

pub(super) fn panel(state: &UiState) -> Panel {
    let keys = KEYS.iter().map(|binding| {
        let name = Span::new(format!("{:<9}", binding.label), Role::Key);
        line(name, binding.help)
    });
    let labels = glossary::of(state.focus)
        .iter()
        .map(|(label, meaning)| line(Span::new(format!("{label:<LABEL$}"), Role::Strong), meaning));
    let heading =
        Heading::new("Help: keys, and the words of the panel").noted("Esc closes, j and k scroll");
    Panel::new(heading, Body::Keys(keys.chain(labels).collect()))
}

fn line(name: Span, text: &str) -> Line {
    [name].into_iter().chain(words(text, Role::Plain)).collect()
}
