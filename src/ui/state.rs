//! [`UiState`]: what the person has chosen, and how keys change it. No figure of the account is here.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rust_decimal::Decimal;

use super::Effect;
use super::keymap::{Action, action_of};
use crate::domain::{Interval, Timestamp};
use crate::report::PositionRow;

/// Rows that a page key moves.
const PAGE: usize = 10;
/// The longest filter, in characters.
const MAX_FILTER: usize = 40;

/// One arrangement of panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum View {
    #[default]
    Overview,
    Positions,
    Risk,
    Orders,
    History,
    Chart,
    Health,
}

/// A panel that takes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum PanelId {
    #[default]
    Positions,
    Orders,
    Events,
    Fills,
    Closed,
    Links,
    /// What may become of the selected position.
    Danger,
    Account,
    Scenarios,
    WhatIf,
    /// Results by day.
    Days,
    /// Closed positions of the history view.
    Trades,
    Journal,
}

impl View {
    /// Returns the panels that take keys, in the order of Tab; never empty.
    const fn panels(self) -> &'static [PanelId] {
        match self {
            Self::Overview => &[PanelId::Positions, PanelId::Orders, PanelId::Events],
            Self::Positions | Self::Chart => &[PanelId::Positions],
            Self::Risk => &[PanelId::Danger, PanelId::Account, PanelId::Scenarios, PanelId::WhatIf],
            Self::History => &[PanelId::Days, PanelId::Trades, PanelId::Journal],
            Self::Orders => &[PanelId::Orders, PanelId::Fills, PanelId::Closed],
            Self::Health => &[PanelId::Links],
        }
    }
}

/// What lies over the panels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Overlay {
    #[default]
    None,
    Help,
    /// Every figure of one position.
    Detail(RowId),
}

/// What tells one position row from the others, whatever its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowId {
    pub(crate) symbol: String,
    pub(crate) side: &'static str,
    pub(crate) margin_mode: String,
}

impl RowId {
    pub(crate) fn of(row: &PositionRow) -> Self {
        Self { symbol: row.symbol.clone(), side: row.side, margin_mode: row.margin_mode.clone() }
    }

    /// Returns whether this is the row's identity.
    pub(crate) fn is(&self, row: &PositionRow) -> bool {
        self.symbol == row.symbol && self.side == row.side && self.margin_mode == row.margin_mode
    }
}

/// What the positions are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SortKey {
    /// The focus first, as the document has them.
    #[default]
    Focus,
    Symbol,
    Notional,
    Pnl,
    Roe,
    Distance,
}

impl SortKey {
    const fn next(self) -> Self {
        match self {
            Self::Focus => Self::Symbol,
            Self::Symbol => Self::Notional,
            Self::Notional => Self::Pnl,
            Self::Pnl => Self::Roe,
            Self::Roe => Self::Distance,
            Self::Distance => Self::Focus,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Focus => "focus first",
            Self::Symbol => "symbol",
            Self::Notional => "notional",
            Self::Pnl => "uPnL",
            Self::Roe => "ROE",
            Self::Distance => "distance",
        }
    }
}

/// The first row shown of each list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scroll {
    pub(crate) orders: usize,
    pub(crate) events: usize,
    pub(crate) fills: usize,
    pub(crate) closed: usize,
    pub(crate) links: usize,
    pub(crate) days: usize,
    pub(crate) trades: usize,
    pub(crate) overlay: usize,
}

/// The wanted distance of the liquidation price from the mark price, a fraction. The file sets the first
/// one, and keys go along the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(Decimal);

impl Target {
    /// The distances that keys ask for, in percent.
    const PERCENT: [i64; 15] = [1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90];

    pub(crate) const fn new(distance: Decimal) -> Self {
        Self(distance)
    }

    /// Returns the distance.
    pub(crate) const fn distance(self) -> Decimal {
        self.0
    }

    fn steps() -> impl DoubleEndedIterator<Item = Decimal> {
        Self::PERCENT.into_iter().map(|percent| Decimal::new(percent, 2))
    }

