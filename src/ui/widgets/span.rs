//! [`Span`]: a text with its meaning.

use crate::ui::format;
use crate::ui::theme::Role;

/// A text that is drawn whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) role: Role,
    /// Of a warning that a figure is stale, its age in seconds; else `None`.
    pub(crate) stale_s: Option<i64>,
}

/// Spans from left to right, a space between them; what does not fit is left out from the right.
pub(crate) type Line = Vec<Span>;

/// The same thing in ever shorter words: the first line that fits whole is drawn.
pub(crate) type Variants = Vec<Line>;

impl Span {
    pub(crate) fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role, stale_s: None }
    }

    /// Returns the warning that a figure has been stale for so many milliseconds.
    pub(crate) fn stale_mark(word: &str, ms: i64) -> Self {
        let text = format!("{word} {}", format::age(ms));
        Self { text, role: Role::StaleMark, stale_s: Some(ms.div_euclid(1_000)) }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Role::Plain)
    }

    pub(crate) fn label(text: impl Into<String>) -> Self {
        Self::new(text, Role::Label)
    }

    /// Returns the span with a word before its text, such as `liq 8.20%`.
    pub(crate) fn after(mut self, word: &str) -> Self {
        self.text = format!("{word} {}", self.text);
        self
    }

    /// Returns the span in another role, unless its own says more than that it is a value.
    pub(crate) fn or_role(mut self, role: Role) -> Self {
        if self.role == Role::Plain {
            self.role = role;
        }
        self
    }
}

/// Returns free text as one span a word, so that it breaks between words only.
pub(crate) fn words(text: &str, role: Role) -> impl Iterator<Item = Span> {
    text.split_whitespace().map(move |word| Span::new(word, role))
}
