//! What the memory holds of a time: the equity of its parts, and where there is nothing.

use rust_decimal::Decimal;

use super::{Text, Timestamp};

/// The equity in one part of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EquityPart {
    /// Begin of the part.
    pub from: Timestamp,
    /// The lowest equity.
    pub low: Decimal,
    /// The highest equity.
    pub high: Decimal,
    /// The last equity.
    pub last: Decimal,
}

/// A time of which the memory knows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The last reading before it.
    pub from: Timestamp,
    /// The first reading after it.
    pub to: Timestamp,
    /// Why: the code of a problem, `not_running`, `suspended` or `unknown`.
    pub why: Text,
}
