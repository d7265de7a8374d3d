//! What alerts are about: [`Metric`], [`Severity`], and [`AlertNotice`] for the list of events.

use std::fmt;

use rust_decimal::Decimal;

use super::{Text, spoken};

/// What an alert watches. The names are those of the configuration and of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// The last price of the contract in focus.
    Price,
    /// The mark price of the contract in focus, and of those that are held.
    MarkPrice,
    /// Distance of a position to the nearer of its liquidation prices, in percent of the mark price.
    LiquidationDistance,
    /// Margin ratio of the account and of isolated positions, in percent; 100 means liquidation.
    MarginRatio,
    /// Unrealized PnL of a position, in its settle coin.
    UnrealizedPnl,
    /// Return on the margin of a position, in percent.
    Roe,
    /// Net result of the UTC day, in USDT.
    NetToday,
    /// Fall of the equity from its highest of the session, at most a day back, in percent of that.
    Drawdown,
    /// Funding rate of the contract in focus, in percent for one interval.
    FundingRate,
    /// A position was closed.
    PositionClosed,
    /// A position was opened.
    PositionOpened,
    /// The size of a position changed.
    SizeChanged,
    /// A link has used up its attempts to reconnect.
    LinkDown,
    /// Prices, positions or the account do not come any more, or never came.
    DataStale,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 14] = [
        Self::Price,
        Self::MarkPrice,
        Self::LiquidationDistance,
        Self::MarginRatio,
        Self::UnrealizedPnl,
        Self::Roe,
        Self::NetToday,
        Self::Drawdown,
        Self::FundingRate,
        Self::PositionClosed,
        Self::PositionOpened,
        Self::SizeChanged,
        Self::LinkDown,
        Self::DataStale,
    ];

    /// Returns the name, as users write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::MarkPrice => "mark_price",
            Self::LiquidationDistance => "liquidation_distance_pct",
            Self::MarginRatio => "margin_ratio_pct",
            Self::UnrealizedPnl => "unrealized_pnl",
            Self::Roe => "roe_pct",
            Self::NetToday => "net_today",
            Self::Drawdown => "drawdown_pct",
            Self::FundingRate => "funding_rate_pct",
            Self::PositionClosed => "position_closed",
            Self::PositionOpened => "position_opened",
            Self::SizeChanged => "size_changed",
            Self::LinkDown => "link_down",
            Self::DataStale => "data_stale",
        }
    }

    /// Returns the name in words, without its unit.
    pub fn spoken(self) -> String {
        spoken(self.name().trim_end_matches("_pct"))
    }

    /// Returns whether it is something that happens, and not a state that lasts.
    pub const fn is_event(self) -> bool {
        matches!(self, Self::PositionClosed | Self::PositionOpened | Self::SizeChanged)
    }

    /// Returns whether it is a figure, which is compared with a limit.
    pub const fn is_figure(self) -> bool {
        !self.is_event() && !matches!(self, Self::LinkDown | Self::DataStale)
    }

    /// Returns whether it is of single positions, which have a side.
    pub const fn is_of_positions(self) -> bool {
        self.is_event()
            || matches!(
                self,
                Self::LiquidationDistance | Self::MarginRatio | Self::UnrealizedPnl | Self::Roe
            )
    }

    /// Returns whether it is of a contract or of positions, so that a rule may name the contract.
    pub const fn has_symbol(self) -> bool {
        self.is_of_positions() || matches!(self, Self::Price | Self::MarkPrice | Self::FundingRate)
    }

    /// Returns whether its value is an amount of money or a size, which privacy hides.
    pub const fn is_amount(self) -> bool {
        matches!(self, Self::UnrealizedPnl | Self::NetToday) || self.is_event()
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How serious an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look.
    Watch,
    /// Money is at risk.
    Danger,
    /// Act now.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Watch => "watch",
            Self::Danger => "danger",
            Self::Critical => "critical",
        })
    }
}

/// What happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertChange {
    /// Its condition has come to hold.
    Raised,
    /// Its figure has not been known for so long that nobody can say whether the condition holds.
    Unknown,
    /// It has ended.
    Cleared,
}

/// A change of one alert, for the list of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertNotice {
    /// What happened.
    pub change: AlertChange,
    /// How serious the alert is.
    pub severity: Severity,
    /// What is watched.
    pub metric: Metric,
    /// Whose: `BTCUSDT_UMCBL long`, a link's name, or `account`.
    pub subject: Text,
    /// Its value in the metric's unit; `None` where it has none, or is not known.
    pub value: Option<Decimal>,
    /// The limit in the same unit; `None` where there is none.
    pub limit: Option<Decimal>,
}
