//! JSON as the exchange writes it: numbers are strings except where the real wire has numbers. `derived`
//! computes the values that both generations write; `v2` and `v3` have a file each for public data, for
//! the account, and for orders and their history.

mod derived;
pub(super) mod v2;
pub(super) mod v3;
mod wire_text;
mod ws_encoder;

pub(super) use derived::book_changes;
pub(super) use ws_encoder::WsEncoder;
