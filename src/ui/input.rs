//! Keys from the bytes of the terminal: which bytes belong together, and how long the rest of them is
//! waited for. `decode` says which key they are.
//!
//! What is not a key (late answers to the queries of an earlier program, reports of a mouse that it left on)
//! is swallowed whole: the rest of it would be read as typed. Of the answers two are kept, those of which
//! colours the letters and the background have.
//!
//! crossterm's reader is not used: it waits for an edge, which a resize at the moment of a key swallows, so
//! that the key is lost; and in the middle of a sequence it waits for the rest without end. Nor is `vte`: it
//! reads what programs send to terminals. With it `ESC CR` leaves an escape open that takes the next key,
//! `ESC O` and the mouse reports of X10 end too early, and an unterminated string swallows Ctrl-C.

mod decode;

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::terminal_colors::TerminalColors;
use crate::domain::Timestamp;
use decode::Decoded;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// An escape that nothing follows for so long is the Escape key. The halves of a sequence that was split in
/// flight are seldom farther apart.
const ESCAPE_WAIT: Duration = Duration::from_millis(25);
/// Silence after which the rest of anything else is given up.
const SILENCE: Duration = Duration::from_secs(1);
/// Parameters longer than any key has.
const MAX_PARAMETERS: usize = 32;
/// How the answers about the colour of letters and of the background begin.
const LETTERS: &str = "]10;";
const BACKGROUND: &str = "]11;";
/// The first bytes of UTF-8 characters of two bytes.
const LEADS_OF_TWO: std::ops::RangeInclusive<u8> = 0xc2..=0xdf;

/// What is known of the bytes so far.
#[derive(Debug, Default)]
pub(super) struct Input {
    state: State,
    /// Parameters of the sequence, bytes of the character, or the begin of the string, that has begun.
    held: Vec<u8>,
    /// What the terminal has told of its colours.
    colors: TerminalColors,
    /// Whether that is news.
    told: bool,
    /// An escape precedes it, which stands for Alt.
    alt: bool,
    /// Inside a bracketed paste, whose text is not keys.
    pasting: bool,
    last_byte_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Nothing has begun.
    #[default]
    Ground,
    /// In a character of several bytes.
    Utf8,
    /// After an escape: the key of that name, or the begin of a sequence.
    Escape,
    /// After `ESC [`.
    Csi,
    /// After `ESC O`.
    Ss3,
    /// After `ESC [ M`, in a mouse report of three characters. They are bytes, or UTF-8 where mode 1005 is on:
    /// `lead` says that the last byte may be the first of two.
    X10Mouse { left: u8, lead: bool },
    /// After `ESC [ [`, before the letter of a function key of the Linux console.
    LinuxConsole,
    /// In OSC, DCS, SOS, PM or APC, up to `ESC \` or BEL.
    ControlString,
    /// In one of them, after an escape.
    StringEscape,
}

impl Input {
    /// Takes what one wait brought and returns the keys in it. No bytes mean that there was nothing to read at
    /// `now`: only then can a wait for the rest of something end, so that a late look takes no key apart.
    pub(super) fn take(&mut self, bytes: &[u8], now: Timestamp) -> Vec<KeyEvent> {
        let mut keys = Vec::new();
        if !bytes.is_empty() {
            self.last_byte_at = now;
        } else if self.wait(now) == Some(Duration::ZERO) {
            self.expire(&mut keys);
        }
        for byte in bytes {
            self.push(*byte, &mut keys);
        }
        keys
    }

    /// Returns what the terminal has told of its colours, where it told of one since the last call.
    pub(super) fn colors(&mut self) -> Option<TerminalColors> {
        std::mem::take(&mut self.told).then_some(self.colors)
    }

    /// Takes note of an answer of the terminal. The background is what was asked last.
    fn answered(&mut self) {
        let letters = decode::color(&self.held, LETTERS);
        let background = decode::color(&self.held, BACKGROUND);
        self.told |= background.is_some();
        self.colors.letters = letters.or(self.colors.letters);
        self.colors.background = background.or(self.colors.background);
    }

    /// Returns for how long the rest of what has begun is still waited for; `None` when nothing has begun.
    pub(super) fn wait(&self, now: Timestamp) -> Option<Duration> {
        if self.state == State::Ground && !self.pasting {
            return None;
        }
        let escape = self.state == State::Escape && !self.pasting;
        let limit = if escape { ESCAPE_WAIT } else { SILENCE };
        Some(limit.saturating_sub(now.since(self.last_byte_at)))
    }

    /// Returns whether it is still open if the Escape key or another key was pressed. Not with a second escape:
    /// held down, the key may repeat faster than it counts.
    pub(super) fn is_undecided(&self) -> bool {
        self.state == State::Escape && !self.alt && !self.pasting
    }

    /// The rest did not come in time.
    fn expire(&mut self, keys: &mut Vec<KeyEvent>) {
        self.pasting = false;
        if self.state == State::Escape {
            self.escape(keys);
        }
        self.enter(State::Ground);
    }

