//! [`Wallet`]: what the account holds without unrealized PnL, and what moved it.
//!
//! Between two reports only realized PnL, fees, funding and flows move it. A movement is explained by the
//! ledger, or by fills that are known before their ledger entries; until then nobody can say whether it
//! is a result.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{Account, Fill, LedgerEntry, LedgerKind, Text, Timestamp};
use crate::risk;
use crate::store::LedgerHistory;

/// Coins whose amounts are in the coin of the equity.
const COINS: [&str; 3] = ["USDT", "USD", "USDC"];
/// An entry may be older than the newest report that does not contain it.
const LATE_MS: i64 = 60_000;
/// An entry may be newer than the request for the report that contains it.
const EARLY_MS: i64 = 5_000;
/// The most entries between two reports.
const MAX_ENTRIES: usize = 100;

/// Returns whether two balances differ by more than rounding.
pub(super) fn differ(a: Option<Decimal>, b: Option<Decimal>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => {
            risk::sub(a, b).is_none_or(|moved| moved.abs() > Account::WALLET_ROUNDING)
        }
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// What a reading says of the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Movement {
    /// There is no report that says what it includes.
    Unknown,
    /// It is as it was.
    Still,
    /// The report is another one, with another balance.
    Moved,
}

/// The wallet over time.
#[derive(Debug, Default)]
pub(super) struct Wallet {
    /// The newest balance that is explained.
    explained: Option<Balance>,
    newest: Option<Balance>,
    history: Arc<LedgerHistory>,
    fills: Arc<Vec<Fill>>,
    /// Entries and fills that are in the explained balance.
    used: BTreeSet<Text>,
    /// What of the newest balance nothing explains.
    open: Option<Decimal>,
    /// Explained flows that were not taken yet.
    flow: Decimal,
    /// Money moved whose worth in the coin of the equity is not known: nothing can be said any more.
    moved_elsewhere: bool,
    began: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Balance {
    wallet: Decimal,
    /// By the exchange's clock.
    at: Timestamp,
}

/// A ledger entry or a fill, as far as it moves the wallet.
struct Effect<'a> {
    id: &'a Text,
    at: Timestamp,
    amount: Decimal,
    flow: bool,
}

