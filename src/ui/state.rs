//! [`UiState`]: what the user has chosen, and how keys change it. No figure of the account is here.

use std::collections::BTreeMap;
use std::fmt::Display;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rust_decimal::Decimal;

use super::chart_view::ChartView;
use super::command_line::CommandLine;
use super::commands::{self, Typed};
use super::curve_span::CurveSpan;
use super::keymap::{Action, action_of};
use super::layout::tab_order;
use super::order_key::OrderKey;
pub(crate) use super::overlay::Overlay;
use super::replay_step::{Playing, ReplayStep};
use super::selection::{around, step_selection};
pub(crate) use super::sort_key::SortKey;
use super::target::Target;
use super::views::{PanelId, View};
use super::widgets::KeptWidths;
use crate::config::ThemeName;
use crate::domain::{Interval, PositionKey, Symbol, Timestamp};

/// Rows that a page key moves.
const PAGE: usize = 10;
/// The longest filter, in characters.
const MAX_FILTER: usize = 40;

/// What a key asks of the loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing, or only a change of the view.
    None,
    /// Stop.
    Quit,
    /// Stop and leave the last screen in the scrollback.
    QuitKeepScreen,
    /// Give the terminal back until the shell continues the program.
    Suspend,
    /// Draw everything again.
    Repaint,
    /// Reconnect and fetch now.
    Refetch,
    /// Use candles of this span.
    SetInterval(Interval),
    /// Put this text into the clipboard.
    Copy(String),
    /// Put this contract in focus.
    Focus(Symbol),
    /// The alerts that are on have been seen.
    AcknowledgeAlerts,
    /// Move the replay.
    Replay(ReplayStep),
}

/// What the user has chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct UiState {
    pub(crate) view: View,
    pub(crate) focus: PanelId,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) sort: SortKey,
    pub(crate) reverse: bool,
    pub(crate) filter: String,
    /// A line that is typed has the keys: the filter, or what is searched for in the help.
    pub(crate) editing: bool,
    /// Since when the screen stands still.
    pub(crate) frozen_since: Option<Timestamp>,
    pub(crate) privacy: bool,
    pub(crate) selected: Option<PositionKey>,
    /// The positions in the order that they were drawn in, before the filter.
    pub(crate) order: Vec<PositionKey>,
    /// When `order` was sorted; `None` asks for a new sort.
    pub(crate) sorted_at: Option<Timestamp>,
    /// The positions that were drawn.
    pub(crate) shown: Vec<PositionKey>,
    /// The first row that each panel shows.
    scroll: BTreeMap<PanelId, usize>,
    /// The first row of the last page of each panel, as it was built last.
    last_pages: BTreeMap<PanelId, usize>,
    /// The span of the candles that was asked for.
    pub(crate) interval: Interval,
    /// That of the curve of the history view.
    pub(crate) curve: CurveSpan,
    /// What the inverse answers of the risk view aim at.
    pub(crate) target: Target,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// What the last key did, where that can be seen nowhere else; until the next key.
    pub(crate) message: Option<String>,
    /// Forced closes up to this local time need not be shown any more.
    pub(crate) acknowledged: Option<Timestamp>,
    /// How wide the columns of each panel were lately.
    widths: BTreeMap<PanelId, KeptWidths>,
    /// The orders that pass the filter, in the order of the screen.
    pub(crate) shown_orders: Vec<OrderKey>,
    /// The one that the cursor was moved to.
    pub(crate) selected_order: Option<OrderKey>,
    /// What is searched for in the help.
    pub(crate) search: String,
    pub(crate) command: CommandLine,
    /// The contracts that are known, which a line is completed with.
    pub(crate) symbols: Vec<String>,
    pub(crate) theme: ThemeName,
    /// Which candles the chart shows.
    pub(crate) chart: ChartView,
    /// The begin of the newest absence that there is a summary of, and of the one that was read.
    pub(crate) newest_away: Option<Timestamp>,
    pub(crate) read_away: Option<Timestamp>,
    /// Whether the keys of a replay are in the help.
    pub(crate) playing: Playing,
}

