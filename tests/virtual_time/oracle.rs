//! The bound, proved from what is shown: a number that is live was true within its limit.
//!
//! A oracle writes down what the exchange's world was at every moment of the last seconds. Whatever the
//! document calls live must be found there; what was held all the time must be in a live list.

use std::collections::{BTreeMap, VecDeque};

use bitget_watch::domain::{LinkState, Stream};
use bitget_watch::report::{Document, Freshness, PositionRow};
use bitget_watch::sim::{OraclePosition, World};
use rust_decimal::Decimal;

use super::rig::Rig;

const CONTRACTS: [&str; 4] = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"];
/// Prices and positions may be this old, and still be called live.
const PRICE_MS: i64 = 5_000;
/// The account may be this old.
const ACCOUNT_MS: i64 = 25_000;
/// A wrong time is asked for again this long after REST answers again.
const REMEASURED_MS: i64 = 5_000;
/// Between two looks at the world, and from its step to the look.
const SLACK_MS: i64 = 250;

struct Moment {
    at_ms: i64,
    prices: BTreeMap<&'static str, (Decimal, Decimal)>,
    held: Vec<OraclePosition>,
    wallet: Decimal,
}

/// What is not to be compared, because the exchange itself says what is not so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exemptions {
    /// About positions and the account, until this time.
    pub money_until_ms: i64,
    /// About the time, until this time.
    pub clock_until_ms: i64,
}

/// The oracle.
#[derive(Default)]
pub struct Oracle {
    moments: VecDeque<Moment>,
    /// When REST was last not live: a wrong time that was told before is believed until it is asked for again.
    rest_lost_ms: i64,
    /// Equity follows the prices; without the PnL inside it, it stands as it came.
    equity_moves: bool,
    /// The newest exchange time that was shown of the ticker.
    newest: i64,
    /// Rounds in which something live was compared.
    pub compared: u64,
    /// The oldest live price that was seen.
    pub worst_price_ms: i64,
    /// The oldest live position that was seen.
    pub worst_position_ms: i64,
}

impl Oracle {
    /// Looks at the world and then at what is shown of it. `now_ms` is the time since the start.
    pub fn look(&mut self, rig: &Rig, now_ms: i64, lies: Exemptions) -> Result<(), String> {
        self.note(rig, now_ms);
        self.equity_moves = rig.state(|state| {
            state.account.as_ref().is_some_and(|account| account.value.unrealized_pnl.is_some())
        });
        if rig.link(Stream::Rest) != LinkState::Live {
            self.rest_lost_ms = now_ms;
        }
        let mut lies = lies;
        if lies.clock_until_ms > 0 && has_wrong_time(rig) {
            lies.clock_until_ms = lies.clock_until_ms.max(self.rest_lost_ms + REMEASURED_MS);
        }
        self.compare(&rig.document(), now_ms, lies)
    }

    /// Writes down what is so in the world.
    pub fn note(&mut self, rig: &Rig, now_ms: i64) {
        self.moments.push_back(rig.sim.with_world(|world| moment(world, now_ms)));
        while self.moments.front().is_some_and(|m| m.at_ms < now_ms - ACCOUNT_MS - 1_000) {
            self.moments.pop_front();
        }
    }

    /// What the comparison of the clocks leaves open gives nothing more: it counts against the data.
    fn within(&self, now_ms: i64, limit_ms: i64) -> impl DoubleEndedIterator<Item = &Moment> {
        self.moments.iter().filter(move |m| m.at_ms >= now_ms - limit_ms - SLACK_MS)
    }

    fn compare(
        &mut self,
        document: &Document,
        now_ms: i64,
        lies: Exemptions,
    ) -> Result<(), String> {
        if now_ms <= lies.clock_until_ms {
            self.newest = 0;
        } else {
            self.ticker(document, now_ms)?;
            for row in &document.positions.rows {
                self.price_of(row, now_ms)?;
            }
            if now_ms > lies.money_until_ms {
                for row in &document.positions.rows {
                    self.position(row, now_ms)?;
                }
                self.nothing_lost(document, now_ms)?;
                self.account(document, now_ms)?;
            }
        }
        Ok(())
    }

    fn ticker(&mut self, document: &Document, now_ms: i64) -> Result<(), String> {
        let ticker = &document.ticker;
        if ticker.freshness != Freshness::Live {
            return Ok(());
        }
        let time = ticker.exchange_time.map_or(self.newest, |time| time.0.as_millis());
        if time < self.newest {
            return Err(format!("the price goes back from {} to {time}", self.newest));
        }
        self.newest = time;
        self.compared += 1;
        for (name, shown, pick) in [
            ("last", ticker.last, (|p| p.0) as fn((Decimal, Decimal)) -> Decimal),
            ("mark", ticker.mark, |p| p.1),
        ] {
            let Some(shown) = shown else { continue };
            let found = self
                .within(now_ms, PRICE_MS)
                .rev()
                .find(|m| pick(m.prices["BTCUSDT"]) == shown)
                .map(|m| now_ms - m.at_ms);
            let Some(age) = found else {
                return Err(format!("{name} {shown} is live and was not so for {PRICE_MS} ms"));
            };
            self.worst_price_ms = self.worst_price_ms.max(age);
        }
        Ok(())
    }

