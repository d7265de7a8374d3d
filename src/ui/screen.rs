//! [`Ui`]: the boundary to the loop that reads keys and draws.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use rust_decimal::Decimal;

use super::Traffic;
use super::panels;
use super::rates::Meter;
use super::state::{Target, UiState};
use super::theme::Theme;
use super::view::{ChartBounds, Dashboard, Inputs};
use crate::config::Palette;
use crate::domain::{Interval, Text, Timestamp};
use crate::report::Document;
use crate::store::Snapshot;

/// What the screen is told once, at start.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not depend on each other")]
pub struct UiContext {
    /// Shown in the header.
    pub title: String,
    /// Which colours mean gain and loss.
    pub palette: Palette,
    /// Whether colours may be used.
    pub colors: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// The zone of all times of day.
    pub timezone: jiff::tz::TimeZone,
    /// A host in use that is not the exchange's.
    pub other_host: Option<String>,
    /// Whether there are credentials; without them the private panels name the variables.
    pub credentials: bool,
    /// The last characters of the key.
    pub key_tail: Option<String>,
    /// Bitget's own paper trading.
    pub demo_trading: bool,
}

impl Default for UiContext {
    /// A screen with colours, in UTC, of somebody without credentials.
    fn default() -> Self {
        Self {
            title: String::new(),
            palette: Palette::GreenRed,
            colors: true,
            ascii: false,
            timezone: jiff::tz::TimeZone::UTC,
            other_host: None,
            credentials: false,
            key_tail: None,
            demo_trading: false,
        }
    }
}

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
    /// Draw everything anew.
    Repaint,
    /// Reconnect and fetch now.
    Refetch,
    /// Use candles of this span.
    SetInterval(Interval),
    /// Put this text into the clipboard.
    Copy(String),
}

/// The screen.
#[derive(Debug)]
pub struct Ui {
    context: UiContext,
    theme: Theme,
    state: UiState,
    dashboard: Option<Dashboard>,
    bounds: Option<ChartBounds>,
    last_refresh: Timestamp,
    meter: Meter,
}

impl Ui {
    /// Returns a screen that shows nothing yet.
    pub fn new(context: UiContext) -> Self {
        let clean = |text: String| Text::new(&text).as_str().to_owned();
        let context = UiContext {
            title: clean(context.title),
            other_host: context.other_host.map(clean),
            key_tail: context.key_tail.map(clean),
            ..context
        };
        Self {
            theme: Theme::new(context.palette, context.colors, context.ascii),
            context,
            state: UiState { width: 80, height: 24, ..UiState::default() },
            dashboard: None,
            bounds: None,
            last_refresh: Timestamp::default(),
            meter: Meter::default(),
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
        self.state.on_key(&key, self.last_refresh)
    }

    /// Takes note of the size of the terminal; the scale of the chart depends on it.
    pub const fn on_size(&mut self, width: u16, height: u16) {
        self.state.width = width;
        self.state.height = height;
    }

    /// Builds the view-model and returns whether it differs from the last one.
    ///
    /// `now` is local time, like the times of the snapshot.
    pub fn refresh(&mut self, document: &Document, snapshot: &Snapshot, now: Timestamp) -> bool {
        self.last_refresh = now;
        let rates = self.meter.look(snapshot, now);
        let inputs = Inputs { document, snapshot, context: &self.context, rates, now };
        let next = Dashboard::build(&inputs, &mut self.state, &mut self.bounds);
        if self.dashboard.as_ref() == Some(&next) {
            return false;
        }
        self.dashboard = Some(next);
        true
    }

    /// Returns whether the person has frozen the screen: the loop then keeps the old document.
    pub const fn frozen(&self) -> bool {
        self.state.frozen_since.is_some()
    }

    /// Returns the distance that the inverse answers of the risk view aim at, a fraction of the mark
    /// price; the document is built for it.
    pub const fn target_distance(&self) -> Decimal {
        self.state.target.distance()
    }

    /// Draws the last view-model; nothing before the first [`refresh`](Self::refresh).
    pub fn draw(&self, frame: &mut Frame<'_>) {
        if let Some(dashboard) = &self.dashboard {
            let area = frame.area();
            panels::draw(dashboard, self.theme, area, frame.buffer_mut());
        }
    }
}
