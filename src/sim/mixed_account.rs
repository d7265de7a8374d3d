//! What an account holds besides USDT and contracts that pay in it: USDC, bitcoin and a debt, contracts of
//! the other products, and ledger entries of no contract.

use rust_decimal::Decimal;

use super::account_records::Trade;
use super::contracts::spec;
use super::margin_account::Account;
use super::products::Coin;
use super::simulated_market::{Market, last_price};

const HOUR_MS: i64 = 3_600_000;
/// What was borrowed, in USDC.
const DEBT: i64 = 150;
/// Movements: hours before the start, coin, ledger type, amount in millionths.
const MOVEMENTS: [(i64, Coin, &str, i64); 8] = [
    (26 * 24, Coin::Usdc, "trans_from_exchange", 700_000_000),
    (25 * 24, Coin::Btc, "trans_from_exchange", 20_000),
    (24 * 24, Coin::Usdc, "borrow", DEBT * 1_000_000),
    (9 * 24, Coin::Usdt, "bonus_issue", 25_000_000),
    (8 * 24, Coin::Usdt, "cash_gift_issue", 10_000_000),
    (7 * 24, Coin::Usdt, "airdrop_rewards", 4_200_000),
    (49, Coin::Usdt, "trans_to_exchange", -35_000_000),
    (30, Coin::Usdc, "settle_interest", -1_500),
];
/// Open positions: contract, long, leverage, size in steps, entry in hundredths of a percent of the price
/// now, hours since the opening.
const POSITIONS: [(usize, bool, u32, i64, i64, i64); 2] =
    [(4, false, 20, 150, 10_085, 27), (5, true, 10, 120, 9_910, 13)];

/// Adds to the account what it holds besides. A flat one gets the coins without the positions.
pub(super) fn mix(account: &mut Account, markets: &[Market], now_ms: i64, flat: bool) {
    for (hours, coin, kind, amount) in MOVEMENTS {
        let at_ms = now_ms - hours * HOUR_MS;
        account.post(None, coin, kind, Decimal::new(amount, 6), Decimal::ZERO, at_ms);
    }
    account.purses.of_mut(Coin::Usdc).debt = Decimal::from(DEBT);
    let usdt = account.purses.of_mut(Coin::Usdt);
    (usdt.bonus, usdt.coupon) = (Decimal::from(25), Decimal::from(10));
    for (contract, long, leverage, steps, entry, hours) in POSITIONS.into_iter().filter(|_| !flat) {
        let spec = spec(contract);
        let price = last_price(markets, contract) * Decimal::new(entry, 4);
        let order_id = account.new_id();
        account.trade(Trade {
            contract,
            long,
            closes: false,
            cross: true,
            leverage,
            price: price.round_dp(spec.price_places),
            size: spec.size(steps),
            maker: false,
            liquidation: false,
            order_id,
            at_ms: now_ms - hours * HOUR_MS,
        });
    }
}
