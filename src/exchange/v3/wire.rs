//! What several files of V3 share: names on the wire, and which rows are ours.

use crate::domain::Product;
use crate::exchange::number::Raw;

/// The field that says where the next page starts.
pub(super) const CURSOR: &str = "cursor";

/// Returns whether a pushed row is of our product: a private channel covers all of them. Position rows
/// do not name the product, so their contract decides.
pub(super) fn is_ours(category: &Raw<'_>, symbol: &Raw<'_>) -> bool {
    let said = match category.text() {
        Some(category) => Product::from_wire(category),
        None => symbol.text().and_then(Product::of_contract),
    };
    said == Some(Product::UsdtFutures)
}
