//! Text from outside that is safe to draw, and enums that keep unknown values.

use std::fmt;
use std::sync::Arc;

/// The longest text that is kept, in characters. Messages of the exchange are far shorter.
const MAX_CHARS: usize = 200;

/// Text from outside without anything that could control a terminal.
///
/// Control characters (C0, C1, DEL), bidirectional marks and line separators are dropped, and the
/// text is cut to 200 characters, so a `Text` can be drawn and logged as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Arc<str>);

impl Text {
    /// Returns the sanitized text.
    pub fn new(raw: &str) -> Self {
        if raw.len() <= MAX_CHARS && raw.chars().all(is_plain) {
            return Self(raw.into());
        }
        Self(raw.chars().filter(|c| is_plain(*c)).take(MAX_CHARS).collect::<String>().into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns the word of an enum as it is spoken: `take_profit` becomes `take profit`.
pub fn spoken(word: impl fmt::Display) -> String {
    word.to_string().replace('_', " ")
}

fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// An enum that the exchange may extend: a known value, or the unknown one as it was sent.
///
/// An unknown value never loses a row and is never taken for a known one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpenEnum<T> {
    /// A value that the program knows.
    Known(T),
    /// Any other value, sanitized.
    Other(Text),
    /// The exchange sent no value: `?` on screen, `null` in the document.
    Missing,
}

impl<T: Copy> OpenEnum<T> {
    /// Returns the known value; `None` for any other.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Other(_) | Self::Missing => None,
        }
    }

    /// Returns the value as it was sent; `None` when there was none.
    pub const fn sent(&self) -> Option<&Self> {
        match self {
            Self::Known(_) | Self::Other(_) => Some(self),
            Self::Missing => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for OpenEnum<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Other(text) => text.fmt(f),
            Self::Missing => f.pad("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_could_control_a_terminal() {
        let text = Text::new("a\u{1b}[2Jb\u{9b}31mc\u{202e}d\r\n\u{7f}\u{61c}");
        assert_eq!(text.as_str(), "a[2Jb31mcd");
    }

    #[test]
    fn keeps_other_scripts_and_cuts_long_text() {
        assert_eq!(Text::new("牛来USDT").as_str(), "牛来USDT");
        assert_eq!(Text::new(&"x".repeat(10_000)).as_str().len(), MAX_CHARS);
    }
}
