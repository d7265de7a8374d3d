//! The terminal belongs to one process group at a time, and the shell says which.

use std::io;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, kill_current_process_group};
use rustix::termios::{LocalModes, tcgetattr, tcgetpgrp};

/// How long a process that is continued in the background has for the signals that came with it.
const GRACE: Duration = Duration::from_millis(100);

/// Returns whether another process group has the terminal.
pub(super) fn in_background() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|foreground| foreground != getpgrp())
}

/// Stops the process group while it is in the background, by the signal with which the kernel does so when a
/// background process sets modes or, after `stty tostop`, writes. It is not left to the kernel, because it
/// comes too late: what is read as the modes to restore at the end would be those of the shell's prompt.
///
/// Returns in the foreground, or when `ended` says that the process is to end. Where the signal has no effect
/// (ignored, or no shell that could continue the process) it is repeated until then.
///
/// # Errors
/// When the signal cannot be sent.
pub(in crate::ui) fn wait_for_foreground(ended: impl Fn() -> bool) -> io::Result<()> {
    while in_background() {
        // A shell that kills a stopped job continues it, so that it sees the signal: it takes its time.
        pause(GRACE);
        if ended() {
            break;
        }
        if in_background() {
            kill_current_process_group(Signal::TTOU)?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "there is nothing to draw in the background")]
fn pause(span: Duration) {
    std::thread::sleep(span);
}

/// Returns whether a write does not stop the process: after `stty tostop` one in the background does, and a
/// process that leaves its screen there would never end.
pub(super) fn may_write() -> bool {
    let tostop = |modes: rustix::termios::Termios| modes.local_modes.contains(LocalModes::TOSTOP);
    !in_background() || tcgetattr(io::stdin()).is_ok_and(|modes| !tostop(modes))
}
