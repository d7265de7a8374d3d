//! The feeds against the embedded exchange: over real sockets on loopback, with real time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use bitget_watch::config::{ApiChoice, RefreshConfig};
use bitget_watch::domain::{
    AccountKind, Interval, LinkState, MarginMode, ProblemCode, Product, Stream,
};
use bitget_watch::feed::Command;
use bitget_watch::report::{AccountStatus, Age};
use bitget_watch::sim::{Entry, Fault, On, ProxyFault, Recorded, Script};
use bitget_watch::store::{EventKind, Snapshot};
use common::{Rig, Setup, link};
use rstest::rstest;
use rust_decimal::Decimal;

fn positions(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Classic => "/api/v2/mix/position/all-position",
        AccountKind::Unified => "/api/v3/position/current-position",
    }
}

fn private_socket(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Classic => "/v2/ws/private",
        AccountKind::Unified => "/v3/ws/private",
    }
}

fn has_problem(state: &Snapshot, code: ProblemCode) -> bool {
    state.problems.iter().any(|problem| problem.code == code)
}

#[rstest]
#[tokio::test]
async fn comes_up_complete_and_agrees_with_the_exchange_s_own_figures(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    rig.until("everything", |state| {
        let rules = |row: &bitget_watch::domain::Position| {
            state
                .rules
                .get(&row.key.symbol)
                .is_some_and(|r| r.fees.is_some() && !r.tiers.is_empty())
        };
        state.account.is_some()
            && state.ledger.is_some()
            && state.key_rights.is_some()
            && state.positions.rows.iter().all(rules)
            && state.tickers.len() >= state.positions.rows.len()
            && state.candles.rows.len() > 100
            && state.book.is_some()
            && state.closed.len() > 10
            && state.positions.confirmed.len() == Product::ALL.len()
            && state.orders.confirmed_at.is_some()
            // For a moment after a trade the account is stale.
            && state.unsettled_since().is_none()
    })
    .await;
    let report = rig.report();
    assert!(report.complete, "{report:#?}");
    assert_eq!(report.account_kind, AccountStatus::Known(kind));
    assert!(report.positions.rows.len() >= 2);
    let modes: Vec<_> =
        report.positions.rows.iter().map(|row| row.key.margin_mode.known()).collect();
    assert!(
        [MarginMode::Cross, MarginMode::Isolated].iter().all(|mode| modes.contains(&Some(*mode)))
    );
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    // Both sides computed these apart from each other; prices moved a little in between.
    let state = rig.store.snapshot();
    for row in &report.positions.rows {
        let sent = state.positions.rows.iter().find(|held| held.key == row.key).unwrap();
        // The ratio of a unified account is the account's; its rows do not carry one.
        let Some(theirs) = sent.exchange_margin_ratio else {
            assert_eq!(kind, AccountKind::Unified);
            continue;
        };
        let ours = row.margin_ratio.unwrap();
        let near = (ours - theirs).abs() / theirs;
        assert!(near < Decimal::new(2, 2), "{}: {ours} against {theirs}", row.key);
    }
}

#[rstest]
#[tokio::test]
async fn fc_19_a_closed_position_is_removed_at_once_with_an_event(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    rig.sim.with_world(|world| world.close("ETHUSDT"));
    let held = |state: &Snapshot, name| {
        state.positions.rows.iter().any(|row| row.key.symbol.wire() == name)
    };
    let state = rig.until("ETH closed", |state| !held(state, "ETHUSDT")).await;
    assert!(held(&state, "BTCUSDT"));
    let is_close = |event: &bitget_watch::store::Event| matches!(&event.kind, EventKind::PositionClosed { key, .. } if key.symbol.wire() == "ETHUSDT");
    assert!(state.events.iter().any(is_close));
    rig.until("its result", |state| {
        state.events.iter().any(|event| matches!(event.kind, EventKind::Settled(_)))
    })
    .await;
}

