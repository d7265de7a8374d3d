//! The one mutable state of the program.
//!
//! [`Store`] is a reducer: updates in, state out, no clock of its own and no IO. [`SharedStore`] puts
//! it behind a small lock that is never held across an await; readers take a [`Snapshot`] once a
//! frame. The rules of merging streams and polls live here and nowhere else: see `positions` for
//! what a missing row means.
#![deny(clippy::float_arithmetic)]

mod events;
mod history;
mod links;
mod market;
mod marks;
mod orders;
mod plausible;
mod positions;
mod problems;
mod shared;
mod snapshot;
mod state;

#[cfg(test)]
mod tests;

pub use shared::SharedStore;
pub use snapshot::{
    Bars, CandleSeries, Event, EventKind, LedgerDay, LedgerHistory, LinkStatus, MarkHistory,
    Problem, Rows, Rules, Snapshot, Stamped,
};
pub use state::Store;
