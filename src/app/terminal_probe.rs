//! Looks at the terminal that `check` was started on: its variables, its size, and what it answers.

use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use crate::check::Terminal;
use crate::config::{Env, UiConfig, no_color, terminal_usable, utf8_locale};
use crate::domain::Clock;

/// A terminal at the other end of a slow link answers within this.
const PATIENCE: Duration = Duration::from_millis(700);
/// Replies are far shorter.
const MAX_REPLY: usize = 512;

/// Looks at the terminal.
pub(super) fn look(ui: &UiConfig, env: Env<'_>, clock: &dyn Clock) -> Terminal {
    let text = |name| env(name).and_then(|value| value.into_string().ok());
    let term = text("TERM");
    let (out, input) = (io::stdout().is_terminal(), io::stdin().is_terminal());
    let in_tmux = env("TMUX").is_some();
    let unusable = terminal_usable(term.as_deref(), out, input).err();
    let unusable = unusable.map(|line| line.split(", so ").next().unwrap_or_default().to_owned());
    let is_usable = unusable.is_none();
    Terminal {
        unusable,
        size: size().ok().filter(|_| is_usable),
        term,
        color_term: text("COLORTERM"),
        colors: ui.colors(no_color(env)),
        utf8: utf8_locale(env),
        in_tmux,
        passthrough: (in_tmux && is_usable).then(passthrough).flatten(),
        replies: is_usable.then(|| ask(clock)).flatten(),
    }
}

/// Asks tmux whether it lets sequences past.
fn passthrough() -> Option<String> {
    let shown = Command::new("tmux")
        .args(["show", "-gv", "allow-passthrough"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let value = String::from_utf8(shown.stdout).ok()?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Asks the terminal itself; `None` when it does not answer. A process in the background must not touch it.
fn ask(clock: &dyn Clock) -> Option<Vec<u8>> {
    if tcgetpgrp(io::stdin()).ok()? != getpgrp() {
        return None;
    }
    enable_raw_mode().ok()?;
    let replies = exchange(clock);
    let _as_it_was = disable_raw_mode();
    replies.ok().filter(|replies| Terminal::is_answered(replies))
}

fn exchange(clock: &dyn Clock) -> io::Result<Vec<u8>> {
    let mut out = io::stdout().lock();
    out.write_all(Terminal::QUERY)?;
    out.flush()?;
    let (stdin, mut replies) = (io::stdin(), Vec::new());
    let deadline = clock.now().after(PATIENCE);
    while !Terminal::is_answered(&replies) && replies.len() < MAX_REPLY {
        let left = deadline.since(clock.now());
        let fd = stdin.as_fd();
        let mut fds = [PollFd::new(&fd, PollFlags::IN)];
        let nanos = left.subsec_nanos().into();
        let timeout = Timespec { tv_sec: left.as_secs().try_into().unwrap_or(1), tv_nsec: nanos };
        if left.is_zero() || poll(&mut fds, Some(&timeout))? == 0 {
            break;
        }
        let mut buffer = [0; 64];
        let count = rustix::io::read(&stdin, &mut buffer)?;
        if count == 0 {
            break;
        }
        replies.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
    Ok(replies)
}
