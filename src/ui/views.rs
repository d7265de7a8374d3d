//! [`View`] and [`PanelId`]: what there is to look at. Where it stands is for `layout` to say.

/// One arrangement of panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum View {
    #[default]
    Overview,
    Positions,
    Risk,
    Orders,
    History,
    Chart,
    Health,
}

/// One panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum PanelId {
    #[default]
    Positions,
    Price,
    /// The order book of the focus.
    Book,
    /// Public trades of the focus.
    Trades,
    Chart,
    Pnl,
    Risk,
    Orders,
    Events,
    AccountRisk,
    /// What the account holds, coin by coin.
    Coins,
    /// What may become of the selected position.
    PositionRisk,
    Scenarios,
    WhatIf,
    EquityCurve,
    /// Results by day.
    Days,
    Journal,
    ClosedPositions,
    Fills,
    Links,
    /// The age of every datum.
    Ages,
    /// Problems and failures.
    Trouble,
    Help,
    /// Every figure of one position.
    Detail,
    /// What happened, in lines that are wrapped.
    EventTexts,
    /// Everything that is known of one order.
    OrderDetail,
    /// What happened while the user was away.
    Away,
}

impl PanelId {
    /// Returns whether the keys that go from row to row choose a position here; elsewhere they scroll.
    pub(crate) const fn selects_position(self) -> bool {
        matches!(
            self,
            Self::Positions
                | Self::AccountRisk
                | Self::PositionRisk
                | Self::Scenarios
                | Self::WhatIf
        )
    }
}