#[rstest]
#[tokio::test]
async fn fc_22_pnl_follows_the_mark_price_without_any_push(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    rig.sim.with_world(|world| world.set_price("BTCUSDT", Decimal::from(86_000)));
    rig.until("the price", |state| {
        state.tickers.values().any(|ticker| ticker.value.mark > Some(Decimal::from(85_900)))
    })
    .await;
    let report = rig.report();
    let row = &report.positions.rows[0];
    let wanted = row.size * (row.mark_price.unwrap() - row.entry_price.unwrap());
    assert_eq!(row.unrealized_pnl, Some(wanted.normalize()));
    assert!(wanted > Decimal::from(1_000));
}

#[rstest]
#[tokio::test]
async fn fc_04_cut_streams_come_back_with_login_and_all_subscriptions(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    let before = rig.sim.recorded();
    rig.sim.cut();
    rig.until("both lost", |state| {
        [Stream::WsPublic, Stream::WsPrivate].iter().all(|s| link(state, *s) == LinkState::Backoff)
    })
    .await;
    let state = rig
        .until("both back", |state| {
            state.links.iter().filter(|link| link.reconnects == 1).count() == 2
                && link(state, Stream::WsPrivate) == LinkState::Live
        })
        .await;
    assert_eq!(link(&state, Stream::Rest), LinkState::Live);
    let count =
        |all: &[Recorded], what: &str| all.iter().filter(|asked| asked.what == what).count();
    let after = &rig.sim.recorded()[before.len()..];
    assert_eq!(count(after, "login"), 1);
    assert_eq!(count(after, private_socket(kind)), 1);
    assert!(count(after, "subscribe") >= 2);
    let reads = count(after, positions(kind));
    assert!(reads >= 1, "the state is read again after the gap");
}

#[rstest]
#[tokio::test]
async fn fc_05_a_wrong_secret_costs_two_attempts_and_the_public_side_goes_on(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let setup = Setup { secret: Some("wrong-canary"), ..Setup::strict(kind) };
    let mut rig = Rig::start(setup).await;
    let state = rig
        .until("refused", |state| {
            has_problem(state, ProblemCode::KeyRefused)
                && link(state, Stream::WsPrivate) == LinkState::Stopped
                && link(state, Stream::WsPublic) == LinkState::Live
        })
        .await;
    let text = state.problems[0].text.to_string();
    assert!(text.contains("40009") && text.contains("BITGET_SECRET_KEY"), "{text}");
    assert!(!text.contains("canary"));
    let signed = |rig: &Rig| {
        let all = rig.sim.recorded();
        let private = ["/api/v3/account/settings", positions(kind), private_socket(kind), "login"];
        all.iter().filter(|asked| private.contains(&asked.what.as_str())).count()
    };
    // Of a classic account API V3 says so before it looks at the signature.
    let first = if kind == AccountKind::Classic { 3 } else { 2 };
    assert_eq!(signed(&rig), first);
    assert_eq!(text.contains("40084"), kind == AccountKind::Classic, "both are told: {text}");
    assert_eq!(rig.report().positions.age, Age::MISSING);
    // The user asks for a retry: two more attempts, and it is refused again.
    rig.controls.send(Command::Refetch);
    rig.until("tried again", |state| link(state, Stream::WsPrivate) == LinkState::Connecting).await;
    rig.until("refused again", |state| link(state, Stream::WsPrivate) == LinkState::Stopped).await;
    assert_eq!(signed(&rig), first + 2);
}

#[rstest]
#[tokio::test]
async fn without_credentials_only_market_data_are_requested(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup { without_credentials: true, ..Setup::strict(kind) }).await;
    rig.until_live().await;
    rig.until("rules", |state| state.rules.values().any(|rules| rules.funding.is_some())).await;
    assert_eq!(link(&rig.store.snapshot(), Stream::WsPrivate), LinkState::Stopped);
    for Recorded { what, .. } in rig.sim.recorded() {
        let private = ["account", "position/", "order", "trade-rate", "private", "login"];
        assert!(!private.iter().any(|word| what.contains(word)), "{what}");
    }
    let report = rig.report();
    assert_eq!(report.account_kind, AccountStatus::NoCredentials);
}

