//! What several files of V3 share: names on the wire, and which rows are ours.

use crate::domain::Product;
use crate::exchange::number::Raw;

/// The field that says where the next page starts.
pub(super) const CURSOR: &str = "cursor";

/// Returns the product of a row: a private channel covers all of them, and spot and margin as well, for
/// which there is none. Pushed positions do not name it, so their contract decides.
pub(super) fn product_of(category: &Raw<'_>, symbol: &Raw<'_>) -> Option<Product> {
    match category.text() {
        Some(category) => Product::from_wire(category),
        None => symbol.text().and_then(Product::of_contract),
    }
}

/// Returns the product of a row of the list of `asked`; `None` when the row says that it is of another.
pub(super) fn listed_product(asked: Product, category: &Raw<'_>) -> Option<Product> {
    let said = category.text().and_then(Product::from_wire);
    said.is_none_or(|said| said == asked).then_some(asked)
}
