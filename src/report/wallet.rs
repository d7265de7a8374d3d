//! [`Wallet`]: what the account holds without unrealized PnL, and what moved it.
//!
//! Between two reports only realized PnL, fees, funding and flows move it. A movement is explained by the
//! ledger, or by fills that are known before their ledger entries; until then nobody can say whether it
//! is a result.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::inputs::Inputs;
use crate::domain::{Account, Fill, LedgerEntry, LedgerKind, Text, Timestamp};
use crate::risk;
use crate::store::LedgerHistory;

/// Coins whose amounts count alike: those that contracts pay in, and the dollar.
const COINS: [&str; 3] = ["USDT", "USD", "USDC"];
/// An entry may be older than the newest report that does not contain it.
const LATE_MS: i64 = 60_000;
/// An entry may be newer than the request for the report that contains it.
const EARLY_MS: i64 = 5_000;
/// The most entries between two reports.
const MAX_ENTRIES: usize = 100;

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
    history: Arc<LedgerHistory>,
    fills: Arc<Vec<Fill>>,
    /// The coins that contracts pay in, together.
    settled: Track,
    /// Each other coin of a unified account, in that coin.
    others: BTreeMap<Text, Other>,
    /// Money moved whose worth in the coin of the equity is not known: nothing can be said any more.
    moved_elsewhere: bool,
    began: Option<Timestamp>,
    /// The time of the report before the newest, by the exchange's clock.
    reported: Option<Timestamp>,
}

/// A coin that is valued by its rate.
#[derive(Debug, Default)]
struct Other {
    track: Track,
    /// In the currency of the account, by the newest report that told one.
    rate: Option<Decimal>,
}

