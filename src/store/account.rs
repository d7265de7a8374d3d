//! The merge of the reports of the account.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::when::When;
use super::{Snapshot, Stamped};
use crate::domain::{
    AccountUpdate, CoinBalance, Origin, Position, Product, Side, Symbol, Timestamp,
};

/// A mark price that was pushed counts before that of the list while it is at most this much older.
const PUSHED_PRICE_MS: i64 = 5_000;

/// What the merge must remember besides the report.
#[derive(Debug, Default)]
pub(super) struct AccountMerge {
    /// When the held equity was true; orders reports.
    at: Timestamp,
    completion: Option<Completion>,
}

/// A report that did not say what PnL its equity includes.
#[derive(Debug)]
struct Completion {
    /// When it was true.
    at: Timestamp,
    /// The mark prices that had been pushed by then.
    marks: BTreeMap<Symbol, Decimal>,
    /// A push comes with a trade, before the push of the position: what is held then is of before.
    after_trade: bool,
}

impl AccountMerge {
    /// Merges an account report.
    ///
    /// Equity moves with the mark price, so it is kept together with the unrealized PnL that it includes. Where
    /// a report does not say it, that is what the positions earn at the time of the report. A response is complete:
    /// what it leaves out is unknown from then on, while a push may leave out what has not changed; one
    /// without equity leaves the pair, and its age, to the next report.
    pub(super) fn merge(
        &mut self,
        state: &mut Snapshot,
        report: AccountUpdate,
        origin: Origin,
        when: When,
    ) -> bool {
        let mut new = report.account;
        // Only the settings of the account say it.
        new.account_level.clone_from(&state.account_level);
        if state.account.is_some() && when.at_most < self.at {
            return false;
        }
        let before = state.account.take();
        let held = before.as_ref().filter(|_| origin != Origin::Rest);
        if let Some(Stamped { value: old, as_of: held_at }) = held {
            new.available = new.available.or(old.available);
            new.locked = new.locked.or(old.locked);
            new.effective_equity = new.effective_equity.or(old.effective_equity);
            new.usdt_equity = new.usdt_equity.or(old.usdt_equity);
            new.initial_margin = new.initial_margin.or(old.initial_margin);
            new.maintenance_margin = new.maintenance_margin.or(old.maintenance_margin);
            new.margin_ratio = new.margin_ratio.or(old.margin_ratio);
            new.asset_mode = new.asset_mode.or_else(|| old.asset_mode.clone());
            new.usdt_usd = new.usdt_usd.or(old.usdt_usd);
            new.bonus = new.bonus.or(old.bonus);
            new.coupon = new.coupon.or(old.coupon);
            new.coins = merged(old.coins.clone(), new.coins);
            if new.equity.is_none() {
                if new.has_moved_since(old) {
                    state.account_moved_at = Some(when.proven);
                }
                (new.equity, new.unrealized_pnl) = (old.equity, old.unrealized_pnl);
                state.account = Some(Stamped { value: new, as_of: *held_at });
                return true;
            }
        }
        self.at = when.at_most;
        let moved = before.is_some_and(|before| new.has_moved_since(&before.value));
        if moved || origin != Origin::Rest {
            state.account_moved_at = Some(when.proven);
        }
        state.account = Some(Stamped { value: new, as_of: when.proven });
        self.completion = is_silent(state).then(|| Completion {
            at: when.at_most,
            marks: pushed_marks(state),
            after_trade: origin != Origin::Rest,
        });
        self.complete(state);
        true
    }

    /// Gives a report that does not say what PnL its equity includes that of the positions at its prices, for
    /// good once a list is newer than the report. A price that was not known then is the first that comes.
    pub(super) fn complete(&mut self, state: &mut Snapshot) {
        let Some(completion) = &mut self.completion else { return };
        let settled = state.positions.confirmed_at.is_some_and(|listed| listed >= completion.at);
        if completion.after_trade && !settled {
            return;
        }
        for (symbol, mark) in pushed_marks(state) {
            completion.marks.entry(symbol).or_insert(mark);
        }
        let earned = unrealized(state, &completion.marks);
        if let Some(held) = &mut state.account {
            held.value.unrealized_pnl = earned;
        }
        if settled && earned.is_some() {
            self.completion = None;
        }
    }
}

/// Returns the coins of a push over those that are held: it may list the changed ones alone, and leave out
/// what it does not repeat.
fn merged(mut held: Vec<CoinBalance>, pushed: Vec<CoinBalance>) -> Vec<CoinBalance> {
    for new in pushed {
        match held.iter_mut().find(|old| old.coin == new.coin) {
            Some(old) => {
                // A rate is the quotient of both: one without the other would be of another moment.
                let is_half = new.equity.is_some() != new.usd_value.is_some();
                let (equity, usd_value) = if is_half && old.usd_value.is_some() {
                    (old.equity, old.usd_value)
                } else {
                    (new.equity.or(old.equity), new.usd_value.or(old.usd_value))
                };
                *old = CoinBalance {
                    coin: new.coin,
                    equity,
                    available: new.available.or(old.available),
                    locked: new.locked.or(old.locked),
                    debt: new.debt.or(old.debt),
                    usd_value,
                    collateral_value: new.collateral_value.or(old.collateral_value),
                    bonus: new.bonus.or(old.bonus),
                    wallet: new.wallet.or(old.wallet),
                };
            }
            None => held.push(new),
        }
    }
    held
}

fn is_silent(state: &Snapshot) -> bool {
    let report = state.account.as_ref().map(|held| &held.value);
    report.is_some_and(|report| report.equity.is_some() && report.unrealized_pnl.is_none())
}

/// Returns the mark prices that were pushed, but for those that a list is newer than.
fn pushed_marks(state: &Snapshot) -> BTreeMap<Symbol, Decimal> {
    let listed = state.positions.confirmed_at.map(|at| at.plus_millis(-PUSHED_PRICE_MS));
    let recent = state.tickers.iter().filter(|(_, ticker)| Some(ticker.as_of) >= listed);
    recent.filter_map(|(symbol, ticker)| Some((symbol.clone(), ticker.value.mark?))).collect()
}

/// Returns what all positions of the account earn at `marks`, else at those of the list, in its currency;
/// `None` when one is not known. The other products have classic accounts of their own; in a unified account
/// they pay in other coins, and nothing is said.
fn unrealized(state: &Snapshot, marks: &BTreeMap<Symbol, Decimal>) -> Option<Decimal> {
    state.positions.confirmed_at?;
    let rows = state.positions.rows.iter();
    let (own, other): (Vec<_>, Vec<_>) =
        rows.partition(|row| row.key.symbol.product() == Product::UsdtFutures);
    let report = &state.account.as_ref()?.value;
    let unified = report.margin_coin.as_str() == "USD";
    if unified && !other.is_empty() {
        return None;
    }
    let rate = if unified { report.usdt_usd? } else { Decimal::ONE };
    let earned = own.into_iter().try_fold(Decimal::ZERO, |sum, row: &Position| {
        let mark = marks.get(&row.key.symbol).copied().or(row.mark_price)?;
        let gained = match row.key.side {
            Side::Long => mark.checked_sub(row.entry_price?)?,
            Side::Short => row.entry_price?.checked_sub(mark)?,
        };
        sum.checked_add(gained.checked_mul(row.size)?)
    });
    earned?.checked_mul(rate)
}
