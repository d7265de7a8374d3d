//! The document: one builder for everything that the screen, `snapshot` and alerts show.
//!
//! [`build`] joins a store snapshot with the present: live mark prices meet positions, `risk` does
//! the arithmetic, and every part gets the age of its oldest input. Nothing here formats for the
//! screen, and nothing else computes figures for it, so what a panel prints can be found in the
//! document. It reads no clock: the present is passed in.

mod account;
mod build;
mod freshness;
mod model;
mod positions;

#[cfg(test)]
mod tests;

pub use build::{Context, build};
pub use freshness::Limits;
pub use model::{
    AccountPart, AlertPart, Document, Freshness, LinkPart, OrderRow, OrdersPart, PnlPart,
    PositionRow, PositionsPart, ProblemPart, RiskPart, SCHEMA, Scenario, Source, TickerPart, Time,
    TouchProbability, WorstPosition,
};
