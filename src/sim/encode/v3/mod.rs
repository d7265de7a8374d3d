//! V3: the unified account. Account amounts are in US dollars.

pub(in crate::sim) mod account;
pub(in crate::sim) mod market;
pub(in crate::sim) mod orders;

use crate::sim::encode::ws_encoder::WsEncoder;

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
