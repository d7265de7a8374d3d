//! The drawing loop: synchronous, on the main thread, woken by keys, changes and signals.
//!
//! The [`Pacer`] says when to look; what is not different is not drawn.

use std::io;
use std::time::Duration;

use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::event::KeyEvent;

use super::Effect;
use super::format;
use super::frame_writer::Traffic;
use super::input::Input;
use super::pacer::{Pacer, Repaint};
use super::picture::Drawing;
use super::terminal_colors::TerminalColors;
use super::wake::Wake;
use crate::domain::{Clock, Interval, Symbol, Timestamp};

/// What is drawn and what keys mean.
pub trait Screen {
    /// Applies a key.
    fn on_key(&mut self, key: KeyEvent) -> Effect;
    /// The terminal has this size.
    fn on_size(&mut self, width: u16, height: u16);
    /// The terminal has told which colours its letters and its background have.
    fn on_colors(&mut self, colors: TerminalColors) {
        let _ = colors;
    }
    /// Draws the view of this moment into the picture; `false` when it looks like the last one.
    fn refresh(&mut self, now: Timestamp) -> bool;
    /// Draws the lines above the panels of this moment and leaves the panels as they are, where nothing but
    /// prices has moved; else, and in a view without such lines, all of it. Returns what was drawn, `None` when
    /// it looks like the last view.
    fn refresh_lead(&mut self, now: Timestamp) -> Option<Repaint> {
        self.refresh(now).then_some(Repaint::Whole)
    }
    /// Returns what refreshes have drawn since this was last asked.
    fn take_drawing(&mut self) -> Drawing<'_>;
    /// Returns what is to be sent to the terminal besides frames: a bell, a notification.
    fn take_signals(&mut self) -> String {
        String::new()
    }
    /// What was taken last was written at `now`.
    fn signals_written(&mut self, _now: Timestamp) {}
}

/// What the loop needs of a terminal.
pub trait Tty {
    /// Waits for input, a wake or the time-out, and reads what is there.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    fn wait(&mut self, wake: &Wake, timeout: Duration) -> io::Result<Ready>;
    /// Returns the width and the height.
    ///
    /// # Errors
    /// When the terminal has none.
    fn size(&self) -> io::Result<(u16, u16)>;
    /// Has the terminal show what was drawn.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    fn draw(&mut self, drawing: &Drawing<'_>) -> io::Result<()>;
    /// Forgets what the terminal shows: the next picture is drawn whole.
    fn repaint(&mut self);
    /// Puts text into the clipboard of the user's terminal.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    fn copy(&mut self, text: &str) -> io::Result<()>;
    /// Sends what makes a sound or a notification and draws nothing.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    fn signal(&mut self, bytes: &str) -> io::Result<()>;
    /// Gives the terminal back and stops the process, until it is continued.
    ///
    /// # Errors
    /// When the process cannot be stopped.
    fn suspend(&mut self) -> io::Result<()>;
    /// Returns whether the terminal belongs to another process group: the shell, after `bg`.
    fn in_background(&self) -> bool;
    /// Stops the process while the terminal belongs to another process group; returns at once when none does,
    /// and when a signal asks for the end.
    ///
    /// # Errors
    /// When the process cannot be stopped.
    fn wait_for_foreground(&mut self, wake: &Wake) -> io::Result<()>;
    /// Takes the terminal over again, after others had it or where it may be another one, and forgets the last
    /// frame.
    ///
    /// # Errors
    /// When the terminal cannot be taken over again.
    fn resume(&mut self) -> io::Result<()>;
}

/// What a wait brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// What the terminal sent; empty when it had nothing to read.
    Input(Vec<u8>),
    /// The terminal is gone.
    Gone,
}

/// What a key asks of the feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Reconnect and fetch now.
    Refetch,
    /// Use candles of this span.
    Interval(Interval),
    /// Put this contract in focus.
    Focus(Symbol),
    /// The alerts that are on have been seen.
    AcknowledgeAlerts,
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Quit,
    /// The user quit and wants the last screen kept.
    QuitKeepScreen,
    /// A signal asked for it.
    Signal(i32),
    /// The terminal is gone.
    TerminalGone,
    /// There will be no more data.
    FeedsEnded,
}

/// Runs until a key, a signal or the end of the terminal. `traffic` counts what `tty` writes.
///
/// # Errors
/// When the terminal fails in a way that is not its end.
pub fn run(
    screen: &mut dyn Screen,
    tty: &mut dyn Tty,
    wake: &Wake,
    clock: &dyn Clock,
    (pacer, traffic): (Pacer, &Traffic),
    order: &mut dyn FnMut(Order),
) -> io::Result<Exit> {
    let ended = Loop {
        screen,
        tty,
        wake,
        clock,
        pacer,
        traffic,
        size: (0, 0),
        told_size: (0, 0),
        input: Input::default(),
    }
    .run(order);
    match ended {
        Err(error) if is_gone(&error) => Ok(Exit::TerminalGone),
        other => other,
    }
}

/// A terminal that is gone fails with EIO or a broken pipe.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
        || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

struct Loop<'a> {
    screen: &'a mut dyn Screen,
    tty: &'a mut dyn Tty,
    wake: &'a Wake,
    clock: &'a dyn Clock,
    pacer: Pacer,
    traffic: &'a Traffic,
    input: Input,
    size: (u16, u16),
    /// The size at the last SIGWINCH: a resize may be seen before its signal.
    told_size: (u16, u16),
}

