//! The session: a result is what trading brought.

use rstest::rstest;

use super::engine::{engine, long};
use super::*;
use crate::report::{Engine, SessionPart};

/// A store and the engine that reads it, at a time that goes on.
pub(super) struct Session {
    store: Store,
    engine: Engine,
    unified: bool,
    ledger: Vec<LedgerEntry>,
}

impl Session {
    /// A wallet of 12,900 with 374.75 of unrealized loss beside it.
    pub(super) fn new(unified: bool) -> Self {
        let mut session =
            Self { store: complete_state(), engine: engine(), unified, ledger: Vec::new() };
        if unified {
            session.tell(0, Body::AccountKind(Some(AccountKind::Unified)));
        }
        session.account(0, dec!(12900), dec!(-374.75));
        session.list(0, vec![long()]);
        let read = session.read(0);
        assert_eq!((read.change, read.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
        session
    }

    /// Nothing of it has been read yet.
    pub(super) fn fresh() -> Self {
        Self { store: complete_state(), engine: engine(), unified: true, ledger: Vec::new() }
    }

    pub(super) fn tell(&mut self, ms: i64, body: Body) {
        let at = NOW.plus_millis(ms);
        self.store.apply(Update { as_of: at, received: at, ..rest(0, body) });
    }

    /// A report of a wallet and of the PnL beside it. A unified account has 3,000 in another coin, whose
    /// worth moves.
    pub(super) fn account(&mut self, ms: i64, wallet: Decimal, unrealized: Decimal) {
        let Body::Account(mut report) = account() else { unreachable!() };
        report.account.equity = Some(wallet + unrealized);
        report.account.unrealized_pnl = Some(unrealized);
        if self.unified {
            report.account.margin_coin = "USD".into();
            report.account.usdt_usd = Some(dec!(1));
            report.account.usdt_equity = report.account.equity;
            report.account.equity = Some(wallet + unrealized + dec!(3000));
            report.account.effective_equity = report.account.equity;
        }
        self.tell(ms, Body::Account(report));
    }

    pub(super) fn list(&mut self, ms: i64, rows: Vec<Position>) {
        self.tell(ms, positions(rows));
    }

    pub(super) fn mark(&mut self, ms: i64, price: Decimal) {
        self.tell(ms, ticker("BTCUSDT", price));
    }

    /// An entry that happened at one time and is read at another.
    pub(super) fn entry(&mut self, (at, read): (i64, i64), kind: LedgerKind, amount: Decimal) {
        let id = format!("{at} {amount}").as_str().into();
        let time = NOW.plus_millis(at);
        self.ledger.insert(0, LedgerEntry { id, time, ..entry(kind, amount, dec!(0)) });
        let (since, rows) = (NOW.start_of_day(), self.ledger.clone());
        self.tell(read, Body::Ledger { since, rows, complete: true });
    }

    pub(super) fn read(&mut self, ms: i64) -> SessionPart {
        self.engine.read(self.store.snapshot(), NOW.plus_millis(ms)).pnl.session
    }

    fn equity(&mut self, ms: i64) -> Decimal {
        let report = self.engine.read(self.store.snapshot(), NOW.plus_millis(ms));
        report.account.equity.unwrap()
    }

    fn document(&mut self, ms: i64) -> serde_json::Value {
        value(&self.engine.read(self.store.snapshot(), NOW.plus_millis(ms)))["pnl"].clone()
    }
}

/// Said as it is until the ledger explains it, and then no result.
#[rstest]
fn a_deposit_is_never_a_gain(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.account(10_000, dec!(13400), dec!(-374.75));
    for ms in [10_100, 12_000] {
        session.list(ms, vec![long()]);
        session.mark(ms, dec!(63250.5));
        let document = session.document(ms);
        assert_eq!(document["session_freshness"], "unexplained");
        assert_eq!(document["unexplained_movement"], "500");
        assert!(document["session_change"].is_null() && document["max_drawdown"].is_null());
    }
    // A dip while nobody knows is seen.
    session.mark(13_000, dec!(63050.5));
    session.read(13_000);
    session.mark(14_000, dec!(63250.5));
    session.read(14_000);
    session.entry((9_000, 15_000), LedgerKind::Transfer, dec!(500));
    let read = session.read(15_000);
    assert_eq!((read.change, read.unexplained), (Some(dec!(0)), None));
    assert_eq!(read.max_drawdown_amount, Some(dec!(100)));
    assert_eq!(session.document(15_000)["session_freshness"], "live");
}

/// The entry is read while the balance is that of before: no loss, and no drawdown that stays for ever.
#[rstest]
fn an_entry_before_its_balance_is_no_loss(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.entry((1_000, 2_000), LedgerKind::Transfer, dec!(500));
    session.list(2_000, vec![long()]);
    let before = session.read(2_000);
    assert_eq!((before.change, before.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
    // A replica that lags: newer than the entry, and without it.
    session.account(3_000, dec!(12900), dec!(-374.75));
    session.list(3_000, vec![long()]);
    assert_eq!(session.read(3_000).max_drawdown, Some(dec!(0)));
    session.account(10_000, dec!(13400), dec!(-374.75));
    session.list(10_100, vec![long()]);
    session.mark(10_100, dec!(63250.5));
    let after = session.read(10_100);
    assert_eq!((after.change, after.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
}

/// A result and a deposit in one report are told apart.
#[rstest]
fn only_the_flow_of_a_movement_is_taken_out(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.entry((1_000, 5_000), LedgerKind::Trade, dec!(-40));
    session.entry((2_000, 5_000), LedgerKind::Transfer, dec!(500));
    session.entry((3_000, 5_000), LedgerKind::Funding, dec!(-2));
    session.account(6_000, dec!(13358), dec!(-374.75));
    session.list(6_000, vec![long()]);
    session.mark(6_000, dec!(63250.5));
    let read = session.read(6_000);
    assert_eq!((read.change, read.max_drawdown_amount), (Some(dec!(-42)), Some(dec!(42))));
}

/// With any order of list and report, and lists that are never newer than the newest report, the session
/// moves with the mark.
#[rstest]
fn a_session_never_freezes(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    for step in 1i64..20 {
        let ms = step * 2_000;
        let mark = dec!(63250.5) - Decimal::from(step);
        session.list(ms, vec![long()]);
        session.mark(ms, mark);
        session.account(ms + 10, dec!(12900), (mark - dec!(64000)) * dec!(0.5));
        let read = session.read(ms + 20);
        assert_eq!(read.change, Some(Decimal::from(-step) / dec!(2)), "at {ms}");
        assert!(read.age.is_live(NOW.plus_millis(ms + 20)));
    }
}

/// The report may be the first to know: until the list does, the session stands and is marked.
#[rstest]
fn a_close_that_is_reported_first_counts_once(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.entry((900, 1_000), LedgerKind::Trade, dec!(-374.75));
    session.account(1_000, dec!(12525.25), dec!(0));
    let read = session.read(1_000);
    assert_eq!((read.change, read.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
    assert_eq!(session.document(1_000)["session_freshness"], "stale");
    session.list(2_000, Vec::new());
    let read = session.read(2_000);
    assert_eq!((read.change, read.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
    // The list alone does not tell whether the report was of before: the next one is asked for at once.
    assert_eq!(session.document(2_000)["session_freshness"], "stale");
    session.account(2_200, dec!(12525.25), dec!(0));
    session.list(2_300, Vec::new());
    let read = session.read(2_300);
    assert_eq!((read.change, read.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
    assert_eq!(session.document(2_300)["session_freshness"], "live");
}

/// A fill is known before its ledger entry, and the entry does not count again.
#[rstest]
fn a_fill_explains_before_the_ledger_does(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    let fill = Fill {
        symbol: Symbol::default(),
        trade_id: "1".into(),
        order_id: None,
        side: None,
        closes: Some(true),
        forced: None,
        price: None,
        size: None,
        realized_pnl: Some(dec!(-30)),
        fees: vec![Fee { coin: "USDT".into(), paid: dec!(2) }],
        liquidity: None,
        time: Some(NOW.plus_millis(900)),
    };
    session.tell(1_000, Body::Fills(vec![fill]));
    session.account(1_100, dec!(12868), dec!(-374.75));
    session.list(1_200, vec![long()]);
    assert_eq!(session.read(1_200).change, Some(dec!(-32)));
    session.entry((900, 2_000), LedgerKind::Trade, dec!(-32));
    session.entry((3_000, 4_000), LedgerKind::Transfer, dec!(500));
    session.account(5_000, dec!(13368), dec!(-374.75));
    session.list(5_000, vec![long()]);
    session.mark(5_000, dec!(63250.5));
    assert_eq!(session.read(5_000).change, Some(dec!(-32)));
}

/// What stays unexplained is said for as long as it is so.
#[test]
fn what_nothing_explains_stays_unexplained() {
    let mut session = Session::new(false);
    for step in 1i64..10 {
        let ms = step * 10_000;
        session.entry((ms - 5_000, ms), LedgerKind::Funding, dec!(-1));
        session.account(ms, dec!(12877) - Decimal::from(step), dec!(-374.75));
        session.list(ms, vec![long()]);
        assert_eq!(session.read(ms).unexplained, Some(dec!(-23)), "at {ms}");
    }
}

/// A classic report may leave out the PnL that its equity includes, and so may a push.
#[rstest]
#[case::response(Origin::Rest)]
#[case::push(Origin::PrivatePush)]
fn equity_moves_where_a_report_does_not_say_what_it_includes(#[case] origin: Origin) {
    let (mut store, mut engine) = (complete_state(), engine());
    let Body::Account(mut report) = account() else { unreachable!() };
    (report.account.equity, report.account.unrealized_pnl) = (Some(dec!(11490)), None);
    store.apply(Update { origin, ..rest(0, Body::Account(report)) });
    let equity =
        |engine: &mut Engine, store: &Store| engine.read(store.snapshot(), NOW).account.equity;
    assert_eq!(equity(&mut engine, &store), Some(dec!(11490)));
    // A push comes before the one of the position that it is about: it waits for the next list.
    store.apply(rest(0, positions(vec![long()])));
    assert_eq!(equity(&mut engine, &store), Some(dec!(11490)));
    store.apply(rest(0, ticker("BTCUSDT", dec!(64250.5))));
    assert_eq!(equity(&mut engine, &store), Some(dec!(11990)));
}

/// The report comes before the first list.
#[test]
fn what_a_silent_report_includes_is_known_with_the_first_list() {
    let (mut store, mut engine) = (Store::new(Symbol::default()), engine());
    let Body::Account(mut report) = account() else { unreachable!() };
    (report.account.equity, report.account.unrealized_pnl) = (Some(dec!(2000)), None);
    store.apply(rest(300, Body::AccountKind(Some(AccountKind::Classic))));
    store.apply(rest(200, Body::Account(report)));
    store.apply(rest(100, ticker("BTCUSDT", dec!(64000))));
    store.apply(rest(100, positions(vec![long()])));
    store.apply(rest(0, ticker("BTCUSDT", dec!(65000))));
    assert_eq!(engine.read(store.snapshot(), NOW).account.equity, Some(dec!(2500)));
}

/// What was realized is in no figure until the next report: the equity of between is no reading.
#[rstest]
fn a_close_is_no_swing_of_the_equity(
    #[values(false, true)] unified: bool,
    #[values(dec!(0), dec!(0.2))] left: Decimal,
) {
    let mut session = Session::new(unified);
    let is_live = |session: &mut Session, ms| {
        let report = session.engine.read(session.store.snapshot(), NOW.plus_millis(ms));
        report.account.derived.is_live(report.now)
    };
    let rows = || if left.is_zero() { Vec::new() } else { vec![Position { size: left, ..long() }] };
    session.mark(500, dec!(63250.5));
    assert!(is_live(&mut session, 600));
    session.list(1_000, rows());
    session.mark(1_000, dec!(63250.5));
    assert!(!is_live(&mut session, 1_100));
    assert_eq!(session.document(1_100)["session_freshness"], "stale");

    let unrealized = dec!(-749.5) * left;
    session.account(1_300, dec!(12525.25) - unrealized, unrealized);
    session.list(1_400, rows());
    session.entry((900, 1_500), LedgerKind::Trade, dec!(-374.75) - unrealized);
    let read = session.read(1_500);
    assert_eq!((read.change, read.max_drawdown_amount), (Some(dec!(0)), Some(dec!(0))));
    assert!(is_live(&mut session, 1_500));
}

/// Twice the size at half the entry, at half the price: in between, the new size stands at the old price.
#[rstest]
fn a_split_is_no_gain_and_no_drawdown(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    let split = Position { size: dec!(1), entry_price: Some(dec!(32000)), ..long() };
    session.list(1_000, vec![split.clone()]);
    session.read(1_000);
    session.read(1_100);
    session.mark(1_200, dec!(31625.25));
    session.read(1_200);
    session.account(2_000, dec!(12900), dec!(-374.75));
    session.list(2_001, vec![split]);
    session.mark(2_100, dec!(31625.25));
    let read = session.read(2_100);
    assert_eq!((read.change, read.max_drawdown), (Some(dec!(0)), Some(dec!(0))));
}

/// The price of after a split comes first: half the worth of the old size was never lost.
#[rstest]
fn a_price_of_after_a_split_is_taken_back(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.list(1_000, vec![long()]);
    session.mark(1_000, dec!(63450.5));
    assert_eq!(session.read(1_000).change, Some(dec!(100)));
    session.list(2_000, vec![long()]);
    session.read(2_000);
    session.mark(2_500, dec!(31725.25));
    let before = session.read(2_500);
    assert!(before.max_drawdown_amount > Some(dec!(10000)), "nobody can know yet");
    let split = Position { size: dec!(1), entry_price: Some(dec!(32000)), ..long() };
    session.list(3_000, vec![split]);
    session.mark(3_100, dec!(31725.25));
    let read = session.read(3_100);
    assert_eq!((read.change, read.max_drawdown), (Some(dec!(100)), Some(dec!(0))));
    assert_eq!(
        read.curve.last().map(|point| point.equity),
        before.curve.first().map(|first| first.equity + dec!(100))
    );
}

/// What came in with readings that are taken back is no gain of the next one, however late that comes.
#[rstest]
fn a_flow_outlives_what_is_taken_back(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.account(1_500, dec!(13400), dec!(-374.75));
    session.entry((1_400, 1_500), LedgerKind::Transfer, dec!(500));
    session.list(1_600, vec![long()]);
    session.mark(1_600, dec!(63250.5));
    assert_eq!(session.read(1_600).change, Some(dec!(0)));
    let split = Position { size: dec!(1), entry_price: Some(dec!(32000)), ..long() };
    for ms in [1_800, 1_900] {
        session.list(ms, vec![split.clone()]);
        session.read(ms);
    }
    session.mark(2_000, dec!(31625.25));
    assert_eq!(session.read(2_000).change, Some(dec!(0)));
}

/// A list that leaves a losing position out makes nobody richer: the report still holds its loss.
#[rstest]
fn a_loss_that_no_list_shows_stays_in_the_equity(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    let equity = |session: &mut Session, ms: i64, rows: Vec<Position>| {
        session.list(ms, rows);
        session.equity(ms)
    };
    let whole = equity(&mut session, 100, vec![long()]);
    session.mark(900, dec!(63250.5));
    session.read(900);
    session.account(1_000, dec!(12900), dec!(-374.75));
    session.mark(1_600, dec!(63250.5));
    assert_eq!(equity(&mut session, 1_700, Vec::new()), whole);
    // The next list has it again.
    assert_eq!(equity(&mut session, 3_700, vec![long()]), whole);
}

/// Nor does a report that comes after such a list, and before the next one.
#[rstest]
fn a_loss_that_the_list_before_the_report_left_out_stays_too(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    let whole = session.equity(0);
    session.list(1_000, Vec::new());
    session.read(1_000);
    session.account(1_800, dec!(12900), dec!(-374.75));
    for ms in [1_800, 2_500] {
        session.mark(ms, dec!(63250.5));
        assert_eq!(session.equity(ms), whole, "{ms}");
    }
    session.list(3_000, vec![long()]);
    assert_eq!(session.equity(3_000), whole);
    assert_eq!(session.read(3_000).max_drawdown, Some(dec!(0)));
}

/// The report after a trade comes before the position that it made smaller: what was realized is in the wallet,
/// and counts no second time as PnL of the position.
#[rstest]
fn what_a_trade_realized_counts_once_while_the_list_is_older(#[values(false, true)] unified: bool) {
    let mut session = Session::new(unified);
    session.mark(500, dec!(65000));
    let whole = session.equity(500);
    session.account(1_000, dec!(13150), dec!(250));
    assert_eq!(session.equity(1_000), whole);
    session.list(1_010, vec![Position { size: dec!(0.25), ..long() }]);
    assert_eq!(session.equity(1_010), whole);
}
