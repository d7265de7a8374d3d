//! Figures in words: rounded, and no zero with a sign.

use std::time::Duration;

use rust_decimal::Decimal;

use super::{line, plain};
use crate::domain::{
    AccountKind, Body, Contract, Fee, LedgerEntry, LedgerKind, MarginMode, OpenEnum, Origin,
    Position, PositionKey, PositionSet, Product, Scope, Side, Symbol, Ticker, Timestamp, Update,
};
use crate::report::{Context, Report, build};
use crate::store::Store;

const NOW: Timestamp = Timestamp::from_millis(1_790_358_794_987);

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn short() -> Position {
    Position {
        key: PositionKey {
            symbol: Symbol::default(),
            side: Side::Short,
            margin_mode: OpenEnum::Known(MarginMode::Isolated),
            margin_coin: "USDT".into(),
        },
        position_mode: None,
        asset_mode: None,
        size: d("0.5000"),
        available: None,
        entry_price: Some(d("63251.123456789012")),
        mark_price: None,
        break_even_price: Some(d("63199.987654321098")),
        liquidation_price: Some(d("69999.123456789012")),
        leverage: Some(d("10")),
        margin: Some(d("3200")),
        exchange_unrealized_pnl: None,
        exchange_margin_ratio: None,
        realized_pnl: Some(d("-0")),
        funding_pnl: Some(d("-0.00")),
        fees_paid: Some(d("-0")),
        maintenance_margin_rate: Some(d("0.004")),
        updated_at: None,
        details: None,
    }
}

fn report(kind: AccountKind, places: Option<u32>) -> Report {
    let mut ticker = Ticker::unknown(Symbol::default());
    ticker.last = Some(d("63250.512345678912"));
    ticker.mark = Some(d("63250.512345678912"));
    let rows = vec![LedgerEntry {
        id: "1".into(),
        time: NOW,
        symbol: None,
        coin: "USDT".into(),
        kind: LedgerKind::Funding,
        amount: d("-0.00"),
        fee: Fee { coin: "USDT".into(), paid: d("-0") },
    }];
    let contract = places.map(|price_places| {
        Body::Contract(Contract {
            symbol: Symbol::default(),
            price_places,
            price_step: None,
            size_places: 4,
            size_step: None,
            default_fees: None,
            max_leverage: None,
            funding_interval_hours: Some(8),
            status: None,
            off_at: None,
            limit_open_at: None,
        })
    });
    let held = PositionSet {
        scope: Scope::Complete,
        rows: vec![short()],
        closed: vec![],
        unreadable: 0,
        products: Product::ALL.to_vec(),
    };
    let bodies = [
        Body::AccountKind(Some(kind)),
        Body::Ticker(ticker),
        Body::Positions(held),
        Body::Ledger { since: NOW.start_of_day(), rows, complete: true },
    ];
    let mut store = Store::new(Symbol::default());
    for body in bodies.into_iter().chain(contract) {
        store.apply(Update { origin: Origin::Rest, as_of: NOW, received: NOW, sent: None, body });
    }
    build(store.snapshot(), &Context::of_defaults(), NOW)
}

#[test]
fn prices_are_rounded_whether_the_contract_is_known_or_not() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let (unknown, known) = (report(kind, None), report(kind, Some(1)));
        for (report, last, entry) in
            [(&unknown, "63250.51", "63251.12"), (&known, "63250.5", "63251.12")]
        {
            let words = plain(report, None);
            assert!(words.contains(&format!("  last: {last}\n")), "{words}");
            assert!(words.contains(&format!("  entry: {entry}\n")), "{words}");
            let long = |word: &&str| word.split_once('.').is_some_and(|(_, rest)| rest.len() > 6);
            assert_eq!(words.split([' ', '\n', ',']).find(long), None, "{words}");
            assert!(line(report).contains(&format!(" {last} | SHORT 0.5")), "{}", line(report));
        }
    }
}

#[test]
fn no_zero_has_a_sign() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let words = plain(&report(kind, None), None);
        for wanted in [
            "fees paid: 0.0000 USDT\n",
            "funding so far: 0.0000 USDT\n",
            "fees paid today: 0.00 USDT\n",
        ] {
            assert!(words.contains(wanted), "{wanted} is not in\n{words}");
        }
        let is_signed_zero = |word: &&str| {
            word.strip_prefix('-').is_some_and(|rest| {
                rest.contains('0') && rest.chars().all(|digit| matches!(digit, '0' | '.'))
            })
        };
        assert_eq!(words.split(['\n', ' ']).find(is_signed_zero), None);
    }
}

/// It spoke of the focus alone, and dropped the zeros at the end, so that it jittered with every tick.
#[test]
fn the_line_tells_the_account_and_keeps_its_decimals() {
    let mut report = report(AccountKind::Unified, Some(1));
    report.account.margin_coin = Some("USD".into());
    report.account.margin_ratio = Some(d("0.0159"));
    report.pnl.unrealized = Some(d("-1250.5"));
    let now = report.now;
    report.account.derived = crate::report::Age::new(Some(now), Duration::from_secs(10));
    let row = &mut report.positions.rows[0];
    row.size_places = Some(4);
    row.liquidation_distance = Some(d("0.1"));
    row.unrealized_pnl = Some(d("12.5"));
    row.roe = Some(d("0.039"));
    report.ticker.last = Some(d("63250"));
    let words = line(&report);
    let wanted = "BTCUSDT_UMCBL 63250.0 | SHORT 0.5000 +12.50 roe +3.90 % liq 10.00 % | \
                  total -1250.50 USD | margin ratio 1.59 % | nearest BTCUSDT_UMCBL SHORT 10.00 %";
    assert!(words.starts_with(wanted), "{words}");
    report.positions.rows[0].unrealized_pnl = Some(d("-0.9912"));
    report.pnl.unrealized = Some(d("0.5"));
    let words = line(&report);
    assert!(words.contains(" -0.99 roe ") && words.contains("total +0.50 USD"), "{words}");
    report.positions.rows.clear();
    assert!(line(&report).contains("| flat"), "{}", line(&report));
    assert!(!line(&report).contains("nearest"), "{}", line(&report));
}

#[test]
fn the_text_tells_coins_debts_and_the_rate() {
    use crate::domain::CoinBalance;
    let mut report = report(AccountKind::Unified, Some(1));
    let coin = |name: &str, equity: &str, worth: &str, debt: Option<&str>| CoinBalance {
        coin: name.into(),
        equity: Some(d(equity)),
        available: None,
        locked: None,
        debt: debt.map(d),
        usd_value: Some(d(worth)),
        collateral_value: None,
        bonus: None,
        wallet: None,
    };
    report.account.margin_coin = Some("USD".into());
    report.account.equity = Some(d("15000"));
    report.account.bonus = Some(d("12"));
    report.account.usdt_usd = Some(d("0.999"));
    report.account.coins =
        vec![coin("BTC", "0.08", "5060.1", None), coin("USDT", "-10", "-9.99", Some("10"))];
    let words = plain(&report, None);
    for wanted in [
        "  equity: 15000.00 USD\n",
        "  bonus: 12.00 USD\n",
        "  rate: 1 USDT = 0.9990 USD\n",
        "  BTC: 0.08000000, worth 5060.10 USD\n",
        "  USDT: -10.00, worth -9.99 USD, DEBT 10.00\n",
    ] {
        assert!(words.contains(wanted), "{wanted} is not in\n{words}");
    }
}
