//! The category of the contracts of this exchange.

/// The only category with contracts on this exchange, as REST spells it.
pub(super) const CATEGORY: &str = "USDT-FUTURES";
/// The same category, as the sockets spell it.
pub(super) const STREAM_CATEGORY: &str = "usdt-futures";
