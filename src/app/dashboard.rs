//! The dashboard: drawing on the main thread, feeds beside it.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::exit::{DONE, Failure, SIGNAL};
use super::source::{self, Source};
use crate::config::{self, Env};
use crate::domain::{Clock, Timestamp};
use crate::feed::{Command, Controls};
use crate::report::{Document, Engine};
use crate::store::{SharedStore, Snapshot, Store};
use crate::ui::run::{Exit, Order, Screen, plain_text, run as run_loop};
use crate::ui::signals::Signals;
use crate::ui::{Effect, RealTty, Traffic, Ui, UiContext, Wake};

/// Runs until a key or a signal ends it.
pub(super) fn run(source: Source, env: Env<'_>) -> Result<u8, Failure> {
    let wake = Wake::new().map_err(Failure::running)?;
    let waker = wake.clone();
    let store = SharedStore::new(Store::new(source.config.symbol.clone()), move || waker.changed());
    let controls = Controls::default();
    let traffic = Traffic::default();
    let mut screen = LiveScreen {
        ui: Ui::new(ui_context(&source, env))
            .with_traffic(traffic.clone())
            .with_target(source.config.risk.target_distance),
        store: store.clone(),
        engine: Engine::new(source.context()),
        shown: None,
    };
    let clock: Arc<dyn Clock> = source.clock.clone();
    let max_fps = source.config.ui.max_fps;
    let runtime = source::runtime()?;
    let signals = {
        let _context = runtime.enter();
        Signals::take_over().map_err(Failure::running)?
    };
    // The terminal comes before the feeds: what can fail must fail before anything is connected.
    let mut tty = RealTty::enter(traffic, env("TMUX").is_some()).map_err(Failure::running)?;
    let watch = signals.watch(wake.clone());
    let feeds = source.start(runtime, store, controls.clone(), watch)?;
    let mut order = |order| {
        controls.send(match order {
            Order::Refetch => Command::Refetch,
            Order::Interval(interval) => Command::Interval(interval),
        });
    };
    let ended = run_loop(&mut screen, &mut tty, &wake, &*clock, max_fps, &mut order);
    let last = match ended {
        Ok(Exit::QuitKeepScreen) => last_screen(&screen, &tty),
        _ => String::new(),
    };
    // Where the terminal is gone nothing can be left on it.
    let _gone = tty.leave_with(&last);
    feeds.stop();
    match ended.map_err(Failure::running)? {
        Exit::Quit | Exit::QuitKeepScreen => Ok(DONE),
        Exit::Signal(number) => Ok(SIGNAL + u8::try_from(number).unwrap_or(0)),
        Exit::TerminalGone => Ok(SIGNAL + 1),
    }
}

fn last_screen(screen: &LiveScreen, tty: &RealTty) -> String {
    use crate::ui::run::Tty;
    let (width, height) = tty.size().unwrap_or((80, 24));
    plain_text(screen, width, height).unwrap_or_default()
}

fn ui_context(source: &Source, env: Env<'_>) -> UiContext {
    let ui = &source.config.ui;
    let context = source.context();
    UiContext {
        title: source.config.title.clone(),
        palette: ui.palette,
        colors: ui.colors(config::no_color(env)),
        ascii: !config::utf8_locale(env),
        timezone: jiff::tz::TimeZone::get(&ui.timezone).unwrap_or(jiff::tz::TimeZone::UTC),
        other_host: source.other_host(),
        credentials: context.credentials,
        key_tail: source.key_tail(),
        demo_trading: source.config.exchange.demo_trading,
    }
}

/// The screen over the live state.
struct LiveScreen {
    ui: Ui,
    store: SharedStore,
    engine: Engine,
    /// What was shown last: a frozen screen stays with it.
    shown: Option<(Document, Snapshot)>,
}

impl Screen for LiveScreen {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        self.ui.on_key(key)
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.ui.on_size(width, height);
    }

    fn refresh(&mut self, now: Timestamp) -> bool {
        self.engine.aim_at(self.ui.target_distance());
        let snapshot = self.store.snapshot();
        // The session goes on behind a frozen screen.
        let document = self.engine.read(&snapshot, now);
        let shown = match self.shown.take() {
            Some(shown) if self.ui.frozen() => shown,
            _ => (document, snapshot),
        };
        let differs = self.ui.refresh(&shown.0, &shown.1, now);
        self.shown = Some(shown);
        differs
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.ui.draw(frame);
    }
}
