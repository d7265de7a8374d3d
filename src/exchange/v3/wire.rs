//! What several files of V3 share: names on the wire, and which rows are ours.

use crate::exchange::number::Raw;
use crate::exchange::open_enum::usdt_contract;

/// The product in requests and, in either case, in rows.
pub(super) const CATEGORY: &str = "USDT-FUTURES";
/// The field that says where the next page starts.
pub(super) const CURSOR: &str = "cursor";

/// Returns whether a pushed row is of our product: a private channel covers all of them. Position rows
/// do not name the product, so their contract decides.
pub(super) fn is_ours(category: &Raw<'_>, symbol: &Raw<'_>) -> bool {
    category.is(CATEGORY) || (category.text().is_none() && usdt_contract(symbol).is_some())
}
