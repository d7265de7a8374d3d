//! Values and names as the wire has them in both generations.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::sim::account_records::Fill;
use crate::sim::contracts::spec;

/// Decimal places of quotients.
pub(super) const PLACES: u32 = 12;

/// Returns a decimal as a string, as on the wire.
pub(super) fn text(value: Decimal) -> Value {
    Value::String(value.normalize().to_string())
}

/// Returns a time as a string, as on the wire.
pub(super) fn ms(value: i64) -> Value {
    Value::String(value.to_string())
}

/// Returns an amount, or the empty string for `None`.
pub(super) fn or_blank(value: Option<Decimal>) -> Value {
    value.map_or_else(|| Value::String(String::new()), text)
}

/// Returns the coin in which a contract pays.
pub(super) fn coin(contract: usize) -> &'static str {
    spec(contract).product.coin().wire()
}

pub(super) fn mode(cross: bool) -> &'static str {
    if cross { "crossed" } else { "isolated" }
}

pub(super) fn side(long: bool) -> &'static str {
    if long { "long" } else { "short" }
}

/// Returns the real direction of an order that opens or closes a side.
pub(super) fn direction(long: bool, closes: bool) -> &'static str {
    if long == closes { "sell" } else { "buy" }
}

pub(super) fn trade_side(closes: bool) -> &'static str {
    if closes { "close" } else { "open" }
}

pub(super) fn scope(maker: bool) -> &'static str {
    if maker { "maker" } else { "taker" }
}

/// Returns the `tradeSide` of a fill; a liquidation has its own.
pub(super) fn fill_side(fill: &Fill) -> &'static str {
    match (fill.liquidation, fill.long) {
        (true, true) => "burst_close_long",
        (true, false) => "burst_close_short",
        (false, _) => trade_side(fill.closes),
    }
}

/// Returns an object with the members of both.
pub(super) fn join(mut first: Value, second: Value) -> Value {
    if let (Value::Object(first), Value::Object(second)) = (&mut first, second) {
        first.extend(second);
    }
    first
}
