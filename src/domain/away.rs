//! What happened while nobody looked, as plain values.

use rust_decimal::Decimal;

use super::{EquityPart, Gap, Metric, Severity, Text, Timestamp};

/// What the memory holds of the time between two looks at the screen. Times by the exchange's clock, lists
/// oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The last look before.
    pub from: Timestamp,
    /// The first look after; up to where the memory is written while there has been none.
    pub to: Timestamp,
    /// How the equity moved; `None` where it was not read.
    pub equity: Option<AwayEquity>,
    /// What happened to positions, at most the newest few hundred.
    pub events: Vec<AwayEvent>,
    /// Funding by coin; positive when received, a sum that does not fit is `None`.
    pub funding: Vec<(Text, Option<Decimal>)>,
    /// Up to where the ledger, and so the funding, is known; `None` where its begin is missing.
    pub ledger_to: Option<Timestamp>,
    /// Alerts that were raised or have ended, at most the newest few hundred.
    pub alerts: Vec<AwayAlert>,
    /// The position that came nearest to its liquidation; `None` where no distance was known.
    pub nearest: Option<AwayNearest>,
    /// When nothing was known.
    pub gaps: Vec<Gap>,
    /// There was more than the lists hold.
    pub is_cut: bool,
}

/// How the equity moved. Money in `coin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayEquity {
    /// The coin.
    pub coin: Text,
    /// From when on, where the account became one of the other kind meanwhile; `None` where it did not.
    pub coin_since: Option<Timestamp>,
    /// The last equity.
    pub last: Decimal,
    /// From when on it is known what came in and went out: what the two figures that follow speak of.
    pub known_since: Timestamp,
    /// Change without money that came in or went out; positive is a gain, `None` where it does not fit.
    pub change: Option<Decimal>,
    /// The largest fall from a peak, as a fraction of that peak; `None` where it is not known.
    pub max_drawdown: Option<Decimal>,
    /// The parts of the curve; in a gap there is none.
    pub parts: Vec<EquityPart>,
}

/// Something that happened to a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayEvent {
    /// When.
    pub at: Timestamp,
    /// The contract.
    pub symbol: Text,
    /// `long` or `short`; empty where it is not known.
    pub side: Text,
    /// What.
    pub what: AwayChange,
}

/// What happened to a position. Sizes in base coin, `None` where the size is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwayChange {
    /// It was opened with this size.
    Opened(Option<Decimal>),
    /// Its size changed.
    Changed(Option<Decimal>, Option<Decimal>),
    /// Size and entry price changed against each other.
    Adjusted(Option<Decimal>, Option<Decimal>),
    /// It was moved to another account.
    Left(Option<Decimal>),
    /// It is gone; its size before.
    Closed(Option<Decimal>),
    /// The exchange closed it or made it smaller, for this reason.
    Forced(Option<Text>),
    /// What it came to after fees and funding, in this coin; `None` where that is not known.
    Result(Option<Decimal>, Option<Text>),
}

/// An alert that was raised, or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayAlert {
    /// What is watched.
    pub metric: Metric,
    /// Whose.
    pub subject: Text,
    /// How serious it is.
    pub severity: Severity,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Its value then, in the metric's unit. `None` where the metric has none, and where the alert said that the
    /// figure was not known: see [`Metric::is_figure`].
    pub value: Option<Decimal>,
    /// The limit, in the same unit.
    pub limit: Option<Decimal>,
    /// When it ended; `None` while it is on.
    pub cleared_at: Option<Timestamp>,
}

impl AwayAlert {
    /// Returns whether it said only that its figure was not known, so that nothing could be judged.
    pub const fn is_unjudged(&self) -> bool {
        self.metric.is_figure() && self.value.is_none()
    }
}

/// How near a position came to its liquidation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayNearest {
    /// The contract.
    pub symbol: Text,
    /// `long` or `short`.
    pub side: Text,
    /// Distance to the liquidation price, a fraction of the mark price.
    pub distance: Decimal,
    /// When.
    pub at: Timestamp,
}
