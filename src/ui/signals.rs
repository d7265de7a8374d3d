//! Signals, and the end of the terminal, watched from the runtime beside the drawing thread.
//!
//! The drawing thread may be stuck in a write to a terminal that does not read. So the wish to end is
//! handed to it, and if it cannot follow within two seconds the process ends without it.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::terminal::{hung_up, restore_mode};
use super::wake::Wake;

/// How long the drawing thread has to follow.
const GRACE: Duration = Duration::from_secs(2);
/// How often the terminal is asked whether it is still there: a quiet screen never finds out by
/// writing, and SIGHUP may be ignored.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Watches until the process ends.
///
/// # Errors
/// When a signal cannot be watched.
pub async fn watch(wake: Wake) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut window = signal(SignalKind::window_change())?;
    let raw = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
    let mut stopped = signal(raw(rustix::process::Signal::TSTP))?;
    let mut resumed = signal(raw(rustix::process::Signal::CONT))?;
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let number = loop {
        tokio::select! {
            _ = terminate.recv() => break 15,
            _ = interrupt.recv() => break 2,
            _ = hangup.recv() => break 1,
            _ = quit.recv() => break 3,
            _ = window.recv() => wake.resized(),
            _ = stopped.recv() => wake.suspend(),
            _ = resumed.recv() => wake.continued(),
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

#[expect(clippy::disallowed_methods, reason = "the drawing thread is stuck in a write")]
fn end_now(number: i32) -> ! {
    restore_mode();
    std::process::exit(128 + number)
}
