//! The candle chart: its axes, its marks and its keys.

use std::sync::Arc;

use bitget_watch::domain::{Fill, OrderSide, Symbol};
use bitget_watch::report::Report;
use bitget_watch::ui::UiContext;
use jiff::tz::TimeZone;

use super::fixtures::{self, NOW, at, context, d, healthy, with};
use super::{ALONE, NORMAL, plain_text, shot, type_keys, ui_with};

/// Each press is answered, and the chart says of which time it is.
#[test]
fn the_keys_move_and_zoom_up_to_the_bars_that_are_held() {
    let size = (80, 30);
    let mut ui = ui_with(context(), size, "6");
    let report = healthy();
    let mut press = |key: &str| {
        ui.refresh(&report, NOW);
        type_keys(&mut ui, key);
        ui.refresh(&report, NOW);
        plain_text(ui.picture())
    };
    assert!(press("]").contains("no newer bars"));
    let back = press("[");
    assert!(back.contains("chart: older bars") && back.contains("until 11:29"), "{back}");
    let oldest = press("[");
    assert!(oldest.contains("until 11:12"), "the chart stays full: {oldest}");
    assert!(press("[").contains("no older bars"));
    press("]");
    let now = press("]");
    assert!(now.contains("chart: up to now") && !now.contains("until"), "{now}");
    let out = press("{");
    assert!(out.contains("2 bars a column") && out.contains("10:30"), "{out}");
    assert!(press("{").contains("chart: all bars are shown"));
    press("}");
    assert!(press("}").contains("chart: 2 columns a bar"));
    press("[");
    assert!(!press("t").contains("until"), "other candles begin at the present");
}

/// A chart that was moved back stayed at that time when another contract came into focus.
#[test]
fn another_contract_begins_at_the_present() {
    let size = (80, 30);
    let mut ui = ui_with(context(), size, "6");
    let report = healthy();
    let shown = |ui: &mut super::Ui, report: &Arc<Report>| {
        ui.refresh(report, NOW);
        plain_text(ui.picture())
    };
    shown(&mut ui, &report);
    type_keys(&mut ui, "[");
    assert!(shown(&mut ui, &report).contains("until 11:29"));
    type_keys(&mut ui, ":symbol ETHUSDT_UMCBL\n");
    let same = shown(&mut ui, &report);
    assert!(same.contains("until 11:29"), "not before the contract is there: {same}");
    let other = with(report, |report| report.focus = "ETHUSDT_UMCBL".parse().unwrap());
    let screen = shown(&mut ui, &other);
    assert!(!screen.contains("until"), "{screen}");
}

/// A liquidation price far away was a word in the border, without its distance.
#[test]
fn the_scale_is_that_of_the_candles_and_the_rest_stands_at_the_axis() {
    let screen = shot(context(), &healthy(), ALONE, "6");
    for words in ["▼ liq 58,063.9 8.20%", "▼ SL 61,500.0 2.77%", "▼ buy 62,000.0 1.98%"] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    assert!(screen.contains("▲ TP 63,600.0 0.55%│"), "{screen}");
    assert!(screen.contains("│entry 63,003.60┄"), "{screen}");
    let near = with(healthy(), |report| {
        let row = &mut report.positions.rows[0];
        (row.liquidation_price, row.entry_price) = (Some(d("63020")), Some(d("50000")));
    });
    let screen = shot(context(), &near, ALONE, "6");
    assert!(screen.contains("▼ entry 50,000"), "a far entry does not flatten them:\n{screen}");
}

#[test]
fn times_are_round_in_the_zone_of_the_user() {
    let east = UiContext { timezone: TimeZone::fixed(jiff::tz::offset(12)), ..context() };
    let last = |context| {
        let screen = shot(context, &healthy(), ALONE, "6");
        let axis = screen.lines().rev().nth(2).unwrap().to_owned();
        axis.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(last(context()).ends_with(&["11:40", "11:50", "12:00", "│"].map(str::to_owned)));
    let midnight = midnight();
    assert!(last(east).ends_with(&["23:40", "23:50", &midnight, "│"].map(str::to_owned)));
}

/// The date of the midnight that begins at noon of UTC, twelve hours east of it.
fn midnight() -> String {
    let noon = NOW.as_millis() - NOW.as_millis().rem_euclid(43_200_000);
    let east = TimeZone::fixed(jiff::tz::offset(12));
    let midnight = jiff::Timestamp::from_millisecond(noon).unwrap().to_zoned_datetime(east);
    jiff::fmt::strtime::format("%m-%d", &midnight).unwrap()
}

#[test]
fn own_fills_are_marked_at_their_candles() {
    let fill = |side, minutes_ago: i64, symbol: Symbol| Fill {
        symbol,
        trade_id: minutes_ago.to_string().as_str().into(),
        order_id: None,
        side: Some(side),
        closes: Some(false),
        forced: None,
        price: Some(d("63100.5")),
        size: Some(d("0.01")),
        realized_pnl: None,
        fees: Vec::new(),
        liquidity: None,
        time: Some(at(minutes_ago * 60)),
    };
    let report = with(healthy(), |report| {
        let own = Symbol::default();
        let other = fixtures::key("ETHUSDT", bitget_watch::domain::Side::Long).symbol;
        report.fills = Arc::new(vec![
            fill(OrderSide::Buy, 10, own.clone()),
            fill(OrderSide::Sell, 20, own),
            fill(OrderSide::Buy, 30, other),
        ]);
    });
    let columns = |report: &Arc<Report>, mark: char| -> Vec<usize> {
        let screen = shot(context(), report, ALONE, "6");
        let lines = screen.lines().filter(|line| !line.contains("liq ") && !line.contains(" TP "));
        lines.filter_map(|line| line.chars().position(|letter| letter == mark)).collect()
    };
    assert_eq!(columns(&healthy(), '▲').len() + columns(&healthy(), '▼').len(), 0);
    let (bought, sold) = (columns(&report, '▲'), columns(&report, '▼'));
    assert_eq!((bought.len(), sold.len()), (1, 1));
    assert_eq!(bought[0] - sold[0], 10, "ten minutes are ten columns");
}

/// At 80x24 there is no room for candles: how the price moved stands behind it.
#[test]
fn where_the_chart_has_no_room_the_price_has_a_sparkline() {
    let line = |size| {
        let screen = shot(context(), &healthy(), size, "");
        screen.lines().find(|line| line.starts_with("│Last ")).unwrap().to_owned()
    };
    let small = line((80, 24));
    assert!(small.contains('▁') && small.contains('█') && small.contains(" 1m"), "{small}");
    assert!(!line(NORMAL).contains('▁'), "there the chart stands beside it");
}

/// What a move would bring could be read from nine rows only.
#[test]
fn scenarios_are_a_curve_beside_their_table() {
    let screen = shot(context(), &healthy(), NORMAL, "3");
    let start = screen.lines().position(|line| line.contains("Scenarios")).unwrap();
    let panel = screen.lines().skip(start).take(12).collect::<Vec<_>>().join("\n");
    for words in ["+2,321.68│", "-2,700.32│", "┄", "entry", "liq"] {
        assert!(panel.contains(words), "{words}:\n{panel}");
    }
    let hidden = shot(context(), &healthy(), NORMAL, "3p");
    assert!(!hidden.contains("2,700.32"), "{hidden}");
}
