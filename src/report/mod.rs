//! The report: every figure that the screen, `snapshot` and alerts show, made in one place.
//!
//! [`Engine`] joins a store snapshot with the present, one direction and nothing back:
//!
//! ```text
//! inputs ─ prices ─ reconciliation (calibration) ─ portfolio ─ valuation ─ rows, account, risk ─ Report
//! ```
//!
//! `inputs` is what one reading is made of, `prices` puts a live mark price and an age on every position,
//! `reconciliation` compares the newest list with the exchange's own figures and finds out which rules
//! fit, `portfolio` is what `risk` computes with, and the files named after a part of the [`Report`] build
//! that part. The report is typed; texts come into being in [`json`] and in `ui`. It reads no clock: the
//! present is passed in, and every part carries an [`Age`].

mod account;
mod account_margin;
mod age;
mod alert;
mod calibration;
mod collateral;
mod completeness;
mod context;
mod discrepancy;
mod engine;
mod equity;
mod fees;
mod figures;
mod foreign_rules;
mod history;
mod inputs;
pub mod json;
mod learned;
mod levels;
mod market;
mod model;
mod other_products;
mod outage;
mod pnl;
mod portfolio;
mod position_risk;
mod position_row;
mod prices;
mod problems;
mod reading;
mod reconciliation;
mod risk_part;
mod rounding;
mod session;
mod statistics;
mod ticker;
mod value_at_risk;
mod wallet;

#[cfg(test)]
mod tests;

pub use age::{Age, Freshness, Limits};
pub use alert::{Alert, Delivery, DeliveryState};
pub use context::Context;
pub use engine::{Engine, build};
pub use figures::{
    AtTrigger, CloseNow, EquityPoint, HistoryPart, OtherFee, PnlPart, PositionRisk, RiskPart,
    Scenario, SessionPart, TodayPart, TouchProbability, VarMethod, WhatIf,
};
pub use model::{
    AccountPart, AccountStatus, MarketPart, OrdersPart, PositionRow, PositionsPart, Report, Source,
    TickerPart,
};
