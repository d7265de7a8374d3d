//! The terminal's bell and its notifications, OSC 9 and OSC 777, also from inside tmux and screen.
//!
//! Only the drawing thread writes to the terminal. It takes what is due from [`TerminalOutbox`] and says when it
//! was written: while the terminal is blocked, a message waits, and says so.

use tokio::sync::mpsc;

use super::delivery::{Message, Progress};
use crate::domain::{Text, Timestamp};
use crate::report::DeliveryState;

const BELL: &str = "\x07";

/// What stands between the program and the terminal that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Multiplexer {
    /// Nothing.
    #[default]
    None,
    /// tmux, which passes on what is wrapped where `allow-passthrough` is on.
    Tmux,
    /// GNU screen.
    Screen,
}

/// How the terminal is notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TerminalKind {
    /// What stands in between.
    pub multiplexer: Multiplexer,
    /// Whether it knows OSC 777 (rxvt, VTE) and not OSC 9. Both at once would notify twice where both are known.
    pub is_osc_777: bool,
}

impl TerminalKind {
    /// Returns the kind that the environment tells of; `is_set` and `term` read it.
    pub fn detect(is_set: impl Fn(&str) -> bool, term: &str) -> Self {
        let multiplexer = if is_set("TMUX") {
            Multiplexer::Tmux
        } else if is_set("STY") || term.starts_with("screen") {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        Self { multiplexer, is_osc_777: term.starts_with("rxvt") || is_set("VTE_VERSION") }
    }

    /// Returns the bytes that notify.
    pub fn notification(self, title: &Text, text: &Text) -> String {
        let osc = if self.is_osc_777 {
            // Semicolons part the fields.
            let field = |text: &Text| text.as_str().replace(';', ",");
            format!("\x1b]777;notify;{};{}\x07", field(title), field(text))
        } else {
            format!("\x1b]9;{title}: {text}\x07")
        };
        match self.multiplexer {
            Multiplexer::None => osc,
            Multiplexer::Tmux => format!("\x1bPtmux;{}\x1b\\", osc.replace('\x1b', "\x1b\x1b")),
            Multiplexer::Screen => format!("\x1bP{osc}\x1b\\"),
        }
    }
}

/// What waits for the terminal.
#[derive(Debug)]
pub struct TerminalOutbox {
    bell: mpsc::Receiver<Message>,
    notes: mpsc::Receiver<Message>,
    progress: mpsc::Sender<Progress>,
    /// What was taken and not yet written.
    taken: Vec<Progress>,
}

impl TerminalOutbox {
    pub(super) const fn new(
        bell: mpsc::Receiver<Message>,
        notes: mpsc::Receiver<Message>,
        progress: mpsc::Sender<Progress>,
    ) -> Self {
        Self { bell, notes, progress, taken: Vec::new() }
    }

    /// Takes everything that waits, as bytes for the terminal; none when nothing waits. `is_private` leaves
    /// amounts out. Any number of alerts rings once.
    pub fn take(&mut self, kind: TerminalKind, is_private: bool) -> String {
        let mut bytes = String::new();
        let mut taken = |message: &Message, way: &str| {
            self.taken.push(Progress {
                id: message.id,
                way: Text::new(way),
                state: DeliveryState::Sent,
                at: Timestamp::default(),
                error: None,
            });
        };
        while let Ok(message) = self.notes.try_recv() {
            let text = if is_private { &message.private_text } else { &message.text };
            bytes.push_str(&kind.notification(&message.title, text));
            taken(&message, "terminal");
        }
        let mut rings = false;
        while let Ok(message) = self.bell.try_recv() {
            rings = true;
            taken(&message, "bell");
        }
        if rings {
            bytes.push_str(BELL);
        }
        bytes
    }

    /// What was taken was written at `now`, local time.
    pub fn written(&mut self, now: Timestamp) {
        for progress in self.taken.drain(..) {
            // A full queue costs the mark of it, and nothing else.
            let _full = self.progress.try_send(Progress { at: now, ..progress });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn kind(multiplexer: Multiplexer, is_osc_777: bool) -> TerminalKind {
        TerminalKind { multiplexer, is_osc_777 }
    }

    #[rstest]
    #[case(kind(Multiplexer::None, false), "\x1b]9;bitget-watch: 8 %; below\x07")]
    #[case(kind(Multiplexer::None, true), "\x1b]777;notify;bitget-watch;8 %, below\x07")]
    #[case(
        kind(Multiplexer::Tmux, false),
        "\x1bPtmux;\x1b\x1b]9;bitget-watch: 8 %; below\x07\x1b\\"
    )]
    #[case(kind(Multiplexer::Screen, false), "\x1bP\x1b]9;bitget-watch: 8 %; below\x07\x1b\\")]
    fn notifies_in_the_words_of_the_terminal(#[case] kind: TerminalKind, #[case] bytes: &str) {
        assert_eq!(kind.notification(&"bitget-watch".into(), &"8 %; below".into()), bytes);
    }

    #[rstest]
    #[case(&["TMUX"], "screen-256color", kind(Multiplexer::Tmux, false))]
    #[case(&["STY"], "xterm", kind(Multiplexer::Screen, false))]
    #[case(&[], "screen.xterm-256color", kind(Multiplexer::Screen, false))]
    #[case(&[], "rxvt-unicode-256color", kind(Multiplexer::None, true))]
    #[case(&["VTE_VERSION"], "xterm-256color", kind(Multiplexer::None, true))]
    #[case(&[], "xterm-kitty", kind(Multiplexer::None, false))]
    fn the_environment_tells_the_terminal(
        #[case] set: &[&str],
        #[case] term: &str,
        #[case] expected: TerminalKind,
    ) {
        assert_eq!(TerminalKind::detect(|name| set.contains(&name), term), expected);
    }
}
