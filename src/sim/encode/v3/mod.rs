//! V3: the unified account. Account amounts are in US dollars; here one USDT is one dollar.

pub(in crate::sim) mod account;
pub(in crate::sim) mod market;
pub(in crate::sim) mod orders;

use super::WsEncoder;

/// The only category with contracts on this exchange, as REST spells it.
const CATEGORY: &str = "USDT-FUTURES";
/// The same category, as the sockets spell it.
const STREAM_CATEGORY: &str = "usdt-futures";

/// The row encoders of its sockets.
pub(in crate::sim) static STREAM: WsEncoder = WsEncoder {
    ticker: market::ws_ticker,
    public_trade: market::ws_trade,
    candle: market::ws_candle,
    book: market::ws_book,
    account: account::ws_account,
    position: account::ws_position,
    closed: account::ws_ended,
    order: orders::ws_order,
    plan: orders::ws_plan,
    fill: orders::ws_fill,
};
