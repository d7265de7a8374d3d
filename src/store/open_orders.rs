//! Merges order lists (polls, one class at a time) and order changes (pushes).

use std::collections::BTreeMap;

use super::when::When;
use super::{EventKind, Rows};
use crate::domain::{
    OpenEnum, Order, OrderClass, OrderKind, OrderSet, OrderStatus, Origin, Product, Scope, Text,
    Timestamp,
};

/// Class, id, and whether it is a stop-loss: one plan of a unified account may be both a take-profit and
/// a stop-loss.
type Key = (OrderClass, Text, bool);

/// What the merge must remember besides the rows.
#[derive(Debug, Default)]
pub(super) struct OpenOrders {
    /// When a push last changed or ended an order: a poll that was sent before must not change it.
    pushed_at: BTreeMap<Key, Timestamp>,
    /// When each class of each product was last listed completely.
    confirmed: BTreeMap<(Product, OrderClass), Timestamp>,
    /// Unreadable rows of each class of each product.
    unreadable: BTreeMap<(Product, OrderClass), u32>,
}

impl OpenOrders {
    /// Merges `set` into `held`: listed orders replace, ended ones are removed, and so are absent ones if
    /// the list of their class and product was complete and readable. Returns the events.
    pub(super) fn merge(
        &mut self,
        held: &mut Rows<Order>,
        set: OrderSet,
        origin: Origin,
        when: When,
    ) -> Vec<EventKind> {
        let at = when.at_most;
        let pushed = origin != Origin::Rest;
        let complete = set.scope == Scope::Complete && set.unreadable == 0;
        let mut events = Vec::new();
        let named: Vec<Key> = set.rows.iter().map(key).collect();
        for row in set.rows {
            let key = key(&row);
            if !pushed && self.pushed_at.get(&key).is_some_and(|pushed| *pushed >= at) {
                continue;
            }
            if pushed {
                self.pushed_at.insert(key.clone(), at);
            }
            events.extend(triggered(held, &row));
            put(held, row);
        }
        if complete {
            held.rows.retain(|old| {
                let key = key(old);
                !(set.classes.contains(&old.class) && set.products.contains(&old.symbol.product()))
                    || named.contains(&key)
                    || self.pushed_at.get(&key).is_some_and(|pushed| *pushed >= at)
            });
            for list in lists(&set.products, &set.classes) {
                self.confirmed.insert(list, when.proven);
            }
        }
        for list in lists(&set.products, &set.classes) {
            let known = self.unreadable.entry(list).or_default();
            // A change says nothing about the unreadable rows of a list.
            let least = if set.scope == Scope::Complete { 0 } else { *known };
            // Nobody knows of which product an unreadable row is: the first that is listed answers for it.
            let unreadable = if set.products.first() == Some(&list.0) { set.unreadable } else { 0 };
            *known = unreadable.max(least);
        }
        held.rows.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| key(a).cmp(&key(b))));
        let of = |wanted: bool| {
            let lists = self.unreadable.iter();
            let lists = lists.filter(move |((of, _), _)| (*of == Product::UsdtFutures) == wanted);
            lists.map(|(_, unreadable)| unreadable).sum()
        };
        (held.unreadable, held.unreadable_elsewhere) = (of(true), of(false));
        held.confirmed = Product::ALL
            .into_iter()
            .filter_map(|product| {
                let listed = |class: &OrderClass| self.confirmed.get(&(product, *class)).copied();
                Some((product, OrderClass::ALL.iter().map(listed).min().flatten()?))
            })
            .collect();
        held.confirmed_at = held.confirmed.get(&Product::UsdtFutures).copied();
        self.pushed_at.retain(|_, pushed| at.since(*pushed).as_secs() < 300);
        events
    }
}

/// Returns the lists that a message covers.
fn lists<'a>(
    products: &'a [Product],
    classes: &'a [OrderClass],
) -> impl Iterator<Item = (Product, OrderClass)> + 'a {
    products.iter().flat_map(|product| classes.iter().map(|class| (*product, *class)))
}

/// Returns the event of a held stop-loss plan that has now done its work.
fn triggered(held: &Rows<Order>, row: &Order) -> Option<EventKind> {
    let is_stop = row.class == OrderClass::ProfitLoss
        && row.kind == OpenEnum::Known(OrderKind::StopLoss)
        && row.status == OpenEnum::Known(OrderStatus::Filled);
    let old = held.rows.iter().find(|old| is_stop && key(old) == key(row))?;
    Some(EventKind::StopTriggered {
        symbol: row.symbol.clone(),
        side: row.side.or(old.side),
        price: row.trigger_price.or(old.trigger_price),
        size: row.size.or(old.size),
    })
}

fn key(order: &Order) -> Key {
    let stops = order.kind.known() == Some(OrderKind::StopLoss);
    (order.class, order.order_id.clone(), stops)
}

/// Inserts or replaces an order; an ended one is removed, an older report ignored.
fn put(held: &mut Rows<Order>, row: Order) {
    let ended = row.status.known().is_some_and(|status: OrderStatus| !status.is_open());
    let place = held.rows.iter().position(|old| key(old) == key(&row));
    match place.and_then(|index| held.rows.get_mut(index)) {
        Some(old) if row.updated_at.is_some() && row.updated_at < old.updated_at => {}
        Some(old) if !ended => *old = row,
        Some(_) => held.rows.retain(|old| key(old) != key(&row)),
        None if !ended => held.rows.push(row),
        None => {}
    }
}
