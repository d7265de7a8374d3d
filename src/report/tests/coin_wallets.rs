//! Money in other coins than those that contracts pay in: no gain when it comes, no loss when it goes.

use rust_decimal::dec;

use super::engine::long;
use super::session::Session;
use super::*;
use crate::domain::{CoinBalance, Fee};

/// A unified account of 12,900 USDT, with 374.75 lost beside it, and of some bitcoin at 60,000 USD.
fn report(bitcoin: Decimal) -> Body {
    let coin = |name: &str, wallet: Decimal, equity: Decimal, value: Decimal| CoinBalance {
        coin: name.into(),
        equity: Some(equity),
        available: None,
        locked: None,
        debt: None,
        usd_value: Some(value),
        collateral_value: None,
        bonus: None,
        wallet: Some(wallet),
    };
    let (usdt, value) = (dec!(12525.25), bitcoin * dec!(60000));
    let mut coins = vec![coin("USDT", dec!(12900), usdt, usdt)];
    if !bitcoin.is_zero() {
        coins.push(coin("BTC", bitcoin, bitcoin, value));
    }
    let account = Account {
        margin_coin: "USD".into(),
        equity: Some(usdt + value),
        effective_equity: Some(usdt + value),
        unrealized_pnl: Some(dec!(-374.75)),
        usdt_equity: Some(usdt),
        usdt_usd: Some(dec!(1)),
        coins,
        ..Account::default()
    };
    Body::Account(AccountUpdate { account, unreadable: 0 })
}

/// The session of an account that begins with this much bitcoin.
fn begun(bitcoin: Decimal) -> Session {
    let mut session = Session::fresh();
    session.tell(0, Body::AccountKind(Some(AccountKind::Unified)));
    reported(&mut session, 0, bitcoin);
    assert_eq!(session.read(0).change, Some(dec!(0)));
    session
}

fn reported(session: &mut Session, ms: i64, bitcoin: Decimal) {
    session.tell(ms, report(bitcoin));
    session.list(ms, vec![long()]);
    session.mark(ms, dec!(63250.5));
}

fn told(session: &mut Session, ms: i64, kind: LedgerKind, amount: Decimal) {
    let fee = Fee { coin: "BTC".into(), paid: dec!(0) };
    let row = LedgerEntry {
        id: "coin".into(),
        coin: "BTC".into(),
        fee,
        time: NOW.plus_millis(ms - 1_000),
        ..entry(kind, amount, dec!(0))
    };
    let since = NOW.start_of_day();
    session.tell(ms, Body::Ledger { since, rows: vec![row], complete: true });
}

#[test]
fn a_deposit_of_another_coin_is_unexplained_and_then_no_gain() {
    for before in [dec!(0), dec!(0.1)] {
        let mut session = begun(before);
        reported(&mut session, 10_000, before + dec!(0.02));
        let read = session.read(10_000);
        assert_eq!((read.change, read.unexplained), (None, Some(dec!(1200))));
        told(&mut session, 11_000, LedgerKind::Transfer, dec!(0.02));
        let read = session.read(11_000);
        assert_eq!((read.change, read.unexplained), (Some(dec!(0)), None), "from {before}");
    }
}

#[test]
fn a_withdrawal_of_all_of_a_coin_is_no_loss() {
    let mut session = begun(dec!(0.02));
    reported(&mut session, 10_000, dec!(0));
    assert_eq!(session.read(10_000).unexplained, Some(dec!(-1200)));
    told(&mut session, 11_000, LedgerKind::Transfer, dec!(-0.02));
    assert_eq!(session.read(11_000).change, Some(dec!(0)));
}

#[test]
fn what_coin_margined_trading_loses_is_lost() {
    let mut session = begun(dec!(0.1));
    reported(&mut session, 10_000, dec!(0.09));
    assert_eq!(session.read(10_000).change, None);
    told(&mut session, 11_000, LedgerKind::Trade, dec!(-0.01));
    let read = session.read(11_000);
    assert_eq!((read.change, read.max_drawdown_amount), (Some(dec!(-600)), Some(dec!(600))));
}
