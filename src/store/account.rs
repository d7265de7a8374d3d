//! The merge of the reports of the account.

use rust_decimal::Decimal;

use super::when::When;
use super::{Snapshot, Stamped};
use crate::domain::{Account, AccountUpdate, Origin, Position, Side, Timestamp};

/// A mark price that was pushed counts before that of the list while it is at most this much older.
const PUSHED_PRICE_MS: i64 = 5_000;

/// Merges an account report.
///
/// Equity moves with the mark price, so it is kept together with the unrealized PnL that it includes. Where
/// a report does not say it, that is what the positions earn at the time it comes. A response is complete:
/// what it leaves out is unknown from then on, while a push may leave out what has not changed; one
/// without equity leaves the pair, and its age, to the next report.
pub(super) fn merge(
    state: &mut Snapshot,
    account_at: &mut Timestamp,
    report: AccountUpdate,
    origin: Origin,
    when: When,
) -> bool {
    let mut new = report.account;
    if state.account.is_some() && when.at_most < *account_at {
        return false;
    }
    let old = state.account.take();
    if let Some(Stamped { value: old, as_of: held_at }) = old.filter(|_| origin != Origin::Rest) {
        new.available = new.available.or(old.available);
        new.locked = new.locked.or(old.locked);
        new.effective_equity = new.effective_equity.or(old.effective_equity);
        new.usdt_equity = new.usdt_equity.or(old.usdt_equity);
        new.initial_margin = new.initial_margin.or(old.initial_margin);
        new.maintenance_margin = new.maintenance_margin.or(old.maintenance_margin);
        new.margin_ratio = new.margin_ratio.or(old.margin_ratio);
        new.asset_mode = new.asset_mode.or(old.asset_mode);
        if new.equity.is_none() {
            (new.equity, new.unrealized_pnl) = (old.equity, old.unrealized_pnl);
            state.account = Some(Stamped { value: new, as_of: held_at });
            return true;
        }
    }
    *account_at = when.at_most;
    state.account = Some(Stamped { value: new, as_of: when.proven });
    fill_unrealized(state);
    true
}

/// Gives a report that does not say what PnL its equity includes that of the positions now; without a list
/// of positions it waits for the first.
pub(super) fn fill_unrealized(state: &mut Snapshot) {
    let silent = |held: &Stamped<Account>| {
        held.value.equity.is_some() && held.value.unrealized_pnl.is_none()
    };
    if !state.account.as_ref().is_some_and(silent) {
        return;
    }
    let earned = unrealized(state);
    if let Some(held) = &mut state.account {
        held.value.unrealized_pnl = earned;
    }
}

/// Returns what all positions earn at the newest prices; `None` when one is not known.
fn unrealized(state: &Snapshot) -> Option<Decimal> {
    state.positions.confirmed_at?;
    state.positions.rows.iter().try_fold(Decimal::ZERO, |sum, row| {
        let (entry, mark) = (row.entry_price?, mark(state, row)?);
        let gained = match row.key.side {
            Side::Long => mark.checked_sub(entry)?,
            Side::Short => entry.checked_sub(mark)?,
        };
        sum.checked_add(gained.checked_mul(row.size)?)
    })
}

fn mark(state: &Snapshot, row: &Position) -> Option<Decimal> {
    let listed = state.positions.confirmed_at?.plus_millis(-PUSHED_PRICE_MS);
    let pushed = state.tickers.get(&row.key.symbol);
    let recent = pushed.filter(|ticker| row.mark_price.is_none() || ticker.as_of >= listed);
    recent.and_then(|ticker| ticker.value.mark).or(row.mark_price)
}
