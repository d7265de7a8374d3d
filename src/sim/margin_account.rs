//! The margin account: wallet, positions, orders and a ledger that adds up to the wallet.

use rust_decimal::Decimal;

use super::account_records::{ClosedPosition, Fill, LedgerEntry, Order, Position, Trade};
use super::contracts::{MAKER_FEE, TAKER_FEE, spec};
use super::margin;
use super::simulated_market::{Market, mark_price};

/// The account.
#[derive(Debug, Clone, Default)]
pub(super) struct Account {
    pub(super) wallet: Decimal,
    /// Bitcoin that backs the cross positions while the account is unified.
    pub(super) bitcoin: Decimal,
    pub(super) positions: Vec<Position>,
    pub(super) orders: Vec<Order>,
    pub(super) fills: Vec<Fill>,
    pub(super) closed: Vec<ClosedPosition>,
    pub(super) ledger: Vec<LedgerEntry>,
    last_id: i64,
}

impl Account {
    /// Returns a new id, as long as the real ones.
    pub(super) const fn new_id(&mut self) -> i64 {
        self.last_id += 1;
        1_300_000_000_000_000_000 + self.last_id * 64
    }

    /// Posts an entry to the ledger and moves the wallet by it.
    pub(super) fn post(
        &mut self,
        contract: Option<usize>,
        kind: &'static str,
        amount: Decimal,
        fee: Decimal,
        at_ms: i64,
    ) {
        self.wallet += amount - fee;
        let id = self.new_id();
        self.ledger.push(LedgerEntry {
            id,
            contract,
            amount,
            fee,
            kind,
            balance: self.wallet,
            at_ms,
        });
    }

    /// Executes a trade: updates the position and the wallet, adds the fill, and adds the position to
    /// the history when nothing of it is left.
    pub(super) fn trade(&mut self, trade: Trade) -> (Fill, Option<ClosedPosition>) {
        let value = trade.size * trade.price;
        let fee = value * if trade.maker { MAKER_FEE } else { TAKER_FEE };
        let existing = self.positions.iter().position(|p| {
            p.contract == trade.contract && p.long == trade.long && p.cross == trade.cross
        });
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
        self.post(Some(trade.contract), kind, profit, fee, trade.at_ms);
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
        let margin = trade.size * trade.price / Decimal::from(trade.leverage);
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
        let profit = position.sign() * size * (trade.price - position.entry);
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
            let payment = (-position.sign() * position.size * mark * rate).round_dp(8);
            position.funding = Some(position.funding.unwrap_or_default() + payment);
            position.updated_ms = at_ms;
            if !position.cross {
                position.margin += payment;
            }
            payments.push(payment);
        }
        for payment in payments {
            self.post(Some(contract), "contract_settle_fee", payment, Decimal::ZERO, at_ms);
        }
    }

    /// Returns the unrealized PnL of all positions.
    pub(super) fn pnl(&self, markets: &[Market]) -> Decimal {
        self.positions
            .iter()
            .map(|position| position.pnl(mark_price(markets, position.contract)))
            .sum()
    }

    /// Returns wallet balance plus unrealized PnL.
    pub(super) fn equity(&self, markets: &[Market]) -> Decimal {
        self.wallet + self.pnl(markets)
    }

    /// Returns the margin of the isolated positions.
    pub(super) fn isolated_margin(&self) -> Decimal {
        self.positions
            .iter()
            .filter(|position| !position.cross)
            .map(|position| position.margin)
            .sum()
    }

    /// Returns the margin that the cross positions were opened with.
    pub(super) fn cross_margin(&self) -> Decimal {
        self.positions
            .iter()
            .filter(|position| position.cross)
            .map(|position| position.margin)
            .sum()
    }

    /// Returns the margin that resting opening orders lock.
    pub(super) fn order_margin(&self) -> Decimal {
        let opening = |order: &&Order| order.plan.is_none() && !order.closes;
        let margin = |order: &Order| order.price * order.size / Decimal::from(order.leverage);
        self.orders.iter().filter(opening).map(margin).sum::<Decimal>().round_dp(8)
    }

    /// Returns the equity that backs the cross positions, bitcoin included.
    pub(super) fn cross_equity(&self, markets: &[Market]) -> Decimal {
        let bitcoin = margin::collateral(self.bitcoin, Self::bitcoin_price(markets));
        self.usdt_cross_equity(markets) + bitcoin
    }

    /// Returns the USDT equity that backs the cross positions: all of it but what isolated positions
    /// hold.
    pub(super) fn usdt_cross_equity(&self, markets: &[Market]) -> Decimal {
        let isolated = |position: &&Position| !position.cross;
        let backing = |position: &Position| {
            position.margin + position.pnl(mark_price(markets, position.contract))
        };
        self.equity(markets) - self.positions.iter().filter(isolated).map(backing).sum::<Decimal>()
    }

    /// Returns the price of a bitcoin: the index price of the first contract.
    pub(super) fn bitcoin_price(markets: &[Market]) -> Decimal {
        markets.first().map_or(Decimal::ZERO, |market| market.spec.price(market.index))
    }

    /// Returns the initial margin of the cross positions and of resting opening orders.
    pub(super) fn initial_margin(&self, markets: &[Market]) -> Decimal {
        let initial = |position: &Position| {
            let notional = position.size * mark_price(markets, position.contract);
            margin::cross_initial(notional, position.leverage)
        };
        let cross = self.positions.iter().filter(|position| position.cross);
        cross.map(initial).sum::<Decimal>() + self.order_margin()
    }

    /// Returns the maintenance margin of the cross positions. Of a contract held on both sides only the
    /// larger one counts.
    pub(super) fn cross_maintenance(&self, markets: &[Market]) -> Decimal {
        (0..markets.len())
            .map(|contract| {
                let of = |position: &&Position| position.cross && position.contract == contract;
                let needed =
                    |position: &Position| position.maintenance(mark_price(markets, contract));
                self.positions.iter().filter(of).map(needed).max().unwrap_or_default()
            })
            .sum()
    }

    /// Returns the margin ratio of a position, a fraction; liquidation is at 1.
    pub(super) fn ratio(&self, position: &Position, markets: &[Market]) -> Option<Decimal> {
        if position.cross {
            return self.cross_maintenance(markets).checked_div(self.cross_equity(markets));
        }
        let mark = mark_price(markets, position.contract);
        position.maintenance(mark).checked_div(position.margin + position.pnl(mark))
    }

    /// Returns the liquidation price of a position while all other prices stand still.
    pub(super) fn liquidation(&self, position: &Position, markets: &[Market]) -> Option<Decimal> {
        let mark = mark_price(markets, position.contract);
        let signed = position.sign() * position.size;
        let (backing, moves) = if position.cross {
            let others = self.cross_maintenance(markets) - position.maintenance(mark);
            let same = if position.contract == 0 { self.bitcoin } else { Decimal::ZERO };
            let moves = signed + margin::collateral(same, Decimal::ONE);
            (self.cross_equity(markets) - others, moves)
        } else {
            (position.margin + position.pnl(mark), signed)
        };
        margin::liquidation(spec(position.contract), moves, position.size, mark, backing)
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
