//! What is stale looks so, all of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bitget_watch::report::Report;
use bitget_watch::ui::{Rgb, TerminalColors};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::fixtures::{NOW, age, context, healthy, unified, with};
use super::{NORMAL, PHONE, SMALL, VIEWS, WIDE, type_keys, ui_with};

/// White on black, where labels and what is stale are dim.
pub(super) const DARK: TerminalColors =
    TerminalColors { letters: Some(Rgb([1_000; 3])), background: Some(Rgb([0; 3])) };

/// The report of an outage: nothing has come for twenty seconds. What the ledger says of the day is not yet too
/// old for itself.
pub(super) fn stopped(report: Arc<Report>) -> Arc<Report> {
    let old = age(20_000);
    with(report, |report| {
        report.complete = false;
        for part in [
            &mut report.ticker.age,
            &mut report.positions.age,
            &mut report.orders.age,
            &mut report.account.age,
            &mut report.account.derived,
            &mut report.pnl.age,
            &mut report.pnl.session.age,
            &mut report.risk.age,
            &mut report.history.age,
            &mut report.market.book_age,
            &mut report.market.trades_age,
        ] {
            *part = old;
        }
        for row in &mut report.positions.rows {
            row.age = old;
        }
    })
}

/// Where the title of each panel stands: its row, and its first and last column.
pub(super) fn titles(buffer: &Buffer) -> Vec<(u16, u16, u16)> {
    let symbol = |x, y| buffer[(x, y)].symbol();
    let mut found = Vec::new();
    for y in 0..buffer.area.height {
        for x in (0..buffer.area.width).filter(|x| symbol(*x, y) == "┌") {
            let end = (x..buffer.area.width).find(|end| symbol(*end, y) == "┐").unwrap();
            found.push((y, x, end));
        }
    }
    found
}

/// A figure, a word or a mark of the chart that looks as if it were of now. Blocks are warnings, levels or the
/// cursor; what is unknown is not old; a gauge has the colour of its level.
fn looks_live(cell: &Cell) -> bool {
    let is_block = cell.bg != Color::Reset || cell.modifier.contains(Modifier::REVERSED);
    let is_level = matches!(cell.symbol(), "█" | "░") && cell.fg != Color::Cyan;
    !(matches!(cell.symbol(), " " | "?")
        || cell.modifier.contains(Modifier::DIM)
        || is_block
        || is_level)
}

/// The nearest liquidation had no warning of its own, and names and sides were as bright as ever.
#[test]
fn on_a_phone_every_line_of_an_outage_is_dim_or_says_so() {
    for report in [healthy(), unified()].map(stopped) {
        let mut ui = ui_with(context(), PHONE, "");
        ui.on_colors(DARK);
        ui.refresh(&report, NOW);
        let buffer = ui.picture();
        let line = |y| (0..40).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        let lines: Vec<String> = (1..12).map(line).collect();
        let near = lines.iter().find(|line| line.contains("liq. BTC LONG")).unwrap();
        assert!(near.starts_with("8.20%") && near.contains("STALE 20s"), "{lines:#?}");
        let live: String = (1..12)
            .flat_map(|y| (0..40).map(move |x| (x, y)))
            .filter(|at| looks_live(&buffer[*at]))
            .map(|at| buffer[at].symbol())
            .collect();
        assert_eq!(live, "", "{lines:#?}");
    }
}

/// The sides of orders, the names of contracts, candles and the countdown of the funding were as bright as ever.
#[test]
fn nothing_in_a_stale_panel_looks_live() {
    let (mut stale_panels, mut bright) = (0, BTreeSet::new());
    for report in [healthy(), unified()].map(stopped) {
        for size in [WIDE, NORMAL, SMALL, PHONE] {
            for keys in VIEWS {
                let mut ui = ui_with(context(), size, "");
                ui.on_colors(DARK);
                ui.refresh(&report, NOW);
                type_keys(&mut ui, keys);
                ui.refresh(&report, NOW);
                let buffer = ui.picture();
                for (top, left, right) in titles(buffer) {
                    let title: String = (left..right).map(|x| buffer[(x, top)].symbol()).collect();
                    if !title.contains("STALE") {
                        continue;
                    }
                    stale_panels += 1;
                    let body = (top + 1..).take_while(|y| buffer[(left, *y)].symbol() != "└");
                    for y in body {
                        let live: String = (left + 1..right)
                            .map(|x| &buffer[(x, y)])
                            .map(|cell| if looks_live(cell) { cell.symbol() } else { " " })
                            .collect();
                        if !live.trim().is_empty() {
                            let live = live.trim();
                            bright.insert(format!("{title} {keys:?} {size:?}: {live}"));
                        }
                    }
                }
            }
        }
    }
    assert!(bright.is_empty(), "{bright:#?}");
    assert!(stale_panels > 200, "{stale_panels}");
}
