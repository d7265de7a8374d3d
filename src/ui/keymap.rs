//! The one table of keys: dispatch, the help overlay and the footer are all made from it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::chart_view::ChartStep;
use super::replay_step::ReplayStep;
use super::views::View;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Quit,
    QuitKeepScreen,
    Suspend,
    Repaint,
    Help,
    Close,
    Show(View),
    NextPanel,
    PreviousPanel,
    Up,
    Down,
    First,
    Last,
    PageUp,
    PageDown,
    Detail,
    Sort,
    Reverse,
    Filter,
    Freeze,
    Refetch,
    LongerCandles,
    ShorterCandles,
    Chart(ChartStep),
    Privacy,
    Copy,
    TargetFarther,
    TargetNearer,
    Acknowledge,
    Command,
    Away,
    Replay(ReplayStep),
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    /// What it does.
    pub(crate) action: Action,
    /// The keys that do it.
    pub(crate) keys: &'static [(KeyCode, KeyModifiers)],
    /// Their names, for the help.
    pub(crate) label: &'static str,
    /// What it does, in words; nothing where the line of the key before says it.
    pub(crate) help: &'static str,
    /// The word in the footer; `None` leaves it out.
    pub(crate) footer: Option<&'static str>,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;

const fn plain(letter: char) -> (KeyCode, KeyModifiers) {
    (KeyCode::Char(letter), NONE)
}

const fn bind(
    action: Action,
    keys: &'static [(KeyCode, KeyModifiers)],
    label: &'static str,
    help: &'static str,
    footer: Option<&'static str>,
) -> Binding {
    Binding { action, keys, label, help, footer }
}

/// Every key of the program.
pub(crate) static KEYS: &[Binding] = &[
    bind(Action::Quit, &[plain('q')], "q", "quit", Some("quit")),
    bind(Action::Quit, &[(KeyCode::Char('c'), CTRL)], "Ctrl-C", "quit, always", None),
    bind(
        Action::QuitKeepScreen,
        &[plain('Q')],
        "Q",
        "quit, leave the last screen in the scrollback",
        None,
    ),
    bind(Action::Help, &[plain('?')], "?", "help", Some("help")),
    bind(
        Action::Close,
        &[(KeyCode::Esc, NONE)],
        "Esc",
        "close, clear the filter, leave panel and view",
        None,
    ),
    bind(Action::Show(View::Overview), &[plain('1')], "1", "overview", Some("overview")),
    bind(Action::Show(View::Positions), &[plain('2')], "2", "positions", Some("positions")),
    bind(Action::Show(View::Risk), &[plain('3')], "3", "risk", Some("risk")),
    bind(Action::Show(View::Orders), &[plain('4')], "4", "orders and fills", Some("orders")),
    bind(
        Action::Show(View::History),
        &[plain('5')],
        "5",
        "history: results by day, closed positions",
        Some("history"),
    ),
    bind(Action::Show(View::Chart), &[plain('6')], "6", "chart", Some("chart")),
    bind(
        Action::Show(View::Health),
        &[plain('7')],
        "7",
        "health of the links and data",
        Some("health"),
    ),
    bind(Action::NextPanel, &[(KeyCode::Tab, NONE)], "Tab", "next panel", Some("panel")),
    bind(Action::PreviousPanel, &[(KeyCode::BackTab, NONE)], "Shift-Tab", "previous panel", None),
    bind(Action::Down, &[plain('j'), (KeyCode::Down, NONE)], "j / Down", "next row", None),
    bind(Action::Up, &[plain('k'), (KeyCode::Up, NONE)], "k / Up", "previous row", None),
    bind(
        Action::PreviousPanel,
        &[plain('h'), (KeyCode::Left, NONE)],
        "h / Left",
        "previous panel",
        None,
    ),
    bind(Action::NextPanel, &[plain('l'), (KeyCode::Right, NONE)], "l / Right", "next panel", None),
    bind(Action::First, &[plain('g'), (KeyCode::Home, NONE)], "g / Home", "first row", None),
    bind(Action::Last, &[plain('G'), (KeyCode::End, NONE)], "G / End", "last row", None),
    bind(Action::PageUp, &[(KeyCode::PageUp, NONE)], "PgUp/PgDn", "ten rows up, down", None),
    bind(Action::PageDown, &[(KeyCode::PageDown, NONE)], "PgDn", "", None),
    bind(
        Action::Detail,
        &[(KeyCode::Enter, NONE)],
        "Enter",
        "details of the row; events in full",
        Some("detail"),
    ),
    bind(Action::Sort, &[plain('s')], "s", "sort the positions by the next column", Some("sort")),
    bind(Action::Reverse, &[plain('S')], "S", "reverse the order", None),
    bind(
        Action::Filter,
        &[plain('/')],
        "/",
        "filter positions and orders; search the help",
        Some("filter"),
    ),
    bind(
        Action::Command,
        &[plain(':')],
        ":",
        "type a command; Tab completes, Up recalls",
        Some("command"),
    ),
    bind(
        Action::Freeze,
        &[plain('f')],
        "f",
        "freeze the screen; data keep arriving",
        Some("freeze"),
    ),
    bind(Action::Refetch, &[plain('r')], "r", "reconnect and fetch again now", Some("refetch")),
    bind(
        Action::LongerCandles,
        &[plain('t')],
        "t",
        "longer candles; history: a longer curve",
        Some("candles"),
    ),
    bind(Action::ShorterCandles, &[plain('T')], "T", "shorter candles, a shorter curve", None),
    bind(
        Action::Chart(ChartStep::Older),
        &[plain('[')],
        "[ ] { }",
        "chart: older, newer bars; zoom out, in",
        None,
    ),
    bind(Action::Chart(ChartStep::Newer), &[plain(']')], "]", "", None),
    bind(Action::Chart(ChartStep::Farther), &[plain('{')], "{", "", None),
    bind(Action::Chart(ChartStep::Closer), &[plain('}')], "}", "", None),
    bind(
        Action::TargetFarther,
        &[plain('+'), plain('=')],
        "+ / =",
        "risk: a farther liquidation target",
        Some("target"),
    ),
    bind(
        Action::TargetNearer,
        &[plain('-'), plain('_')],
        "- / _",
        "risk: a nearer liquidation target",
        None,
    ),
    bind(
        Action::Acknowledge,
        &[plain('a')],
        "a",
        "acknowledge alerts, liquidations, ADL, stops",
        None,
    ),
    bind(Action::Away, &[plain('w')], "w", "what happened while you were away", None),
    bind(Action::Privacy, &[plain('p')], "p", "hide or show amounts", Some("privacy")),
    bind(Action::Copy, &[plain('y')], "y", "copy the position (OSC 52)", Some("copy")),
    bind(Action::Replay(ReplayStep::Pause), &[plain(' ')], "Space", "replay: pause, go on", None),
    bind(
        Action::Replay(ReplayStep::Reading),
        &[plain('.')],
        ". < >",
        "replay: one reading; slower, faster",
        None,
    ),
    bind(Action::Replay(ReplayStep::Slower), &[plain('<')], "<", "", None),
    bind(Action::Replay(ReplayStep::Faster), &[plain('>')], ">", "", None),
    bind(
        Action::Replay(ReplayStep::Event),
        &[plain('n')],
        "n N",
        "replay: to the next event, the next alert",
        None,
    ),
    bind(Action::Replay(ReplayStep::Alert), &[plain('N')], "N", "", None),
    bind(
        Action::Replay(ReplayStep::Back),
        &[plain('(')],
        "( )",
        "replay: a minute back, a minute on",
        None,
    ),
    bind(Action::Replay(ReplayStep::On), &[plain(')')], ")", "", None),
    bind(Action::Repaint, &[(KeyCode::Char('l'), CTRL)], "Ctrl-L", "repaint", None),
    bind(Action::Suspend, &[(KeyCode::Char('z'), CTRL)], "Ctrl-Z", "suspend", None),
];

