//! What an account holds besides USDT and contracts that pay in it: USDC, bitcoin and a debt, contracts of
//! the other products, and ledger entries of no contract.

use rust_decimal::Decimal;

use super::account_records::Trade;
use super::contracts::spec;
use super::margin_account::Account;
use super::products::{Coin, Purses};
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
    sort_ledger(account);
}

/// Brings the ledger into the order of its times: ids and balances follow it, and clients read it by its ids.
fn sort_ledger(account: &mut Account) {
    let mut ids: Vec<i64> = account.ledger.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    account.ledger.sort_by_key(|entry| entry.at_ms);
    let mut balances = Purses::default();
    for (entry, id) in account.ledger.iter_mut().zip(ids) {
        let purse = balances.of_mut(entry.coin);
        purse.wallet += entry.amount - entry.fee;
        (entry.id, entry.balance) = (id, purse.wallet);
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulated_market;
    use super::*;

    #[test]
    fn ids_follow_the_times_and_the_last_balance_of_each_coin_is_its_wallet() {
        let now = 1_790_358_794_987;
        let markets = simulated_market::all(3, now);
        let mut account = super::super::initial_account::initial_account(&markets, 3, now, false);
        mix(&mut account, &markets, now, false);
        let newer = |pair: &[super::super::account_records::LedgerEntry]| {
            pair[0].at_ms <= pair[1].at_ms && pair[0].id < pair[1].id
        };
        assert!(account.ledger.windows(2).all(newer));
        for coin in Coin::ALL {
            let last = account.ledger.iter().rfind(|entry| entry.coin == coin).unwrap();
            assert_eq!(last.balance, account.purse(coin).wallet);
        }
    }
}
