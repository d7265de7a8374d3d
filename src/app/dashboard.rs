//! The dashboard: drawing on the main thread, feeds and engine beside it.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::crossterm::event::KeyEvent;

use super::exit::{DONE, Failure, SIGNAL};
use super::focus_change::FocusChange;
use super::source::{self, Source};
use super::{unlisted, ways};
use crate::alerts::{Privacy, TerminalKind, TerminalOutbox};
use crate::config::{self, Config, Env};
use crate::domain::{Clock, Timestamp};
use crate::engine::{Handle, News, Pace};
use crate::feed::{Command, Controls};
use crate::memory::LastLook;
use crate::report::Report;
use crate::ui::run::{Exit, Order, Screen, plain_text, run as run_loop};
use crate::ui::signals::Signals;
use crate::ui::{
    Drawing, Effect, Pacer, RealTty, Repaint, TerminalColors, Traffic, Ui, UiContext, Wake,
    may_be_asked,
};

/// A key that changes what is computed is answered with the new figures, unless they take this long.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs until a key or a signal ends it.
pub(super) fn run(mut source: Source, env: Env<'_>) -> Result<u8, Failure> {
    let clock: Arc<dyn Clock> = source.clock.clone();
    let privacy = Privacy::default();
    let mut set = ways::set(ways::configured(&source, env)?, Arc::clone(&clock), privacy.clone());
    let terminal = set.add_terminal();
    source.ways = Some(set);
    if !source.config.ui.bell {
        for rule in &mut source.config.alerts {
            rule.send.retain(|way| way != "bell");
        }
    }
    let wake = Wake::new().map_err(Failure::running)?;
    let controls = Controls::default();
    let traffic = Traffic::default();
    let ui = Ui::new(ui_context(&source, env))
        .with_traffic(traffic.clone())
        .with_target(source.config.risk.target_distance);
    let pacer = Pacer::new(&source.config.ui);
    let pace = Pace::new(source.config.ui.max_fps);
    let runtime = source::runtime()?;
    let signals = {
        let _context = runtime.enter();
        Signals::take_over().map_err(Failure::running)?
    };
    // The terminal comes before the feeds: what can fail must fail before anything is connected.
    let mut tty =
        RealTty::enter(traffic.clone(), env("TMUX").is_some()).map_err(Failure::running)?;
    if asks_colors(env) {
        tty.ask_colors().map_err(Failure::running)?;
    }
    let (reported, ended) = (wake.clone(), wake.clone());
    let beside = (move || ended.feeds_ended(), signals.watch(wake.clone()));
    let on_report = move |news| match news {
        News::Moved => reported.moved(),
        News::Aged => reported.aged(),
    };
    let looked = source.looked.clone();
    let running = source.start(runtime, controls.clone(), pace, on_report, beside)?;
    let newest = running.engine.newest();
    let engine = running.engine.clone();
    let mut screen = LiveScreen {
        ui,
        engine: engine.clone(),
        newest,
        wake: wake.clone(),
        is_traded: false,
        controls: controls.clone(),
        focus: FocusChange::default(),
        terminal,
        kind: ways::terminal_kind(env),
        looked,
        privacy,
    };
    let mut order = |order| {
        controls.send(match order {
            Order::Refetch => Command::Refetch,
            Order::Interval(interval) => Command::Interval(interval),
            Order::Focus(symbol) => Command::Focus(symbol),
            Order::AcknowledgeAlerts => return engine.acknowledge_alerts(),
        });
    };
    let ended = run_loop(&mut screen, &mut tty, &wake, &*clock, (pacer, &traffic), &mut order);
    let last = match ended {
        Ok(Exit::QuitKeepScreen) => plain_text(screen.ui.picture()),
        _ => String::new(),
    };
    // Where the terminal is gone nothing can be left on it.
    let _gone = tty.leave_with(&last);
    let failure = running.failure();
    running.stop();
    match ended.map_err(Failure::running)? {
        Exit::FeedsEnded => Err(screen.refusal().unwrap_or(failure)),
        Exit::Quit | Exit::QuitKeepScreen => Ok(DONE),
        Exit::Signal(number) => Ok(SIGNAL + u8::try_from(number).unwrap_or(0)),
        Exit::TerminalGone => Ok(SIGNAL + 1),
    }
}

