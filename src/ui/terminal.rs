//! The terminal: taken over by a guard, given back exactly once on every way out.
//!
//! Raw mode, alternate screen, hidden cursor, bracketed paste; no mouse, so that text can be selected; the
//! scrollback is left alone. Modes that an earlier program left on and that make a terminal send more than keys
//! are switched off, and not on again: that program has ended. The screen is given back on drop and by the panic
//! hook, the latter on the drawing thread only: a panic elsewhere is the business of whoever runs that thread.

mod job_control;

use std::fmt;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{
    LocalModes, OutputModes, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize,
};

use super::frame_writer::{FrameWriter, Traffic};
use super::painter::Painter;
use super::picture::Drawing;
use super::run::{Ready, Tty};
use super::wake::Wake;
use job_control::{in_background, may_write};

pub(super) use job_control::wait_for_foreground;

/// Alternate screen; mouse reports, focus events and enhanced keyboard modes off; hidden cursor, bracketed
/// paste. The screen comes first, because kitty's keyboard mode belongs to it, and the clearing last: old
/// consoles print what they do not know.
const ENTER: &[u8] = b"\x1b[?1049h\
    \x1b[?9;1000;1001;1002;1003;1004;1005;1006;1015;1016;9001l\x1b[=0u\x1b[>4;0m\
    \x1b[?25l\x1b[?2004h\x1b[2J";
/// Back again, with an open synchronized update ended and colours reset first.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// Which colours have the letters, and the background?
const ASK_COLORS: &[u8] = b"\x1b]10;?\x1b\\\x1b]11;?\x1b\\";
/// What every answer to the last question has.
const BACKGROUND: &[u8] = b"]11;";
const HUNG_UP: PollFlags = PollFlags::HUP.union(PollFlags::ERR).union(PollFlags::NVAL);

/// Gives the terminal back, once.
#[derive(Debug, Clone, Default)]
struct Guard {
    entered: Arc<AtomicBool>,
}

impl Guard {
    fn enter(&self) -> io::Result<()> {
        enable_raw_mode()?;
        self.entered.store(true, Ordering::SeqCst);
        let mut out = io::stdout();
        out.write_all(ENTER)?;
        out.flush()
    }

    /// Takes over what others may have had in between, or a new terminal. A line that is still raw is left so:
    /// keys would be echoed into the screen in between.
    fn enter_again(&self) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(LEAVE)?;
        if !is_raw() {
            disable_raw_mode()?;
        }
        self.enter()
    }

    fn has_entered(&self) -> bool {
        self.entered.load(Ordering::SeqCst)
    }

    /// Errors are ignored: where the terminal is gone there is nothing to give back.
    fn leave(&self) {
        if self.entered.swap(false, Ordering::SeqCst) && may_write() {
            let mut out = io::stdout();
            drop(out.write_all(LEAVE).and_then(|()| out.flush()));
            restore_mode();
        }
    }

    /// Gives the terminal back before the text of a panic on this thread is printed. A panic on another
    /// thread is logged: its text would be painted over the screen.
    fn hook_panics(&self) {
        let (guard, drawing_thread) = (self.clone(), std::thread::current().id());
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == drawing_thread {
                guard.leave();
                print(info);
            } else if guard.has_entered() {
                tracing::error!(panic = %info, "a task panicked");
            } else {
                print(info);
            }
        }));
    }
}

/// Where frames are written to.
#[derive(Debug)]
struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(io::stdout(), bytes)?)
    }

    /// A stop cuts a write short. Where the process is continued in the background, the rest of the frame would
    /// be painted over the shell: it is dropped, and the next frame is drawn whole.
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if !bytes.is_empty() && in_background() {
                break;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The real terminal.
pub struct RealTty {
    guard: Guard,
    painter: Painter,
    writer: FrameWriter<Output>,
    in_tmux: bool,
    /// Taken over again after a stop of our own, whose SIGCONT is still to be seen.
    back: bool,
    /// A question was asked whose answer has not come.
    unanswered: bool,
}

impl RealTty {
    /// Takes the terminal over. `in_tmux` also sends past tmux what it may not take itself.
    ///
    /// # Errors
    /// When the terminal cannot be set up; it is then as it was.
    pub fn enter(traffic: Traffic, in_tmux: bool) -> io::Result<Self> {
        let guard = Guard::default();
        guard.hook_panics();
        let writer = FrameWriter::new(Output, traffic);
        guard.enter().inspect_err(|_| guard.leave())?;
        let painter = Painter::default();
        Ok(Self { guard, painter, writer, in_tmux, back: false, unanswered: false })
    }

    /// Asks which colours the terminal has, and does not wait: the answers come as input, if they come.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn ask_colors(&mut self) -> io::Result<()> {
        self.unanswered = true;
        self.writer.send_raw(ASK_COLORS)
    }

    /// Gives the terminal back and prints `text` into the normal screen.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn leave_with(self, text: &str) -> io::Result<()> {
        // From the background this would stop the process.
        if self.unanswered && !in_background() {
            // An answer that is there by now would be typed into the shell.
            let _gone = tcflush(io::stdin(), QueueSelector::IFlush);
        }
        self.guard.leave();
        let mut out = io::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

impl Drop for RealTty {
    fn drop(&mut self) {
        self.guard.leave();
    }
}

impl fmt::Debug for RealTty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealTty").field("guard", &self.guard).finish_non_exhaustive()
    }
}