impl Wallet {
    /// Takes in the newest report, ledger and fills.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>) -> Movement {
        let snapshot = inputs.snapshot;
        let report = snapshot.account.as_ref();
        let Some((wallet, as_of)) = report.and_then(|own| Some((own.value.wallet()?, own.as_of)))
        else {
            return Movement::Unknown;
        };
        let offset = snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset);
        let new = Balance { wallet, at: as_of.plus_millis(offset) };
        let before = self.newest.replace(new);
        let Some(explained) = self.explained else {
            (self.explained, self.began) = (Some(new), new.at);
            return Movement::Still;
        };
        let told = self.is_told(inputs);
        let moved = differ(before.map(|before| before.wallet), Some(wallet));
        if differ(Some(explained.wallet), Some(wallet)) {
            if told || moved {
                self.explain(explained, new);
            }
        } else {
            // What is left of rounding stays with the old balance, so that it cannot add up unseen.
            (self.explained, self.open) = (Some(Balance { at: new.at, ..explained }), None);
        }
        if moved { Movement::Moved } else { Movement::Still }
    }

    /// Returns what nothing explains yet, positive for money that came; `None` when all is explained.
    pub(super) const fn unexplained(&self) -> Option<Decimal> {
        self.open
    }

    /// Returns whether money of another coin moved, whose worth is not known.
    pub(super) const fn has_moved_elsewhere(&self) -> bool {
        self.moved_elsewhere
    }

    /// Returns what came in (positive) or went out since it was last asked, and is explained.
    pub(super) fn take_flow(&mut self) -> Decimal {
        std::mem::take(&mut self.flow)
    }

    /// Takes in ledger and fills, and returns whether they are others than before.
    fn is_told(&mut self, inputs: &Inputs<'_>) -> bool {
        let snapshot = inputs.snapshot;
        if Arc::ptr_eq(&self.history, &snapshot.history)
            && Arc::ptr_eq(&self.fills, &snapshot.fills)
        {
            return false;
        }
        self.history = Arc::clone(&snapshot.history);
        self.fills = Arc::clone(&snapshot.fills);
        let mut rows = self.history.rows.iter().take_while(|row| row.time > self.began);
        self.moved_elsewhere |= rows.any(|row| row.kind.is_flow() && !is_counted(&row.coin));
        true
    }

    /// Looks for entries that follow each other and come to the movement.
    fn explain(&mut self, from: Balance, to: Balance) {
        let Some(moved) = risk::sub(to.wallet, from.wallet) else {
            self.moved_elsewhere = true;
            return;
        };
        let (since, until) = (from.at.plus_millis(-LATE_MS), to.at.plus_millis(EARLY_MS));
        let is_new = |effect: &Effect<'_>| {
            effect.at > since && effect.at <= until && !self.used.contains(effect.id)
        };
        let rows = self.history.rows.iter().take_while(|row| row.time > since);
        let entries = rows.filter_map(of_entry).filter(is_new).take(MAX_ENTRIES);
        let mut entries: Vec<_> = entries.collect();
        entries.reverse();
        let fills = self.fills.iter().filter_map(of_fill).filter(is_new).take(MAX_ENTRIES);
        let mut fills: Vec<_> = fills.collect();
        fills.reverse();
        let found = run(&entries, from.at, moved).or_else(|| run(&fills, from.at, moved));
        if let Some((used, flow)) = found {
            let used: Vec<Text> = used.iter().map(|effect| effect.id.clone()).collect();
            self.used.extend(used);
            let sum = risk::add(self.flow, flow);
            self.moved_elsewhere |= sum.is_none();
            self.flow = sum.unwrap_or_default();
            (self.explained, self.open) = (Some(to), None);
            return;
        }
        let known = entries.iter().filter(|entry| entry.at > from.at && entry.at <= to.at);
        let known = risk::sum(known.map(|entry| Some(entry.amount)));
        self.open = Some(known.and_then(|known| risk::sub(moved, known)).unwrap_or(moved));
    }
}

/// Returns the first run of effects that comes to `moved`, with all before it, and the flows in it.
/// Before the run may stand results, which fills have explained already, and what is no newer than the
/// balance of before, which contains it.
fn run<'a, 'b>(
    effects: &'b [Effect<'a>],
    from: Timestamp,
    moved: Decimal,
) -> Option<(&'b [Effect<'a>], Decimal)> {
    for start in 0..effects.len() {
        let (mut sum, mut flow) = (Decimal::ZERO, Decimal::ZERO);
        for (index, effect) in effects.iter().enumerate().skip(start) {
            sum = risk::add(sum, effect.amount)?;
            if effect.flow {
                flow = risk::add(flow, effect.amount)?;
            }
            if !differ(Some(sum), Some(moved)) {
                return Some((effects.get(..=index)?, flow));
            }
        }
        let first = effects.get(start)?;
        if first.flow && first.at > from {
            return None;
        }
    }
    None
}

fn of_entry(row: &LedgerEntry) -> Option<Effect<'_>> {
    // Margin stays in the account, and of a conversion both coins do: it moves the sum by its spread,
    // which no entry tells.
    // What is not understood may be a result or a flow, so it explains nothing.
    use LedgerKind::{Conversion, Margin, Unknown};
    let explains = !matches!(row.kind, Margin | Conversion | Unknown(_));
    let fee = if is_counted(&row.fee.coin) { row.fee.paid } else { Decimal::ZERO };
    let counts = explains && is_counted(&row.coin);
    let amount = risk::sub(row.amount, fee).filter(|_| counts)?;
    Some(Effect { id: &row.id, at: row.time, amount, flow: row.kind.is_flow() })
}

fn is_counted(coin: &Text) -> bool {
    COINS.contains(&coin.as_str())
}

fn of_fill(fill: &Fill) -> Option<Effect<'_>> {
    let fees = fill.fees.iter().filter(|fee| is_counted(&fee.coin));
    let fees = risk::sum(fees.map(|fee| Some(fee.paid)))?;
    let amount = risk::sub(fill.realized_pnl?, fees)?;
    Some(Effect { id: &fill.trade_id, at: fill.time?, amount, flow: false })
}
