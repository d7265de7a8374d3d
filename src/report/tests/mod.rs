//! The figures of the report, from updates in to figures out.

use rust_decimal::{Decimal, dec};

use super::{AccountStatus, Age, Context, Freshness, Report, build, json};
use crate::domain::{
    Account, AccountKind, AccountUpdate, Body, Contract, Fee, FeeRate, Fill, FundingInfo,
    LedgerEntry, LedgerKind, MarginMode, OpenEnum, OrderClass, OrderSet, Origin, Position,
    PositionDetails, PositionKey, PositionSet, ProblemCode, ProblemReport, Product, Scope, Side,
    Symbol, Text, Ticker, Timestamp, Update,
};
use crate::store::Store;

mod ages;
mod coin_wallets;
mod document;
mod engine;
mod ledger_results;
mod levels;
mod orders_unknown;
mod products;
mod session;

/// 2026-09-25T17:53:14.987Z.
const NOW: Timestamp = Timestamp::from_millis(1_790_358_794_987);

fn symbol(name: &str) -> Symbol {
    Symbol::from_wire(name, Product::UsdtFutures).unwrap()
}

fn position(name: &str, side: Side, mode: MarginMode) -> Position {
    Position {
        key: PositionKey {
            symbol: symbol(name),
            side,
            margin_mode: OpenEnum::Known(mode),
            margin_coin: "USDT".into(),
        },
        position_mode: None,
        asset_mode: None,
        size: dec!(0.5),
        available: Some(dec!(0.5)),
        entry_price: Some(dec!(64000)),
        mark_price: None,
        break_even_price: None,
        liquidation_price: Some(dec!(57900)),
        leverage: Some(dec!(10)),
        margin: Some(dec!(3200)),
        exchange_unrealized_pnl: Some(dec!(-374)),
        exchange_margin_ratio: None,
        realized_pnl: Some(dec!(42.15)),
        funding_pnl: Some(dec!(-18.2304)),
        fees_paid: Some(dec!(19.2)),
        maintenance_margin_rate: Some(dec!(0.004)),
        updated_at: None,
        details: Some(PositionDetails::default()),
    }
}

fn ticker(name: &str, mark: Decimal) -> Body {
    let mut ticker = Ticker::unknown(symbol(name));
    ticker.last = Some(mark);
    ticker.mark = Some(mark);
    ticker.funding_rate = Some(dec!(0.000071));
    Body::Ticker(ticker)
}

fn rest(ago_ms: i64, body: Body) -> Update {
    let at = NOW.plus_millis(-ago_ms);
    Update { origin: Origin::Rest, as_of: at, received: at, sent: None, body }
}

fn contract(name: &str) -> Body {
    Body::Contract(Contract {
        symbol: symbol(name),
        price_places: 1,
        price_step: None,
        size_places: 4,
        size_step: None,
        default_fees: Some(FeeRate { maker: dec!(0.0002), taker: dec!(0.0006) }),
        max_leverage: None,
        funding_interval_hours: Some(8),
        status: None,
        off_at: None,
        limit_open_at: None,
    })
}

fn positions(rows: Vec<Position>) -> Body {
    Body::Positions(PositionSet {
        scope: Scope::Complete,
        rows,
        closed: Vec::new(),
        unreadable: 0,
        products: Product::ALL.to_vec(),
    })
}

fn account() -> Body {
    Body::Account(AccountUpdate {
        account: Account {
            margin_coin: "USDT".into(),
            equity: Some(dec!(12500)),
            unrealized_pnl: Some(dec!(-400)),
            available: Some(dec!(9000)),
            locked: Some(dec!(0)),
            ..Account::default()
        },
        unreadable: 0,
    })
}

fn no_orders() -> Body {
    Body::Orders(OrderSet {
        scope: Scope::Complete,
        classes: OrderClass::ALL.to_vec(),
        rows: Vec::new(),
        unreadable: 0,
        products: Product::ALL.to_vec(),
    })
}

