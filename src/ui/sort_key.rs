//! [`SortKey`]: the orders of the positions, and their names.

/// What the positions are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SortKey {
    /// What is nearest to harm first: by level, then by the money at stake.
    #[default]
    Risk,
    /// The focus first, as the report has them.
    Focus,
    Symbol,
    Notional,
    Pnl,
    Roe,
    Distance,
}

impl SortKey {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Risk => Self::Symbol,
            Self::Symbol => Self::Notional,
            Self::Notional => Self::Pnl,
            Self::Pnl => Self::Roe,
            Self::Roe => Self::Distance,
            Self::Distance => Self::Focus,
            Self::Focus => Self::Risk,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Focus => "focus first",
            Self::Symbol => "symbol",
            Self::Notional => "notional",
            Self::Pnl => "uPnL",
            Self::Roe => "ROE",
            Self::Distance => "distance",
        }
    }
}
