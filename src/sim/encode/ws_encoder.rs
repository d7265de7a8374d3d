//! The row encoders of one generation's sockets.

use serde_json::Value;

use crate::sim::account_records::{ClosedPosition, Fill, Order, PlanKind, Position};
use crate::sim::products::Product;
use crate::sim::simulated_market::{Bar, Depth, Market, PublicTrade};
use crate::sim::world::World;

/// One encoder for each kind of row.
pub(in crate::sim) struct WsEncoder {
    pub(in crate::sim) ticker: fn(&Market, i64) -> Value,
    pub(in crate::sim) public_trade: fn(&Market, &PublicTrade) -> Value,
    pub(in crate::sim) candle: fn(&Market, &Bar) -> Value,
    /// Market, book, number of levels, its sequence number and the previous one (zero in a snapshot), time.
    pub(in crate::sim) book: fn(&Market, &Depth, usize, (i64, i64), i64) -> Value,
    /// The account of a product, where each has its own.
    pub(in crate::sim) account: fn(&World, Product) -> Value,
    pub(in crate::sim) position: fn(&World, &Position) -> Value,
    pub(in crate::sim) closed: fn(&World, &ClosedPosition) -> Value,
    pub(in crate::sim) order: fn(&World, &Order) -> Value,
    pub(in crate::sim) plan: fn(&Order, PlanKind) -> Value,
    pub(in crate::sim) fill: fn(&Fill) -> Value,
}
