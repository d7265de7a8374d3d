//! JSON as the exchange writes it, from templates of its own: numbers are strings but where the real
//! wire has numbers. One file for public data, one for the account, one for orders and their history.

pub(super) mod account;
pub(super) mod market;
pub(super) mod orders;

use rust_decimal::Decimal;
use serde_json::Value;

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