impl Tty for RealTty {
    /// One wait for input, wakes and the end of the terminal, and one read of what is there.
    fn wait(&mut self, wake: &Wake, timeout: Duration) -> io::Result<Ready> {
        let stdin = io::stdin();
        let (tty, bell) = (stdin.as_fd(), wake.fd());
        let mut fds = [PollFd::new(&tty, PollFlags::IN), PollFd::new(&bell, PollFlags::IN)];
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        match poll(&mut fds, Some(&timeout)) {
            // A signal has its own flag.
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let happened = fds.first().map_or(PollFlags::empty(), PollFd::revents);
        if happened.intersects(HUNG_UP) {
            return Ok(Ready::Gone);
        }
        if !happened.contains(PollFlags::IN) {
            return Ok(Ready::Input(Vec::new()));
        }
        let mut bytes = [0; 1024];
        match rustix::io::read(tty, &mut bytes) {
            Ok(0) => Ok(Ready::Gone),
            Ok(count) => {
                let bytes = bytes.get(..count).unwrap_or_default();
                self.unanswered &= !bytes.windows(BACKGROUND.len()).any(|part| part == BACKGROUND);
                Ok(Ready::Input(bytes.to_vec()))
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Ok(Ready::Input(Vec::new())),
            // It went away after it was looked at.
            Err(_) if hung_up() => Ok(Ready::Gone),
            Err(error) => Err(error.into()),
        }
    }

    /// The kernel is asked and nobody else: crossterm would start `tput` once the terminal is gone, a child
    /// that inherits the environment.
    fn size(&self) -> io::Result<(u16, u16)> {
        let size = tcgetwinsize(io::stdout())?;
        Ok((size.ws_col, size.ws_row))
    }

    fn draw(&mut self, drawing: &Drawing<'_>) -> io::Result<()> {
        self.writer.send(&self.painter.paint(drawing)).map_err(|error| {
            // In the middle of a frame the end of the terminal has many names.
            if hung_up() { io::ErrorKind::BrokenPipe.into() } else { error }
        })
    }

    fn repaint(&mut self) {
        self.painter.forget();
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.writer.send_raw(set_clipboard(text, self.in_tmux).as_bytes())
    }

    fn signal(&mut self, bytes: &str) -> io::Result<()> {
        self.writer.send_raw(bytes.as_bytes())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.guard.leave();
        // Execution continues here when the shell continues the job; at once where nothing stops it, as with
        // the first process of a container.
        Ok(kill_current_process_group(Signal::STOP)?)
    }

    fn in_background(&self) -> bool {
        in_background()
    }

    fn wait_for_foreground(&mut self, wake: &Wake) -> io::Result<()> {
        wait_for_foreground(|| wake.signal().is_some())
    }

    fn resume(&mut self) -> io::Result<()> {
        if !self.guard.has_entered() {
            self.guard.enter()?;
            self.back = true;
        } else if !(std::mem::take(&mut self.back) && is_raw()) {
            self.guard.enter_again()?;
        }
        self.repaint();
        Ok(())
    }
}

/// Returns whether a terminal of this kind may be asked: consoles of old print what they do not know.
pub fn may_be_asked(term: &str) -> bool {
    let console = |kind| term.starts_with(kind);
    !["linux", "vt", "cons", "eterm", "sun", "ansi"].into_iter().any(console)
}

/// Returns OSC 52 with a text. tmux takes it with `set-clipboard on`; without, it can only be passed through to
/// the terminal outside, where `allow-passthrough` is on. Both are sent, and tmux drops what is not allowed:
/// asking it would take a child process, which inherits the environment with the key in it. Where the variable
/// was inherited by a terminal that is not tmux, the first one works and the second is ignored.
fn set_clipboard(text: &str, in_tmux: bool) -> String {
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if !in_tmux {
        return plain;
    }
    let passed_through = plain.replace('\x1b', "\x1b\x1b");
    format!("{plain}\x1bPtmux;{passed_through}\x1b\\")
}

/// Returns whether the terminal is gone; asks only, never waits.
pub(super) fn hung_up() -> bool {
    let stdin = io::stdin();
    let tty = stdin.as_fd();
    let mut fds = [PollFd::new(&tty, PollFlags::empty())];
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&none)).is_ok()
        && fds.first().is_some_and(|fd| fd.revents().intersects(HUNG_UP))
}

/// Returns whether the line is ours and as it was set. A shell at its prompt reads single keys as well, but
/// takes signals from them.
fn is_raw() -> bool {
    let stdin = io::stdin();
    let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    let raw = |modes: Termios| {
        !modes.local_modes.intersects(cooked) && !modes.output_modes.contains(OutputModes::OPOST)
    };
    !in_background() && tcgetattr(&stdin).is_ok_and(raw)
}

/// Gives back what can be given back without writing: the mode of the line. In the background it is the
/// shell's, and setting it would stop the process.
pub(super) fn restore_mode() {
    if !in_background() {
        drop(disable_raw_mode());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_consoles_are_not_asked() {
        for (term, may) in [("xterm-256color", true), ("tmux-256color", true), ("linux", false)] {
            assert_eq!(may_be_asked(term), may, "{term}");
        }
    }

    #[test]
    fn the_clipboard_is_set_through_tmux_and_past_it() {
        let plain = "\x1b]52;c;dGV4dA==\x07";
        assert_eq!(set_clipboard("text", false), plain);
        let past = "\x1bPtmux;\x1b\x1b]52;c;dGV4dA==\x07\x1b\\";
        assert_eq!(set_clipboard("text", true), [plain, past].concat());
    }
}
