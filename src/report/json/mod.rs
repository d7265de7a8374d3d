//! The snapshot document: the report as the JSON that scripts rely on.
//!
//! Decimals are written as strings, times as RFC 3339 UTC with milliseconds by the exchange's clock,
//! unknown values as `null`. Fractions are fractions: 0.01 is 1 %. A zero has
//! no sign. Every name that stands here is part of
//! the contract; the order of the fields is too, as far as people read it.

mod account;
mod alerts;
mod document;
mod results;
mod values;
mod zeros;

pub use alerts::alert_to_string;
pub use document::{SCHEMA, to_string};
pub use values::time;
