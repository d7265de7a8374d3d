//! [`Ui`]: the boundary to the loop that reads keys and draws.

use std::collections::BTreeSet;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyEvent;
use rust_decimal::Decimal;

use super::Traffic;
use super::dashboard::Dashboard;
use super::only_prices::only_prices_moved;
use super::pacer::Repaint;
use super::panels::{Inputs, copy_text};
use super::picture::{Drawing, Picture};
use super::rates::{Meter, Rates};
use super::replay_step::Playing;
use super::state::{Effect, UiState};
use super::target::Target;
use super::terminal_colors::TerminalColors;
use super::theme::Theme;
use super::ui_context::UiContext;
use super::widgets::PriceScale;
use crate::domain::{Product, Timestamp};
use crate::report::Report;

/// The screen.
#[derive(Debug)]
pub struct Ui {
    context: UiContext,
    theme: Theme,
    state: UiState,
    meter: Meter,
    scale: Option<PriceScale>,
    shown: Option<Shown>,
    picture: Picture,
    /// What the panels are of, and when they were built; the lines above them may be of a newer one.
    panels_of: Option<(Arc<Report>, Timestamp)>,
}

/// What is on screen. A frozen screen stays with it.
#[derive(Debug)]
struct Shown {
    report: Arc<Report>,
    rates: Rates,
    /// Local time of the last refresh.
    at: Timestamp,
}

impl Shown {
    fn inputs<'a>(&'a self, context: &'a UiContext, state: &UiState) -> Inputs<'a> {
        let seen = state.frozen_since.unwrap_or(self.at);
        Inputs { report: &self.report, context, rates: self.rates, now: self.at, seen }
    }

    /// The contracts that can be the focus and of which something is known.
    fn symbols(&self) -> Vec<String> {
        let report = &self.report;
        let held = report.positions.rows.iter().map(|row| &row.key.symbol);
        let known = held.chain(report.rules.keys()).chain([&report.focus]);
        let known = known.filter(|symbol| symbol.product() == Product::UsdtFutures);
        let names: BTreeSet<String> = known.map(ToString::to_string).collect();
        names.into_iter().collect()
    }
}

impl Ui {
    /// Returns a screen that shows nothing yet.
    pub fn new(context: UiContext) -> Self {
        let context = context.cleaned();
        let mut state = UiState::default();
        (state.width, state.height) = (80, 24);
        state.theme = context.theme;
        Self {
            theme: Theme::new(context.palette, context.colors, context.ascii),
            context,
            state,
            meter: Meter::default(),
            scale: None,
            shown: None,
            picture: Picture::default(),
            panels_of: None,
        }
    }

    /// Returns the screen with a counter of what goes to the terminal, for the health view.
    #[must_use]
    pub fn with_traffic(mut self, traffic: Traffic) -> Self {
        self.meter = Meter::new(traffic);
        self
    }

    /// Returns the screen with the distance that its inverse answers begin with, a fraction.
    #[must_use]
    pub const fn with_target(mut self, distance: Decimal) -> Self {
        self.state.target = Target::new(distance);
        self
    }

    /// Applies a key. Releases do nothing.
    pub fn on_key(&mut self, key: KeyEvent) -> Effect {
        if self.state.command.text().is_some() {
            self.state.symbols = self.shown.as_ref().map(Shown::symbols).unwrap_or_default();
        }
        let effect = self.state.on_key(&key, self.shown.as_ref().map(|shown| shown.at));
        let Effect::Copy(_) = effect else { return effect };
        // What is copied is what the screen shows.
        let shown = self.shown.as_ref();
        let text = shown
            .and_then(|shown| copy_text(&shown.inputs(&self.context, &self.state), &self.state));
        let said =
            if text.is_some() { "copied, if the terminal allows it" } else { "nothing to copy" };
        self.state.say(said);
        text.map_or(Effect::None, Effect::Copy)
    }

    /// Says something in the message line, until the next key.
    pub fn say(&mut self, message: String) {
        self.state.say(message);
    }

    /// Takes note of how a recording is played, in the words of the badge.
    pub fn replaying(&mut self, badge: String) {
        self.state.playing = Playing::Recording;
        self.context.replay = Some(badge);
    }

    /// Takes note of the size of the terminal, for which the next refresh builds.
    pub const fn on_size(&mut self, width: u16, height: u16) {
        self.state.width = width;
        self.state.height = height;
    }

    /// Takes note of the colours that the terminal has told of; the next drawing suits them.
    pub fn on_colors(&mut self, colors: TerminalColors) {
        self.theme = self.theme.on(colors);
    }

    /// Draws the newest report into the [`picture`](Self::picture) and returns whether it looks different. A
    /// frozen screen keeps the report that it shows.
    ///
    /// `now` is the present, local time.
    pub fn refresh(&mut self, newest: &Arc<Report>, now: Timestamp) -> bool {
        let shown = self.look(newest, now);
        self.panels_of = Some((Arc::clone(&shown.report), now));
        let inputs = shown.inputs(&self.context, &self.state);
        let next = Dashboard::build(&inputs, &mut self.state, &mut self.scale);
        self.shown = Some(shown);
        self.picture.show(next, self.theme.named(self.state.theme))
    }

    /// Like [`refresh`](Self::refresh), but leaves the panels as they are where nothing but prices has moved
    /// since they were built: the lines above them take few bytes. The caller has the panels follow. Returns
    /// what was drawn, `None` when it looks the same.
    pub fn refresh_lead(&mut self, newest: &Arc<Report>, now: Timestamp) -> Option<Repaint> {
        let of = self.panels_of.as_ref();
        let may_wait = of
            .is_some_and(|(of, at)| only_prices_moved((of.as_ref(), *at), (newest.as_ref(), now)));
        if may_wait {
            let shown = self.look(newest, now);
            let inputs = shown.inputs(&self.context, &self.state);
            let lead = Dashboard::lead(&inputs, &mut self.state);
            self.shown = Some(shown);
            let theme = self.theme.named(self.state.theme);
            if let Some(differs) = lead.and_then(|lead| self.picture.show_lead(lead, theme)) {
                return differs.then_some(Repaint::Lead);
            }
        }
        self.refresh(newest, now).then_some(Repaint::Whole)
    }

    fn look(&mut self, newest: &Arc<Report>, now: Timestamp) -> Shown {
        let rates = self.meter.look(&newest.links, now);
        match self.shown.take() {
            Some(shown) if self.state.frozen_since.is_some() => Shown { at: now, ..shown },
            before => {
                if before.is_some_and(|before| before.report.focus != newest.focus) {
                    // The selection starts in the focus, which stands first.
                    (self.state.selected, self.state.sorted_at) = (None, None);
                    // Where the chart was moved to may be a time without a bar of this contract.
                    self.state.chart.follow();
                }
                Shown { report: Arc::clone(newest), rates, at: now }
            }
        }
    }

    /// Returns the distance that the inverse answers of the risk view aim at, a fraction of the mark
    /// price; the report is made for it.
    pub const fn target_distance(&self) -> Decimal {
        self.state.target.distance()
    }

    /// Returns whether amounts are hidden.
    pub const fn is_private(&self) -> bool {
        self.state.privacy
    }

    /// Returns what refreshes have drawn since this was last asked, for a [`Painter`](super::Painter).
    pub fn take_drawing(&mut self) -> Drawing<'_> {
        self.picture.take_drawing()
    }

    /// Returns the cells as the last refresh has left them; none before the first.
    pub const fn picture(&self) -> &Buffer {
        self.picture.cells()
    }
}