#[rstest]
#[tokio::test]
async fn tls_is_verified_against_the_authority_that_is_trusted(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let tls = |distrust| {
        let mut setup = Setup::strict(kind);
        setup.sim.plain = false;
        setup.distrust = distrust;
        setup
    };
    Rig::start(tls(false)).await.until_live().await;
    let mut rig = Rig::start(tls(true)).await;
    let state = rig
        .until("refused", |state| state.links.iter().take(2).all(|link| link.last_error.is_some()))
        .await;
    let reason = state.links[1].last_error.as_ref().unwrap().to_string();
    assert!(
        reason.contains("TLS handshake failed") && reason.contains("UnknownIssuer"),
        "{reason}"
    );
    let blocked = state.problems.iter().find(|of| of.code == ProblemCode::NetworkBlocked).unwrap();
    assert!(blocked.text.as_str().contains("sign in to it with a browser"), "{blocked:?}");
    assert!(rig.sim.recorded().is_empty(), "nothing was sent to an untrusted peer");
}

/// The exchange with TLS behind a proxy that this scheme speaks to.
fn behind(scheme: &'static str, kind: AccountKind) -> Setup {
    let mut setup = Setup { proxy: Some(scheme), ..Setup::strict(kind) };
    setup.sim.plain = false;
    setup
}

#[rstest]
#[tokio::test]
async fn through_a_proxy_tls_ends_at_the_exchange(
    #[values("http", "socks5h")] scheme: &'static str,
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(behind(scheme, kind)).await;
    rig.until_live().await;
    let proxy = rig.proxy.as_ref().unwrap();
    let tunnels = proxy.tunnels();
    assert!(tunnels.iter().all(|host| host == "exchange.test:443"), "{tunnels:?}");
    proxy.cut();
    rig.until("cut", |state| state.links[2].reconnects == 1).await;
    rig.until_live().await;
}

/// A proxy that opens the tunnels itself has another certificate, or none.
#[rstest]
#[case(true, None, "invalid peer certificate: UnknownIssuer")]
#[case(false, Some(ProxyFault::Page), "received corrupt message")]
#[tokio::test]
async fn a_proxy_that_answers_in_the_exchange_s_place_is_told_and_hears_no_key(
    #[case] distrust: bool,
    #[case] fault: Option<ProxyFault>,
    #[case] reason: &str,
    #[values("http", "socks5h")] scheme: &'static str,
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup { distrust, ..behind(scheme, kind) }).await;
    let proxy = rig.proxy.as_ref().unwrap();
    proxy.set_fault(fault);
    let step = format!("TLS handshake through proxy {} failed: ", proxy.address().unwrap());
    rig.until(reason, |state| {
        state.links.iter().take(2).all(|link| {
            let error = link.last_error.as_ref().map(ToString::to_string).unwrap_or_default();
            error.starts_with(&step) && error.contains(reason)
        })
    })
    .await;
    assert!(rig.sim.recorded().is_empty(), "nothing was sent");
}

#[rstest]
#[tokio::test]
async fn candles_of_another_interval_arrive_on_command(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until("minutes", |state| state.candles.rows.len() > 100).await;
    rig.controls.send(Command::Interval(Interval::Hour1));
    let state = rig
        .until("hours", |state| {
            state.candles.interval == Interval::Hour1 && state.candles.rows.len() > 50
        })
        .await;
    let spans: Vec<_> = state
        .candles
        .rows
        .windows(2)
        .map(|pair| pair[1].start.as_millis() - pair[0].start.as_millis())
        .collect();
    assert!(spans.iter().all(|span| *span == 3_600_000));
}

