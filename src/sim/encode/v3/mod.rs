//! V3: the unified account. What is money of the account is in US dollars; one USDT is one dollar here.

pub(in crate::sim) mod account;
pub(in crate::sim) mod market;
pub(in crate::sim) mod orders;

use super::Stream;

/// The category that this exchange trades, as REST spells it.
const CATEGORY: &str = "USDT-FUTURES";
/// The same on the sockets.
const STREAM_CATEGORY: &str = "usdt-futures";

/// What its sockets carry.
pub(in crate::sim) static STREAM: Stream = Stream {
    ticker: market::ws_ticker,
    deal: market::ws_trade,
    candle: market::ws_candle,
    book: market::ws_book,
    account: account::ws_account,
    position: account::ws_position,
    closed: account::ws_ended,
    order: orders::ws_order,
    plan: orders::ws_plan,
    fill: orders::ws_fill,
};
