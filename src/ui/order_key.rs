//! [`OrderKey`]: what tells an order on screen from the others.

use crate::domain::{Order, OrderClass, Symbol, Text};

/// What tells an order from the others: ids are unique within a list only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderKey {
    symbol: Symbol,
    class: OrderClass,
    order_id: Text,
}

impl OrderKey {
    pub(crate) fn of(order: &Order) -> Self {
        let Order { symbol, class, order_id, .. } = order;
        Self { symbol: symbol.clone(), class: *class, order_id: order_id.clone() }
    }

    /// Returns whether it is the key of this order.
    pub(crate) fn is_of(&self, order: &Order) -> bool {
        self.order_id == order.order_id && self.class == order.class && self.symbol == order.symbol
    }
}