fn entry(kind: LedgerKind, amount: Decimal, fee_paid: Decimal) -> LedgerEntry {
    LedgerEntry {
        id: format!("{kind:?}").as_str().into(),
        symbol: None,
        coin: "USDT".into(),
        kind,
        amount,
        fee: Fee { coin: "USDT".into(), paid: fee_paid },
        time: NOW.plus_millis(-60_000),
    }
}

fn complete_state() -> Store {
    let mut store = Store::new(Symbol::default());
    let rows = vec![position("BTCUSDT", Side::Long, MarginMode::Isolated)];
    let entries = vec![
        entry(LedgerKind::Trade, dec!(5), dec!(1)),
        entry(LedgerKind::Funding, dec!(-2), dec!(0)),
    ];
    for update in [
        rest(900, contract("BTCUSDT")),
        rest(800, ticker("BTCUSDT", dec!(63250.5))),
        rest(700, positions(rows)),
        rest(600, account()),
        rest(500, no_orders()),
        rest(400, Body::Ledger { since: NOW.start_of_day(), rows: entries, complete: true }),
        rest(300, Body::AccountKind(Some(AccountKind::Classic))),
    ] {
        store.apply(update);
    }
    store
}

fn report(store: &Store, now: Timestamp) -> Report {
    build(store.snapshot(), &Context::of_defaults(), now)
}

/// The document as a script reads it.
fn value(report: &Report) -> serde_json::Value {
    serde_json::from_str(&json::to_string(report).unwrap()).unwrap()
}

#[test]
fn the_worked_example_at_the_live_mark_price() {
    let report = report(&complete_state(), NOW);
    let row = &report.positions.rows[0];
    assert_eq!(row.key.to_string(), "BTCUSDT_UMCBL long");
    assert_eq!(row.unrealized_pnl, Some(dec!(-374.75)));
    assert_eq!(row.notional, Some(dec!(31625.25)));
    assert_eq!(row.roe, Some(dec!(-0.117109375)));
    assert_eq!(row.net_pnl, Some(dec!(-370.0304)));
    assert_eq!(row.margin_ratio, Some(dec!(0.051491425538)));
    assert_eq!(row.break_even_price.map(|price| price.round_dp(9)), Some(dec!(64028.978186912)));
    assert_eq!(row.risk.next_funding_payment, Some(dec!(-2.24539275)));
    assert_eq!(row.liquidation_distance.map(|d| d.round_dp(6)), Some(dec!(0.084592)));
    assert_eq!(report.account.equity, Some(dec!(12525.25)), "12500 + 400 - 374.75");
    assert_eq!(report.account.maintenance_margin, Some(dec!(145.47615)));
    let totals = report.pnl.today.totals.unwrap();
    assert_eq!(totals.net, Some(dec!(2)));
    assert_eq!(totals.fees_paid, Some(dec!(1)));
    assert_eq!(report.risk.worst_position.as_ref().map(|worst| worst.side), Some(Side::Long));
    assert!(report.complete);
}

#[test]
fn the_totals_are_the_sums_of_the_rows() {
    let mut store = complete_state();
    let mut short = position("ETHUSDT", Side::Short, MarginMode::Cross);
    short.entry_price = Some(dec!(2500));
    let btc = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    store.apply(rest(90, contract("ETHUSDT")));
    store.apply(rest(80, ticker("ETHUSDT", dec!(2400))));
    store.apply(rest(70, positions(vec![btc, short])));
    let report = report(&store, NOW);
    let sum: Decimal = report.positions.rows.iter().filter_map(|row| row.unrealized_pnl).sum();
    assert_eq!(report.pnl.unrealized, Some(sum));
    assert_eq!(report.account.unrealized_pnl, Some(sum));
    assert!(report.positions.rows[0].is_focus, "the focus stands first");
    // Cross equity leaves out what the isolated position holds.
    let cross_equity = report.account.equity.unwrap() - dec!(3200) - dec!(-374.75);
    let ratio = dec!(1200) * dec!(0.0046) / cross_equity;
    assert_eq!(report.account.margin_ratio, Some(ratio.round_dp(12)));
    assert_eq!(report.positions.rows[1].margin_ratio, report.account.margin_ratio);
}