/// What moved the balance of one coin, or of some that count alike.
#[derive(Debug, Default)]
struct Track {
    /// The newest balance that is explained.
    explained: Option<Balance>,
    newest: Option<Balance>,
    /// Entries and fills that are in the explained balance.
    used: BTreeSet<Text>,
    /// What of the newest balance nothing explains.
    open: Option<Decimal>,
    /// Explained flows that were not taken yet.
    flow: Decimal,
    /// A sum did not fit.
    is_lost: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Balance {
    wallet: Decimal,
    /// By the exchange's clock.
    at: Timestamp,
}

/// A ledger entry or a fill, as far as it moves a balance.
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
        let Some((report, wallet)) = report.and_then(|own| Some((own, own.value.wallet()?))) else {
            return Movement::Unknown;
        };
        let offset = snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset);
        let at = report.as_of.plus_millis(offset);
        let began = *self.began.get_or_insert(at);
        let told = self.is_told(inputs, began, &report.value);
        let (history, fills) = (&self.history.rows, &self.fills);
        let settled = Source { history, fills, counts: &is_settled };
        let mut moved =
            self.settled.follow(Balance { wallet, at }, told, Account::WALLET_ROUNDING, &settled);
        for coin in &report.value.coins {
            let Some(wallet) = coin.own_wallet().filter(|_| !is_settled(&coin.coin)) else {
                continue;
            };
            let other = self.others.entry(coin.coin.clone()).or_default();
            // One that was not in the report before was not there.
            if other.track.newest.is_none()
                && let Some(at) = self.reported.filter(|reported| *reported < at)
            {
                let nothing = Balance { wallet: Decimal::ZERO, at };
                (other.track.explained, other.track.newest) = (Some(nothing), Some(nothing));
            }
            other.rate = coin.usd_rate().or(other.rate);
            moved |= other.follow(&coin.coin, Balance { wallet, at }, told, (history, fills));
        }
        let listed = |name: &Text| report.value.coin(name.as_str()).is_some();
        for (name, other) in self.others.iter_mut().filter(|(name, _)| !listed(name)) {
            let nothing = Balance { wallet: Decimal::ZERO, at };
            moved |= other.follow(name, nothing, told, (history, fills));
        }
        self.reported = Some(at);
        let lost = |other: &Other| {
            other.track.is_lost || other.rate.is_none() && other.track.open.is_some()
        };
        self.moved_elsewhere |= self.settled.is_lost || self.others.values().any(lost);
        if moved { Movement::Moved } else { Movement::Still }
    }

    /// Returns what nothing explains yet, positive for money that came, in the currency of the account; `None`
    /// when all is explained.
    pub(super) fn unexplained(&self) -> Option<Decimal> {
        let others = self.others.values().filter_map(|other| {
            let open = other.track.open?;
            other.rate.and_then(|rate| risk::mul(open, rate))
        });
        self.settled
            .open
            .into_iter()
            .chain(others)
            .reduce(|sum, open| risk::add(sum, open).unwrap_or(sum))
    }

    /// Returns whether money of another coin moved, whose worth is not known.
    pub(super) const fn has_moved_elsewhere(&self) -> bool {
        self.moved_elsewhere
    }

    /// Returns what came in (positive) or went out since it was last asked, and is explained, in the currency
    /// of the account.
    pub(super) fn take_flow(&mut self) -> Decimal {
        let mut flow = std::mem::take(&mut self.settled.flow);
        for other in self.others.values_mut() {
            let own = std::mem::take(&mut other.track.flow);
            let worth = other.rate.and_then(|rate| risk::mul(own, rate));
            match worth.and_then(|worth| risk::add(flow, worth)) {
                Some(sum) => flow = sum,
                None => self.moved_elsewhere |= !own.is_zero(),
            }
        }
        flow
    }

    /// Takes in ledger and fills, and returns whether they are others than before. A flow in a coin that the
    /// report has no balance of is money whose worth is not known.
    fn is_told(&mut self, inputs: &Inputs<'_>, began: Timestamp, report: &Account) -> bool {
        let snapshot = inputs.snapshot;
        if Arc::ptr_eq(&self.history, &snapshot.history)
            && Arc::ptr_eq(&self.fills, &snapshot.fills)
        {
            return false;
        }
        self.history = Arc::clone(&snapshot.history);
        self.fills = Arc::clone(&snapshot.fills);
        let has_wallets = report.coins.iter().any(|coin| coin.wallet.is_some());
        let mut rows = self.history.rows.iter().take_while(|row| row.time > began);
        self.moved_elsewhere |=
            !has_wallets && rows.any(|row| row.kind.is_flow() && !is_settled(&row.coin));
        true
    }
}

impl Other {
    /// Takes in a balance of the coin `name`, and returns whether it has moved since the one before.
    fn follow(
        &mut self,
        name: &Text,
        new: Balance,
        told: bool,
        (history, fills): (&[LedgerEntry], &[Fill]),
    ) -> bool {
        let counts = |coin: &Text| coin == name;
        let source = Source { history, fills, counts: &counts };
        self.track.follow(new, told, Account::rounding_at(self.rate), &source)
    }
}

/// Where the effects on a balance are told.
struct Source<'a> {
    history: &'a [LedgerEntry],
    fills: &'a [Fill],
    /// Whether amounts of a coin move it.
    counts: &'a dyn Fn(&Text) -> bool,
}

impl Track {
    /// Takes in a balance, and returns whether it has moved since the one before.
    fn follow(&mut self, new: Balance, told: bool, rounding: Decimal, source: &Source<'_>) -> bool {
        let before = self.newest.replace(new);
        let Some(explained) = self.explained else {
            self.explained = Some(new);
            return false;
        };
        let moved = before
            .is_none_or(|before| Account::has_moved_by_more(before.wallet, new.wallet, rounding));
        if Account::has_moved_by_more(explained.wallet, new.wallet, rounding) {
            if told || moved {
                self.explain(explained, new, rounding, source);
            }
        } else {
            // What is left of rounding stays with the old balance, so that it cannot add up unseen.
            (self.explained, self.open) = (Some(Balance { at: new.at, ..explained }), None);
        }
        moved
    }

