//! The document: one builder for everything that the screen, `snapshot` and alerts show.
//!
//! [`build`] joins a store snapshot with the present: live mark prices meet positions, `risk` does
//! the arithmetic, and every part gets the age of its oldest input. Nothing here formats for the
//! screen, and nothing else computes figures for it, so what a panel prints can be found in the
//! document. It reads no clock: the present is passed in.

mod account;
mod age;
mod build;
mod engine;
mod figures;
mod history;
mod model;
mod portfolio;
mod position_risk;
mod positions;
mod reconciliation;
mod session;
mod statistics;
mod value_at_risk;

#[cfg(test)]
mod tests;

pub use age::Limits;
pub use build::{Context, build};
pub use engine::Engine;
pub use figures::{
    AtTrigger, CloseNow, ClosedRow, DayRow, EquityPoint, HistoryPart, Journal, PnlPart,
    PositionRisk, RiskPart, Scenario, TouchProbability, WhatIf, WorstPosition,
};
pub use model::{
    AccountPart, AlertPart, Document, Freshness, LinkPart, OrderRow, OrdersPart, PositionRow,
    PositionsPart, ProblemPart, SCHEMA, Source, TickerPart, Time,
};