    fn farther(self) -> Self {
        Self(Self::steps().find(|step| *step > self.0).unwrap_or(self.0))
    }

    fn nearer(self) -> Self {
        Self(Self::steps().rev().find(|step| *step < self.0).unwrap_or(self.0))
    }
}

impl Default for Target {
    /// Twenty percent.
    fn default() -> Self {
        Self(Decimal::new(20, 2))
    }
}

/// What the person has chosen.
#[derive(Debug, Clone, Default)]
pub(crate) struct UiState {
    pub(crate) view: View,
    pub(crate) focus: PanelId,
    pub(crate) overlay: Overlay,
    pub(crate) sort: SortKey,
    pub(crate) reverse: bool,
    pub(crate) filter: String,
    /// The filter line has the keys.
    pub(crate) editing: bool,
    /// Since when the screen stands still.
    pub(crate) frozen_since: Option<Timestamp>,
    pub(crate) privacy: bool,
    pub(crate) selected: Option<RowId>,
    /// The positions in the order that they were drawn in, before the filter.
    pub(crate) order: Vec<RowId>,
    /// When `order` was sorted; `None` asks for a new sort.
    pub(crate) sorted_at: Option<Timestamp>,
    /// The positions that were drawn.
    pub(crate) shown: Vec<RowId>,
    pub(crate) scroll: Scroll,
    /// The span of the candles that was asked for.
    pub(crate) interval: Interval,
    /// What the inverse answers of the risk view aim at.
    pub(crate) target: Target,
    /// What `y` copies.
    pub(crate) copy: String,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl UiState {
    /// Applies a key. `now` is the local time of the last refresh.
    pub(crate) fn on_key(&mut self, key: &KeyEvent, now: Timestamp) -> Effect {
        if key.is_release() {
            return Effect::None;
        }
        let control = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        if self.editing && !control {
            self.edit(key.code);
            return Effect::None;
        }
        action_of(key).map_or(Effect::None, |action| self.apply(action, now))
    }

    /// The line editor of the filter.
    fn edit(&mut self, code: KeyCode) {
        if let KeyCode::Char(letter) = code {
            if !letter.is_control() && self.filter.chars().count() < MAX_FILTER {
                self.filter.push(letter);
            }
        } else if code == KeyCode::Backspace {
            self.filter.pop();
        } else if code == KeyCode::Enter {
            self.editing = false;
        } else if code == KeyCode::Esc {
            self.editing = false;
            self.filter.clear();
        }
    }

    fn apply(&mut self, action: Action, now: Timestamp) -> Effect {
        match action {
            Action::Quit => return Effect::Quit,
            Action::QuitKeepScreen => return Effect::QuitKeepScreen,
            Action::Suspend => return Effect::Suspend,
            Action::Repaint => return Effect::Repaint,
            Action::Refetch => return Effect::Refetch,
            Action::Copy if self.copy.is_empty() => {}
            Action::Copy => return Effect::Copy(self.copy.clone()),
            Action::LongerCandles => return self.step_interval(1),
            Action::ShorterCandles => return self.step_interval(Interval::ALL.len() - 1),
            Action::Help if self.overlay == Overlay::Help => self.overlay = Overlay::None,
            Action::Help => self.open(Overlay::Help),
            Action::Close if self.overlay == Overlay::None => self.filter.clear(),
            Action::Close => self.overlay = Overlay::None,
            Action::Show(view) => self.show(view),
            Action::NextPanel => self.step_panel(1),
            Action::PreviousPanel => self.step_panel(self.view.panels().len() - 1),
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
            }
            Action::Reverse => {
                self.reverse = !self.reverse;
                self.sorted_at = None;
            }
            Action::Filter => self.editing = true,
            Action::Freeze => {
                self.frozen_since = match self.frozen_since {
                    Some(_) => None,
                    None => Some(now),
                }
            }
            Action::TargetFarther => self.target = self.target.farther(),
            Action::TargetNearer => self.target = self.target.nearer(),
            Action::Privacy => self.privacy = !self.privacy,
        }
        Effect::None
    }

