//! Whether a report of the account shows that money has moved.

use rust_decimal::Decimal;

use crate::domain::Account;
use crate::feed::context::Shared;

/// Returns what the account holds without unrealized PnL; `None` where its report does not say.
pub(super) fn of(shared: &Shared) -> Option<Decimal> {
    shared.store.with(|state| state.account.as_ref()?.value.wallet())
}

/// Returns whether two balances differ by more than rounding; one that is not known tells nothing.
pub(super) fn has_moved(before: Option<Decimal>, after: Option<Decimal>) -> bool {
    before.zip(after).is_some_and(|(before, after)| Account::has_moved(before, after))
}
