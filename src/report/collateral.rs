//! [`Collateral`]: coins that back a unified account, and whose worth moves with the market.
//!
//! The exchange counts each at its value less a haircut, and says the sum of all haircuts alone: what the
//! equity exceeds its effective equity by. Each coin has its part of it by its value.

use rust_decimal::Decimal;

use crate::domain::{Account, AccountKind, CoinBalance};
use crate::risk;

/// The coins of an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Collateral<'a> {
    coins: &'a [CoinBalance],
    /// The part of its value that a coin counts for.
    share: Decimal,
}

impl<'a> Collateral<'a> {
    /// Returns the coins of an account whose equity is `whole`, and `counted` after haircuts. A classic account
    /// has none: it is kept in the coin that its contracts pay in. A haircut that is not known counts as none,
    /// so that a fall costs the whole of it.
    pub(super) fn new(
        account: Option<&'a Account>,
        kind: AccountKind,
        whole: Option<Decimal>,
        counted: Option<Decimal>,
    ) -> Self {
        let coins = account.filter(|_| kind == AccountKind::Unified);
        let mut own = Self {
            coins: coins.map(|account| account.coins.as_slice()).unwrap_or_default(),
            share: Decimal::ONE,
        };
        let haircut = whole.zip(counted).and_then(|(whole, counted)| risk::sub(whole, counted));
        let values = own.moving().filter_map(|coin| coin.usd_value);
        let value = risk::sum(values.map(|value| Some(value.max(Decimal::ZERO))));
        if let Some((haircut, value)) = haircut.zip(value)
            && let Some(cut) = risk::div(haircut, value)
        {
            own.share = (Decimal::ONE - cut.clamp(Decimal::ZERO, Decimal::ONE)).normalize();
        }
        own
    }

    fn moving(&self) -> impl Iterator<Item = &'a CoinBalance> {
        self.coins.iter().filter(|coin| !coin.is_dollar())
    }

    /// What is owed counts in full.
    fn count(&self, amount: Decimal) -> Option<Decimal> {
        if amount.is_sign_negative() { Some(amount) } else { risk::mul(amount, self.share) }
    }

    /// Returns how much of `coin` counts, in that coin; zero for none, or where it is not known.
    pub(super) fn of(&self, coin: &str) -> Decimal {
        let held = self.moving().find(|held| held.coin.as_str() == coin);
        held.and_then(|held| self.count(held.equity?)).unwrap_or_default()
    }

    /// Returns what of all of them is held and does not count, in the currency of the account, never negative.
    pub(super) fn haircut(&self) -> Decimal {
        let values = self.moving().filter_map(|coin| coin.usd_value);
        risk::sum(values.map(|value| self.cut(value))).unwrap_or_default()
    }

    /// Returns how much of `coin` is held and does not count, in that coin, never negative.
    pub(super) fn haircut_of(&self, coin: &str) -> Decimal {
        let held = self.moving().find(|held| held.coin.as_str() == coin);
        held.and_then(|held| self.cut(held.equity?)).unwrap_or_default()
    }

    fn cut(&self, amount: Decimal) -> Option<Decimal> {
        risk::sub(amount, self.count(amount)?)
    }

    /// Returns what all of them count for, in the currency of the account.
    pub(super) fn value(&self) -> Decimal {
        let values = self.moving().filter_map(|coin| coin.usd_value);
        risk::sum(values.map(|value| self.count(value))).unwrap_or_default()
    }
}
