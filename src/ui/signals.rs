//! Signals, and the end of the terminal, watched from the runtime beside the drawing thread.
//!
//! The drawing thread may be stuck in a write to a terminal that takes nothing. So it is
//! asked to end, and if it cannot within two seconds the process ends without it.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::terminal::{hung_up, restore_mode, wait_for_foreground};
use super::wake::Wake;

/// How long the drawing thread has to end by itself.
const GRACE: Duration = Duration::from_secs(2);
/// How often the terminal is checked for a hang-up: a quiet screen never finds out by writing, and SIGHUP
/// may be ignored.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The signals that are watched. From its creation on none of them has its default effect.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    quit: Signal,
    window: Signal,
    stopped: Signal,
    resumed: Signal,
}

impl Signals {
    /// Takes the signals over, in the context of a runtime. To be called before the terminal is taken
    /// over: a signal in between would end the process without giving it back.
    ///
    /// A process that was started in the background (`&`) waits for the foreground first, while a signal still
    /// ends it.
    ///
    /// # Errors
    /// When a signal cannot be watched.
    pub fn take_over() -> io::Result<Self> {
        wait_for_foreground(|| false)?;
        let raw = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            window: signal(SignalKind::window_change())?,
            stopped: signal(raw(rustix::process::Signal::TSTP))?,
            resumed: signal(raw(rustix::process::Signal::CONT))?,
        })
    }

    /// Watches until the process ends.
    pub async fn watch(mut self, wake: Wake) {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let number = loop {
            tokio::select! {
                _ = self.terminate.recv() => break 15,
                _ = self.interrupt.recv() => break 2,
                _ = self.hangup.recv() => break 1,
                _ = self.quit.recv() => break 3,
                _ = self.window.recv() => wake.resized(),
                _ = self.stopped.recv() => wake.suspend(),
                _ = self.resumed.recv() => wake.continued(),
                _ = look.tick() => {
                    if hung_up() {
                        break 1;
                    }
                }
            }
        };
        wake.stop(number);
        sleep(GRACE).await;
        end_now(number);
    }
}

#[expect(clippy::disallowed_methods, reason = "the drawing thread is stuck in a write")]
fn end_now(number: i32) -> ! {
    restore_mode();
    std::process::exit(128 + number)
}
