//! JSON as the exchange writes it, from templates of its own: numbers are strings but where the real
//! wire has numbers. `figures` computes what both generations write; `v2` and `v3` each have one file
//! for public data, one for the account, one for orders and their history.

mod figures;
mod stream;
pub(super) mod v2;
pub(super) mod v3;

pub(super) use figures::book_changes;
pub(super) use stream::Stream;

use rust_decimal::Decimal;
use serde_json::Value;

use super::account::Fill;

/// Places of amounts that a division may make endless.
const PLACES: u32 = 12;

/// Returns a decimal as the string that the wire has.
fn text(value: Decimal) -> Value {
    Value::String(value.normalize().to_string())
}

/// Returns a time as the string that the wire has.
fn ms(value: i64) -> Value {
    Value::String(value.to_string())
}

/// Returns an amount, or the empty string for none.
fn or_blank(value: Option<Decimal>) -> Value {
    value.map_or_else(|| Value::String(String::new()), text)
}

fn mode(cross: bool) -> &'static str {
    if cross { "crossed" } else { "isolated" }
}

fn side(long: bool) -> &'static str {
    if long { "long" } else { "short" }
}

/// Returns the real direction of what opens or closes a side.
fn direction(long: bool, closes: bool) -> &'static str {
    if long == closes { "sell" } else { "buy" }
}

fn trade_side(closes: bool) -> &'static str {
    if closes { "close" } else { "open" }
}

fn scope(maker: bool) -> &'static str {
    if maker { "maker" } else { "taker" }
}

/// The word of a fill: a forced one says so.
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