/// Whether the fee rate of every contract with a position is a failure, and nothing else.
fn only_fee_rates_fail(state: &Snapshot) -> bool {
    let held = state.positions.rows.iter().map(|row| &row.key.symbol);
    let ordered = state.orders.rows.iter().map(|order| &order.symbol);
    let followed = held.chain(ordered).map(|symbol| format!("fee rate {symbol}"));
    let failed: BTreeSet<_> = state.failures.keys().map(ToString::to_string).collect();
    failed == followed.collect()
}

#[rstest]
#[case(AccountKind::Classic, "/trade-rate")]
#[case(AccountKind::Unified, "/fee-rate")]
#[tokio::test]
async fn a_refused_fee_rate_stays_a_failure_until_it_is_answered(
    #[case] kind: AccountKind,
    #[case] path: &str,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    let refused = Fault::Code { status: 400, code: "45001".into() };
    rig.sim.inject(Entry::now(refused).on(On::Rest).path(path));
    let held = |state: &Snapshot, name| {
        state.positions.rows.iter().any(|row| row.key.symbol.wire() == name)
    };
    rig.until("all rules but the fees", |state| {
        let others = |row: &bitget_watch::domain::Position| {
            let rules = state.rules.get(&row.key.symbol);
            rules
                .is_some_and(|r| r.contract.is_some() && r.funding.is_some() && !r.tiers.is_empty())
        };
        held(state, "BTCUSDT")
            && held(state, "ETHUSDT")
            && state.positions.rows.iter().all(others)
            && only_fee_rates_fail(state)
    })
    .await;
    // Nothing is requested of a contract without a position or an order: its failure is withdrawn.
    rig.sim.with_world(|world| world.close("ETHUSDT"));
    rig.until("ETH closed", |state| !held(state, "ETHUSDT") && only_fee_rates_fail(state)).await;
    rig.sim.heal();
    rig.controls.send(Command::Refetch);
    let state = rig.until("no failure", |state| state.failures.is_empty()).await;
    let focus = bitget_watch::domain::Symbol::default();
    assert!(state.rules.get(&focus).is_some_and(|rules| rules.fees.is_some()));
}

#[rstest]
#[tokio::test]
async fn orders_beyond_one_page_are_all_read(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.sim.with_world(|world| world.rest_orders("BTCUSDT", 230));
    let state = rig
        .until("every order", |state| {
            state.orders.rows.len() > 230 && state.orders.confirmed_at.is_some()
        })
        .await;
    assert_eq!(state.orders.unreadable, 0);
    let pages = rig
        .sim
        .recorded()
        .iter()
        .filter(|asked| {
            asked.what.ends_with("orders-pending") || asked.what.ends_with("unfilled-orders")
        })
        .count();
    assert!(pages >= 3, "{pages} pages");
}

#[rstest]
#[case(AccountKind::Classic, AccountKind::Unified)]
#[case(AccountKind::Unified, AccountKind::Classic)]
#[tokio::test]
async fn fc_06_an_account_that_moves_is_followed_without_a_restart(
    #[case] before: AccountKind,
    #[case] after: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(before)).await;
    let state = rig.until_live().await;
    assert_eq!(state.account_kind, Some(before));
    let held: Vec<_> = state.positions.rows.iter().map(|row| row.key.clone()).collect();
    assert!(held.len() >= 2);
    let change = match after {
        AccountKind::Unified => Fault::Upgrade,
        AccountKind::Classic => Fault::Switching,
    };
    let lasts = Some(Duration::from_millis(1));
    rig.sim.inject(Entry { lasts, ..Entry::now(change) });
    let least = std::cell::Cell::new(held.len());
    let state = rig
        .until("the other kind", |state| {
            least.set(least.get().min(state.positions.rows.len()));
            state.account_kind == Some(after)
                && link(state, Stream::WsPrivate) == LinkState::Live
                && state.account.as_ref().is_some_and(|account| {
                    (account.value.margin_coin.as_str() == "USD") == (after == AccountKind::Unified)
                })
        })
        .await;
    assert_eq!(least.get(), held.len(), "rows stay until a list closes them");
    assert!(
        !has_problem(&state, ProblemCode::WrongApi)
            && !has_problem(&state, ProblemCode::KeyRefused)
    );
    let asked = rig.sim.recorded();
    assert!(asked.iter().any(|asked| asked.what == private_socket(after)));
    assert_eq!(link(&state, Stream::WsPublic), LinkState::Live, "prices did not move");
    assert_eq!(asked.iter().filter(|asked| asked.what.ends_with("/ws/public")).count(), 1);
}

