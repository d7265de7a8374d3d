//! The one mutable state of the program.
//!
//! [`Store`] is a reducer: updates in, state out, without a clock or IO. [`SharedStore`] puts it behind
//! a small lock that is never held across an await; readers take a [`Snapshot`] once per frame. The
//! rules of merging streams and polls are here and nowhere else: see `open_positions` for what a
//! missing row means.
#![deny(clippy::float_arithmetic)]

mod account;
mod bars;
mod contract_state;
mod event;
mod event_log;
mod ledger_history;
mod ledger_words;
mod link_states;
mod mark_candles;
mod market_data;
mod open_orders;
mod open_positions;
mod plausible;
mod problems;
mod reducer;
mod shared;
mod snapshot;
mod when;
mod without_fill;

#[cfg(test)]
mod tests;

pub use bars::Bars;
pub use event::{Event, EventKind};
pub use reducer::Store;
pub use shared::SharedStore;
pub use snapshot::{
    CandleSeries, LedgerDay, LedgerHistory, LinkStatus, MarkHistory, Problem, Rows, Rules,
    Snapshot, Stamped,
};