impl UiState {
    /// Applies a key; the text of a copy is left to whoever has the figures. `now` is the local time of
    /// the last refresh, `None` before the first: then there is nothing to freeze.
    pub(crate) fn on_key(&mut self, key: &KeyEvent, now: Option<Timestamp>) -> Effect {
        if key.is_release() {
            return Effect::None;
        }
        self.message = None;
        let control = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        if self.command.text().is_some() && !control {
            let entered = self.command.edit(key.code, &self.symbols);
            return entered.map_or(Effect::None, |line| self.enter(&line));
        }
        if self.editing && !control {
            self.edit(key.code);
            return Effect::None;
        }
        action_of(key).map_or(Effect::None, |action| self.apply(action, now))
    }

    /// Does what a line asks for, and says why where it cannot be read.
    fn enter(&mut self, line: &str) -> Effect {
        match commands::read(line) {
            Ok(None) => {}
            Ok(Some(Typed::Quit)) => return Effect::Quit,
            Ok(Some(Typed::Symbol(symbol))) => {
                self.say(format!("{symbol} in focus"));
                return Effect::Focus(symbol);
            }
            Ok(Some(Typed::Seek(second))) => return Effect::Replay(ReplayStep::Seek(second)),
            Ok(Some(Typed::Sort(key))) => {
                self.sort = key;
                self.sorted_at = None;
                self.say_order();
            }
            Ok(Some(Typed::Filter(words))) => {
                self.filter = words.chars().take(MAX_FILTER).collect();
            }
            Ok(Some(Typed::View(view))) => self.show(view),
            Ok(Some(Typed::Theme(theme))) => {
                self.theme = theme;
                self.say(format!("theme {}", theme.as_str()));
            }
            Err(why) => self.say(why),
        }
        Effect::None
    }

    /// The line editor of the filter and of the search.
    fn edit(&mut self, code: KeyCode) {
        let line = if self.is_searching() { &mut self.search } else { &mut self.filter };
        if let KeyCode::Char(letter) = code {
            if !letter.is_control() && line.chars().count() < MAX_FILTER {
                line.push(letter);
            }
        } else if code == KeyCode::Backspace {
            line.pop();
        } else if code == KeyCode::Enter {
            self.editing = false;
        } else if code == KeyCode::Esc {
            line.clear();
            self.editing = false;
        }
    }

    /// Returns whether what is typed is searched for in the help.
    fn is_searching(&self) -> bool {
        self.overlay == Some(Overlay::Help)
    }

    /// Returns the line that is being typed: what it is, and its text.
    pub(crate) fn prompt(&self) -> Option<(&'static str, &str)> {
        if let Some(text) = self.command.text() {
            return Some((":", text));
        }
        self.editing.then(|| {
            if self.is_searching() {
                ("search:", &*self.search)
            } else {
                ("filter:", &*self.filter)
            }
        })
    }

    fn apply(&mut self, action: Action, now: Option<Timestamp>) -> Effect {
        match action {
            Action::Quit => return Effect::Quit,
            Action::QuitKeepScreen => return Effect::QuitKeepScreen,
            Action::Suspend => return Effect::Suspend,
            Action::Repaint => return Effect::Repaint,
            Action::Refetch => {
                self.say("reconnecting and fetching again");
                return Effect::Refetch;
            }
            Action::Copy => return Effect::Copy(String::new()),
            Action::LongerCandles => return self.step_span(true),
            Action::ShorterCandles => return self.step_span(false),
            Action::Chart(step) => {
                let said = self.chart.step(step);
                self.say(said);
            }
            Action::Help if self.overlay == Some(Overlay::Help) => self.overlay = None,
            Action::Help => {
                self.search.clear();
                self.open(Overlay::Help);
            }
            Action::Away if self.overlay == Some(Overlay::Away) => self.overlay = None,
            Action::Away => {
                self.read_away = self.newest_away;
                self.open(Overlay::Away);
            }
            Action::Close => self.close(),
            Action::Show(view) => self.show(view),
            Action::NextPanel => self.step_panel(true),
            Action::PreviousPanel => self.step_panel(false),
            Action::Up => self.step(|at, _| at.saturating_sub(1)),
            Action::Down => self.step(|at, last| at.saturating_add(1).min(last)),
            Action::First => self.step(|_, _| 0),
            Action::Last => self.step(|_, last| last),
            Action::PageUp => self.step(|at, _| at.saturating_sub(PAGE)),
            Action::PageDown => self.step(|at, last| at.saturating_add(PAGE).min(last)),
            Action::Detail => self.detail(),
            Action::Sort => {
                self.sort = self.sort.next();
                self.sorted_at = None;
                self.say_order();
            }
            Action::Reverse => {
                self.reverse = !self.reverse;
                self.sorted_at = None;
                self.say_order();
            }
            Action::Filter => self.editing = true,
            Action::Command => self.command.open(),
            Action::Replay(step) => return Effect::Replay(step),
            Action::Freeze => {
                self.frozen_since = if self.frozen_since.is_some() { None } else { now };
            }
            Action::TargetFarther => self.aim(self.target.farther()),
            Action::TargetNearer => self.aim(self.target.nearer()),
            Action::Privacy => self.privacy = !self.privacy,
            Action::Acknowledge => {
                self.acknowledged = now.or(self.acknowledged);
                self.read_away = self.newest_away;
                return Effect::AcknowledgeAlerts;
            }
        }
        Effect::None
    }

