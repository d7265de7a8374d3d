//! The margin account: wallets, positions, orders and a ledger that adds up to the wallets. What they are
//! worth is in `valuation`.

use rust_decimal::Decimal;

use super::account_records::{ClosedPosition, Fill, LedgerEntry, Order, Position, Trade};
use super::contracts::{MAKER_FEE, TAKER_FEE, spec};
use super::margin;
use super::products::{Coin, Purse, Purses};

/// The account.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) purses: Purses,
    /// Bitcoin that backs the cross positions while the account is unified, besides what is in its purse.
    pub(super) bitcoin: Decimal,
    /// Whether all coins back all cross positions; each product has an account of its own otherwise.
    pub(super) unified: bool,
    /// US dollars for one USDT.
    pub(super) usdt_usd: Decimal,
    pub(super) positions: Vec<Position>,
    pub(super) orders: Vec<Order>,
    pub(super) fills: Vec<Fill>,
    pub(super) closed: Vec<ClosedPosition>,
    pub(super) ledger: Vec<LedgerEntry>,
    last_id: i64,
}

impl Account {
    /// Returns an empty account, for which one USDT is one dollar.
    pub(super) fn new() -> Self {
        Self { usdt_usd: Decimal::ONE, ..Self::default() }
    }

    pub(super) const fn purse(&self, coin: Coin) -> &Purse {
        self.purses.of(coin)
    }

    /// Returns a new id, as long as the real ones.
    pub(super) const fn new_id(&mut self) -> i64 {
        self.last_id += 1;
        1_300_000_000_000_000_000 + self.last_id * 64
    }

    /// Posts an entry to the ledger and moves the wallet of its coin by it.
    pub(super) fn post(
        &mut self,
        contract: Option<usize>,
        coin: Coin,
        kind: &'static str,
        amount: Decimal,
        fee: Decimal,
        at_ms: i64,
    ) {
        let id = self.new_id();
        let purse = self.purses.of_mut(coin);
        purse.wallet += amount - fee;
        let balance = purse.wallet;
        self.ledger.push(LedgerEntry { id, contract, coin, amount, fee, kind, balance, at_ms });
    }

    /// Executes a trade: updates the position and the wallet, adds the fill, and adds the position to
    /// the history when nothing of it is left.
    pub(super) fn trade(&mut self, trade: Trade) -> (Fill, Option<ClosedPosition>) {
        let existing = self.positions.iter().position(|p| {
            p.contract == trade.contract && p.long == trade.long && p.cross == trade.cross
        });
        // An inverse contract is worth its entry price, in its coin at the price of the trade.
        let entry = existing
            .filter(|_| trade.closes)
            .and_then(|index| self.positions.get(index))
            .map_or(trade.price, |position| position.entry);
        let value = margin::value(spec(trade.contract), trade.size, entry, trade.price);
        let fee = value * if trade.maker { MAKER_FEE } else { TAKER_FEE };
        let (profit, closed) = match (existing, trade.closes) {
            (Some(index), true) => self.reduce(index, trade, fee),
            (_, true) => (Decimal::ZERO, None),
            (existing, false) => {
                self.increase(existing, trade, fee);
                (Decimal::ZERO, None)
            }
        };
        let kind = match (trade.liquidation, trade.closes, trade.long) {
            (true, _, true) => "burst_long_loss_query",
            (true, _, false) => "burst_short_loss_query",
            (false, false, true) => "open_long",
            (false, false, false) => "open_short",
            (false, true, true) => "close_long",
            (false, true, false) => "close_short",
        };
        let coin = spec(trade.contract).product.coin();
        self.post(Some(trade.contract), coin, kind, profit, fee, trade.at_ms);
        let fill = Fill {
            id: self.new_id(),
            order_id: trade.order_id,
            contract: trade.contract,
            long: trade.long,
            closes: trade.closes,
            maker: trade.maker,
            liquidation: trade.liquidation,
            price: trade.price,
            size: trade.size,
            profit,
            fee,
            at_ms: trade.at_ms,
        };
        self.fills.push(fill.clone());
        if let Some(closed) = &closed {
            self.closed.push(closed.clone());
        }
        (fill, closed)
    }

    fn increase(&mut self, existing: Option<usize>, trade: Trade, fee: Decimal) {
        let value = margin::value(spec(trade.contract), trade.size, trade.price, trade.price);
        let margin = value / Decimal::from(trade.leverage);
        let id = self.new_id();
        if let Some(position) = existing.and_then(|index| self.positions.get_mut(index)) {
            let value = position.size * position.entry + trade.size * trade.price;
            position.size += trade.size;
            position.entry = (value / position.size).round_dp(12);
            position.margin += margin;
            position.fees += fee;
            position.open_fees += fee;
            position.opened_size += trade.size;
            position.updated_ms = trade.at_ms;
            return;
        }
        self.positions.push(Position {
            id,
            contract: trade.contract,
            long: trade.long,
            cross: trade.cross,
            leverage: trade.leverage,
            size: trade.size,
            entry: trade.price,
            margin,
            realized: Decimal::ZERO,
            funding: None,
            fees: fee,
            take_profit: None,
            stop_loss: None,
            opened_ms: trade.at_ms,
            updated_ms: trade.at_ms,
            opened_size: trade.size,
            closed_size: Decimal::ZERO,
            closed_value: Decimal::ZERO,
            open_fees: fee,
            close_fees: Decimal::ZERO,
        });
    }

    fn reduce(
        &mut self,
        index: usize,
        trade: Trade,
        fee: Decimal,
    ) -> (Decimal, Option<ClosedPosition>) {
        let Some(position) = self.positions.get_mut(index) else { return (Decimal::ZERO, None) };
        let size = trade.size.min(position.size);
        let contract = spec(trade.contract);
        let profit =
            margin::unrealized_pnl(contract, position.long, size, position.entry, trade.price);
        position.margin = (position.margin * (position.size - size) / position.size).round_dp(12);
        position.size -= size;
        position.realized += profit;
        position.fees += fee;
        position.close_fees += fee;
        position.closed_size += size;
        position.closed_value += size * trade.price;
        position.updated_ms = trade.at_ms;
        if !position.size.is_zero() {
            return (profit, None);
        }
        let position = self.positions.remove(index);
        let exit = (position.closed_value / position.closed_size).round_dp(8);
        (profit, Some(ClosedPosition { position, exit, at_ms: trade.at_ms }))
    }

    /// Settles the funding of one contract at `mark`. An isolated position pays out of its margin.
    pub(super) fn settle_funding(
        &mut self,
        contract: usize,
        rate: Decimal,
        mark: Decimal,
        at_ms: i64,
    ) {
        let mut payments = Vec::new();
        for position in self.positions.iter_mut().filter(|p| p.contract == contract) {
            let payment = (-position.sign() * position.value(mark) * rate).round_dp(8);
            position.funding = Some(position.funding.unwrap_or_default() + payment);
            position.updated_ms = at_ms;
            if !position.cross {
                position.margin += payment;
            }
            payments.push(payment);
        }
        let coin = spec(contract).product.coin();
        for payment in payments {
            self.post(Some(contract), coin, "contract_settle_fee", payment, Decimal::ZERO, at_ms);
        }
    }

    /// Returns the size that the position's closing orders lock.
    pub(super) fn locked(&self, position: &Position) -> Decimal {
        let closing = |order: &&Order| {
            order.plan.is_none()
                && order.closes
                && order.contract == position.contract
                && order.long == position.long
        };
        self.orders.iter().filter(closing).map(|order| order.size - order.filled).sum()
    }
}
