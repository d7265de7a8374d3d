//! Numbers and times that nobody can mean: nothing fails, nothing is fresh for ever, every column sorts.

use std::sync::Arc;

use bitget_watch::domain::{Body, Origin, Product, Timestamp, Update};
use bitget_watch::exchange::Request;
use bitget_watch::report::{Freshness, build};
use bitget_watch::store::Store;
use bitget_watch::ui::{Ui, UiContext};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rstest::rstest;

use crate::names::{CLASSIC, Names, UNIFIED};
use crate::state::{NOW, context, is_plain, report, store, update};
use crate::values::{hostile, poisoned};

/// Three positions, the one in the middle with `poison`.
fn positions(names: &Names, field: &str, poison: &crate::values::Poison) -> Option<Vec<Body>> {
    let three = names.positions_in(&["AAAUSDT", "BTCUSDT", "ZZZUSDT"]);
    let text = poisoned(&three, &format!("{}/{field}", names.position_at(1)), poison)?;
    names
        .read(&Request::Positions(Product::UsdtFutures), &text)
        .ok()
        .map(|response| response.bodies)
}

fn screen() -> Ui {
    let mut ui = Ui::new(UiContext::default());
    ui.on_size(160, 24);
    ui.on_key(key('2'));
    ui
}

fn key(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)
}

/// Returns the lines of the screen; nothing in them may steer a terminal.
fn lines(ui: &Ui) -> Vec<String> {
    let buffer = ui.picture();
    let cells: Vec<&str> = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(cells.iter().all(|cell| cell.chars().all(is_plain)));
    cells.chunks(buffer.area.width.into()).map(<[&str]>::concat).collect()
}

#[rstest]
fn fc_29_every_column_sorts_both_ways_whatever_the_figures_are(
    #[values(CLASSIC, UNIFIED)] names: Names,
) {
    let mut count = 0;
    let rows = names.parsed(names.positions);
    for field in rows.pointer(names.position).unwrap().as_object().unwrap().keys() {
        for (name, poison) in hostile() {
            let Some(bodies) = positions(&names, field, &poison) else { continue };
            let store = store(Origin::Rest, bodies);
            let report = Arc::new(report(&store));
            let mut ui = screen();
            for _column in 0..7 {
                for _direction in 0..2 {
                    count += 1;
                    ui.refresh(&report, NOW);
                    let shown = lines(&ui);
                    for good in ["AAAUSDT_UMCBL", "ZZZUSDT_UMCBL"] {
                        let there = shown.iter().any(|line| line.contains(good));
                        assert!(there, "{field} {name}: {shown:#?}");
                    }
                    ui.on_key(key('S'));
                }
                ui.on_key(key('s'));
            }
        }
    }
    println!("{count} sorted screens");
    assert!(count > 10_000, "{count} screens were drawn");
}

#[rstest]
fn fc_28_a_position_without_liquidation_price_comes_last_both_ways(
    #[values(CLASSIC, UNIFIED)] names: Names,
) {
    let none = crate::values::Poison::Json("\"0\"".into());
    let bodies = positions(&names, "liquidationPrice", &none);
    let mut bodies = bodies.unwrap();
    // Without a kind of account there is no distance at all.
    bodies.push(Body::AccountKind(Some(names.of.0)));
    let store = store(Origin::Rest, bodies);
    let report = Arc::new(report(&store));
    let mut ui = screen();
    let mut seen = 0;
    for _column in 0..7 {
        for _direction in 0..2 {
            ui.refresh(&report, NOW);
            let shown = lines(&ui);
            if shown.iter().any(|line| line.contains("Positions by distance")) {
                // Rows of the table, and no other panel that names the position.
                let is_row = |line: &String, name: &str| {
                    line.trim_start_matches(['│', '▶']).starts_with(name)
                };
                let place = |name: &str| shown.iter().position(|line| is_row(line, name));
                let (first, none) = (place("AAAUSDT_UMCBL"), place("BTCUSDT_UMCBL  LONG"));
                assert!(first.is_some() && none > first, "{shown:#?}");
                assert!(none > place("ZZZUSDT_UMCBL"), "{shown:#?}");
                seen += 1;
            }
            ui.on_key(key('S'));
        }
        ui.on_key(key('s'));
    }
    assert_eq!(seen, 2, "sorted by the distance, both ways");
}

/// A row whose time of change is `changed`, of `size`.
fn sized(names: &Names, size: &str, changed: Timestamp) -> Vec<Body> {
    let data = names.positions_with(|row| {
        row["total"] = size.into();
        row[names.changed] = changed.as_millis().to_string().into();
    });
    names.bodies(&Request::Positions(Product::UsdtFutures), &data.to_string())
}

fn size(store: &Store) -> String {
    store.snapshot().positions.rows[0].size.to_string()
}

#[rstest]
#[case::measured(Some((0, 50)))]
#[case::not_measured(None)]
fn fc_29_a_time_of_change_in_the_future_holds_no_later_row_back(
    #[case] offset: Option<(i64, i64)>,
    #[values(CLASSIC, UNIFIED)] names: Names,
) {
    let mut store = Store::new(bitget_watch::domain::Symbol::default());
    if let Some((offset_ms, error_ms)) = offset {
        let body = Body::ClockOffset { offset_ms, error_ms };
        store.apply(update(Origin::Rest, body, NOW));
    }
    let year = 365 * 86_400_000;
    for body in sized(&names, "1", NOW.plus_millis(year)) {
        store.apply(update(Origin::Rest, body, NOW));
    }
    assert_eq!(size(&store), "1");
    let later = NOW.plus_millis(2_000);
    for body in sized(&names, "2", later) {
        store.apply(update(Origin::Rest, body, later));
    }
    assert_eq!(size(&store), "2", "the row of the future would be shown as live for ever");
}

#[rstest]
#[case::measured(Some((0, 50)))]
#[case::not_measured(None)]
fn fc_29_a_push_from_the_future_holds_no_later_push_back(
    #[case] offset: Option<(i64, i64)>,
    #[values(CLASSIC, UNIFIED)] names: Names,
) {
    let mut store = Store::new(bitget_watch::domain::Symbol::default());
    if let Some((offset_ms, error_ms)) = offset {
        let body = Body::ClockOffset { offset_ms, error_ms };
        store.apply(update(Origin::Rest, body, NOW));
    }
    let year = 365 * 86_400_000;
    let mut push = |size: &str, at: Timestamp, sent: Timestamp| {
        for body in sized(&names, size, NOW) {
            let origin = Origin::PrivatePush;
            store.apply(Update { origin, as_of: at, received: at, sent: Some(sent), body });
        }
    };
    push("1", NOW, NOW.plus_millis(year));
    let later = NOW.plus_millis(1_000);
    push("2", later, later);
    assert_eq!(size(&store), "2");
}

#[rstest]
fn fc_29_data_from_the_future_grow_old_like_others(#[values(CLASSIC, UNIFIED)] names: Names) {
    let mut store = Store::new(bitget_watch::domain::Symbol::default());
    for body in sized(&names, "1", NOW.plus_millis(86_400_000)) {
        let sent = Some(NOW.plus_millis(86_400_000));
        let origin = Origin::PrivatePush;
        store.apply(Update { origin, as_of: NOW, received: NOW, sent, body });
    }
    let later = NOW.plus_millis(60_000);
    let report = build(store.snapshot(), &context(), later);
    assert_eq!(report.positions.age.at(later), Freshness::Stale { ms: 60_000 });
}