    /// Looks for entries that follow each other and come to the movement.
    fn explain(&mut self, from: Balance, to: Balance, rounding: Decimal, source: &Source<'_>) {
        let Some(moved) = risk::sub(to.wallet, from.wallet) else {
            self.is_lost = true;
            return;
        };
        let (since, until) = (from.at.plus_millis(-LATE_MS), to.at.plus_millis(EARLY_MS));
        let is_new = |effect: &Effect<'_>| {
            effect.at > since && effect.at <= until && !self.used.contains(effect.id)
        };
        let rows = source.history.iter().take_while(|row| row.time > since);
        let entries = rows.filter_map(|row| of_entry(row, source.counts));
        let mut entries: Vec<_> = entries.filter(is_new).take(MAX_ENTRIES).collect();
        entries.reverse();
        let fills = source.fills.iter().filter_map(|fill| of_fill(fill, source.counts));
        let mut fills: Vec<_> = fills.filter(is_new).take(MAX_ENTRIES).collect();
        fills.reverse();
        let found = run(&entries, from.at, moved, rounding)
            .or_else(|| run(&fills, from.at, moved, rounding));
        if let Some((used, flow)) = found {
            let used: Vec<Text> = used.iter().map(|effect| effect.id.clone()).collect();
            self.used.extend(used);
            let sum = risk::add(self.flow, flow);
            self.is_lost |= sum.is_none();
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
    rounding: Decimal,
) -> Option<(&'b [Effect<'a>], Decimal)> {
    for start in 0..effects.len() {
        let (mut sum, mut flow) = (Decimal::ZERO, Decimal::ZERO);
        for (index, effect) in effects.iter().enumerate().skip(start) {
            sum = risk::add(sum, effect.amount)?;
            if effect.flow {
                flow = risk::add(flow, effect.amount)?;
            }
            if !Account::has_moved_by_more(sum, moved, rounding) {
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

/// Returns what an entry does to the coins that count; `None` for nothing.
fn of_entry<'a>(row: &'a LedgerEntry, counts: &dyn Fn(&Text) -> bool) -> Option<Effect<'a>> {
    // Margin stays in the account, and of a conversion both coins do: it moves the sum by its spread,
    // which no entry tells.
    // What is not understood may be a result or a flow, so it explains nothing.
    use LedgerKind::{Conversion, Margin, Unknown};
    let explains = !matches!(row.kind, Margin | Conversion | Unknown(_));
    let (amount, fee) = (counts(&row.coin), counts(&row.fee.coin) && !row.fee.paid.is_zero());
    let fee = if fee { row.fee.paid } else { Decimal::ZERO };
    let moved = risk::sub(if amount { row.amount } else { Decimal::ZERO }, fee)?;
    let is_told = explains && (amount || !fee.is_zero());
    is_told.then(|| Effect {
        id: &row.id,
        at: row.time,
        amount: moved,
        flow: amount && row.kind.is_flow(),
    })
}

fn is_settled(coin: &Text) -> bool {
    COINS.contains(&coin.as_str())
}

/// Returns what a fill does to the coins that count; its result is in the settle coin.
fn of_fill<'a>(fill: &'a Fill, counts: &dyn Fn(&Text) -> bool) -> Option<Effect<'a>> {
    let fees = fill.fees.iter().filter(|fee| counts(&fee.coin));
    let fees = risk::sum(fees.map(|fee| Some(fee.paid)))?;
    let settle_coin = Text::new(fill.symbol.settle_coin()?);
    let settles = counts(&settle_coin);
    let realized = if settles { fill.realized_pnl? } else { Decimal::ZERO };
    let amount = risk::sub(realized, fees)?;
    let is_told = settles || !fees.is_zero();
    is_told.then_some(Effect { id: &fill.trade_id, at: fill.time?, amount, flow: false })
}
