//! [`Watched`]: what somebody waits for.

use rust_decimal::Decimal;

use crate::domain::{LinkState, Timestamp};
use crate::store::Snapshot;

/// What of the state is on screen at once when it moves: prices, what is held and ordered, and whether the
/// data can be relied on. The order book, trades, candles and figures that were only confirmed are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watched {
    /// Last and mark price of each contract.
    prices: Vec<(Option<Decimal>, Option<Decimal>)>,
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
    pub(super) fn of(state: &Snapshot) -> Self {
        let tickers = state.tickers.values();
        let positions = state.positions.rows.iter();
        Self {
            prices: tickers.map(|ticker| (ticker.value.last, ticker.value.mark)).collect(),
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
}