impl Loop<'_> {
    fn run(&mut self, order: &mut dyn FnMut(Order)) -> io::Result<Exit> {
        self.resize()?;
        self.told_size = self.size;
        loop {
            // Before anything is drawn: after `bg` a change may be seen before SIGCONT.
            if self.tty.in_background() {
                self.take_over()?;
            }
            if let Some(signal) = self.wake.signal() {
                return Ok(Exit::Signal(signal));
            }
            let now = self.clock.now();
            let timeout = self.draw_if_due(now)?;
            self.signal()?;
            let keys = match self.tty.wait(self.wake, timeout)? {
                Ready::Gone => return Ok(Exit::TerminalGone),
                Ready::Input(bytes) => self.input.take(&bytes, self.clock.now()),
            };
            if let Some(colors) = self.input.colors() {
                self.screen.on_colors(colors);
                self.draw_now();
            }
            let asked = self.wake.take();
            if let Some(signal) = self.wake.signal() {
                return Ok(Exit::Signal(signal));
            }
            if asked.feeds_ended {
                return Ok(Exit::FeedsEnded);
            }
            if asked.aged {
                self.pacer.aged(self.clock.now());
            }
            if asked.moved {
                self.pacer.moved();
                if let Some(hold) = self.pacer.hold(self.clock.now()) {
                    self.traffic.held(hold);
                }
            }
            if asked.suspend {
                self.suspend()?;
            }
            self.resize()?;
            // After a new attach dtach and abduco signal the size that it had, to have everything drawn.
            let reattached = asked.resized && self.told_size == self.size;
            if asked.resized {
                self.told_size = self.size;
            }
            if asked.continued || reattached {
                self.take_over()?;
            }
            for key in keys {
                // A key is answered at once, whatever the limits.
                self.draw_now();
                match self.screen.on_key(key) {
                    // A replay is moved by the screen over it.
                    Effect::None | Effect::Replay(_) => {}
                    Effect::Quit => return Ok(Exit::Quit),
                    Effect::QuitKeepScreen => return Ok(Exit::QuitKeepScreen),
                    Effect::Suspend => self.suspend()?,
                    Effect::Repaint => self.tty.repaint(),
                    Effect::Refetch => order(Order::Refetch),
                    Effect::SetInterval(interval) => order(Order::Interval(interval)),
                    Effect::Copy(text) => self.tty.copy(&text)?,
                    Effect::Focus(symbol) => order(Order::Focus(symbol)),
                    Effect::AcknowledgeAlerts => order(Order::AcknowledgeAlerts),
                }
            }
        }
    }

    /// Draws what is due and returns for how long there is nothing else to do.
    fn draw_if_due(&mut self, now: Timestamp) -> io::Result<Duration> {
        let input = self.input.wait(now).unwrap_or(Duration::MAX);
        // A write may block for longer than an escape waits for its rest: nothing is drawn meanwhile.
        if self.input.is_undecided() {
            return Ok(input);
        }
        if self.pacer.is_due(now) {
            let asked = self.pacer.repaint(now);
            let built = match asked {
                Repaint::Whole => self.screen.refresh(now).then_some(Repaint::Whole),
                Repaint::Lead => self.screen.refresh_lead(now),
            };
            if let (Repaint::Lead, Some(built)) = (asked, built) {
                self.pacer.built_for_lead(built);
            }
            let forced = self.pacer.looked(built.unwrap_or(asked), now);
            if built.is_some() || forced {
                self.draw(built.unwrap_or(asked), forced)?;
            }
        }
        Ok(self.pacer.wait(self.clock.now()).min(input))
    }

    fn signal(&mut self) -> io::Result<()> {
        let bytes = self.screen.take_signals();
        if !bytes.is_empty() {
            self.tty.signal(&bytes)?;
            self.screen.signals_written(self.clock.now());
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.tty.suspend()?;
        self.take_over()
    }

    /// Takes the terminal over in the foreground, or not at all when a signal asks for the end first.
    fn take_over(&mut self) -> io::Result<()> {
        self.tty.wait_for_foreground(self.wake)?;
        if self.wake.signal().is_none() {
            self.tty.resume()?;
            self.input = Input::default();
            // It may have another size by now.
            self.resize()?;
            self.draw_now();
        }
        Ok(())
    }

    const fn draw_now(&mut self) {
        self.pacer.draw_now();
    }

    /// Looks at the size on every pass: a resize signal may reach another thread.
    fn resize(&mut self) -> io::Result<()> {
        let size = self.tty.size()?;
        if size != self.size {
            self.size = size;
            self.screen.on_size(size.0, size.1);
            self.draw_now();
        }
        Ok(())
    }

    /// Draws; `forced` is what the user asked for.
    fn draw(&mut self, repaint: Repaint, forced: bool) -> io::Result<()> {
        let (began, before) = (self.clock.now(), self.traffic.bytes());
        self.tty.draw(&self.screen.take_drawing())?;
        let ended = self.clock.now();
        if forced {
            self.pacer.wrote(began, ended);
        } else {
            let bytes = self.traffic.bytes().saturating_sub(before);
            self.pacer.drew((repaint, bytes), began, ended);
        }
        Ok(())
    }
}

/// Returns a picture as plain text, one line a row, without trailing blanks.
pub fn plain_text(picture: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..picture.area.height {
        let row = (0..picture.area.width).filter_map(|x| picture.cell((x, y)));
        let mut cells = row.map(Cell::symbol);
        let mut line = String::new();
        while let Some(symbol) = cells.next() {
            line.push_str(symbol);
            // What is wide covers the next cells.
            cells
                .by_ref()
                .take(usize::from(format::width(symbol)).saturating_sub(1))
                .for_each(drop);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
