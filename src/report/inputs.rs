//! [`Inputs`]: what one reading is made of.

use rust_decimal::Decimal;

use super::age::Age;
use super::context::Context;
use super::statistics::Statistics;
use crate::domain::{Account, AccountKind, Product, RequestKind, Symbol, Timestamp};
use crate::store::Snapshot;

/// The state at one moment, and what is needed to read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) context: &'a Context,
    pub(super) statistics: &'a Statistics,
    /// Local time, which data age by.
    pub(super) now: Timestamp,
    /// The same by the exchange's clock.
    pub(super) exchange_now: Timestamp,
    /// The kind of account whose rules hold; `None` while no rules can be named.
    pub(super) kind: Option<AccountKind>,
    /// Age of the list of positions of USDT-M.
    pub(super) list_age: Age,
    /// Age of the newest report of the account.
    pub(super) report_age: Age,
    /// The same for what is computed from it: stale while it and the list may not belong together.
    pub(super) account_age: Age,
    known_kind: KnownKind,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        context: &'a Context,
        statistics: &'a Statistics,
        kind: &KnownKind,
        now: Timestamp,
    ) -> Self {
        let offset = snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset);
        let limits = &context.limits;
        let account = snapshot.account.as_ref().map(|account| account.as_of);
        let report_age = kind.age(Age::new(account, limits.account));
        Self {
            snapshot,
            context,
            statistics,
            now,
            exchange_now: now.plus_millis(offset),
            kind: kind.kind,
            list_age: kind.age(Age::new(snapshot.positions.confirmed_at, limits.positions)),
            report_age,
            account_age: snapshot.unsettled_since().map_or(report_age, |since| {
                // What was realized is in no figure, or in two.
                report_age.with(Age::ended(since))
            }),
            known_kind: *kind,
        }
    }

    /// Returns the age of the list of positions of a product: one in which something is held is read as
    /// often as that of the focus.
    pub(super) fn list_age_of(&self, product: Product) -> Age {
        if product == Product::UsdtFutures {
            return self.list_age;
        }
        let positions = &self.snapshot.positions;
        let limits = &self.context.limits;
        let held = positions.rows.iter().any(|row| row.key.symbol.product() == product);
        let limit = if held { limits.positions } else { limits.empty_positions };
        self.known_kind.age(Age::new(positions.confirmed.get(&product).copied(), limit))
    }

    /// Returns the age of the lists of orders of a product.
    pub(super) fn orders_age_of(&self, product: Product) -> Age {
        let limits = &self.context.limits;
        let own = product == Product::UsdtFutures;
        let limit = if own { limits.orders } else { limits.other_orders };
        Age::new(self.snapshot.orders.confirmed.get(&product).copied(), limit)
    }

    /// Returns the newest report of the account.
    pub(super) fn account(&self) -> Option<&'a Account> {
        self.snapshot.account.as_ref().map(|account| &account.value)
    }

    /// Returns the worth of one unit of a contract's settle coin in the currency of the account; `None` while
    /// the report of the account does not tell.
    pub(super) fn rate(&self, symbol: &Symbol) -> Option<Decimal> {
        let settle_coin = symbol.settle_coin()?;
        match self.account() {
            Some(account) => account.rate_of(settle_coin),
            // A classic account is kept in the coin that its contracts pay in.
            None => (self.kind != Some(AccountKind::Unified)).then_some(Decimal::ONE),
        }
    }

    /// Returns whether the equity of the account backs positions that are not computed with: a unified account
    /// backs those of all products. `None` while a list is to come; one that is refused may hide any.
    pub(super) fn holds_other_products(&self) -> Option<bool> {
        if self.kind != Some(AccountKind::Unified) {
            return Some(false);
        }
        let snapshot = self.snapshot;
        let held = snapshot.positions.rows.iter().any(|row| !row.key.symbol.product().is_linear());
        let refused =
            |product: Product| snapshot.failures.contains_key(&RequestKind::Positions(product));
        let mut missing = Product::ALL
            .into_iter()
            .filter(|product| !snapshot.positions.confirmed.contains_key(product))
            .peekable();
        if missing.peek().is_none() {
            return Some(held);
        }
        missing.all(refused).then_some(true)
    }

    /// Returns the kind whose rules are computed with. Before it is known nothing that rests on it is
    /// shown, so any will do.
    pub(super) fn rules_of(&self) -> AccountKind {
        self.kind.unwrap_or(AccountKind::Classic)
    }

    /// Returns whether the list of positions of USDT-M was ever complete: else nothing can be said of the
    /// account.
    pub(super) const fn positions_known(&self) -> bool {
        self.snapshot.positions.confirmed_at.is_some()
    }
}

/// The kind of account that the rules are taken from: the one that was last known.
///
/// While the exchange is asked again, because it answered as to another kind, the rules of before hold,
/// and everything that rests on them is stale from then on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KnownKind {
    kind: Option<AccountKind>,
    /// When the kind was last seen to be known, once it is not any more.
    ended: Option<Timestamp>,
    seen: Option<Timestamp>,
}

impl KnownKind {
    pub(super) fn follow(&mut self, kind: Option<AccountKind>, now: Timestamp) {
        if kind.is_some() {
            (self.kind, self.seen, self.ended) = (kind, Some(now), None);
        } else {
            self.ended = self.seen;
        }
    }

    fn age(&self, age: Age) -> Age {
        self.ended.map_or(age, |ended| age.with(Age::ended(ended)))
    }
}