    fn price_of(&self, row: &PositionRow, now_ms: i64) -> Result<(), String> {
        let (contract, Some(mark)) = (row.symbol.trim_end_matches("_UMCBL"), row.mark_price) else {
            return Ok(());
        };
        let known = |m: &Moment| m.prices.get(contract).is_some_and(|p| p.1 == mark);
        if row.freshness == Freshness::Live && !self.within(now_ms, PRICE_MS).any(known) {
            return Err(format!("mark {mark} of {contract} is live and was not so"));
        }
        Ok(())
    }

    fn position(&mut self, row: &PositionRow, now_ms: i64) -> Result<(), String> {
        if row.freshness != Freshness::Live {
            return Ok(());
        }
        let found = self
            .within(now_ms, PRICE_MS)
            .rev()
            .find(|m| m.held.iter().any(|held| is_same(held, row)))
            .map(|m| now_ms - m.at_ms);
        let Some(age) = found else {
            return Err(format!(
                "{} {} {} {} is live and was not held",
                row.symbol, row.side, row.margin_mode, row.size
            ));
        };
        self.worst_position_ms = self.worst_position_ms.max(age);
        Ok(())
    }

    /// What was held all the time must be in a list that is live.
    fn nothing_lost(&self, document: &Document, now_ms: i64) -> Result<(), String> {
        if document.positions.freshness != Freshness::Live {
            return Ok(());
        }
        let Some(first) = self.within(now_ms, PRICE_MS).next() else { return Ok(()) };
        let key = |held: &OraclePosition| (held.contract, held.long, held.cross);
        for held in &first.held {
            let always = self
                .within(now_ms, PRICE_MS)
                .all(|m| m.held.iter().any(|other| key(other) == key(held)));
            let shown = document.positions.rows.iter().any(|row| {
                row.symbol.starts_with(held.contract)
                    && (row.side == "long") == held.long
                    && is_mode(row, held.cross)
            });
            if always && !shown {
                let rows: Vec<_> = document
                    .positions
                    .rows
                    .iter()
                    .map(|row| (&row.symbol, row.side, &row.margin_mode, row.size))
                    .collect();
                return Err(format!("{held:?} is lost from a list that is live: {rows:?}"));
            }
        }
        Ok(())
    }

    fn account(&self, document: &Document, now_ms: i64) -> Result<(), String> {
        let account = &document.account;
        let (Freshness::Live, Freshness::Live) = (account.freshness, account.derived) else {
            return Ok(());
        };
        let (Some(equity), Some(unrealized)) = (account.equity, account.unrealized_pnl) else {
            return Ok(());
        };
        if !self.equity_moves {
            return Ok(());
        }
        let balance = equity - unrealized;
        let near = |m: &Moment| (m.wallet - balance).abs() < Decimal::new(1, 2);
        if self.within(now_ms, ACCOUNT_MS).any(near) {
            return Ok(());
        }
        Err(format!("the balance {balance} is live and was not so for {ACCOUNT_MS} ms"))
    }
}

/// Returns whether the measured offset is not that of the rig, whose clocks agree.
fn has_wrong_time(rig: &Rig) -> bool {
    rig.state(|state| {
        state.clock_offset_ms.is_some_and(|(offset, error)| offset.abs() > error + SLACK_MS)
    })
}

fn moment(world: &World, at_ms: i64) -> Moment {
    let prices = CONTRACTS.iter().filter_map(|name| Some((*name, world.prices(name)?))).collect();
    Moment { at_ms, prices, held: world.positions(), wallet: world.wallet() }
}

/// A word that is not known is shown as it is: the row is there, whatever its mode.
fn is_mode(row: &PositionRow, cross: bool) -> bool {
    match row.margin_mode.as_str() {
        "cross" => cross,
        "isolated" => !cross,
        _ => true,
    }
}

fn is_same(held: &OraclePosition, row: &PositionRow) -> bool {
    row.symbol.starts_with(held.contract)
        && (row.side == "long") == held.long
        && is_mode(row, held.cross)
        && row.size == held.size
        && row.entry_price.is_none_or(|entry| (entry - held.entry).abs() < Decimal::new(1, 6))
}

/// Returns what differs between the exchange's state and what is shown; `None` when nothing does.
pub fn difference(rig: &Rig) -> Option<String> {
    let document = rig.document();
    let (held, orders, wallet) =
        rig.sim.with_world(|world| (world.positions(), world.open_orders(), world.wallet()));
    if !document.complete {
        let (pnl, rows) = (&document.pnl, &document.positions.rows);
        let ratio = rows.iter().all(|row| row.margin_ratio.is_some());
        return Some(format!(
            "not complete: price {:?}, list {:?} ({} unreadable, ratios {ratio}), account {:?}, \
             orders {:?}, bills {:?}, kind {}, funding {}",
            document.ticker.freshness,
            document.positions.freshness,
            document.positions.unreadable_rows,
            document.account.freshness,
            document.orders.freshness,
            pnl.ledger_freshness,
            document.account_kind,
            document.ticker.funding_interval_hours.is_some(),
        ));
    }
    let rows = &document.positions.rows;
    if rows.len() != held.len() || !held.iter().all(|h| rows.iter().any(|row| is_same(h, row))) {
        return Some("positions differ".to_owned());
    }
    let mut shown: Vec<&str> =
        document.orders.rows.iter().map(|row| row.order_id.as_str()).collect();
    shown.sort_unstable();
    let mut orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    orders.sort_unstable();
    if shown != orders {
        return Some("orders differ".to_owned());
    }
    let balance = document.account.equity? - document.account.unrealized_pnl?;
    ((balance - wallet).abs() >= Decimal::new(1, 2)).then(|| "the balance differs".to_owned())
}
