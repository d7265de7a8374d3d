//! The dashboard over a recording: the same screen, a loud badge, and the clock of the recording.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::KeyEvent;

use super::dashboard::{asks_colors, screen_context};
use super::exit::{DONE, Failure, SIGNAL};
use super::playback::{self, Remote};
use super::{replay, source};
use crate::config::{Config, Env};
use crate::domain::{SystemClock, Timestamp};
use crate::report::Report;
use crate::ui::run::{Exit, Screen, plain_text, run as run_loop};
use crate::ui::signals::Signals;
use crate::ui::{Drawing, Effect, Pacer, RealTty, TerminalColors, Traffic, Ui, Wake};

/// A key that changes what is computed is answered with the new figures, unless they take this long.
const PATIENCE: Duration = Duration::from_millis(50);

/// Plays until a key or a signal ends it. At its end the recording stays on its last state.
pub(super) fn run(
    path: &Path,
    speed: Option<f64>,
    config: Config,
    env: Env<'_>,
) -> Result<u8, Failure> {
    let recording = replay::open(path)?;
    let wake = Wake::new().map_err(Failure::running)?;
    let traffic = Traffic::default();
    let context = screen_context(&config, env);
    let zone = context.timezone.clone();
    let ui =
        Ui::new(context).with_traffic(traffic.clone()).with_target(config.risk.target_distance);
    let pacer = Pacer::new(&config.ui);
    let runtime = source::runtime()?;
    let signals = {
        let _context = runtime.enter();
        Signals::take_over().map_err(Failure::running)?
    };
    let mut tty =
        RealTty::enter(traffic.clone(), env("TMUX").is_some()).map_err(Failure::running)?;
    if asks_colors(env) {
        tty.ask_colors().map_err(Failure::running)?;
    }
    let watched = wake.clone();
    // It ends with the process: nothing waits for a signal that does not come.
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(signals.watch(watched)))
        .map_err(Failure::running)?;
    let speed = speed.unwrap_or(1.0);
    let remote = playback::start(recording, config, zone, speed, wake.clone());
    let remote = remote.map_err(Failure::running)?;
    let newest = remote.shown().engine.newest();
    let mut screen = ReplayScreen { ui, remote, newest };
    let clock = SystemClock::start();
    let ended = run_loop(&mut screen, &mut tty, &wake, &clock, (pacer, &traffic), &mut |_| {});
    let last = match ended {
        Ok(Exit::QuitKeepScreen) => plain_text(screen.ui.picture()),
        _ => String::new(),
    };
    // Where the terminal is gone nothing can be left on it.
    let _gone = tty.leave_with(&last);
    match ended.map_err(Failure::running)? {
        Exit::Quit | Exit::QuitKeepScreen | Exit::FeedsEnded => Ok(DONE),
        Exit::Signal(number) => Ok(SIGNAL + u8::try_from(number).unwrap_or(0)),
        Exit::TerminalGone => Ok(SIGNAL + 1),
    }
}

struct ReplayScreen {
    ui: Ui,
    remote: Remote,
    newest: Arc<Report>,
}

impl Screen for ReplayScreen {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        let before = self.ui.target_distance();
        let effect = self.ui.on_key(key);
        let target = self.ui.target_distance();
        if target != before {
            self.newest = self.remote.shown().engine.aim_at(target, PATIENCE);
        }
        match &effect {
            Effect::Replay(step) => self.remote.send(*step),
            Effect::AcknowledgeAlerts => self.remote.shown().engine.acknowledge_alerts(),
            Effect::Refetch | Effect::SetInterval(_) | Effect::Focus(_) => {
                self.ui.say("a recording has what was asked for when it was made".to_owned());
            }
            Effect::None
            | Effect::Quit
            | Effect::QuitKeepScreen
            | Effect::Suspend
            | Effect::Repaint
            | Effect::Copy(_) => return effect,
        }
        Effect::None
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.ui.on_size(width, height);
    }

    fn on_colors(&mut self, colors: TerminalColors) {
        self.ui.on_colors(colors);
    }

    /// The present is that of the recording.
    fn refresh(&mut self, _now: Timestamp) -> bool {
        let shown = self.remote.shown();
        self.newest = shown.engine.newest();
        self.ui.replaying(shown.badge);
        self.ui.refresh(&self.newest, shown.now)
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        self.ui.take_drawing()
    }
}
