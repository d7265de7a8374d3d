//! JSON as the exchange writes it: numbers are strings except where the real wire has numbers. `derived`
//! computes the values that both generations write; `v2` and `v3` have a file each for public data, for
//! the account, and for orders and their history.

mod derived;
pub(super) mod v2;
pub(super) mod v3;
mod ws_encoder;

pub(super) use derived::book_changes;
pub(super) use ws_encoder::WsEncoder;

use rust_decimal::Decimal;
use serde_json::Value;

use super::margin_account::Fill;

/// Decimal places of quotients.
const PLACES: u32 = 12;

/// Returns a decimal as a string, as on the wire.
fn text(value: Decimal) -> Value {
    Value::String(value.normalize().to_string())
}

/// Returns a time as a string, as on the wire.
fn ms(value: i64) -> Value {
    Value::String(value.to_string())
}

/// Returns an amount, or the empty string for `None`.
fn or_blank(value: Option<Decimal>) -> Value {
    value.map_or_else(|| Value::String(String::new()), text)
}

fn mode(cross: bool) -> &'static str {
    if cross { "crossed" } else { "isolated" }
}

fn side(long: bool) -> &'static str {
    if long { "long" } else { "short" }
}

/// Returns the real direction of an order that opens or closes a side.
fn direction(long: bool, closes: bool) -> &'static str {
    if long == closes { "sell" } else { "buy" }
}

fn trade_side(closes: bool) -> &'static str {
    if closes { "close" } else { "open" }
}

fn scope(maker: bool) -> &'static str {
    if maker { "maker" } else { "taker" }
}

/// Returns the `tradeSide` of a fill; a liquidation has its own.
fn fill_side(fill: &Fill) -> &'static str {
    match (fill.liquidation, fill.long) {
        (true, true) => "burst_close_long",
        (true, false) => "burst_close_short",
        (false, _) => trade_side(fill.closes),
    }
}

/// Returns an object with the members of both.
fn join(mut first: Value, second: Value) -> Value {
    if let (Value::Object(first), Value::Object(second)) = (&mut first, second) {
        first.extend(second);
    }
    first
}
