//! The tables of positions, orders and fills: what they always show, and what they say when they cannot.

use std::sync::Arc;

use bitget_watch::report::Report;

use super::fixtures::{NOW, age, context, d, healthy, unified, with};
use super::{SMALL, draw, fixtures, shot, text_of, ui_with};

/// Returns the line of the titles of the positions.
fn titles(screen: &str) -> String {
    super::words(screen.lines().find(|line| line.contains("uPnL mark")).unwrap())
}

/// The entry price had no room at 80 columns, and a longer name took the liquidation price as well.
#[test]
fn at_80_columns_every_figure_of_a_position_that_matters_is_there() {
    let renamed = |report: Arc<Report>, name: &str| {
        with(report, |report| report.positions.rows[1].key = fixtures::row(name, false).key)
    };
    let old =
        |report: Arc<Report>| with(report, |report| report.positions.rows[1].age = age(14_000));
    let dear = |report: Arc<Report>| {
        with(report, |report| {
            let row = &mut report.positions.rows[0];
            row.entry_price = Some(d("163003.60"));
            row.liquidation_price = Some(d("158063.9"));
            row.unrealized_pnl = Some(d("-12345.67"));
            row.roe = Some(d("-0.9912"));
        })
    };
    for report in [healthy(), unified()] {
        for report in [
            report.clone(),
            renamed(report.clone(), "1000BONKUSDT"),
            old(renamed(report.clone(), "1000000BOBUSDT")),
            dear(report.clone()),
        ] {
            let screen = shot(context(), &report, SMALL, "");
            let titles = titles(&screen);
            let wanted = "Symbol Side Size uPnL mark ROE Entry Liq price To liq";
            assert!(titles.contains(wanted), "{screen}");
        }
    }
}

/// With each turn over a power of ten a column came or went.
#[test]
fn columns_stay_while_a_figure_goes_back_and_forth() {
    let moved = |pnl: &str| {
        with(healthy(), |report| report.positions.rows[0].unrealized_pnl = Some(d(pnl)))
    };
    let mut ui = ui_with(context(), (120, 40), "");
    let mut shown = Vec::new();
    for (second, pnl) in (0..).zip(["9.99", "1000000000.00", "9.99", "1000000000.00", "9.99"]) {
        ui.refresh(&moved(pnl), NOW.plus_millis(second * 1_000));
        shown.push(titles(&text_of(&draw(&ui, (120, 40)))));
    }
    assert_ne!(shown[0], shown[1], "a column goes once");
    assert!(shown.iter().skip(1).all(|titles| *titles == shown[1]), "{shown:?}");
    ui.refresh(&moved("9.99"), NOW.plus_millis(64_000));
    assert_eq!(titles(&text_of(&draw(&ui, (120, 40)))), shown[0], "after a minute it is back");
}

/// The price and the size of an order are what it is: they are there on a phone too.
#[test]
fn an_order_never_loses_its_size_and_price() {
    for size in [(200, 60), (120, 40), SMALL, (40, 12)] {
        for keys in ["4", "\t"] {
            let screen = shot(context(), &healthy(), size, keys);
            let line = screen.lines().find(|line| line.contains("buy limit")).unwrap();
            assert!(line.contains("62,000.0") && line.contains("0.25"), "{size:?}:\n{screen}");
        }
    }
}
