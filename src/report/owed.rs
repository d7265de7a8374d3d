//! [`Owed`]: results of closed sizes that no report of the account contains yet.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::wallet;
use crate::domain::{Account, Position, PositionKey, Timestamp};
use crate::risk;

/// A report may come from a replica that lags behind what was pushed by this much.
const REPLICA_LAG_MS: i64 = 2_000;

/// What closes leaves the list with its PnL at once, and the account gets it with its next report: in
/// between it is owed, at the mark price of the change. What opens brings no PnL of its own.
#[derive(Debug)]
pub(super) struct Owed {
    /// `None` when it cannot be told, such as without an entry price.
    amount: Option<Decimal>,
    /// When the size was seen to change, local time; `None` while nothing is owed.
    since: Option<Timestamp>,
    held: Option<Vec<Held>>,
    listed: Option<Timestamp>,
    /// What the account held at the newest reading.
    wallet: Option<Decimal>,
    /// The same when the newest list was taken in.
    wallet_at_list: Option<Decimal>,
}

#[derive(Debug, PartialEq)]
struct Held {
    key: PositionKey,
    size: Decimal,
    entry: Option<Decimal>,
    mark: Option<Decimal>,
}

impl Default for Owed {
    fn default() -> Self {
        Self {
            amount: Some(Decimal::ZERO),
            since: None,
            held: None,
            listed: None,
            wallet: None,
            wallet_at_list: None,
        }
    }
}

impl Owed {
    /// Takes note of the newest list and the newest report.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>) {
        let snapshot = inputs.snapshot;
        let wallet = inputs.account().and_then(Account::wallet);
        let reported = snapshot.account.as_ref().map(|account| account.as_of);
        let settled = self.since.is_some_and(|since| {
            wallet::differ(self.wallet, wallet)
                || reported.is_some_and(|at| at > since.plus_millis(REPLICA_LAG_MS))
        });
        if settled {
            (self.amount, self.since) = (Some(Decimal::ZERO), None);
        }
        self.wallet = wallet;
        let rows = &snapshot.positions.rows;
        let same = |held: &Vec<Held>| {
            let mut pairs = held.iter().zip(rows);
            held.len() == rows.len()
                && pairs.all(|(held, row)| held.key == row.key && held.size == row.size)
        };
        let changed = self.held.as_ref().is_some_and(|held| !same(held));
        // A report that already has the result has moved since the list before.
        if changed && !wallet::differ(self.wallet_at_list, wallet) {
            let owed = self.closed_since(inputs);
            self.amount = self.amount.zip(owed).and_then(|(a, b)| risk::add(a, b));
            self.since = Some(inputs.now);
        }
        if changed || self.listed != snapshot.positions.confirmed_at {
            (self.listed, self.wallet_at_list) = (snapshot.positions.confirmed_at, wallet);
        }
        if snapshot.positions.confirmed_at.is_some() {
            self.held = Some(rows.iter().map(|row| held(inputs, row)).collect());
        }
    }

    /// Returns what is owed, positive for a gain; `None` when it cannot be told.
    pub(super) const fn get(&self) -> Option<Decimal> {
        self.amount
    }

    fn closed_since(&self, inputs: &Inputs<'_>) -> Option<Decimal> {
        let rows = &inputs.snapshot.positions.rows;
        let closed = self.held.iter().flatten().filter_map(|held| {
            let left = rows.iter().find(|row| row.key == held.key).map(|row| row.size);
            let size = risk::sub(held.size, left.unwrap_or_default());
            size.is_none_or(|size| size > Decimal::ZERO).then_some((held, size))
        });
        risk::sum(closed.map(|(held, size)| {
            let mark = streamed(inputs, &held.key).or(held.mark)?;
            risk::unrealized(held.key.side, size?, held.entry?, mark)
        }))
    }
}

fn held(inputs: &Inputs<'_>, row: &Position) -> Held {
    Held {
        key: row.key.clone(),
        size: row.size,
        entry: row.entry_price,
        mark: streamed(inputs, &row.key).or(row.mark_price),
    }
}

fn streamed(inputs: &Inputs<'_>, key: &PositionKey) -> Option<Decimal> {
    inputs.snapshot.tickers.get(&key.symbol)?.value.mark
}
