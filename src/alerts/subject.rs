//! [`Subject`]: what an alert is about.

use std::fmt;

use crate::domain::{PositionKey, Stream, Symbol};

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// The account as a whole.
    Account,
    /// All that is asked for.
    Data,
    Link(Stream),
    Contract(Symbol),
    Position(PositionKey),
}

/// As the document and the screen name it.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.pad("account"),
            Self::Data => f.pad("data"),
            Self::Link(stream) => stream.fmt(f),
            Self::Contract(symbol) => symbol.fmt(f),
            Self::Position(key) => key.fmt(f),
        }
    }
}
