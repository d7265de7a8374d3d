//! [`Watched`]: what somebody waits for.

use rust_decimal::Decimal;

use crate::domain::{LinkState, Symbol, Timestamp};
use crate::store::Snapshot;

/// What has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// A price, perhaps with more.
    Price,
    /// Something else, of which more may come in the next frames.
    Other,
}

/// What of the state is on screen at once when it moves: the price of the focus, what is held and ordered, and
/// whether the data can be relied on. Prices of other contracts come in frames of their own in the same
/// moment: they would take three readings where company makes one. The order book, trades, candles and figures
/// that were only confirmed are not in it either.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watched {
    /// Last and mark price of the focus.
    price: Option<(Option<Decimal>, Option<Decimal>)>,
    /// Size and entry price of each position.
    positions: Vec<(Decimal, Option<Decimal>)>,
    orders: usize,
    /// Whether the lists of positions and orders, and the account, have come at all.
    known: [bool; 3],
    links: Vec<LinkState>,
    problems: usize,
    newest_event: Option<Timestamp>,
}

impl Watched {
    /// Takes it from a state.
    pub(super) fn of(state: &Snapshot, focus: &Symbol) -> Self {
        let ticker = state.tickers.get(focus);
        let positions = state.positions.rows.iter();
        Self {
            price: ticker.map(|ticker| (ticker.value.last, ticker.value.mark)),
            positions: positions.map(|row| (row.size, row.entry_price)).collect(),
            orders: state.orders.rows.len(),
            known: [
                state.positions.confirmed_at.is_some(),
                state.orders.confirmed_at.is_some(),
                state.account.is_some(),
            ],
            links: state.links.iter().map(|link| link.state).collect(),
            problems: state.problems.len(),
            newest_event: state.events.first().map(|event| event.at),
        }
    }

    /// Returns what has moved from here to `next`, if anything has.
    pub(super) fn moved(&self, next: &Self) -> Option<Moved> {
        if self.price == next.price {
            (self != next).then_some(Moved::Other)
        } else {
            Some(Moved::Price)
        }
    }
}