    /// Leaves one thing: what lies over the panels, then the filter, then the panel, then the view.
    fn close(&mut self) {
        if self.overlay.take().is_some() {
            return;
        }
        if !self.filter.is_empty() {
            self.filter.clear();
        } else if tab_order(self.view).first() == Some(&self.focus) {
            self.show(View::Overview);
        } else {
            self.focus_first();
        }
    }

    /// Answers a key in words.
    pub(crate) fn say(&mut self, message: impl Into<String>) {
        self.message = Some(message.into());
    }

    fn say_order(&mut self) {
        let reversed = if self.reverse { ", reversed" } else { "" };
        self.say(format!("positions by {}{reversed}", self.sort.word()));
    }

    /// Takes another target, and says so when there is none further on.
    fn aim(&mut self, target: Target) {
        let already = if target == self.target { "already at " } else { "" };
        self.target = target;
        let percent = target.distance().saturating_mul(Decimal::ONE_HUNDRED).normalize();
        self.say(format!("liquidation target {already}{percent} %"));
    }

    /// Shows a view from its first panel on. What lies over the one that is shown is only taken away.
    fn show(&mut self, view: View) {
        let was_covered = self.overlay.take().is_some();
        if self.view != view || !was_covered {
            self.view = view;
            self.focus_first();
        }
    }

    fn focus_first(&mut self) {
        self.focus = tab_order(self.view).first().copied().unwrap_or_default();
    }

    fn open(&mut self, overlay: Overlay) {
        self.scroll.remove(&overlay.panel());
        self.overlay = Some(overlay);
    }

    fn detail(&mut self) {
        if self.overlay.take().is_some() {
            return;
        }
        if self.focus == PanelId::Events {
            self.open(Overlay::Events);
        } else if self.focus == PanelId::Orders {
            if let Some(key) = self.order_at_cursor().cloned() {
                self.open(Overlay::Order(key));
            }
        } else if let Some(key) = self.selected.as_ref().or_else(|| self.shown.first()) {
            self.open(Overlay::Detail(key.clone()));
        }
    }

    fn step_panel(&mut self, onward: bool) {
        if let Some(next) = around(tab_order(self.view), self.focus, onward) {
            self.focus = next;
        }
    }

    /// Steps through the spans of the candles; in the view without candles, through those of its curve.
    fn step_span(&mut self, onward: bool) -> Effect {
        if self.view == View::History {
            self.curve = self.curve.stepped(onward);
            self.say(format!("equity curve: {}", self.curve.name()));
            return Effect::None;
        }
        if let Some(next) = around(&Interval::ALL, self.interval, onward) {
            self.interval = next;
            self.chart.follow();
        }
        self.say(format!("candles of {}", self.interval));
        Effect::SetInterval(self.interval)
    }

    /// Returns the panel that has the keys.
    pub(crate) fn panel_with_keys(&self) -> PanelId {
        self.overlay.as_ref().map_or(self.focus, Overlay::panel)
    }

