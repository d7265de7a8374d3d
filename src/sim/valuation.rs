//! What the account is worth, and how safe it is: for each coin, and over all coins in US dollars.

use rust_decimal::Decimal;

use super::account_records::{Order, Position};
use super::contracts::spec;
use super::margin;
use super::margin_account::Account;
use super::products::{Coin, Product};
use super::simulated_market::{Market, mark_price};

impl Account {
    fn positions_of(&self, coin: Coin) -> impl Iterator<Item = &Position> {
        self.positions.iter().filter(move |position| position.coin() == coin)
    }

    /// Returns the balance of a coin: what is there, borrowed or not.
    pub(super) fn balance(&self, coin: Coin) -> Decimal {
        let besides = if coin == Coin::Btc { self.bitcoin } else { Decimal::ZERO };
        self.purse(coin).wallet + besides
    }

    /// Returns what is owed of a coin. Only unified accounts borrow.
    pub(super) fn debt(&self, coin: Coin) -> Decimal {
        if self.unified { self.purse(coin).debt } else { Decimal::ZERO }
    }

    /// Returns the unrealized PnL of the positions that pay in a coin.
    pub(super) fn pnl(&self, coin: Coin, markets: &[Market]) -> Decimal {
        self.positions_of(coin)
            .map(|position| position.pnl(mark_price(markets, position.contract)))
            .sum()
    }

    /// Returns what of a coin belongs to the owner: balance less debt, and unrealized PnL.
    pub(super) fn equity(&self, coin: Coin, markets: &[Market]) -> Decimal {
        self.balance(coin) - self.debt(coin) + self.pnl(coin, markets)
    }

    /// Returns the price of a coin in US dollars. That of a bitcoin is the index price of the first contract.
    pub(super) fn usd(&self, coin: Coin, markets: &[Market]) -> Decimal {
        let index = |market: &Market| market.spec.price(market.index);
        match coin {
            Coin::Usdt => self.usdt_usd,
            Coin::Usdc => Decimal::ONE,
            Coin::Btc => markets.first().map_or(Decimal::ZERO, index) * self.usdt_usd,
        }
    }

    /// Returns the sum over all coins of an amount of each, in US dollars.
    fn in_usd(&self, markets: &[Market], of: impl Fn(Coin) -> Decimal) -> Decimal {
        Coin::ALL.into_iter().map(|coin| of(coin) * self.usd(coin, markets)).sum()
    }

    /// Returns the equity of all coins in US dollars.
    pub(super) fn usd_equity(&self, markets: &[Market]) -> Decimal {
        self.in_usd(markets, |coin| self.equity(coin, markets))
    }

    /// Returns the unrealized PnL of all positions in US dollars.
    pub(super) fn usd_pnl(&self, markets: &[Market]) -> Decimal {
        self.in_usd(markets, |coin| self.pnl(coin, markets))
    }

    /// Returns the margin of the isolated positions that pay in a coin.
    pub(super) fn isolated_margin(&self, coin: Coin) -> Decimal {
        self.positions_of(coin).filter(|p| !p.cross).map(|p| p.margin).sum()
    }

    /// Returns the margin that the cross positions were opened with.
    pub(super) fn cross_margin(&self, coin: Coin) -> Decimal {
        self.positions_of(coin).filter(|p| p.cross).map(|p| p.margin).sum()
    }

    /// Returns the margin that resting opening orders lock.
    pub(super) fn order_margin(&self, coin: Coin) -> Decimal {
        let opening = |order: &&Order| {
            order.plan.is_none() && !order.closes && spec(order.contract).product.coin() == coin
        };
        let margin = |order: &Order| {
            let value = margin::value(spec(order.contract), order.size, order.price, order.price);
            value / Decimal::from(order.leverage)
        };
        self.orders.iter().filter(opening).map(margin).sum::<Decimal>().round_dp(8)
    }

    /// Returns the equity of a coin that backs cross positions: all of it but what isolated positions hold.
    pub(super) fn free(&self, coin: Coin, markets: &[Market]) -> Decimal {
        let isolated = |position: &&Position| !position.cross;
        let backing = |position: &Position| {
            position.margin + position.pnl(mark_price(markets, position.contract))
        };
        let held: Decimal = self.positions_of(coin).filter(isolated).map(backing).sum();
        self.equity(coin, markets) - held
    }

    /// Returns the equity of all coins that backs the cross positions, after haircuts, in US dollars.
    pub(super) fn effective_equity(&self, markets: &[Market]) -> Decimal {
        let value =
            |coin| margin::collateral(coin, self.free(coin, markets), self.usd(coin, markets));
        Coin::ALL.into_iter().map(value).sum()
    }

