//! What happened, in kinds.

use rust_decimal::Decimal;

use crate::domain::{
    AlertNotice, ClosedPosition, Fill, LinkState, OrderSide, PositionKey, ProblemCode, Stream,
    Symbol, Text, Timestamp,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, local time.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A link changed its state.
    Link {
        /// The link.
        stream: Stream,
        /// The new state.
        state: LinkState,
        /// Why, where there is a reason.
        reason: Option<Text>,
    },
    /// A position appeared.
    PositionOpened {
        /// Which.
        key: PositionKey,
        /// Its size.
        size: Decimal,
    },
    /// The size of a position changed.
    SizeChanged {
        /// Which.
        key: PositionKey,
        /// Before.
        from: Decimal,
        /// After.
        to: Decimal,
    },
    /// The size and the entry price of a position changed against each other without a fill: a split, a
    /// dividend or a rebase. It is worth what it was.
    Adjusted {
        /// Which.
        key: PositionKey,
        /// The size before.
        from: Decimal,
        /// The size after.
        to: Decimal,
    },
    /// A position is gone that was not closed: no fill, record or ledger entry tells how it ended. It was
    /// moved to another account.
    PositionLeft {
        /// Which.
        key: PositionKey,
        /// Its last size.
        size: Decimal,
    },
    /// A position is gone.
    PositionClosed {
        /// Which.
        key: PositionKey,
        /// Its last size.
        size: Decimal,
    },
    /// An own order was filled.
    Filled(Fill),
    /// The exchange reported the result of a closed position.
    Settled(ClosedPosition),
    /// The exchange deleveraged an own position.
    Deleveraged {
        /// The contract.
        symbol: Symbol,
        /// Price.
        price: Option<Decimal>,
        /// Size.
        size: Option<Decimal>,
    },
    /// A stop-loss plan was triggered.
    StopTriggered {
        /// The contract.
        symbol: Symbol,
        /// The real direction of its order.
        side: Option<OrderSide>,
        /// Its trigger price.
        price: Option<Decimal>,
        /// Its size; `None` for the whole position.
        size: Option<Decimal>,
    },
    /// A problem began.
    ProblemBegan {
        /// Which.
        code: ProblemCode,
        /// The message.
        text: Text,
    },
    /// A problem ended.
    ProblemEnded {
        /// Which.
        code: ProblemCode,
        /// What it was about.
        subject: Text,
    },
    /// An alert was raised or has ended.
    Alert(AlertNotice),
}

impl EventKind {
    /// Returns whether less is held than before.
    pub(super) fn has_realized(&self) -> bool {
        matches!(self, Self::PositionClosed { .. } | Self::PositionLeft { .. })
            || matches!(self, Self::SizeChanged { from, to, .. } if to < from)
    }

    /// Returns whether something was closed that the user did not close by hand.
    pub fn is_forced(&self) -> bool {
        match self {
            Self::Filled(fill) => fill.forced.is_some(),
            Self::Deleveraged { .. } | Self::StopTriggered { .. } => true,
            Self::Link { .. }
            | Self::PositionOpened { .. }
            | Self::SizeChanged { .. }
            | Self::Adjusted { .. }
            | Self::PositionLeft { .. }
            | Self::PositionClosed { .. }
            | Self::Settled(_)
            | Self::ProblemBegan { .. }
            | Self::ProblemEnded { .. }
            | Self::Alert(_) => false,
        }
    }
}
