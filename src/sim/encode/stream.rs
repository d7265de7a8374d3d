//! What a generation's sockets carry, as functions that write one row each.

use serde_json::Value;

use crate::sim::account::{Closed, Fill, Order, PlanKind, Position};
use crate::sim::market::{Bar, Deal, Depth, Market};
use crate::sim::world::World;

/// The rows of one generation.
pub(in crate::sim) struct Stream {
    pub(in crate::sim) ticker: fn(&Market, i64) -> Value,
    pub(in crate::sim) deal: fn(&Market, &Deal) -> Value,
    pub(in crate::sim) candle: fn(&Market, &Bar) -> Value,
    /// So many levels; its number and that of the row that it continues, zero in a whole book; the time.
    pub(in crate::sim) book: fn(&Market, &Depth, usize, (i64, i64), i64) -> Value,
    pub(in crate::sim) account: fn(&World) -> Value,
    pub(in crate::sim) position: fn(&World, &Position) -> Value,
    pub(in crate::sim) closed: fn(&World, &Closed) -> Value,
    pub(in crate::sim) order: fn(&World, &Order) -> Value,
    pub(in crate::sim) plan: fn(&Order, PlanKind) -> Value,
    pub(in crate::sim) fill: fn(&Fill) -> Value,
}