    /// Moves in the panel that has the keys: the selection of a position or an order, or the first row shown.
    fn step(&mut self, to: impl Fn(usize, usize) -> usize) {
        let panel = self.panel_with_keys();
        if panel == PanelId::Orders {
            self.selected_order = self.order_at_cursor().cloned();
            step_selection(&self.shown_orders, &mut self.selected_order, to);
        } else if panel.selects_position() {
            step_selection(&self.shown, &mut self.selected, to);
        } else {
            let first = self.scroll.entry(panel).or_default();
            // Before a panel is built nobody knows how many rows there are; building it limits this.
            let last = self.last_pages.get(&panel).copied().unwrap_or(usize::MAX);
            *first = to(*first, last);
        }
    }

    /// Ends the scrolling of a panel at its last page, and returns the first row to show. Kept here, so that
    /// the next key moves what is seen.
    pub(crate) fn limit_scroll(&mut self, panel: PanelId, last: usize) -> usize {
        self.last_pages.insert(panel, last);
        self.scroll.get_mut(&panel).map_or(0, |first| {
            *first = (*first).min(last);
            *first
        })
    }

    /// Returns the order that the cursor is on: the first until it is moved.
    pub(crate) fn order_at_cursor(&self) -> Option<&OrderKey> {
        self.selected_order.as_ref().or_else(|| self.shown_orders.first())
    }

    /// Returns how wide the columns of a panel were lately.
    pub(crate) fn kept_widths(&mut self, panel: PanelId) -> &mut KeptWidths {
        self.widths.entry(panel).or_default()
    }