#[rstest]
#[case(ApiChoice::Unified, AccountKind::Classic)]
#[case(ApiChoice::Classic, AccountKind::Unified)]
#[tokio::test]
async fn a_wrong_choice_of_the_generation_is_a_problem(
    #[case] api: ApiChoice,
    #[case] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup { api, ..Setup::strict(kind) }).await;
    let state = rig
        .until("the problem", |state| {
            has_problem(state, ProblemCode::WrongApi) && !state.tickers.is_empty()
        })
        .await;
    assert_eq!((state.account_kind, state.positions.confirmed_at), (Some(kind), None));
    let settings = rig.sim.recorded().iter().filter(|a| a.what.ends_with("settings")).count();
    assert_eq!(settings, 0, "the user's choice stands");
}

/// The exchange closes idle connections exactly when the next poll is due, over and over.
/// `BITGET_WATCH_POLLS` is how many polls; 1,200 are ten minutes.
#[tokio::test]
async fn fc_10_connections_closed_while_idle_are_no_error() {
    const CADENCE: Duration = Duration::from_millis(500);
    let polls = std::env::var("BITGET_WATCH_POLLS").ok().and_then(|text| text.parse().ok());
    let polls: usize = polls.unwrap_or(30);
    let mut setup = Setup::strict(AccountKind::Classic);
    setup.sim.script = Some(Script::default());
    let usual = RefreshConfig::default();
    setup.refresh = Some(RefreshConfig { positions: CADENCE, ..usual });
    let mut rig = Rig::start(setup).await;
    let (mut most, mut first, rounds) = (0, 0, std::cell::Cell::new(0));
    // The first requests are sent together, so that the first report is complete soon: until everything that
    // is polled has been read once.
    let begun = |state: &Snapshot| {
        let history = state.closed_confirmed_at.is_some() && state.adl.is_some();
        history && state.key_rights.is_some() && !state.candles.rows.is_empty()
    };
    while !rig.report().complete
        || !begun(&rig.store.snapshot())
        || rig.sim.open_links(On::Rest) > 2
    {
        first = rig.sim.open_links(On::Rest).max(first);
        let before = rounds.get();
        rig.until("the next change", |_| rounds.replace(rounds.get() + 1) > before).await;
        assert!(rounds.get() < 10_000, "{first} connections of REST stay open");
    }
    rig.sim.inject(Entry::now(Fault::CloseIdle { ms: 500 }).on(On::Rest));
    let asked = |rig: &Rig| {
        let all = rig.sim.recorded();
        all.iter().filter(|asked| asked.what.ends_with("/all-position")).count()
    };
    let begun = asked(&rig);
    while asked(&rig) < begun + polls {
        most = rig.sim.open_links(On::Rest).max(most);
        let before = rounds.get();
        let state =
            rig.until("the next change", |_| rounds.replace(rounds.get() + 1) > before).await;
        let rest = &state.links[0];
        assert_eq!((rest.state, rest.reconnects), (LinkState::Live, 0), "{rest:?}");
        assert!(rest.last_error.is_none(), "{rest:?}");
    }
    println!(
        "{polls} polls, each time closed while idle: {first} connections at first, then at most {most}"
    );
    assert!(first <= 6 && most <= 3, "{first}, then {most} connections of REST were open at once");
}

