//! The account at the start: deposits, withdrawals and trades of the past weeks, open positions, resting
//! orders.

use rust_decimal::Decimal;

use super::account_records::{Order, PlanKind, Status, Trade};
use super::contracts::{USDT_CONTRACTS, spec};
use super::margin_account::Account;
use super::products::Coin;
use super::random::Random;
use super::simulated_market::{Market, last_price};

const DAY_MS: i64 = 86_400_000;
const DEPOSIT: i64 = 12_000;
/// Days of trading before the start.
const DAYS: i64 = 45;
const TRADES_A_DAY: i64 = 3;
/// Transfers: days before the start, ledger type, amount in USDT.
const TRANSFERS: [(i64, &str, i64); 2] =
    [(12, "trans_from_exchange", 500), (5, "trans_to_exchange", -300)];

/// Returns the account at the start. A flat one has a past, but no open positions and no orders.
pub(super) fn initial_account(markets: &[Market], seed: u64, now_ms: i64, flat: bool) -> Account {
    let mut account = Account::new();
    let mut random = Random::new(seed ^ 0x00ac_c0de);
    account.post(
        None,
        Coin::Usdt,
        "trans_from_exchange",
        Decimal::from(DEPOSIT),
        Decimal::ZERO,
        now_ms - (DAYS + 2) * DAY_MS,
    );
    for days in (1..=DAYS).rev() {
        for (_, kind, amount) in TRANSFERS.iter().filter(|(day, ..)| *day == days) {
            let at_ms = now_ms - days * DAY_MS - DAY_MS / 2;
            account.post(None, Coin::Usdt, kind, Decimal::from(*amount), Decimal::ZERO, at_ms);
        }
        for trade in (0..TRADES_A_DAY).rev() {
            let at_ms = now_ms - days * DAY_MS - trade * 2 * 3_600_000;
            past_trade(&mut account, markets, &mut random, at_ms);
        }
    }
    // So that today's figures are not empty; just after midnight there is no earlier time today.
    let today = now_ms - now_ms.rem_euclid(DAY_MS);
    past_trade(&mut account, markets, &mut random, (now_ms - 2 * 3_600_000).max(today + 1));
    if !flat {
        open_positions(&mut account, markets, now_ms);
        place_orders(&mut account, markets, now_ms);
    }
    account
}

/// Opens and closes a position in the past.
fn past_trade(account: &mut Account, markets: &[Market], random: &mut Random, at_ms: i64) {
    let contract = usize::try_from(random.below(USDT_CONTRACTS as u64)).unwrap_or(0);
    let Some(market) = markets.get(contract) else { return };
    let spec = spec(contract);
    let long = random.below(2) == 0;
    let value = 400 + random.below(1_600);
    let entry = market.last_price() * Decimal::new(9_700 + random.below(600), 4);
    let entry = entry.round_dp(spec.price_places);
    let size = (Decimal::from(value) / entry).round_dp(spec.size_places).max(spec.size_step());
    let exit = (entry * Decimal::new(9_900 + random.below(215), 4)).round_dp(spec.price_places);
    let held_ms = 600_000 + random.below(3_000_000);
    let trade = |account: &mut Account, price, closes, at_ms| {
        let order_id = account.new_id();
        account.trade(Trade {
            contract,
            long,
            closes,
            cross: true,
            leverage: 10,
            price,
            size,
            maker: closes,
            liquidation: false,
            order_id,
            at_ms,
        });
    };
    trade(account, entry, false, at_ms - held_ms);
    if random.below(3) == 0 {
        account.settle_funding(contract, Decimal::new(1, 4), entry, at_ms - held_ms / 2);
    }
    trade(account, exit, true, at_ms);
}

