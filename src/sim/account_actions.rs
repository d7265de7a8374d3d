//! What moves the wallet besides trading, and what the exchange decides about a contract: for tests, and for
//! the interest that a debt costs.

use rust_decimal::Decimal;

use super::contracts::index_of;
use super::fault::Reason;
use super::products::Coin;
use super::simulated_market::ContractStatus;
use super::world::{Event, World};

/// The interest of an hour, a fraction of the debt.
const HOURLY_INTEREST: Decimal = Decimal::from_parts(1, 0, 0, false, 5);

impl World {
    /// Moves an amount of a coin into the futures account. A coin that this exchange does not have moves
    /// nothing, here and below.
    pub fn deposit(&mut self, coin: &str, amount: Decimal) {
        self.post_movement(coin, "trans_from_exchange", amount);
    }

    /// Moves an amount of a coin out of the futures account.
    pub fn withdraw(&mut self, coin: &str, amount: Decimal) {
        self.post_movement(coin, "trans_to_exchange", -amount);
    }

    /// Grants a bonus, which backs positions and may be taken back.
    pub fn grant_bonus(&mut self, coin: &str, amount: Decimal) {
        self.change_bonus(coin, "bonus_issue", amount);
    }

    /// Takes a bonus back.
    pub fn expire_bonus(&mut self, coin: &str, amount: Decimal) {
        self.change_bonus(coin, "bonus_expired", -amount);
    }

    /// Grants a trading coupon.
    pub fn grant_coupon(&mut self, coin: &str, amount: Decimal) {
        self.post_movement(coin, "cash_gift_issue", amount);
        if let Some(coin) = Coin::of(coin) {
            self.account.purses.of_mut(coin).coupon += amount;
        }
    }

    /// Gives an amount away.
    pub fn airdrop(&mut self, coin: &str, amount: Decimal) {
        self.post_movement(coin, "airdrop_rewards", amount);
    }

    /// Charges interest, which is positive here and negative in the ledger.
    pub fn charge_interest(&mut self, coin: &str, amount: Decimal) {
        self.post_movement(coin, "settle_interest", -amount);
    }

    /// Does the one of these that a script names.
    pub(super) fn move_money(&mut self, reason: Reason, coin: &str, amount: Decimal) {
        match reason {
            Reason::Deposit => self.deposit(coin, amount),
            Reason::Withdrawal => self.withdraw(coin, amount),
            Reason::Bonus => self.grant_bonus(coin, amount),
            Reason::BonusExpiry => self.expire_bonus(coin, amount),
            Reason::Coupon => self.grant_coupon(coin, amount),
            Reason::Airdrop => self.airdrop(coin, amount),
            Reason::Interest => self.charge_interest(coin, amount),
        }
    }

    /// Sets what the list of contracts says of trading in one.
    pub fn set_contract_status(&mut self, contract: &str, status: ContractStatus) {
        let market = index_of(contract).and_then(|index| self.markets.get_mut(index));
        if let Some(market) = market {
            market.status = status;
        }
    }

    /// Sets take-profit and stop-loss of the resting orders that open positions of a contract; they come
    /// into being when such an order is filled.
    pub fn preset(&mut self, contract: &str, take_profit: Decimal, stop_loss: Decimal) {
        let Some(index) = index_of(contract) else { return };
        let opening = |order: &&mut super::account_records::Order| {
            order.contract == index && order.plan.is_none() && !order.closes
        };
        let now = self.now_ms();
        let mut changed = Vec::new();
        for order in self.account.orders.iter_mut().filter(opening) {
            order.preset = Some((take_profit, stop_loss));
            order.updated_ms = now;
            changed.push(Event::Order(order.clone()));
        }
        self.emit(changed);
    }

    /// Charges the interest of an hour for every debt.
    pub(super) fn charge_debts(&mut self) {
        for coin in Coin::ALL {
            let interest = (self.account.debt(coin) * HOURLY_INTEREST).round_dp(8);
            if !interest.is_zero() {
                self.charge_interest(coin.wire(), interest);
            }
        }
    }

    fn change_bonus(&mut self, coin: &str, kind: &'static str, amount: Decimal) {
        self.post_movement(coin, kind, amount);
        if let Some(coin) = Coin::of(coin) {
            self.account.purses.of_mut(coin).bonus += amount;
        }
    }

    fn post_movement(&mut self, coin: &str, kind: &'static str, amount: Decimal) {
        let Some(coin) = Coin::of(coin) else { return };
        let now = self.now_ms();
        self.account.post(None, coin, kind, amount, Decimal::ZERO, now);
        self.emit([Event::Wallet]);
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;
    use crate::domain::AccountKind;

    #[test]
    fn every_movement_is_in_the_ledger_and_in_the_wallet_of_its_coin() {
        let mut world = World::new(7, 1_790_358_794_987, true);
        let before = world.account.purse(Coin::Usdt).wallet;
        world.deposit("USDT", dec!(500));
        world.withdraw("USDT", dec!(100));
        world.grant_bonus("USDT", dec!(20));
        world.expire_bonus("USDT", dec!(5));
        world.grant_coupon("USDT", dec!(3));
        world.airdrop("USDC", dec!(7));
        world.charge_interest("USDC", dec!(0.5));
        world.deposit("NOPE", dec!(1));
        let usdt = world.account.purse(Coin::Usdt);
        assert_eq!((usdt.wallet - before, usdt.bonus, usdt.coupon), (dec!(418), dec!(15), dec!(3)));
        assert_eq!(world.account.purse(Coin::Usdc).wallet, dec!(6.5));
        let last = &world.account.ledger[world.account.ledger.len() - 7..];
        let amounts: Vec<Decimal> = last.iter().map(|entry| entry.amount).collect();
        assert_eq!(
            amounts,
            [dec!(500), dec!(-100), dec!(20), dec!(-5), dec!(3), dec!(7), dec!(-0.5)]
        );
        assert_eq!(world.take_events().len(), 7, "each is pushed");
    }

    #[test]
    fn a_debt_costs_interest_every_hour_while_the_account_is_unified() {
        let count = |kind| {
            let start = 1_790_358_794_987;
            let mut world = World::new(7, start, true).with_account_kind(kind, dec!(0)).mixed();
            let interest = |world: &World| {
                let of =
                    world.account.ledger.iter().filter(|entry| entry.kind == "settle_interest");
                of.count()
            };
            let before = interest(&world);
            for half_hours in 1..=4 {
                world.advance(start + half_hours * 1_800_000);
            }
            interest(&world) - before
        };
        assert_eq!((count(AccountKind::Unified), count(AccountKind::Classic)), (2, 0));
    }
}