/// Method, path and operation of everything that the program sends to an exchange in a run with cuts,
/// refetches and another interval.
#[rstest]
#[case(AccountKind::Classic)]
#[case(AccountKind::Unified)]
#[tokio::test]
async fn fc_43_nothing_but_get_and_four_operations_is_ever_sent(#[case] kind: AccountKind) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    rig.controls.send(Command::Interval(Interval::Hour1));
    rig.controls.send(Command::Refetch);
    rig.until("hours", |state| state.candles.interval == Interval::Hour1).await;
    rig.sim.cut();
    rig.until("both back", |state| {
        state.links.iter().filter(|link| link.reconnects == 1).count() == 2
            && link(state, Stream::WsPrivate) == LinkState::Live
            && link(state, Stream::WsPublic) == LinkState::Live
    })
    .await;
    let recorded = rig.sim.recorded();
    let kinds: BTreeSet<(&str, &str)> =
        recorded.iter().map(|asked| (asked.method.as_str(), asked.what.as_str())).collect();
    let gets = kinds.iter().filter(|(method, _)| *method == "GET").count();
    println!("{} recorded: {kinds:?}", recorded.len());
    let operations: BTreeSet<&str> =
        kinds.iter().filter(|(method, _)| *method == "WS").map(|(_, what)| *what).collect();
    assert_eq!(gets + operations.len(), kinds.len(), "{kinds:?}");
    let allowed = BTreeSet::from(["login", "subscribe", "unsubscribe", "ping"]);
    assert!(operations.is_subset(&allowed), "{operations:?}");
    assert!(operations.contains("login") && operations.contains("subscribe"));
    // No path that changes anything: they all name what they do.
    let changes = ["place", "modify", "cancel", "set-", "close-positions", "transfer", "withdraw"];
    for (_, what) in &kinds {
        assert!(!changes.iter().any(|word| what.contains(word)), "{what}");
    }
}

/// Another focus needed another start.
#[rstest]
#[tokio::test]
async fn another_contract_is_put_in_focus_while_running(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    let of = |state: &Snapshot, name: &str| {
        let price = state.tickers.iter().find(|(symbol, _)| symbol.to_string() == name);
        let price = price.and_then(|(_, held)| held.value.last);
        let candle = state.candles.rows.last().map(|candle| candle.close);
        // Far apart are the prices of two contracts, and near those of one.
        let near = |candle: Decimal, price: Decimal| (candle - price).abs() < price / Decimal::TEN;
        let is_charted = price.zip(candle).is_some_and(|(price, candle)| near(candle, price));
        let bid = state.book.as_ref().and_then(|book| book.value.bids.first().map(|bid| bid.price));
        is_charted
            && state.candles.rows.len() > 100
            && price.zip(bid).is_some_and(|(price, bid)| near(bid, price))
    };
    rig.until("the first focus", |state| of(state, "BTCUSDT_UMCBL")).await;
    // A contract with a position, then one of which nothing is known, then back.
    for name in ["ETHUSDT_UMCBL", "SOLUSDT_UMCBL", "BTCUSDT_UMCBL"] {
        rig.controls.send(Command::Focus(name.parse().unwrap()));
        let state = rig.until(name, |state| of(state, name)).await;
        assert!(state.positions.rows.len() >= 2, "{name}: positions are kept");
        let report = rig.report();
        assert_eq!(report.focus.to_string(), name);
        assert!(report.ticker.last.is_some() && !report.focus_unlisted, "{name}");
        rig.until("its rules", |state| {
            state.rules.iter().any(|(symbol, rules)| {
                symbol.to_string() == name && rules.contract.is_some() && !rules.tiers.is_empty()
            })
        })
        .await;
    }
    // The exchange does not list it; whoever asked is told, and goes back.
    rig.controls.send(Command::Focus("XYZUSDT_UMCBL".parse().unwrap()));
    rig.until("the refusal", |state| !state.unlisted.is_empty()).await;
    assert!(rig.report().focus_unlisted);
    rig.controls.send(Command::Focus("BTCUSDT_UMCBL".parse().unwrap()));
    rig.until("the focus again", |state| of(state, "BTCUSDT_UMCBL")).await;
    assert!(!rig.report().focus_unlisted);
}
