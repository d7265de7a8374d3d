//! Which key some bytes are: control characters, the sequences of xterm and rxvt, and the two encodings of
//! keyboards in an enhanced mode (kitty's, and `modifyOtherKeys` of xterm).

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::terminal_colors::Rgb;

/// What some bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// A key that was pressed or repeats.
    Key(KeyEvent),
    /// The start of a bracketed paste.
    PasteStart,
    /// Its end.
    PasteEnd,
    /// Not a key of the program.
    Other,
}

const PASTE_START: u32 = 200;
const PASTE_END: u32 = 201;
/// Of `ESC [ 27 ; modifiers ; code ~`, the form of `modifyOtherKeys`.
const OTHER_KEY: u32 = 27;
/// The event type of a release in kitty's encoding.
const RELEASED: u32 = 3;
/// Code points of kitty's encoding for keys without a character.
const FUNCTION_KEYS: std::ops::RangeInclusive<u32> = 0xe000..=0xf8ff;
/// Each modifier with its bit. The other bits are locks, which change no key.
const MODIFIERS: [(u32, KeyModifiers); 6] = [
    (1, KeyModifiers::SHIFT),
    (1 << 1, KeyModifiers::ALT),
    (1 << 2, KeyModifiers::CONTROL),
    (1 << 3, KeyModifiers::SUPER),
    (1 << 4, KeyModifiers::HYPER),
    (1 << 5, KeyModifiers::META),
];
/// Keys with one of these belong to the window manager.
const FOREIGN: KeyModifiers =
    KeyModifiers::SUPER.union(KeyModifiers::HYPER).union(KeyModifiers::META);

fn key(code: Option<KeyCode>, modifiers: KeyModifiers) -> Decoded {
    match code {
        Some(code) if !modifiers.intersects(FOREIGN) => {
            Decoded::Key(KeyEvent::new(code, modifiers))
        }
        _ => Decoded::Other,
    }
}

/// Returns whether the parameters are a single number.
pub(super) fn is_number(parameters: &[u8]) -> bool {
    !parameters.is_empty() && parameters.iter().all(u8::is_ascii_digit)
}

/// Decodes a byte below 0x80; a control character is the letter that it is typed with.
pub(super) fn ascii(byte: u8) -> Decoded {
    let control = |letter: u8| (KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x08 | 0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => control(b' '),
        0x01..=0x1a => control(b'a' + byte - 1),
        0x1b => (KeyCode::Esc, KeyModifiers::NONE),
        0x1c..=0x1f => control(b'4' + byte - 0x1c),
        _ => return character(char::from(byte)),
    };
    key(Some(code), modifiers)
}

/// Decodes a character.
pub(super) fn character(character: char) -> Decoded {
    let shift = character.is_uppercase();
    let modifiers = if shift { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    key(typed(character), modifiers)
}

/// The keys that are named by the final byte of their sequence.
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

/// The keys that are named by a number before `~`.
const fn numbered(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        _ => return None,
    })
}

fn typed(letter: char) -> Option<KeyCode> {
    (!letter.is_control()).then_some(KeyCode::Char(letter))
}

/// Numbers separated by semicolons, each perhaps with further ones behind colons.
struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    /// Returns `None` for those of private sequences and of answers.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let is_known = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
        let text = bytes.iter().all(is_known).then(|| std::str::from_utf8(bytes).ok());
        text.flatten().map(Self)
    }

    /// Returns a number by its index and its index behind colons; `None` when it is left out.
    fn get(&self, index: usize, sub: usize) -> Option<u32> {
        self.0.split(';').nth(index)?.split(':').nth(sub)?.parse().ok()
    }

    /// Returns the modifiers at an index, which are sent as one more than their bits.
    fn modifiers(&self, index: usize) -> KeyModifiers {
        let bits = self.get(index, 0).unwrap_or(1).saturating_sub(1);
        let held = MODIFIERS.into_iter().filter(|(bit, _)| bits & bit != 0);
        held.map(|(_, modifier)| modifier).collect()
    }
}