/// Returns what a key asks for; `None` for a key that is not in the table.
pub(crate) fn action_of(key: &KeyEvent) -> Option<Action> {
    let key = normal(key);
    KEYS.iter().find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// Terminals report `G` as `G`, as Shift+`g` or as Shift+`G`, and Shift-Tab in two ways: one form for each.
fn normal(key: &KeyEvent) -> (KeyCode, KeyModifiers) {
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    let others = key.modifiers - KeyModifiers::SHIFT;
    let code = if let KeyCode::Char(letter) = key.code {
        KeyCode::Char(match (others.contains(CTRL), shift) {
            (true, _) => letter.to_ascii_lowercase(),
            (false, true) => letter.to_ascii_uppercase(),
            (false, false) => letter,
        })
    } else if key.code == KeyCode::Tab && shift {
        KeyCode::BackTab
    } else {
        key.code
    };
    (code, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_stands_twice_and_every_key_is_found() {
        let mut seen = HashSet::new();
        for binding in KEYS {
            for (code, modifiers) in binding.keys {
                assert!(seen.insert((*code, *modifiers)), "{}", binding.label);
                assert_eq!(action_of(&KeyEvent::new(*code, *modifiers)), Some(binding.action));
            }
        }
    }

    #[test]
    fn shifted_letters_come_in_several_forms() {
        for (code, modifiers) in [
            (KeyCode::Char('G'), NONE),
            (KeyCode::Char('g'), KeyModifiers::SHIFT),
            (KeyCode::Char('G'), KeyModifiers::SHIFT),
        ] {
            assert_eq!(action_of(&KeyEvent::new(code, modifiers)), Some(Action::Last));
        }
        assert_eq!(
            action_of(&KeyEvent::new(KeyCode::Tab, KeyModifiers::SHIFT)),
            Some(Action::PreviousPanel)
        );
    }

    #[test]
    fn keys_of_views_that_do_not_exist_do_nothing() {
        for letter in ['8', '0', 'b', '`'] {
            let key = KeyEvent::new(KeyCode::Char(letter), NONE);
            assert_eq!(action_of(&key), None, "{letter}");
        }
    }
}
