//! The scripted trading of the account: small positions in one contract are opened and closed, a resting
//! order is replaced now and then. It depends on the seed and the number of steps alone.

use rust_decimal::Decimal;

use super::account_records::{Order, Status};
use super::contracts::spec;
use super::margin_account::Account;
use super::random::Random;
use super::simulated_market::{Market, last_price};

/// The contract of the small positions.
const CONTRACT: usize = 3;
/// Steps between two actions, 20 to 40 seconds: at least this many, then up to as many more.
const MIN_PAUSE: i64 = 200;
const PAUSE_SPREAD: u64 = 200;

/// An action of the script. Ids and times of its orders are set when it is executed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// A market order, filled at once at the last price.
    Trade(Order),
    /// A resting order is canceled and placed again at `price`.
    Replace { order: Order, price: Decimal },
}

/// The script, with the steps until its next action.
#[derive(Debug)]
pub(super) struct AccountScript {
    random: Random,
    wait: i64,
}

impl AccountScript {
    pub(super) const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed ^ 0x11fe), wait: 60 }
    }

    /// Returns the action of this step, if there is one.
    pub(super) fn step(&mut self, account: &Account, markets: &[Market]) -> Option<Action> {
        self.wait -= 1;
        if self.wait > 0 {
            return None;
        }
        self.wait = MIN_PAUSE + self.random.below(PAUSE_SPREAD);
        if self.random.below(4) == 0 {
            self.replace(account, markets)
        } else {
            Some(Action::Trade(self.trade(account)))
        }
    }

    /// Opens a small position, or closes the one that is open.
    fn trade(&mut self, account: &Account) -> Order {
        let open = account.positions.iter().find(|p| p.contract == CONTRACT);
        let (long, closes, size) = if let Some(position) = open {
            (position.long, true, position.size)
        } else {
            let steps = 200 + self.random.below(800);
            (self.random.below(2) == 0, false, spec(CONTRACT).size(steps))
        };
        Order {
            id: 0,
            contract: CONTRACT,
            long,
            closes,
            market: true,
            price: Decimal::ZERO,
            size,
            filled: Decimal::ZERO,
            leverage: 10,
            cross: false,
            plan: None,
            trigger: Decimal::ZERO,
            status: Status::Live,
            created_ms: 0,
            updated_ms: 0,
            preset: None,
        }
    }

    /// Replaces the first resting order that opens a position, at a price near the last one.
    fn replace(&mut self, account: &Account, markets: &[Market]) -> Option<Action> {
        let resting = |order: &&Order| order.plan.is_none() && !order.closes;
        let order = account.orders.iter().find(resting)?.clone();
        let ratio = Decimal::new(9_650 + self.random.below(100), 4);
        let ratio = if order.long { ratio } else { Decimal::TWO - ratio };
        let price = last_price(markets, order.contract) * ratio;
        Some(Action::Replace { price: price.round_dp(spec(order.contract).price_places), order })
    }
}
