//! Arithmetic over domain values: PnL, margin, liquidation, funding, what-ifs, the ledger of a day.
//!
//! Pure and exact: decimals with checked operations, no clock and no state. Every function returns
//! `None` when an input is unknown or a result does not fit, never a made-up number. Formulas and
//! signs follow Bitget's published rules; `s` is +1 for a long and −1 for a short, `q` the size, `e`
//! the entry price, `m` the mark price, `l` the last price, `f` the account's taker fee rate, `N` what
//! a position has already realized, `r_k` and `C_k` rate and offset of the tier.
//!
//! A [`Portfolio`] is the input, [`Valuation`] the shared work of one frame; the figures of positions
//! and of the account, scenarios and what-ifs are asked from that.
#![deny(clippy::float_arithmetic)]

mod close;
mod exact;
mod figures;
mod fingerprint;
mod funding;
mod ledger;
mod liquidation;
mod pnl;
mod portfolio;
mod rules;
mod scenario;
mod tiers;
mod valuation;
mod what_if;

#[cfg(test)]
mod tests;

pub use close::{CloseNow, close_now, middle, spread_bps};
pub use exact::{add, div, mul, round_down, round_up, sub, sum};
pub use figures::{AccountFigures, PositionFigures, margin_ratio};
pub use fingerprint::{Difference, Figure, Fingerprint, Reported, fingerprint};
pub use funding::{Funding, funding, funding_countdown, funding_payment};
pub use ledger::{DayTotals, day_totals};
pub use liquidation::{Liquidation, liquidation_distance, plausible_liquidation_price};
pub use pnl::{
    adl_lights, average_entry, break_even, net, notional, pessimistic_price, price_move, roe,
    taker_fee_of_break_even, taker_fee_of_ratio, unrealized,
};
pub use portfolio::{Holding, Instrument, OpeningOrder, Portfolio};
pub use rules::{LiquidationForm, LiquidationTier, Maintenance, MarginDivisor, Rules};
pub use scenario::Scenario;
pub use tiers::{TierStep, TierTable};
pub use valuation::Valuation;
pub use what_if::{SizeToAdd, SizeToCut, target_price};
