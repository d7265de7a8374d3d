//! Liquidations, ADL and filled stops are named, and stay until they are acknowledged.

use std::sync::Arc;

use bitget_watch::domain::{Fill, OrderSide, Symbol};
use bitget_watch::report::Report;
use bitget_watch::store::{Event, EventKind};
use rstest::rstest;

use super::fixtures::{NOW, at, context, d, healthy, unified, with};
use super::{SIZES, plain_text, type_keys, ui_with};

fn fill(id: &str, forced: Option<&str>, seconds_ago: i64) -> Event {
    let fill = Fill {
        symbol: Symbol::default(),
        trade_id: id.into(),
        order_id: None,
        side: Some(OrderSide::Sell),
        closes: Some(true),
        forced: forced.map(Into::into),
        price: Some(d("57900")),
        size: Some(d("0.25")),
        realized_pnl: Some(d("-1500")),
        fees: Vec::new(),
        liquidity: None,
        time: None,
    };
    Event { at: at(seconds_ago), kind: EventKind::Filled(fill) }
}

fn stop(seconds_ago: i64) -> Event {
    let kind = EventKind::StopTriggered {
        symbol: Symbol::default(),
        side: Some(OrderSide::Sell),
        price: Some(d("58000")),
        size: None,
    };
    Event { at: at(seconds_ago), kind }
}

fn adl() -> Event {
    let kind = EventKind::Deleveraged {
        symbol: Symbol::default(),
        price: Some(d("57900")),
        size: Some(d("0.5")),
    };
    Event { at: at(20), kind }
}

fn happened(report: Arc<Report>, events: Vec<Event>) -> Arc<Report> {
    with(report, |report| report.events = Arc::new(events))
}

#[rstest]
#[case("LIQUIDATED", vec![fill("2", Some("burst_close_long"), 20), fill("1", Some("burst_close_long"), 21)], "-3,000.00")]
#[case("ADL", vec![adl(), fill("2", Some("dte_sys_adl_close_long"), 20), fill("1", Some("dte_sys_adl_close_long"), 20)], "-3,000.00")]
#[case("STOP FILLED", vec![stop(19), fill("2", None, 20), fill("1", None, 21)], "-3,000.00")]
#[case("ADL", vec![adl()], "?")]
fn what_was_closed_stays_until_it_is_acknowledged(
    #[case] name: &str,
    #[case] events: Vec<Event>,
    #[case] pnl: &str,
    #[values(healthy(), unified())] report: Arc<Report>,
) {
    let report = happened(report, events);
    for size in SIZES {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&report, NOW);
        let screen = plain_text(ui.picture());
        assert!(screen.contains(name), "{size:?}\n{screen}");
        if size.0 >= 120 {
            let line = screen.lines().find(|line| line.contains("a:acknowledge")).unwrap();
            for part in [name, "BTCUSDT_UMCBL", "0.5", "at 57,900.0", &format!("pnl {pnl}")] {
                assert!(line.contains(part), "{part} is not in {line}");
            }
            type_keys(&mut ui, "p");
            ui.refresh(&report, NOW);
            let hidden = plain_text(ui.picture());
            assert!(hidden.contains(name) && !hidden.contains("3,000.00"), "{hidden}");
        }
        type_keys(&mut ui, "a");
        ui.refresh(&report, NOW);
        let screen = plain_text(ui.picture());
        assert!(!screen.contains("a:acknowledge"), "{screen}");
    }
}

#[test]
fn a_close_by_hand_is_none_of_them() {
    let report = happened(healthy(), vec![fill("1", None, 20), stop(60)]);
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&report, NOW);
    let screen = plain_text(ui.picture());
    assert!(screen.contains("STOP TRIGGERED") && !screen.contains("STOP FILLED"), "{screen}");
}