/// Whichever it is, the account is not shown safer.
#[test]
fn a_position_of_unknown_margin_mode_counts_against_the_account() {
    let ratio = |mode: OpenEnum<MarginMode>| {
        let mut store = complete_state();
        let mut row = position("ETHUSDT", Side::Short, MarginMode::Cross);
        (row.key.margin_mode, row.entry_price) = (mode, Some(dec!(2500)));
        let cross = position("BTCUSDT", Side::Long, MarginMode::Cross);
        store.apply(rest(90, contract("ETHUSDT")));
        store.apply(rest(80, ticker("ETHUSDT", dec!(2400))));
        store.apply(rest(70, positions(vec![cross, row])));
        report(&store, NOW).account.margin_ratio.unwrap()
    };
    let known = [MarginMode::Cross, MarginMode::Isolated].map(|mode| ratio(OpenEnum::Known(mode)));
    let unknown = ratio(OpenEnum::Other("portfolio".into()));
    assert!(known.iter().all(|known| unknown >= *known), "{unknown} beside {known:?}");
}

#[test]
fn fc_31_every_figure_is_as_old_as_its_oldest_input() {
    let store = complete_state();
    let later = report(&store, NOW.plus_millis(4_400));
    let at = |age: Age| age.at(later.now);
    assert_eq!(at(later.ticker.age), Freshness::Stale { ms: 5_200 }, "limit 5,000");
    assert_eq!(at(later.positions.age), Freshness::Stale { ms: 5_100 }, "limit 5,000");
    assert_eq!(at(later.account.age), Freshness::Live { ms: 5_000 }, "its limit is 25 s");
    let row = &later.positions.rows[0];
    for age in [later.account.derived, row.age, later.pnl.age, later.risk.age] {
        assert_eq!(at(age), Freshness::Stale { ms: 5_200 });
    }
    assert!(!later.complete);
}

#[test]
fn a_fresh_list_stands_in_for_a_silent_price_stream() {
    let mut store = complete_state();
    let later = NOW.plus_millis(60_000);
    let mut row = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    row.mark_price = Some(dec!(60000));
    store.apply(Update { as_of: later, received: later, ..rest(0, positions(vec![row])) });
    let report = report(&store, later);
    assert!(!report.ticker.age.is_live(later));
    let row = &report.positions.rows[0];
    assert_eq!((row.mark_price, row.age.is_live(later)), (Some(dec!(60000)), true));
    assert_eq!(row.unrealized_pnl, Some(dec!(-2000)));
}

#[test]
fn what_is_not_known_is_absent() {
    let empty = Store::new(Symbol::default());
    let report = report(&empty, NOW);
    assert_eq!(report.positions.age, Age::MISSING);
    assert_eq!(report.pnl.unrealized, None, "no list is not an empty list");
    assert_eq!(report.account.margin_ratio, None);
    assert_eq!(report.account_kind, AccountStatus::Unknown);
    assert!(!report.complete);
    let json = value(&report);
    assert!(json["ticker"]["mark"].is_null() && json["account"]["equity"].is_null());
}

#[test]
fn unknown_fees_make_the_net_unknown_and_unsettled_funding_counts_as_zero() {
    let mut store = complete_state();
    let mut row = position("BTCUSDT", Side::Long, MarginMode::Isolated);
    row.fees_paid = None;
    store.apply(rest(0, positions(vec![row.clone()])));
    assert_eq!(report(&store, NOW).positions.rows[0].net_pnl, None);
    row.fees_paid = Some(dec!(1));
    row.funding_pnl = Some(Decimal::ZERO);
    store.apply(rest(0, positions(vec![row])));
    assert_eq!(report(&store, NOW).positions.rows[0].net_pnl, Some(dec!(-333.6)));
}

