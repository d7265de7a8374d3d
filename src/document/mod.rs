//! The document: one builder for everything that the screen, `snapshot` and alerts show.
//!
//! [`build`] joins a store snapshot with the present: live mark prices meet positions, `risk` does
//! the arithmetic, and every part gets the age of its oldest input. Nothing here formats for the
//! screen, and nothing else computes figures for it, so what a panel prints can be found in the
//! document. It reads no clock: the present is passed in.

mod account;
mod agreement;
mod build;
mod contracts;
mod engine;
mod figures;
mod freshness;
mod holdings;
mod model;
mod past;
mod perils;
mod positions;
mod session;
mod tail;

#[cfg(test)]
mod tests;

pub use build::{Context, build};
pub use engine::Engine;
pub use figures::{
    AtTrigger, CloseNow, ClosedRow, DayRow, EquityPoint, HistoryPart, Journal, PnlPart,
    PositionRisk, RiskPart, Scenario, TouchProbability, WhatIf, WorstPosition,
};
pub use freshness::Limits;
pub use model::{
    AccountPart, AlertPart, Document, Freshness, LinkPart, OrderRow, OrdersPart, PositionRow,
    PositionsPart, ProblemPart, SCHEMA, Source, TickerPart, Time,
};