    /// Returns whether a row with these words passes the filter.
    pub(crate) fn passes(&self, words: &[&dyn Display]) -> bool {
        let wanted = self.filter.to_lowercase();
        wanted.is_empty()
            || words.iter().any(|word| word.to_string().to_lowercase().contains(&wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MarginMode, OpenEnum, Product, Side, Symbol};
    use ratatui::crossterm::event::KeyEventKind;

    const NOW: Option<Timestamp> = Some(Timestamp::from_millis(1_000));

    fn press(state: &mut UiState, code: KeyCode) -> Effect {
        state.on_key(&KeyEvent::new(code, KeyModifiers::NONE), NOW)
    }

    fn key(symbol: &str) -> PositionKey {
        PositionKey {
            symbol: Symbol::from_wire(symbol, Product::UsdtFutures).unwrap(),
            side: Side::Long,
            margin_mode: OpenEnum::Known(MarginMode::Cross),
            margin_coin: "USDT".into(),
        }
    }

    #[test]
    fn the_filter_takes_letters_until_enter_and_ctrl_c_still_quits() {
        let mut state = UiState::default();
        for code in "/eqx".chars().map(KeyCode::Char) {
            assert_eq!(press(&mut state, code), Effect::None);
        }
        assert_eq!(state.filter, "eqx");
        press(&mut state, KeyCode::Backspace);
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(state.on_key(&ctrl_c, NOW), Effect::Quit);
        press(&mut state, KeyCode::Enter);
        assert_eq!((state.filter.as_str(), state.editing), ("eq", false));
        press(&mut state, KeyCode::Esc);
        assert_eq!(state.filter, "");
        assert_eq!(press(&mut state, KeyCode::Char('q')), Effect::Quit);
    }

    #[test]
    fn the_selection_is_an_identity() {
        let mut state = UiState { shown: vec![key("A"), key("B"), key("C")], ..UiState::default() };
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(key("A")));
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(key("B")));
        state.shown.reverse();
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(key("A")));
        press(&mut state, KeyCode::Char('g'));
        assert_eq!(state.selected, Some(key("C")));
    }

    #[test]
    fn candles_step_through_every_interval() {
        let mut state = UiState::default();
        for expected in Interval::ALL.into_iter().cycle().skip(1).take(6) {
            assert_eq!(press(&mut state, KeyCode::Char('t')), Effect::SetInterval(expected));
        }
        assert_eq!(press(&mut state, KeyCode::Char('T')), Effect::SetInterval(Interval::Day1));
    }

    #[test]
    fn the_target_moves_in_steps_and_stops_at_both_ends() {
        let mut state = UiState::default();
        assert_eq!(state.target.distance(), Decimal::new(20, 2));
        press(&mut state, KeyCode::Char('+'));
        assert_eq!(state.target.distance(), Decimal::new(25, 2));
        for _ in 0..20 {
            press(&mut state, KeyCode::Char('='));
        }
        assert_eq!(state.target.distance(), Decimal::new(90, 2));
        for _ in 0..20 {
            press(&mut state, KeyCode::Char('-'));
        }
        assert_eq!(state.target.distance(), Decimal::new(1, 2));
    }

    #[test]
    fn keys_whose_work_may_be_out_of_sight_answer_in_words() {
        let mut state = UiState::default();
        for (letter, said) in [
            ('s', "positions by symbol"),
            ('S', "positions by symbol, reversed"),
            ('T', "candles of 1d"),
            ('t', "candles of 1m"),
            ('r', "reconnecting and fetching again"),
            ('+', "liquidation target 25 %"),
        ] {
            press(&mut state, KeyCode::Char(letter));
            assert_eq!(state.message.as_deref(), Some(said), "{letter}");
        }
        for _ in 0..20 {
            press(&mut state, KeyCode::Char('+'));
        }
        assert_eq!(state.message.as_deref(), Some("liquidation target already at 90 %"));
        press(&mut state, KeyCode::Char('1'));
        assert_eq!(state.message, None);
    }

    #[test]
    fn nothing_is_frozen_before_anything_is_shown() {
        let mut state = UiState::default();
        let freeze = KeyEvent::new(KeyCode::Char('f'), KeyModifiers::NONE);
        state.on_key(&freeze, None);
        assert_eq!(state.frozen_since, None);
        state.on_key(&freeze, NOW);
        assert_eq!(state.frozen_since, NOW);
        state.on_key(&freeze, NOW);
        assert_eq!(state.frozen_since, None);
    }

    #[test]
    fn every_panel_has_a_scroll_position_of_its_own() {
        let mut state = UiState::default();
        press(&mut state, KeyCode::BackTab);
        press(&mut state, KeyCode::PageDown);
        assert_eq!(state.limit_scroll(PanelId::Events, 100), 10);
        assert_eq!(state.limit_scroll(PanelId::Fills, 100), 0);
        assert_eq!(state.limit_scroll(PanelId::Events, 4), 4, "the last page");
        press(&mut state, KeyCode::Up);
        assert_eq!(state.limit_scroll(PanelId::Events, 4), 3, "at once, not after six presses");
        assert_eq!(state.limit_scroll(PanelId::Events, 0), 0);
    }

    #[test]
    fn a_panel_is_left_by_the_key_of_its_view_and_by_escape() {
        for key in ['1', '\u{1b}'] {
            let mut state = UiState::default();
            press(&mut state, KeyCode::Tab);
            assert_eq!(state.focus, PanelId::Orders);
            state.filter = "eth".to_owned();
            let code = if key == '1' { KeyCode::Char('1') } else { KeyCode::Esc };
            press(&mut state, code);
            if code == KeyCode::Esc {
                assert_eq!((state.focus, state.filter.as_str()), (PanelId::Orders, ""));
                press(&mut state, code);
            }
            assert_eq!(state.focus, PanelId::Positions, "{code:?}");
        }
        let mut state = UiState::default();
        press(&mut state, KeyCode::Char('3'));
        press(&mut state, KeyCode::Tab);
        for (view, focus) in
            [(View::Risk, PanelId::PositionRisk), (View::Overview, PanelId::Positions)]
        {
            press(&mut state, KeyCode::Esc);
            assert_eq!((state.view, state.focus), (view, focus));
        }
        let mut state = UiState::default();
        press(&mut state, KeyCode::Tab);
        press(&mut state, KeyCode::Char('?'));
        press(&mut state, KeyCode::Char('1'));
        assert_eq!(state.focus, PanelId::Orders, "it only closed the help");
    }

    #[test]
    fn release_events_do_nothing() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert_eq!(UiState::default().on_key(&key, NOW), Effect::None);
    }
}