fn ui_context(source: &Source, env: Env<'_>) -> UiContext {
    UiContext {
        other_host: source.other_host(),
        key_tail: source.key_tail(),
        demo_trading: source.config.exchange.demo_trading,
        proxy: source.proxy(),
        ..screen_context(&source.config, env)
    }
}

/// Returns what the screen is told wherever the data come from.
pub(super) fn screen_context(config: &Config, env: Env<'_>) -> UiContext {
    let ui = &config.ui;
    UiContext {
        title: config.title.clone(),
        palette: ui.palette,
        colors: ui.colors(config::no_color(env)),
        ascii: !config::utf8_locale(env),
        timezone: zone(&ui.timezone),
        theme: ui.theme,
        ..UiContext::default()
    }
}

/// Returns whether asking the terminal for its colours does no harm.
pub(super) fn asks_colors(env: Env<'_>) -> bool {
    may_be_asked(&env("TERM").unwrap_or_default().to_string_lossy())
}

/// Returns the zone of that name. The system's database is walked through for any other than UTC, which every
/// first paint would wait for.
fn zone(name: &str) -> TimeZone {
    if name == "UTC" { TimeZone::UTC } else { TimeZone::get(name).unwrap_or(TimeZone::UTC) }
}

/// The screen over the newest report.
struct LiveScreen {
    ui: Ui,
    engine: Handle,
    newest: Arc<Report>,
    wake: Wake,
    /// A price of the focus has come: from then on its end is a problem, and not a mistyped name.
    is_traded: bool,
    controls: Controls,
    focus: FocusChange,
    /// Alerts that are due on this terminal.
    terminal: TerminalOutbox,
    kind: TerminalKind,
    /// Told of every key: the memory says later what happened since.
    looked: LastLook,
    /// Told whether amounts are hidden: then they leave by no way either.
    privacy: Privacy,
}

impl LiveScreen {
    /// Returns why the start must end, if it must.
    fn refusal(&self) -> Option<Failure> {
        let at_start = !self.is_traded && !self.focus.is_pending();
        unlisted::refusal(&self.newest).filter(|_| at_start)
    }

    /// Takes the newest report, and ends where it says that there will never be any data.
    fn look(&mut self) {
        self.newest = self.engine.newest();
        self.follow_focus();
        self.is_traded |= self.newest.ticker.last.is_some();
        if self.refusal().is_some() {
            // No data will ever come.
            self.wake.feeds_ended();
        }
    }

    /// Goes back where the exchange does not list the contract that was asked for.
    fn follow_focus(&mut self) {
        if let Some(before) = self.focus.look(&self.newest) {
            self.ui.say(unlisted::text(&self.newest.focus));
            self.controls.send(Command::Focus(before));
        }
    }
}

impl Screen for LiveScreen {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        self.looked.look(self.newest.taken_at);
        let before = self.ui.target_distance();
        let effect = self.ui.on_key(key);
        self.privacy.set(self.ui.is_private());
        let target = self.ui.target_distance();
        if target != before {
            self.newest = self.engine.aim_at(target, PATIENCE);
        }
        if let Effect::Replay(_) = &effect {
            self.ui.say("only a replay has this key: bitget-watch --replay FILE".to_owned());
            return Effect::None;
        }
        if let Effect::Focus(symbol) = &effect {
            self.focus.ask(symbol.clone(), &self.newest.focus);
        }
        effect
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.ui.on_size(width, height);
    }

    fn on_colors(&mut self, colors: TerminalColors) {
        self.ui.on_colors(colors);
    }

    fn refresh(&mut self, now: Timestamp) -> bool {
        self.look();
        self.ui.refresh(&self.newest, now)
    }

    fn refresh_lead(&mut self, now: Timestamp) -> Option<Repaint> {
        self.look();
        self.ui.refresh_lead(&self.newest, now)
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        self.ui.take_drawing()
    }

    fn take_signals(&mut self) -> String {
        self.terminal.take(self.kind, self.ui.is_private())
    }

    fn signals_written(&mut self, now: Timestamp) {
        self.terminal.written(now);
    }
}
