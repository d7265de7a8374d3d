//! Keys out of the bytes of the terminal.
//!
//! The input library is not asked: it waits for an edge, and a resize at the moment of a key swallows
//! that edge, so that the key is lost and the terminal stays readable for ever; and in the middle of a
//! sequence it waits for the rest without end, with the screen standing still meanwhile. Here each
//! byte that has come is taken at once, and nothing is waited for.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

const ESCAPE: u8 = 0x1b;
/// What a sequence is at the most; a longer one is none.
const LONGEST: usize = 32;
const PASTE_BEGINS: u16 = 200;
const PASTE_ENDS: u16 = 201;

/// What is known of the bytes so far.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// A sequence or a letter that has only begun.
    begun: Vec<u8>,
    /// Between the marks of a paste, which is no typing.
    pasting: bool,
}

impl Input {
    /// Takes the bytes of one read and returns the keys in them. A sequence may come in pieces, but an
    /// escape at the end of a read is the key of that name.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<KeyEvent> {
        let mut keys = Vec::new();
        for byte in bytes {
            self.push(*byte, &mut keys);
        }
        if self.begun == [ESCAPE] {
            self.begun.clear();
            self.found(key(KeyCode::Esc, KeyModifiers::NONE), &mut keys);
        }
        keys
    }

    fn push(&mut self, byte: u8, keys: &mut Vec<KeyEvent>) {
        // Ctrl-C always quits: no sequence and no paste that has lost its end may hold it.
        if byte == 0x03 {
            self.begun.clear();
            self.pasting = false;
        }
        // A control character ends what was begun, but for an escape right after an escape.
        if byte < 0x20 && !(byte == ESCAPE && self.begun == [ESCAPE]) {
            self.begun.clear();
        }
        self.begun.push(byte);
        match read(&self.begun) {
            Read::More if self.begun.len() < LONGEST => return,
            Read::More | Read::Nothing => {}
            Read::Key(key) => self.found(key, keys),
            Read::Paste(begins) => self.pasting = begins,
        }
        self.begun.clear();
    }

    fn found(&self, key: KeyEvent, keys: &mut Vec<KeyEvent>) {
        if !self.pasting {
            keys.push(key);
        }
    }
}

/// What some bytes are.
enum Read {
    Key(KeyEvent),
    /// The begin or the end of a paste.
    Paste(bool),
    /// Something that is no key of ours.
    Nothing,
    /// The rest is to come.
    More,
}

const fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

fn plain(code: KeyCode) -> Read {
    Read::Key(key(code, KeyModifiers::NONE))
}

