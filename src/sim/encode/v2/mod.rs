//! V2: the classic account.

pub(in crate::sim) mod account;
pub(in crate::sim) mod market;
pub(in crate::sim) mod orders;

use crate::sim::encode::ws_encoder::WsEncoder;

/// The row encoders of its sockets.
pub(in crate::sim) static STREAM: WsEncoder = WsEncoder {
    ticker: market::ws_ticker,
    public_trade: market::trade,
    candle: market::ws_candle,
    book: market::book,
    account: account::ws_account,
    position: account::ws_position,
    closed: |_, closed| account::ws_closed(closed),
    order: |_, order| orders::ws_order(order),
    plan: orders::ws_plan,
    fill: orders::ws_fill,
};