    /// Returns the initial margin of the cross positions and of resting opening orders in US dollars.
    pub(super) fn initial_margin(&self, markets: &[Market]) -> Decimal {
        let initial = |position: &Position| {
            let value = position.value(mark_price(markets, position.contract));
            margin::cross_initial(value, position.leverage)
        };
        self.in_usd(markets, |coin| {
            let cross = self.positions_of(coin).filter(|position| position.cross);
            cross.map(initial).sum::<Decimal>() + self.order_margin(coin)
        })
    }

    /// Returns the maintenance margin of the cross positions that pay in a coin. Of a contract held on both
    /// sides only the larger one counts.
    pub(super) fn cross_maintenance(&self, coin: Coin, markets: &[Market]) -> Decimal {
        (0..markets.len())
            .map(|contract| {
                let of = |position: &&Position| position.cross && position.contract == contract;
                let needed =
                    |position: &Position| position.maintenance(mark_price(markets, contract));
                self.positions_of(coin).filter(of).map(needed).max().unwrap_or_default()
            })
            .sum()
    }

    /// Returns the maintenance margin of all cross positions in US dollars.
    pub(super) fn usd_maintenance(&self, markets: &[Market]) -> Decimal {
        self.in_usd(markets, |coin| self.cross_maintenance(coin, markets))
    }

    /// Returns what backs the cross positions of a coin and what they need: in US dollars over all coins of a
    /// unified account, in the coin otherwise.
    fn pool(&self, coin: Coin, markets: &[Market]) -> (Decimal, Decimal) {
        if self.unified {
            (self.effective_equity(markets), self.usd_maintenance(markets))
        } else {
            (self.free(coin, markets), self.cross_maintenance(coin, markets))
        }
    }

    /// Returns the margin ratio of the cross positions that pay in a coin, a fraction; liquidation is at 1.
    pub(super) fn cross_ratio(&self, coin: Coin, markets: &[Market]) -> Option<Decimal> {
        let (equity, needed) = self.pool(coin, markets);
        needed.checked_div(equity)
    }

    /// Returns the margin ratio of a position, a fraction; liquidation is at 1.
    pub(super) fn ratio(&self, position: &Position, markets: &[Market]) -> Option<Decimal> {
        if position.cross {
            return self.cross_ratio(position.coin(), markets);
        }
        let mark = mark_price(markets, position.contract);
        position.maintenance(mark).checked_div(position.margin + position.pnl(mark))
    }

    /// Returns the liquidation price of a position while all other prices stand still.
    pub(super) fn liquidation(&self, position: &Position, markets: &[Market]) -> Option<Decimal> {
        let mark = mark_price(markets, position.contract);
        let (contract, coin) = (spec(position.contract), position.coin());
        // The cross sides of a linear contract have one price: they move by the net size, and need what the larger
        // one does.
        let is_side = |own: &&Position| own.cross && own.contract == position.contract;
        let sides = self.positions.iter().filter(is_side);
        let larger = sides.clone().max_by_key(|own| own.size);
        let hedged = position.cross && contract.product != Product::Coin;
        let larger = larger.filter(|_| hedged).unwrap_or(position);
        let signed = if hedged {
            sides.map(|own| own.sign() * own.size).sum()
        } else {
            position.sign() * position.size
        };
        // The price of the coin: 1 where all that counts is in this coin.
        let price =
            if self.unified && position.cross { self.usd(coin, markets) } else { Decimal::ONE };
        let backing = if position.cross {
            let (equity, needed) = self.pool(coin, markets);
            equity - (needed - larger.maintenance(mark) * price)
        } else {
            position.margin + position.pnl(mark)
        };
        if contract.product == Product::Coin {
            let of = (position.sign(), position.size, position.entry);
            let at = |backing, rate| {
                margin::inverse_liquidation(contract, of, mark, backing, (price * rate, price))
            };
            if !(self.unified && position.cross) {
                return at(backing, Decimal::ONE);
            }
            // What is left of the coin has its haircut, what is owed of it counts in full.
            let free = self.free(coin, markets);
            let haircut = at(backing, margin::collateral_rate(coin))?;
            if free + position.pnl(haircut) - position.pnl(mark) >= Decimal::ZERO {
                return Some(haircut);
            }
            return at(
                backing - margin::collateral(coin, free, price) + free * price,
                Decimal::ONE,
            );
        }
        // The bitcoin that backs the position moves with the price of the first contract, and so does what
        // the positions that pay in bitcoin need.
        let same = self.unified && position.cross && position.contract == 0;
        let bitcoin = if same {
            let held = margin::collateral(Coin::Btc, self.free(Coin::Btc, markets), Decimal::ONE);
            held - self.cross_maintenance(Coin::Btc, markets)
        } else {
            Decimal::ZERO
        };
        let moves = signed + bitcoin;
        let backing = backing.checked_div(price)?;
        margin::liquidation(contract, moves, larger.size, mark, backing)
    }
}
