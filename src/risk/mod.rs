//! Arithmetic over domain values: PnL, margin, exposure, funding and the ledger of a day.
//!
//! Pure and exact: decimals with checked operations, no clock and no state. Every function returns
//! `None` when an input is unknown or a result does not fit, never a made-up number. Formulas and
//! signs follow Bitget's published rules; `s` is +1 for a long and −1 for a short, `q` the size, `e`
//! the entry price, `m` the mark price, `f` the account's taker fee rate.
#![deny(clippy::float_arithmetic)]

mod exact;
mod ledger;
mod margin;
mod pnl;

pub use exact::{add, div, mul, sub, sum};
pub use ledger::{DayTotals, day_totals};
pub use margin::{
    MarginTerms, cross_ratio, isolated_ratio, liquidation_distance, maintenance_margin,
    plausible_liquidation_price,
};
pub use pnl::{break_even, funding_payment, net, notional, roe, unrealized};
