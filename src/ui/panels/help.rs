//! Every key of the table.

use crate::ui::keymap::KEYS;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Heading, Panel, Span, words};

pub(super) fn panel() -> Panel {
    let line = |label: &str, help: &str| {
        let mut line = vec![Span::new(format!("{label:<9}"), Role::Key)];
        line.extend(words(help, Role::Plain));
        line
    };
    let lines = KEYS.iter().map(|binding| line(binding.label, binding.help)).collect();
    let heading = Heading::new("Help: keys").noted("Esc closes, j and k scroll");
    Panel::new(heading, Body::Keys(lines))
}