    fn show(&mut self, view: View) {
        self.view = view;
        self.overlay = Overlay::None;
        if !view.panels().contains(&self.focus) {
            self.focus = view.panels().first().copied().unwrap_or_default();
        }
    }

    fn open(&mut self, overlay: Overlay) {
        self.overlay = overlay;
        self.scroll.overlay = 0;
    }

    fn detail(&mut self) {
        if !matches!(self.overlay, Overlay::None) {
            self.overlay = Overlay::None;
        } else if let Some(row) = self.selected.as_ref().or_else(|| self.shown.first()) {
            self.open(Overlay::Detail(row.clone()));
        }
    }

    fn step_panel(&mut self, by: usize) {
        let panels = self.view.panels();
        let at = panels.iter().position(|id| *id == self.focus).unwrap_or(0);
        if let Some(next) = panels.get((at + by) % panels.len()) {
            self.focus = *next;
        }
    }

    fn step_interval(&mut self, by: usize) -> Effect {
        let all = Interval::ALL;
        let at = all.iter().position(|i| *i == self.interval).unwrap_or(0);
        if let Some(next) = all.get((at + by) % all.len()) {
            self.interval = *next;
        }
        Effect::SetInterval(self.interval)
    }

    /// Moves in the list that has the keys: the selection among positions, the first row elsewhere.
    fn step(&mut self, to: impl Fn(usize, usize) -> usize) {
        let list = match (&self.overlay, self.focus) {
            (Overlay::Help | Overlay::Detail(_), _) => &mut self.scroll.overlay,
            (Overlay::None, PanelId::Orders) => &mut self.scroll.orders,
            (Overlay::None, PanelId::Events) => &mut self.scroll.events,
            (Overlay::None, PanelId::Fills) => &mut self.scroll.fills,
            (Overlay::None, PanelId::Closed) => &mut self.scroll.closed,
            (Overlay::None, PanelId::Links) => &mut self.scroll.links,
            (Overlay::None, PanelId::Days) => &mut self.scroll.days,
            (Overlay::None, PanelId::Trades) => &mut self.scroll.trades,
            (Overlay::None, PanelId::Journal) => return,
            (
                Overlay::None,
                PanelId::Positions
                | PanelId::Danger
                | PanelId::Account
                | PanelId::Scenarios
                | PanelId::WhatIf,
            ) => {
                let last = self.shown.len().saturating_sub(1);
                let at = self
                    .selected
                    .as_ref()
                    .and_then(|id| self.shown.iter().position(|shown| shown == id));
                let next = match at {
                    Some(at) => to(at, last),
                    // The first step down goes to the first row.
                    None => match to(0, usize::MAX) {
                        1 => 0,
                        next => next.min(last),
                    },
                };
                self.selected = self.shown.get(next).cloned();
                return;
            }
        };
        // How many rows there are is known when the view is built, which limits this.
        *list = to(*list, usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::KeyEventKind;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn press(state: &mut UiState, code: KeyCode) -> Effect {
        state.on_key(&KeyEvent::new(code, KeyModifiers::NONE), NOW)
    }

    fn id(symbol: &str) -> RowId {
        RowId { symbol: symbol.into(), side: "long", margin_mode: "cross".into() }
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
        let mut state = UiState { shown: vec![id("A"), id("B"), id("C")], ..UiState::default() };
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(id("A")));
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(id("B")));
        state.shown.reverse();
        press(&mut state, KeyCode::Down);
        assert_eq!(state.selected, Some(id("A")));
        press(&mut state, KeyCode::Char('g'));
        assert_eq!(state.selected, Some(id("C")));
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
    fn release_events_do_nothing() {
        let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert_eq!(UiState::default().on_key(&key, NOW), Effect::None);
    }
}
