//! [`Overlay`]: what lies over the panels.

use super::order_key::OrderKey;
use super::views::PanelId;
use crate::domain::PositionKey;

/// What lies over the panels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    Help,
    /// Every figure of one position.
    Detail(PositionKey),
    /// What happened, every word of it.
    Events,
    /// Everything that is known of one order.
    Order(OrderKey),
    /// What happened while the user was away.
    Away,
}

impl Overlay {
    /// Returns the panel that covers the others.
    pub(crate) const fn panel(&self) -> PanelId {
        match self {
            Self::Help => PanelId::Help,
            Self::Detail(_) => PanelId::Detail,
            Self::Events => PanelId::EventTexts,
            Self::Order(_) => PanelId::OrderDetail,
            Self::Away => PanelId::Away,
        }
    }
}
