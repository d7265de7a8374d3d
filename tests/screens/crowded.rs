//! Many positions, and two of one contract: what keeps its place, and which row the cursor is on.

use std::sync::Arc;

use bitget_watch::domain::{Product, Symbol};
use bitget_watch::report::Report;
use bitget_watch::ui::Ui;
use ratatui::style::Modifier;

use super::fixtures::{self, NOW, context, crowded, healthy, stale_for, unified};
use super::{NORMAL, PHONE, SMALL, plain_text, shot, type_keys, ui_with, with};

/// The banner of an outage took the last line of the orders away: their panel held titles.
#[test]
fn an_order_is_seen_beside_many_positions_in_an_outage() {
    let report = with(stale_for(33_000), |report| {
        report.positions.rows = crowded().positions.rows.clone();
    });
    let screen = shot(context(), &report, NORMAL, "");
    let header = screen.lines().position(|line| line.contains("Orders")).unwrap();
    assert!(screen.lines().nth(header + 2).unwrap().contains("buy limit"), "{screen}");
    assert!(screen.contains("Events"), "{screen}");
}

/// The names of the positions that are drawn reversed.
fn reversed(ui: &Ui, size: (u16, u16)) -> Vec<String> {
    let buffer = ui.picture();
    let text = plain_text(buffer);
    let rows = (0..size.1).zip(text.lines());
    let is_reversed = |y: u16| {
        // To the edge: the row is solid.
        (0..size.0).all(|x| buffer[(x, y)].modifier.contains(Modifier::REVERSED))
    };
    rows.filter(|(y, _)| is_reversed(*y)).map(|(_, line)| line.to_owned()).collect()
}

/// On a phone no block of lines said that Enter would open it.
#[test]
fn on_a_phone_the_selected_position_is_marked_where_there_are_several() {
    let report = healthy();
    let mut ui = ui_with(context(), PHONE, "");
    ui.refresh(&report, NOW);
    for (keys, name) in [
        ("", "BTCUSDT_UMCBL LONG 0.5000 BTC"),
        ("j", "ETHUSDT_UMCBL LONG 12.50 ETH"),
        ("g", "BTCUSDT_UMCBL LONG 0.5000 BTC"),
    ] {
        type_keys(&mut ui, keys);
        ui.refresh(&report, NOW);
        assert_eq!(reversed(&ui, PHONE), [name], "{keys:?}\n{}", plain_text(ui.picture()));
    }
    let one: Arc<Report> = with(report, |report| report.positions.rows.truncate(1));
    let mut ui = ui_with(context(), PHONE, "");
    ui.refresh(&one, NOW);
    assert!(reversed(&ui, PHONE).is_empty(), "there is no other");
}

/// In 80 columns one blank was between the labels, and as much was left over at the end.
#[test]
fn what_is_left_over_keeps_the_figures_of_the_strip_apart() {
    let screen = shot(context(), &healthy(), SMALL, "");
    let labels = screen.lines().find(|line| line.contains("Net today")).unwrap();
    assert!(labels.contains("% eq.  Net today"), "{screen}");
}

/// In 80 columns `+202.65 USDT 15,234.56` stood there: the coin of one figure before the next one. The label of the
/// equity and that of the nearest liquidation were a column apart.
#[test]
fn in_the_strip_a_coin_stands_in_the_label_of_its_figure() {
    for (report, label) in [(healthy(), "Net today"), (unified(), "Today USDT")] {
        let screen = shot(context(), &report, SMALL, "");
        let strip: Vec<&str> = screen.lines().skip(2).take(2).collect();
        assert!(strip[0].contains(label), "{screen}");
        let labels: Vec<&str> = strip[0].split("  ").map(str::trim).collect();
        assert!(labels.contains(&"liq. BTC LONG"), "{labels:?}");
        let figures: Vec<&str> = strip[1].split_whitespace().collect();
        assert_eq!(figures[3..5], ["+202.65", "15,234.56"], "{screen}");
    }
}

/// In 40 columns nothing answered a command that cannot be read: what did not fit was left out whole.
#[test]
fn on_a_phone_every_key_and_command_is_answered_in_as_many_words_as_fit() {
    let report = healthy();
    for keys in ["", "f"] {
        let mut ui = ui_with(context(), PHONE, "");
        ui.refresh(&report, NOW);
        type_keys(&mut ui, keys);
        for (keys, answer) in [(":overviews\n", "no command"), ("[", "no chart")] {
            type_keys(&mut ui, keys);
            ui.refresh(&report, NOW);
            let screen = plain_text(ui.picture());
            assert!(screen.lines().next().unwrap().contains(answer), "{keys:?}\n{screen}");
        }
    }
}

/// A long of BTCUSDT and one of BTCUSD were both called BTC LONG.
#[test]
fn two_contracts_of_a_coin_are_told_apart_by_their_short_names() {
    let report = with(healthy(), |report| {
        let mut row = fixtures::row("BTCUSDT", false);
        row.key.symbol = Symbol::from_wire("BTCUSD", Product::CoinFutures).unwrap();
        report.positions.rows.push(row);
    });
    for (report, name) in [(healthy(), "BTC LONG"), (report, "BTCUSDT LONG")] {
        let screen = shot(context(), &report, NORMAL, "");
        for named in [format!("liq. {name}"), format!("selected: {name}")] {
            assert!(screen.contains(&named), "{named}:\n{screen}");
        }
    }
}