fn open_positions(account: &mut Account, markets: &[Market], now_ms: i64) {
    // Entry in hundredths of a percent of the price now, then hours since the opening.
    for (contract, long, cross, leverage, steps, entry, hours) in [
        (0, true, true, 20, 5_000, 9_925, 31),
        (1, false, false, 10, 600, 10_120, 20),
        (2, true, false, 5, 400, 9_960, 9),
    ] {
        let (spec, price) = (spec(contract), last_price(markets, contract));
        let entry = (price * Decimal::new(entry, 4)).round_dp(spec.price_places);
        let order_id = account.new_id();
        let trade = Trade {
            contract,
            long,
            closes: false,
            cross,
            leverage,
            price: entry,
            size: spec.size(steps),
            maker: false,
            liquidation: false,
            order_id,
            at_ms: now_ms - hours * 3_600_000,
        };
        account.trade(trade);
        if contract == 0 {
            // A part was closed at a profit.
            let exit = (entry * Decimal::new(10_040, 4)).round_dp(spec.price_places);
            let part = Trade {
                closes: true,
                maker: true,
                price: exit,
                size: spec.size(1_000),
                at_ms: now_ms - 20 * 3_600_000,
                ..trade
            };
            account.trade(part);
        }
    }
    for (contract, rate, hours) in
        [(0, 100, 26), (0, 71, 18), (1, 100, 10), (0, -24, 10), (1, 55, 2), (0, 100, 2), (2, 40, 2)]
    {
        let price = last_price(markets, contract);
        account.settle_funding(contract, Decimal::new(rate, 6), price, now_ms - hours * 3_600_000);
    }
}

/// Two limits, take-profit and stop-loss of positions, a trigger, a trailing stop.
fn place_orders(account: &mut Account, markets: &[Market], now_ms: i64) {
    let price = |contract: usize, ratio: i64| {
        let price = last_price(markets, contract) * Decimal::new(ratio, 4);
        price.round_dp(spec(contract).price_places)
    };
    for (contract, long) in [(0, true), (1, false)] {
        let (profit, loss) = if long { (10_600, 9_550) } else { (9_450, 10_500) };
        let targets = (price(contract, profit), price(contract, loss));
        for position in account.positions.iter_mut().filter(|p| p.contract == contract) {
            position.take_profit = Some(targets.0);
            position.stop_loss = Some(targets.1);
        }
        for (kind, trigger) in [(PlanKind::TakeProfit, targets.0), (PlanKind::StopLoss, targets.1)]
        {
            let cross = contract == 0;
            add(
                account,
                Order {
                    closes: true,
                    market: true,
                    plan: Some(kind),
                    trigger,
                    cross,
                    ..limit_order(contract, long, now_ms - 8 * 3_600_000)
                },
            );
        }
    }
    let limit = |contract: usize, long, closes, ratio, steps| Order {
        closes,
        price: price(contract, ratio),
        size: spec(contract).size(steps),
        cross: contract != 2,
        ..limit_order(contract, long, now_ms - 5_400_000)
    };
    let all = [
        limit(0, true, false, 9_700, 1_000),
        limit(2, true, true, 10_450, 100),
        Order {
            market: true,
            plan: Some(PlanKind::Trigger),
            trigger: price(1, 9_600),
            size: spec(1).size(50),
            ..limit_order(1, true, now_ms - 3_600_000)
        },
        Order {
            closes: true,
            market: true,
            cross: false,
            plan: Some(PlanKind::Trailing),
            trigger: price(2, 10_250),
            size: spec(2).size(100),
            ..limit_order(2, true, now_ms - 3_000_000)
        },
    ];
    for order in all {
        add(account, order);
    }
}

fn limit_order(contract: usize, long: bool, at_ms: i64) -> Order {
    Order {
        id: 0,
        contract,
        long,
        closes: false,
        market: false,
        price: Decimal::ZERO,
        size: Decimal::ZERO,
        filled: Decimal::ZERO,
        leverage: 20,
        cross: true,
        plan: None,
        trigger: Decimal::ZERO,
        status: Status::Live,
        created_ms: at_ms,
        updated_ms: at_ms,
        preset: None,
    }
}

fn add(account: &mut Account, mut order: Order) {
    order.id = account.new_id();
    account.orders.push(order);
}