#[test]
fn yesterday_s_ledger_says_nothing_of_today() {
    let store = complete_state();
    let tomorrow = NOW.start_of_day().plus_millis(86_400_000 + 1_000);
    let report = report(&store, tomorrow);
    assert_eq!(report.pnl.today.totals, None);
    assert_eq!(report.pnl.today.age, Age::MISSING);
}

#[test]
fn without_credentials_only_the_market_counts() {
    let mut store = Store::new(Symbol::default());
    store.apply(rest(100, contract("BTCUSDT")));
    store.apply(rest(100, ticker("BTCUSDT", dec!(63250.5))));
    let context = Context { credentials: false, ..Context::of_defaults() };
    let report = build(store.snapshot(), &context, NOW);
    assert_eq!((report.account_kind, report.complete), (AccountStatus::NoCredentials, true));
    assert_eq!(report.positions.age, Age::MISSING);
}

#[test]
fn json_carries_the_contract_s_names_and_kinds() {
    let mut store = complete_state();
    store.apply(rest(
        50,
        Body::Funding(FundingInfo {
            symbol: Symbol::default(),
            rate: Some(dec!(0.0001)),
            interval_hours: Some(4),
            next_at: Some(NOW.plus_millis(1_000)),
        }),
    ));
    let json = value(&report(&store, NOW));
    let keys =
        |part: &str| -> Vec<String> { json[part].as_object().unwrap().keys().cloned().collect() };
    assert_eq!(json["schema"], "bitget-watch/1");
    assert_eq!(json["taken_at"], "2026-09-25T17:53:14.987Z");
    assert_eq!(json["source"], "live");
    assert_eq!(json["ticker"]["mark"], "63250.5");
    assert_eq!(json["ticker"]["funding_interval_hours"], 4);
    assert_eq!(json["ticker"]["next_funding_at"], "2026-09-25T17:53:15.987Z");
    assert_eq!(json["ticker"]["age_ms"], 800);
    assert_eq!(
        keys("pnl"),
        [
            "close_now_net",
            "equity_curve",
            "fees_today",
            "funding_today",
            "interest_today",
            "max_drawdown",
            "max_drawdown_amount",
            "net_today",
            "next_funding_payment",
            "other_fees_today",
            "realized_today",
            "session_change",
            "session_freshness",
            "session_started_at",
            "unexplained_movement",
            "unrealized"
        ]
    );
    assert_eq!(keys("positions"), ["age_ms", "freshness", "rows", "unreadable_rows"]);
    let row = json["positions"]["rows"][0].as_object().unwrap();
    assert_eq!(row.len(), 31, "the row of the contract and its risk, no more: {row:?}");
    assert_eq!(row["side"], "long");
    assert_eq!((&row["product"], &row["settle_coin"]), (&"usdt_futures".into(), &"USDT".into()));
    assert_eq!(row["modelled"], true);
    assert_eq!(json["risk"]["touch_probability"]["24h"], serde_json::Value::Null);
    assert_eq!(json["links"][0]["name"], "rest");
}

#[test]
fn the_most_pressing_problem_stands_first_and_of_one_kind_the_newest() {
    let mut store = complete_state();
    let problem = |code, subject: &str, ago| {
        let text = Some(Text::new(subject));
        rest(ago, Body::Problem(ProblemReport { code, subject: subject.into(), text }))
    };
    for update in [
        problem(ProblemCode::KeyCanTrade, "key", 90),
        problem(ProblemCode::ClockSkew, "clock", 80),
        problem(ProblemCode::LinkDown, "first", 70),
        problem(ProblemCode::LinkDown, "second", 60),
    ] {
        store.apply(update);
    }
    let problems = report(&store, NOW).problems;
    let texts: Vec<&str> = problems.iter().map(|problem| problem.text.as_str()).collect();
    assert_eq!(texts, ["second", "first", "clock", "key"]);
}