    fn escape(&self, keys: &mut Vec<KeyEvent>) {
        if !self.pasting {
            keys.push(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
        }
    }

    /// Enters a state with nothing held; what had begun is dropped.
    fn enter(&mut self, state: State) {
        self.state = state;
        self.held.clear();
        self.alt = false;
    }

    fn push(&mut self, byte: u8, keys: &mut Vec<KeyEvent>) {
        match (self.state, byte) {
            // A key that is held: the two last escapes may still be Alt with another key.
            (State::Escape, ESCAPE) if self.alt => self.escape(keys),
            (State::Escape, ESCAPE) => self.alt = true,
            (State::Escape, b'[') => self.state = State::Csi,
            (State::Escape, b'O') => self.state = State::Ss3,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => {
                self.enter(State::ControlString);
                self.held.push(byte);
            }
            (State::Escape, 0x20..) => {
                self.enter(State::Ground);
                self.alt = true;
                self.ground(byte, keys);
            }

            (State::Csi, b'M') if self.held.is_empty() => {
                self.state = State::X10Mouse { left: 3, lead: false };
            }
            (State::Csi, b'[') if self.held.is_empty() => self.state = State::LinuxConsole,
            // Not a final byte, but rxvt ends its keys with Shift so, after a single number. DECRPM, which has
            // a dollar too, has two numbers.
            (State::Csi, b'$') if decode::is_number(&self.held) => self.end(byte, keys),
            (State::Csi, 0x20..=0x3f) | (State::Ss3, b'0'..=b'9' | b';') => {
                if self.held.len() < MAX_PARAMETERS {
                    self.held.push(byte);
                }
            }
            (State::Csi | State::Ss3, 0x20..=0x7e) => self.end(byte, keys),

            (State::LinuxConsole, 0x20..=0x7e) => self.enter(State::Ground),
            (State::ControlString, BELL) | (State::StringEscape, b'\\') => {
                self.answered();
                self.enter(State::Ground);
            }
            (State::ControlString, ESCAPE) => self.state = State::StringEscape,
            (State::ControlString, 0x20..) => {
                if self.held.len() < MAX_PARAMETERS {
                    self.held.push(byte);
                }
            }
            // Not the end of the string: another sequence has begun.
            (State::StringEscape, 0x20..) => {
                self.enter(State::Escape);
                self.push(byte, keys);
            }

            (State::X10Mouse { left, lead: true }, 0x80..=0xbf) => self.mouse(left, false),
            // xterm sends 0 for a coordinate beyond what a byte can hold.
            (State::X10Mouse { left: left @ 1.., .. }, 0 | 0x20..) => {
                self.mouse(left - 1, LEADS_OF_TWO.contains(&byte));
            }

            (State::Utf8, 0x80..=0xbf) => self.utf8(byte, keys),

            // A byte that cannot continue what has begun ends it and is read by itself. So a control character,
            // Ctrl-C first of all, is a key wherever it comes.
            _ => {
                self.enter(State::Ground);
                self.ground(byte, keys);
            }
        }
    }

    fn ground(&mut self, byte: u8, keys: &mut Vec<KeyEvent>) {
        if byte == ESCAPE {
            self.enter(State::Escape);
        } else if byte < 0x80 {
            self.emit(decode::ascii(byte), keys);
        } else {
            self.utf8(byte, keys);
        }
    }

    /// Takes a byte of a character outside ASCII.
    fn utf8(&mut self, byte: u8, keys: &mut Vec<KeyEvent>) {
        self.held.push(byte);
        match std::str::from_utf8(&self.held) {
            Ok(text) => {
                let decoded = text.chars().next().map_or(Decoded::Other, decode::character);
                self.emit(decoded, keys);
            }
            // Without a length the bytes can still become a character.
            Err(error) if error.error_len().is_none() => self.state = State::Utf8,
            Err(_) => self.enter(State::Ground),
        }
    }

    /// Waits for the characters of a mouse report that are still to come.
    fn mouse(&mut self, left: u8, lead: bool) {
        let more = left > 0 || lead;
        self.enter(if more { State::X10Mouse { left, lead } } else { State::Ground });
    }

    /// Ends a sequence with its final byte.
    fn end(&mut self, last: u8, keys: &mut Vec<KeyEvent>) {
        let decode = if self.state == State::Ss3 { decode::ss3 } else { decode::csi };
        let too_long = self.held.len() == MAX_PARAMETERS;
        self.emit(if too_long { Decoded::Other } else { decode(&self.held, last) }, keys);
    }

    fn emit(&mut self, decoded: Decoded, keys: &mut Vec<KeyEvent>) {
        match decoded {
            Decoded::Key(mut key) => {
                // Ctrl-C right after an escape is Ctrl-C.
                if self.alt && !key.modifiers.contains(KeyModifiers::CONTROL) {
                    key.modifiers |= KeyModifiers::ALT;
                }
                self.pasting &= !ends_paste(&key);
                if !self.pasting {
                    keys.push(key);
                }
            }
            Decoded::PasteStart => self.pasting = true,
            Decoded::PasteEnd => self.pasting = false,
            Decoded::Other => {}
        }
        self.enter(State::Ground);
    }
}

/// Terminals let no control characters into a paste but tabs and line ends, of which one reads as Ctrl-J: any
/// other was typed, after a paste whose end was lost.
fn ends_paste(key: &KeyEvent) -> bool {
    let letter = matches!(key.code, KeyCode::Char(letter) if letter != 'j');
    letter && key.modifiers.contains(KeyModifiers::CONTROL)
}

#[cfg(test)]
mod tests;