fn read(bytes: &[u8]) -> Read {
    match bytes {
        [ESCAPE] | [ESCAPE, b'[' | b'O'] | [] => Read::More,
        [ESCAPE, ESCAPE] => plain(KeyCode::Esc),
        [ESCAPE, b'O', last] => named(*last).map_or(Read::Nothing, plain),
        [ESCAPE, b'[', parameters @ .., last] => match last {
            0x40..=0x7e => sequence(parameters, *last),
            _ => Read::More,
        },
        [ESCAPE, rest @ ..] => match read(rest) {
            Read::Key(found) => Read::Key(key(found.code, found.modifiers | KeyModifiers::ALT)),
            other @ (Read::Paste(_) | Read::Nothing | Read::More) => other,
        },
        [b'\r'] => plain(KeyCode::Enter),
        [b'\t'] => plain(KeyCode::Tab),
        [0x7f] => plain(KeyCode::Backspace),
        [control @ 0x01..=0x1a] => control_key(b'a' + control - 1),
        [control @ 0x1c..=0x1f] => control_key(b'4' + control - 0x1c),
        [0] => control_key(b' '),
        letter => match std::str::from_utf8(letter) {
            Ok(text) => text.chars().next().map_or(Read::Nothing, |letter| {
                let shift = letter.is_uppercase();
                let modifiers = if shift { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                Read::Key(key(KeyCode::Char(letter), modifiers))
            }),
            // Without a length the bytes can still become a letter.
            Err(error) if error.error_len().is_none() => Read::More,
            Err(_) => Read::Nothing,
        },
    }
}

fn control_key(letter: u8) -> Read {
    Read::Key(key(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL))
}

/// The keys that are named by the last letter of their sequence.
const fn named(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// Reads `ESC [ parameters last`: the number of the key first, then one more than its modifiers.
fn sequence(parameters: &[u8], last: u8) -> Read {
    let mut numbers = parameters.split(|byte| *byte == b';').map(|digits| {
        std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok())
    });
    let number = numbers.next().flatten();
    let bits = numbers.next().flatten().unwrap_or(1).saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in
        [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)]
    {
        if bits & bit != 0 {
            modifiers |= modifier;
        }
    }
    let code = match (last, number) {
        (b'Z', _) => return Read::Key(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        (b'~', Some(PASTE_BEGINS)) => return Read::Paste(true),
        (b'~', Some(PASTE_ENDS)) => return Read::Paste(false),
        (b'~', Some(1 | 7)) => KeyCode::Home,
        (b'~', Some(3)) => KeyCode::Delete,
        (b'~', Some(4 | 8)) => KeyCode::End,
        (b'~', Some(5)) => KeyCode::PageUp,
        (b'~', Some(6)) => KeyCode::PageDown,
        (last, _) => match named(last) {
            Some(code) => code,
            None => return Read::Nothing,
        },
    };
    Read::Key(key(code, modifiers))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<(KeyCode, KeyModifiers)> {
        Input::default().take(bytes).into_iter().map(|key| (key.code, key.modifiers)).collect()
    }

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

    #[rstest]
    #[case(b"q", KeyCode::Char('q'), NONE)]
    #[case(b"G", KeyCode::Char('G'), KeyModifiers::SHIFT)]
    #[case("é".as_bytes(), KeyCode::Char('é'), NONE)]
    #[case(b"\x03", KeyCode::Char('c'), CONTROL)]
    #[case(b"\x0c", KeyCode::Char('l'), CONTROL)]
    #[case(b"\x1a", KeyCode::Char('z'), CONTROL)]
    #[case(b"\r", KeyCode::Enter, NONE)]
    #[case(b"\t", KeyCode::Tab, NONE)]
    #[case(b"\x7f", KeyCode::Backspace, NONE)]
    #[case(b"\x1b", KeyCode::Esc, NONE)]
    #[case(b"\x1b\x1b", KeyCode::Esc, NONE)]
    #[case(b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT)]
    #[case(b"\x1b[A", KeyCode::Up, NONE)]
    #[case(b"\x1bOB", KeyCode::Down, NONE)]
    #[case(b"\x1b[1;5C", KeyCode::Right, CONTROL)]
    #[case(b"\x1b[Z", KeyCode::BackTab, KeyModifiers::SHIFT)]
    #[case(b"\x1b[5~", KeyCode::PageUp, NONE)]
    #[case(b"\x1b[6~", KeyCode::PageDown, NONE)]
    #[case(b"\x1b[H", KeyCode::Home, NONE)]
    #[case(b"\x1b[4~", KeyCode::End, NONE)]
    fn knows_the_keys(
        #[case] bytes: &[u8],
        #[case] code: KeyCode,
        #[case] modifiers: KeyModifiers,
    ) {
        assert_eq!(keys(bytes), [(code, modifiers)]);
        // In pieces it is the same, but for an escape at the end of a read.
        let mut input = Input::default();
        let split: Vec<KeyEvent> = if bytes.starts_with(b"\x1b") {
            [&bytes[..bytes.len().min(2)], &bytes[bytes.len().min(2)..]]
                .into_iter()
                .flat_map(|piece| input.take(piece))
                .collect()
        } else {
            bytes.iter().flat_map(|byte| input.take(&[*byte])).collect()
        };
        assert_eq!(split, [key(code, modifiers)]);
    }

    #[test]
    fn what_is_no_key_is_left_out_and_holds_nothing_up() {
        let q = (KeyCode::Char('q'), NONE);
        assert_eq!(keys(b"\x1b[12;40Rq"), [q], "an answer of the terminal");
        assert_eq!(keys(b"\x1b[<0;10;10Mq"), [q], "a click");
        assert_eq!(keys(b"\xffq"), [q], "a byte of nothing");
        assert_eq!(keys(b"\x1b[200~qqq\x1b[A\rq\x1b[201~q"), [q], "a paste is no typing");
        let many = [b"\x1b[".as_slice(), &[b'1'; 100], b"q"].concat();
        assert!(keys(&many).len() > 1, "a sequence without end is none");
    }

    #[test]
    fn nothing_holds_ctrl_c_back() {
        let quit = (KeyCode::Char('c'), CONTROL);
        for begun in
            [b"\x1b[".as_slice(), b"\x1bO", b"\x1b[1;", b"\xe2\x82", b"\x1b[200~abc", b"\x1b"]
        {
            assert_eq!(keys(&[begun, b"\x03"].concat()).last(), Some(&quit), "{begun:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_ctrl_c_is_a_key_after_them(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut input = Input::default();
            input.take(&bytes);
            let quit = [key(KeyCode::Char('c'), CONTROL)];
            prop_assert_eq!(input.take(b"\x03"), quit);
        }
    }
}