/// Decodes `ESC [ parameters last`.
pub(super) fn csi(parameters: &[u8], last: u8) -> Decoded {
    let Some(parameters) = Parameters::new(parameters) else { return Decoded::Other };
    if parameters.get(1, 1) == Some(RELEASED) {
        return Decoded::Other;
    }
    let modifiers = parameters.modifiers(1);
    let number = parameters.get(0, 0);
    let with = |more: KeyModifiers| key(number.and_then(numbered), modifiers | more);
    match (last, number) {
        (b'~', Some(PASTE_START)) => Decoded::PasteStart,
        (b'~', Some(PASTE_END)) => Decoded::PasteEnd,
        (b'~', Some(OTHER_KEY)) => coded([parameters.get(2, 0), None, None], modifiers),
        (b'u', _) => {
            // The text that the key typed is sent by some terminals only.
            let shifted = parameters.get(2, 0).or_else(|| parameters.get(0, 1));
            coded([number, shifted, parameters.get(0, 2)], modifiers)
        }
        (b'~', _) => with(KeyModifiers::NONE),
        // rxvt names modifiers by the final byte.
        (b'$', _) => with(KeyModifiers::SHIFT),
        (b'^', _) => with(KeyModifiers::CONTROL),
        (b'@', _) => with(KeyModifiers::CONTROL | KeyModifiers::SHIFT),
        (b'a'..=b'd', None) => key(named(last.to_ascii_uppercase()), KeyModifiers::SHIFT),
        (b'Z', _) => key(Some(KeyCode::BackTab), KeyModifiers::SHIFT),
        _ => key(named(last), modifiers),
    }
}

/// Decodes `ESC O parameters last`: the arrows of some modes, and the keypad.
pub(super) fn ss3(parameters: &[u8], last: u8) -> Decoded {
    let number = is_number(parameters);
    let Some(parameters) = Parameters::new(parameters) else { return Decoded::Other };
    let modifiers = parameters.modifiers(usize::from(!number));
    match last {
        b'M' => key(Some(KeyCode::Enter), modifiers),
        b'X' => key(typed('='), modifiers),
        // `*` to `9`, in the order of ASCII.
        b'j'..=b'y' => key(typed(char::from(last - 0x40)), modifiers),
        b'a'..=b'd' => key(named(last.to_ascii_uppercase()), KeyModifiers::CONTROL),
        _ => key(named(last), modifiers),
    }
}

/// Decodes a key from its code point, that of the same key with Shift, and that of the same key on an English
/// keyboard.
fn coded([code, shifted, base]: [Option<u32>; 3], modifiers: KeyModifiers) -> Decoded {
    let Some(code) = code.filter(|code| !FUNCTION_KEYS.contains(code)) else {
        return Decoded::Other;
    };
    let shortcut = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    let character = match (shifted, base) {
        // On a keyboard without Latin letters Ctrl-C is where it is on an English one.
        (_, Some(base)) if shortcut && code > 0x7f => base,
        (Some(shifted), _) if !shortcut => shifted,
        _ if !shortcut && modifiers.contains(KeyModifiers::SHIFT) => capital(code),
        _ => code,
    };
    let code = match code {
        0x08 | 0x7f => Some(KeyCode::Backspace),
        0x09 => Some(KeyCode::Tab),
        0x0d => Some(KeyCode::Enter),
        0x1b => Some(KeyCode::Esc),
        _ => char::from_u32(character).and_then(typed),
    };
    key(code, modifiers)
}

/// Returns the capital of a letter; the letter itself where that is more than one.
fn capital(letter: u32) -> u32 {
    let mut capital = char::from_u32(letter).into_iter().flat_map(char::to_uppercase);
    match (capital.next(), capital.next()) {
        (Some(capital), None) => capital.into(),
        _ => letter,
    }
}

/// Decodes the answer to OSC 10 or 11, such as `]11;rgb:0000/2b2b/3636`, which begins with `of`; `None` for any
/// other string.
pub(super) fn color(string: &[u8], of: &str) -> Option<Rgb> {
    let answer = std::str::from_utf8(string).ok()?.strip_prefix(of)?;
    // Of `rgba` the last part says how opaque it is.
    let parts = answer.strip_prefix("rgb:").or_else(|| answer.strip_prefix("rgba:"))?;
    let mut parts = parts.split('/').map(intensity);
    Some(Rgb([parts.next()??, parts.next()??, parts.next()??]))
}

/// Returns a part of a colour, one to four hexadecimal digits, in thousandths.
fn intensity(digits: &str) -> Option<u32> {
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_hexadecimal || !(1..=4).contains(&digits.len()) {
        return None;
    }
    let most = (1 << (4 * digits.len())) - 1;
    Some(u32::from_str_radix(digits, 16).ok()? * 1000 / most)
}
