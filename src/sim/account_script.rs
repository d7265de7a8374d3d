//! The scripted trading of the account: small positions in one contract are opened and closed, a resting
//! order is replaced now and then. It depends on the seed and the number of steps alone.

use rust_decimal::Decimal;

use super::contracts::spec;
use super::margin_account::{Order, Status, Trade};
use super::random::Random;
use super::world::World;

/// The contract of the small positions.
const CONTRACT: usize = 3;
/// Steps between two actions, 20 to 40 seconds: at least this many, then up to as many more.
const MIN_PAUSE: i64 = 200;
const PAUSE_SPREAD: u64 = 200;

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

    pub(super) fn step(&mut self, world: &mut World) {
        self.wait -= 1;
        if self.wait > 0 {
            return;
        }
        self.wait = MIN_PAUSE + self.random.below(PAUSE_SPREAD);
        if self.random.below(4) == 0 {
            self.replace(world);
        } else {
            self.trade(world);
        }
    }

    /// Opens a small position, or closes the one that is open.
    fn trade(&mut self, world: &mut World) {
        let open = world.account.positions.iter().find(|p| p.contract == CONTRACT);
        let (long, closes, size) = if let Some(position) = open {
            (position.long, true, position.size)
        } else {
            let steps = 200 + self.random.below(800);
            (self.random.below(2) == 0, false, spec(CONTRACT).size(steps))
        };
        let (now, price) = (world.now_ms(), world.last(CONTRACT));
        let id = world.account.new_id();
        let order = Order {
            id,
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
            created_ms: now,
            updated_ms: now,
        };
        world.emit_order(order.clone());
        world.emit_order(Order { status: Status::Filled, filled: size, ..order });
        world.execute(Trade {
            contract: CONTRACT,
            long,
            closes,
            cross: false,
            leverage: 10,
            price,
            size,
            maker: false,
            liquidation: false,
            order_id: id,
            at_ms: now,
        });
    }

    /// Cancels the resting opening order and places it again at another price.
    fn replace(&mut self, world: &mut World) {
        let resting = |order: &&Order| order.plan.is_none() && !order.closes;
        let Some(order) = world.account.orders.iter().find(resting).cloned() else { return };
        world.cancel(order.id);
        let ratio = Decimal::new(9_650 + self.random.below(100), 4);
        let price =
            world.last(order.contract) * if order.long { ratio } else { Decimal::TWO - ratio };
        let now = world.now_ms();
        world.place(Order {
            price: price.round_dp(spec(order.contract).price_places),
            created_ms: now,
            updated_ms: now,
            ..order
        });
    }
}
